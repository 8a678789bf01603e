import { describe, expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { type LoadPlan, runLoad } from "./load.ts";

/** No request waits longer than for the next hour of a limit, its place in it, and what others in front need. */
const LONGEST_WAIT_MINUTES = 75;

const PLANS: readonly LoadPlan[] = IN_FULL
  ? [1, 10, 100].map((repositories) => ({ tasks: 1_000, repositories, hosting: "server" }))
  : [{ tasks: 15, repositories: 1, hosting: "server" }];

describe("many tasks at once", () => {
  it.each(PLANS)(
    "$tasks over $repositories repositories end, once each, within GitHub's limits",
    async (plan) => {
      const report = await runLoad(plan);
      expect(report).toMatchObject({
        finished: plan.tasks,
        doubled: 0,
        workedTwice: 0,
        overlaps: 0,
        unheard: 0,
        refused: {},
      });
      expect(report.mostAtOnce).toBeLessThan(100);
      expect(report.longestWait.minutes).toBeLessThan(LONGEST_WAIT_MINUTES);
      expect(report.requestsPerTask).toBeLessThan(45);
    },
    1_200_000,
  );
});
