import { describe, expect, it } from "vitest";
import { firstPlan, parsePlan } from "../../src/core/plan.ts";
import { cleared, othersOf, phaseWhenReady, stateWhenReady } from "../../src/core/readiness.ts";
import type { Approval, Task, TaskState } from "../../src/core/task.ts";
import { CANCELLED, DONE, FAILED, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const AT = "2026-11-20T12:00:00Z";
const EARLIER = "2026-11-20T11:00:00Z";
const PROVISIONAL = firstPlan({ title: "Add", request: "add it", taskFolder: ".dispatch/tasks/add" });
const NOT_NEEDED: Approval = { kind: "not-needed" };
const WANTED: Approval = { kind: "wanted" };
const GIVEN: Approval = { kind: "given", by: "mona", commit: "a".repeat(40) };

const CONFIRMING: TaskState = { kind: "confirming", since: EARLIER, run: null };
const CONFIRMING_AFTER_RUN: TaskState = { ...CONFIRMING, run: RUN };
const HELD: TaskState = { kind: "held", since: EARLIER };
const PLANNED: TaskState = { kind: "planned", since: EARLIER, run: null, shown: "b".repeat(40) };
const PLANNED_AFTER_RUN: TaskState = { ...PLANNED, run: RUN };
const QUEUED: TaskState = { kind: "queued", since: AT };
const NOW_HELD: TaskState = { kind: "held", since: AT };
const NOW_PLANNED: TaskState = { kind: "planned", since: AT, run: null, shown: null };

describe("what a task that is about to start waits for", () => {
  it.each([
    { what: "nothing", after: [], othersDone: false, approval: NOT_NEEDED, plan: SAMPLE_PLAN, state: QUEUED },
    { what: "others", after: ["a"], othersDone: false, approval: NOT_NEEDED, plan: SAMPLE_PLAN, state: NOW_HELD },
    {
      what: "others that are done",
      after: ["a"],
      othersDone: true,
      approval: NOT_NEEDED,
      plan: SAMPLE_PLAN,
      state: QUEUED,
    },
    { what: "an approval", after: [], othersDone: false, approval: WANTED, plan: SAMPLE_PLAN, state: NOW_PLANNED },
    {
      what: "an approval, of a plan not written yet",
      after: [],
      othersDone: false,
      approval: WANTED,
      plan: PROVISIONAL,
      state: QUEUED,
    },
    {
      what: "an approval that was given",
      after: [],
      othersDone: false,
      approval: GIVEN,
      plan: SAMPLE_PLAN,
      state: QUEUED,
    },
    {
      what: "others before an approval",
      after: ["a"],
      othersDone: false,
      approval: WANTED,
      plan: SAMPLE_PLAN,
      state: NOW_HELD,
    },
    {
      what: "an approval after others",
      after: ["a"],
      othersDone: true,
      approval: WANTED,
      plan: SAMPLE_PLAN,
      state: NOW_PLANNED,
    },
  ])("$what → $state.kind", ({ after, othersDone, approval, plan, state }) => {
    expect(stateWhenReady({ after, approval }, plan, { at: AT, othersDone })).toEqual(state);
  });

  it.each([
    { approval: NOT_NEEDED, phase: "work" },
    { approval: WANTED, phase: "plan" },
    { approval: GIVEN, phase: "work" },
  ])("its next run is to $phase when the approval is $approval.kind", ({ approval, phase }) => {
    expect(phaseWhenReady({ approval })).toBe(phase);
  });
});

describe("a task for which the way is free", () => {
  const free = (state: TaskState, more: Partial<Task> = {}, othersDone = false) =>
    cleared(sampleTask(state, more), SAMPLE_PLAN, { at: AT, othersDone });

  it.each<{ what: string; state: TaskState; more?: Partial<Task>; othersDone?: boolean; becomes: Partial<Task> }>([
    { what: "its model chosen", state: CONFIRMING, becomes: { state: QUEUED, attempt: 1, phase: "work" } },
    {
      what: "its model chosen after a look at the set-up",
      state: CONFIRMING_AFTER_RUN,
      more: { phase: "check" },
      becomes: { state: QUEUED, attempt: 2, phase: "work" },
    },
    {
      what: "its model chosen, others not done",
      state: CONFIRMING_AFTER_RUN,
      more: { after: ["a"] },
      becomes: { state: NOW_HELD, attempt: 1 },
    },
    {
      what: "its model chosen, its own checklist to be approved",
      state: CONFIRMING_AFTER_RUN,
      more: { approval: WANTED },
      // The run before is remembered, so that the next one is another attempt.
      becomes: { state: { ...NOW_PLANNED, run: RUN }, attempt: 1, phase: "plan" },
    },
    {
      what: "the others done",
      state: HELD,
      more: { after: ["a"] },
      othersDone: true,
      becomes: { state: QUEUED, attempt: 1 },
    },
    {
      what: "the others done, its own checklist to be approved",
      state: HELD,
      more: { after: ["a"], approval: WANTED },
      othersDone: true,
      becomes: { state: NOW_PLANNED, attempt: 1 },
    },
    { what: "a plan of people's own approved", state: PLANNED, becomes: { state: QUEUED, attempt: 1 } },
    {
      what: "a plan approved that a run has written",
      state: PLANNED_AFTER_RUN,
      becomes: { state: QUEUED, attempt: 2 },
    },
  ])("$what → $becomes.state.kind, attempt $becomes.attempt", ({ state, more, othersDone, becomes }) => {
    expect(free(state, more, othersDone)).toMatchObject(becomes);
  });

  it("takes the changes that have cleared it, and is judged by them", () => {
    const changed = { approval: GIVEN, confirmedBy: "mona" };
    const task = sampleTask(PLANNED_AFTER_RUN, { approval: WANTED, phase: "plan" });
    expect(cleared(task, SAMPLE_PLAN, { at: AT, othersDone: true, changed })).toEqual({
      ...task,
      ...changed,
      state: QUEUED,
      attempt: 2,
      phase: "work",
    });
  });

  it.each<TaskState>([
    QUEUED,
    { kind: "running", run: RUN },
    { kind: "waiting", run: RUN, questions: ["001"] },
    { kind: "cancelling", run: RUN, by: "mona" },
    { kind: "parked", run: RUN, questions: ["001"] },
    DONE,
    CANCELLED,
  ])("is left alone once it is $kind", (state) => {
    expect(free(state)).toBeNull();
  });

  it("does not become what it is: held stays held while others work, planned while nobody approves", () => {
    expect(free(HELD, { after: ["a"] })).toBeNull();
    expect(free(PLANNED, { approval: WANTED })).toBeNull();
  });

  it("waits for no approval while its plan is not written", () => {
    const task = sampleTask(HELD, { after: ["a"], approval: WANTED });
    expect(cleared(task, parsePlan(PROVISIONAL.source), { at: AT, othersDone: true })).toMatchObject({
      state: QUEUED,
      phase: "plan",
    });
  });
});

describe("how the others have turned out", () => {
  const other = (id: string, state: TaskState) => sampleTask(state, { id });
  const RUNNING: TaskState = { kind: "running", run: RUN };

  it.each([
    { what: "none", after: [], others: [], is: { kind: "done" } },
    { what: "one done", after: ["a"], others: [other("a", DONE)], is: { kind: "done" } },
    { what: "one at work", after: ["a"], others: [other("a", RUNNING)], is: { kind: "working" } },
    { what: "one held itself", after: ["a"], others: [other("a", HELD)], is: { kind: "working" } },
    {
      what: "one parked",
      after: ["a"],
      others: [other("a", { kind: "parked", run: RUN, questions: ["001"] })],
      is: { kind: "working" },
    },
    { what: "two done", after: ["a", "b"], others: [other("b", DONE), other("a", DONE)], is: { kind: "done" } },
    {
      what: "one of two done",
      after: ["a", "b"],
      others: [other("a", DONE), other("b", RUNNING)],
      is: { kind: "working" },
    },
    { what: "one failed", after: ["a"], others: [other("a", FAILED)], is: { kind: "broken", id: "a", why: "failed" } },
    {
      what: "one cancelled",
      after: ["a"],
      others: [other("a", CANCELLED)],
      is: { kind: "broken", id: "a", why: "cancelled" },
    },
    { what: "one gone", after: ["a"], others: [other("b", DONE)], is: { kind: "broken", id: "a", why: "gone" } },
    // Nobody waits for the one that works: the other can never be done.
    {
      what: "one at work, one failed",
      after: ["a", "b"],
      others: [other("a", RUNNING), other("b", FAILED)],
      is: { kind: "broken", id: "b", why: "failed" },
    },
    { what: "strangers failed", after: ["a"], others: [other("a", DONE), other("z", FAILED)], is: { kind: "done" } },
  ])("$what → $is.kind", ({ after, others, is }) => {
    expect(othersOf({ after }, others)).toEqual(is);
  });
});
