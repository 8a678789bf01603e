import { z } from "zod";
import type { Urgency } from "../core/rate-budget.ts";
import type { Clock } from "../flows/ports.ts";
import type { Patience } from "./github-api.ts";
import { NotNow } from "./github-budget.ts";
import { LostReply, type Trouble, troubleOf } from "./github-error.ts";

/*
 * The client rules, in one place.
 *
 * May be repeated as they stand: reads, GraphQL queries, createCommitOnBranch (it names the head it expects), trees and
 * commits (content-addressed, unreachable until a ref names them), reactions, labels, edits and deletions.
 *
 * Is never blindly repeated: a comment, a run, a pull request. There the caller passes `look`, which finds the effect of a try
 * whose outcome is unknown. A refusal for now (a rate limit) has had no effect and is simply repeated.
 *
 * A used-up limit is no failure: what must be right waits until GitHub's hour is over, and makes no request meanwhile.
 */

/** Goes into every request: one try only, with an end. The stock plugins would otherwise repeat what must not be repeated. */
export interface Once {
  readonly request: {
    readonly retries: 0;
    readonly signal: AbortSignal;
    readonly urgency: Urgency;
    /** Called by whoever has held the request back, when it is its turn: only now its time begins. */
    readonly begin: () => AbortSignal;
  };
}

/** How long trouble that is not a limit may last. Commands are accepted within it or the delivery is answered with an error. */
const PATIENCE_MS = { correct: 90_000, cosmetic: 10_000, poll: 10_000 } as const satisfies Record<Urgency, number>;
/** The longest job on GitHub's own runners. Limits end within an hour; whoever is refused for so long is refused for another reason. */
const LONGEST_LIMITED_MS = 6 * 3_600_000;
// GitHub itself gives up after 10 seconds; without an end a connection that died silently would hold us for minutes.
const ONE_TRY_MS = 20_000;
/** Nobody repairs after others in less than this. */
const LONG_MS = 5_000;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 10_000;

/**
 * Asks GitHub, again after trouble that passes, until patience ends; then the last error rises.
 * Without `look` the call must be harmless to repeat.
 * @throws NotNow where the call can be left out and the limits leave no room for it
 */
export async function call<T, Found = never>(
  act: (once: Once) => Promise<T>,
  patience: Patience,
  look?: () => Promise<Found | null>,
): Promise<T | Found> {
  const { clock, urgency = "correct", deadlineMs } = patience;
  const left = { trouble: deadlineMs ?? PATIENCE_MS[urgency], limited: LONGEST_LIMITED_MS };
  let unsure = false;
  for (let tries = 0; ; tries++) {
    const result = await attempt(act, urgency, clock);
    if ("value" in result) return result.value;
    const { kind, waitMs } = result.trouble;
    if (kind === "limited" && urgency !== "correct") throw new NotNow("GitHub limits us.", { cause: result.error });
    const wait = Math.max(waitMs, backOff(tries, clock.random()));
    // Only what the tries themselves and our own pauses take: whoever has waited for its turn has not lost patience by that.
    if (kind === "limited" && deadlineMs === undefined) left.limited -= wait;
    else left.trouble -= result.tookMs + wait;
    if (left.trouble <= 0 || left.limited <= 0) throw result.error;
    await clock.sleep(wait);
    // The effect of an unknown try may show late: from then on every further try is preceded by a look. So it is after a long wait, in
    // which somebody else may have taken us for dead and done it.
    unsure ||= kind === "unknown" || wait >= LONG_MS;
    if (look === undefined || !unsure) continue;
    const found = await look();
    if (found !== null) return found;
  }
}

type Result<T> =
  | { readonly value: T }
  | { readonly error: unknown; readonly trouble: Trouble; readonly tookMs: number };

async function attempt<T>(act: (once: Once) => Promise<T>, urgency: Urgency, clock: Clock): Promise<Result<T>> {
  let begun = clock.now().getTime();
  const begin = () => {
    begun = clock.now().getTime();
    return AbortSignal.timeout(ONE_TRY_MS);
  };
  try {
    return { value: whole(await act({ request: { retries: 0, urgency, begin, signal: begin() } })) };
  } catch (error) {
    const now = clock.now();
    const trouble = troubleOf(error, now);
    if (trouble === null) throw error;
    // No try takes longer, or less than no time: then the reply has set the clock, which is GitHub's.
    return { error, trouble, tookMs: Math.min(ONE_TRY_MS, Math.max(0, now.getTime() - begun)) };
  }
}

const Torn = z.object({
  status: z.number(),
  headers: z.object({ "content-type": z.string().regex(/json/) }),
  data: z.string(),
});

/** Octokit hands a reply that broke off half-way on as a success: the JSON it could not read as a string, GraphQL's as nothing. */
function whole<T>(value: T): T {
  if (value === undefined || Torn.safeParse(value).success) throw new LostReply("GitHub's reply broke off.");
  return value;
}

/** Doubles with every try; between half of it and all of it. */
function backOff(tries: number, random: number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return most / 2 + (most / 2) * random;
}
