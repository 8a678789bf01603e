import { describe, expect, it } from "vitest";
import { renderJobSummary } from "../../src/core/job-summary.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { DONE, FAILED, PLAN_URL, REF, REPOSITORY, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const VIEW = { ref: REF, repository: REPOSITORY, facts: {} };

describe("the run's summary", () => {
  it("shows the plan and the result", () => {
    const files = { "plan.md": SAMPLE_PLAN.source, "output.md": "All **good**, @mona." };
    const text = renderJobSummary({ ...VIEW, task: sampleTask(DONE), files });
    expect(text).toContain("## ✅ Add a /health endpoint");
    expect(text).toContain("`████░░░░░░` **2 of 5**");
    expect(text).toContain("- ✅ Add the route");
    expect(text).toContain("All **good**, `@mona`.");
    expect(text).toContain(`[Plan](${PLAN_URL})`);
    expect(text).not.toMatch(/- \[ \]|<!--/);
  });

  it("says why it failed", () => {
    const text = renderJobSummary({ ...VIEW, task: sampleTask(FAILED), files: { "plan.md": SAMPLE_PLAN.source } });
    expect(text).toContain("**What to do:** Renew the repository secret");
  });

  it("says that it is parked", () => {
    const task = sampleTask({ kind: "parked", run: RUN, questions: ["001"] });
    expect(renderJobSummary({ ...VIEW, task, files: {} })).toContain("**Parked until answered**");
  });

  it.each<[string, TaskState, Partial<Task>, string]>([
    ["has looked at the set-up", { kind: "running", run: RUN }, { phase: "check" }, "**Looking at the set-up**"],
    ["has written a plan", { kind: "running", run: RUN }, { phase: "plan" }, "**Planning**"],
    ["asks for a model", { kind: "confirming", since: "", run: RUN }, {}, "**Which model?**"],
    ["asks for an approval", { kind: "planned", since: "", run: RUN, shown: null }, {}, "**Waiting for approval**"],
  ])("says that it %s, without boxes", (_, state, more, words) => {
    const text = renderJobSummary({ ...VIEW, task: sampleTask(state, more), files: { "plan.md": SAMPLE_PLAN.source } });
    expect(text).toContain(words);
    expect(text).not.toMatch(/- \[ \]|<!--/);
  });
});
