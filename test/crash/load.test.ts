import { describe, expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { type LoadPlan, runLoad } from "./load.ts";

/** For the next hour of a limit, and for its place in it; where there are more comments to post than GitHub lets through, for its turn. */
const longestWaitMinutes = (tasks: number) => Math.max(75, (tasks / COMMENTS_AN_HOUR) * 60);
const COMMENTS_AN_HOUR = 450;
/** Where the limits make work last for hours, each round looks at what is still there. */
const requestsPerTask = (minutes: number) => 45 + (3 * minutes) / 60;

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
      expect(report.longestWait.minutes).toBeLessThan(longestWaitMinutes(plan.tasks));
      expect(report.requestsPerTask).toBeLessThan(requestsPerTask(report.minutes));
    },
    1_200_000,
  );
});
