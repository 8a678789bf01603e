import { describe, expect, it } from "vitest";
import { isActive, next, openQuestions, runOf, type TaskEvent, workingRun } from "../../src/core/lifecycle.ts";
import type { Outcome, Run, TaskState } from "../../src/core/task.ts";

const AT = "2026-11-20T12:00:00Z";
const EARLIER = "2026-11-20T11:00:00Z";
const run: Run = { id: 77, tryNumber: 1, url: "https://github.com/octo-org/hello/actions/runs/77" };
const rerun: Run = { ...run, tryNumber: 2 };
const other: Run = { ...run, id: 78 };
const done: Outcome = { kind: "done" };
const cancelledBy = (by: string): Outcome => ({ kind: "cancelled", by });

const queued: TaskState = { kind: "queued", since: EARLIER };
const running: TaskState = { kind: "running", run };
const waiting: TaskState = { kind: "waiting", run, questions: ["001"] };
const waitingForTwo: TaskState = { kind: "waiting", run, questions: ["001", "002"] };
const cancelling: TaskState = { kind: "cancelling", run, by: "mona" };
const parked: TaskState = { kind: "parked", run, questions: ["001"] };
const parkedWithTwo: TaskState = { kind: "parked", run, questions: ["001", "002"] };
const finished: TaskState = { kind: "finished", run, outcome: done, at: EARLIER };

const states = { queued, running, waiting, waitingForTwo, cancelling, parked, parkedWithTwo, finished };
const events = {
  claimed: { kind: "claimed", run },
  claimedByAnother: { kind: "claimed", run: other },
  claimedByRerun: { kind: "claimed", run: rerun },
  asked: { kind: "asked", question: "001" },
  askedAgain: { kind: "asked", question: "002" },
  answered: { kind: "answered", question: "001", at: AT },
  answeredUnasked: { kind: "answered", question: "009", at: AT },
  parked: { kind: "parked" },
  cancelled: { kind: "cancel-requested", by: "hubot", at: AT },
  requeued: { kind: "requeued", at: AT },
  finished: { kind: "finished", outcome: done, at: AT },
} satisfies Record<string, TaskEvent>;

type Table = Readonly<Record<keyof typeof states, Readonly<Record<keyof typeof events, TaskState | null>>>>;

const requeued: TaskState = { kind: "queued", since: AT };
const rerunning: TaskState = { kind: "running", run: rerun };
const nowCancelling: TaskState = { kind: "cancelling", run, by: "hubot" };
const nowFinished: TaskState = { kind: "finished", run, outcome: done, at: AT };

/** What each event makes of each state. Null: it has no place there. */
const TABLE: Table = {
  queued: {
    claimed: running,
    claimedByAnother: { kind: "running", run: other },
    claimedByRerun: rerunning,
    asked: null,
    askedAgain: null,
    answered: null,
    answeredUnasked: null,
    parked: null,
    // No run is there to be stopped.
    cancelled: { kind: "finished", run: null, outcome: cancelledBy("hubot"), at: AT },
    requeued: null,
    finished: { kind: "finished", run: null, outcome: done, at: AT },
  },
  running: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: rerunning,
    asked: waiting,
    askedAgain: { kind: "waiting", run, questions: ["002"] },
    answered: null,
    answeredUnasked: null,
    parked: null,
    cancelled: nowCancelling,
    requeued: null,
    finished: nowFinished,
  },
  waiting: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: { ...waiting, run: rerun },
    asked: null,
    askedAgain: waitingForTwo,
    answered: running,
    answeredUnasked: null,
    parked,
    cancelled: nowCancelling,
    requeued: null,
    finished: nowFinished,
  },
  waitingForTwo: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: { ...waitingForTwo, run: rerun },
    asked: null,
    askedAgain: null,
    answered: { kind: "waiting", run, questions: ["002"] },
    answeredUnasked: null,
    parked: parkedWithTwo,
    cancelled: nowCancelling,
    requeued: null,
    finished: nowFinished,
  },
  cancelling: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: { ...cancelling, run: rerun },
    asked: null,
    askedAgain: null,
    answered: null,
    answeredUnasked: null,
    parked: null,
    cancelled: null,
    requeued: null,
    finished: nowFinished,
  },
  parked: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: null,
    asked: null,
    askedAgain: null,
    answered: requeued,
    answeredUnasked: null,
    parked: null,
    cancelled: { kind: "finished", run, outcome: cancelledBy("hubot"), at: AT },
    requeued,
    // Nobody works on it, so nobody can bring it to another end.
    finished: null,
  },
  parkedWithTwo: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: null,
    asked: null,
    askedAgain: null,
    answered: { kind: "parked", run, questions: ["002"] },
    answeredUnasked: null,
    parked: null,
    cancelled: { kind: "finished", run, outcome: cancelledBy("hubot"), at: AT },
    requeued,
    finished: null,
  },
  finished: {
    claimed: null,
    claimedByAnother: null,
    claimedByRerun: null,
    asked: null,
    askedAgain: null,
    answered: null,
    answeredUnasked: null,
    parked: null,
    cancelled: null,
    requeued,
    finished: null,
  },
};

function keys<T extends object>(record: T): readonly (keyof T)[] {
  return Object.keys(record) as (keyof T)[]; // TypeScript widens keys to strings; these records are closed
}

describe.each(keys(TABLE))("a task that is %s", (name) => {
  it.each(keys(events).map((event) => ({ event, becomes: TABLE[name][event] })))(
    "$event → $becomes.kind",
    ({ event, becomes }) => {
      expect(next(states[name], events[event])).toEqual(becomes);
    },
  );
});

it("keeps questions in their order, whichever is asked first", () => {
  const second = next(running, events.askedAgain);
  expect(second && next(second, events.asked)).toEqual(waitingForTwo);
});

it("lets a rerun take over from an earlier try, and never the other way round", () => {
  expect(next({ kind: "running", run: rerun }, { kind: "claimed", run })).toBeNull();
  expect(next({ kind: "running", run: rerun }, { kind: "claimed", run: rerun })).toBeNull();
});

it.each([
  { state: queued, active: true, working: null, latest: null, open: [] },
  { state: running, active: true, working: run, latest: run, open: [] },
  { state: waitingForTwo, active: true, working: run, latest: run, open: ["001", "002"] },
  { state: cancelling, active: true, working: run, latest: run, open: [] },
  { state: parkedWithTwo, active: false, working: null, latest: run, open: ["001", "002"] },
  { state: finished, active: false, working: null, latest: run, open: [] },
])("knows who holds a task that is $state.kind, and what it waits for", ({ state, active, working, latest, open }) => {
  expect(isActive(state)).toBe(active);
  expect(workingRun(state)).toEqual(working);
  expect(runOf(state)).toEqual(latest);
  expect(openQuestions(state)).toEqual(open);
});
