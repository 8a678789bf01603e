/** GitHub's two hourly budgets. Every request is charged to one of them. */
export type Resource = "core" | "graphql";

/** What is left of an hour, as GitHub's replies tell. Others who share it are counted in. */
export interface RateBudget {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970. */
  readonly resetAt: number;
}

/**
 * How a request stands to the others. `correct`: it must be made, and waits for its turn. `cosmetic`: it only brings something up to
 * date, and is left out when it cannot be made now. `poll`: a look that mostly costs nothing, left out in the same way.
 */
export type Urgency = "correct" | "cosmetic" | "poll";

/** Jobs of one repository share its budget and see each other's requests late: so much of it nobody of us touches. */
const RESERVED = 0.05;
/** From here on, what is left is for what must be made. */
const NOT_FOR_COSMETICS = 0.15;
/** While so much is left there is no need to be sparing. */
const PLENTY = 0.5;
/** An answer or a cancel waits for a poll, so polls never become rarer than this. */
export const SLOWEST_POLL_MS = 30_000;

/** Milliseconds until a request may be made that must be made; 0 for at once. `underWay`: those whose reply has not come yet. */
export function untilAffordable(budget: RateBudget | null, underWay: number, now: number): number {
  if (budget === null || now >= budget.resetAt) return 0;
  const spare = budget.remaining - underWay - Math.floor(budget.limit * RESERVED);
  return spare >= 1 ? 0 : budget.resetAt - now;
}

/** GitHub's 900 points a minute, of which most of what a run sends takes five: more than this in a second others cannot use up for long. */
const OTHERS_A_SECOND = 4;

/** Whether others who use the same hour may have used it up since we were told how much was left of it, `agoMs` ago. */
export function mayBeUsedUp({ limit, remaining, resetAt }: RateBudget, agoMs: number, now: number): boolean {
  if (now >= resetAt) return true;
  const spare = remaining - Math.floor(limit * RESERVED);
  return spare >= 1 && spare < (agoMs / 1_000) * OTHERS_A_SECOND;
}

/** Milliseconds that ought to lie between two requests that can be left out: none while there is plenty, ever more as the budget shrinks. */
export function pace(budget: RateBudget | null, urgency: "cosmetic" | "poll", now: number): number {
  if (budget === null || now >= budget.resetAt) return 0;
  switch (urgency) {
    case "cosmetic":
      return cosmeticPace(budget, now);
    case "poll":
      // A look at what has not changed is free, so it is spared less; but with nothing left GitHub refuses even that.
      return budget.remaining < 1 ? Number.POSITIVE_INFINITY : Math.min(SLOWEST_POLL_MS, cosmeticPace(budget, now) / 4);
  }
}

function cosmeticPace({ limit, remaining, resetAt }: RateBudget, now: number): number {
  const share = remaining / limit;
  if (share >= PLENTY) return 0;
  const spare = remaining - limit * NOT_FOR_COSMETICS;
  if (spare < 1) return Number.POSITIVE_INFINITY;
  const spreadEvenly = (resetAt - now) / spare;
  // From no spacing at all to four times an even one, so that cosmetics alone never use up what is left.
  return spreadEvenly * 4 * (1 - share / PLENTY);
}
