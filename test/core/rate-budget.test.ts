import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mayBeUsedUp, pace, type RateBudget, untilAffordable } from "../../src/core/rate-budget.ts";

const NOW = 1_000_000_000_000;
const HOUR = 3_600_000;

function budget(remaining: number, { limit = 1_000, endsIn = HOUR } = {}): RateBudget {
  return { limit, remaining, resetAt: NOW + endsIn };
}

describe("what must be made", () => {
  it.each([
    { left: "nothing is known", budget: null, underWay: 50, wait: 0 },
    { left: "there is plenty", budget: budget(1_000), underWay: 0, wait: 0 },
    { left: "one more than is reserved is left", budget: budget(51), underWay: 0, wait: 0 },
    { left: "that one is on its way", budget: budget(51), underWay: 1, wait: HOUR },
    { left: "only what is reserved is left", budget: budget(50), underWay: 0, wait: HOUR },
    { left: "nothing is left", budget: budget(0, { endsIn: 90_000 }), underWay: 0, wait: 90_000 },
    { left: "nothing was left of an hour that is over", budget: budget(0, { endsIn: 0 }), underWay: 9, wait: 0 },
    { left: "the limit is tiny", budget: budget(1, { limit: 3 }), underWay: 0, wait: 0 },
  ])("waits $wait ms when $left", ({ budget: left, underWay, wait }) => {
    expect(untilAffordable(left, underWay, NOW)).toBe(wait);
  });
});

describe("what can be left out", () => {
  it.each([
    { left: budget(1_000), cosmetic: 0, poll: 0 },
    { left: budget(500), cosmetic: 0, poll: 0 },
    // 300 above what is kept, for an hour: one in 12 s if they were spread evenly.
    { left: budget(450), cosmetic: 4_800, poll: 1_200 },
    { left: budget(250), cosmetic: 72_000, poll: 18_000 },
    { left: budget(150), cosmetic: Infinity, poll: 30_000 },
    { left: budget(1), cosmetic: Infinity, poll: 30_000 },
    { left: budget(0), cosmetic: Infinity, poll: Infinity },
    { left: budget(250, { endsIn: 60_000 }), cosmetic: 1_200, poll: 300 },
    { left: budget(0, { endsIn: 0 }), cosmetic: 0, poll: 0 },
  ])("is made every $cosmetic ms, polls every $poll ms, of $left.remaining in $left.resetAt", (row) => {
    expect(Math.round(pace(row.left, "cosmetic", NOW))).toBe(row.cosmetic);
    expect(Math.round(pace(row.left, "poll", NOW))).toBe(row.poll);
  });

  it("is made at once while nothing is known", () => {
    expect(pace(null, "cosmetic", NOW)).toBe(0);
  });

  it("is made ever more seldom as the budget shrinks, and polls never more seldom than the rest", () => {
    const figures = fc.record({
      limit: fc.integer({ min: 1, max: 15_000 }),
      shares: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      endsIn: fc.integer({ min: 1, max: HOUR }),
    });
    fc.assert(
      fc.property(figures, ({ limit, shares, endsIn }) => {
        const [less = 0, more = 0] = shares.map((share) => Math.floor(share * limit)).toSorted((a, b) => a - b);
        const [tight, wide] = [budget(less, { limit, endsIn }), budget(more, { limit, endsIn })];
        for (const urgency of ["cosmetic", "poll"] as const) {
          expect(pace(tight, urgency, NOW)).toBeGreaterThanOrEqual(pace(wide, urgency, NOW));
        }
        expect(pace(tight, "poll", NOW)).toBeLessThanOrEqual(pace(tight, "cosmetic", NOW));
      }),
    );
  });

  it("alone never uses up what is kept for the rest", () => {
    let left = 500;
    for (let now = NOW; now < NOW + HOUR; ) {
      const wait = pace({ limit: 1_000, remaining: left, resetAt: NOW + HOUR }, "cosmetic", now);
      if (wait === Infinity) break;
      left -= 1;
      now += Math.max(wait, 1_000);
    }
    expect(left).toBeGreaterThan(150);
  });
});

describe("what was said of the hour", () => {
  it.each([
    { left: budget(1_000), agoMs: 200_000, stale: false },
    { left: budget(1_000), agoMs: 300_000, stale: true },
    { left: budget(90), agoMs: 9_000, stale: false },
    { left: budget(90), agoMs: 11_000, stale: true },
    // Used up is used up.
    { left: budget(50), agoMs: 300_000, stale: false },
    { left: budget(1_000, { endsIn: 0 }), agoMs: 1_000, stale: true },
  ])("$left.remaining $agoMs ms ago may not hold any more: $stale", ({ left, agoMs, stale }) => {
    expect(mayBeUsedUp(left, agoMs, NOW)).toBe(stale);
  });
});
