import { describe, expect, it } from "vitest";
import {
  isActive,
  isPending,
  next,
  openQuestions,
  runOf,
  type TaskEvent,
  waitsForPerson,
  workingRun,
} from "../../src/core/lifecycle.ts";
import type { Outcome, Run, TaskState } from "../../src/core/task.ts";

const AT = "2026-11-20T12:00:00Z";
const EARLIER = "2026-11-20T11:00:00Z";
const run: Run = { id: 77, tryNumber: 1, url: "https://github.com/octo-org/hello/actions/runs/77" };
const rerun: Run = { ...run, tryNumber: 2 };
const other: Run = { ...run, id: 78 };
const done: Outcome = { kind: "done" };
const cancelledBy = (by: string): Outcome => ({ kind: "cancelled", by });

const confirming: TaskState = { kind: "confirming", since: EARLIER, run: null };
const confirmingAfterRun: TaskState = { kind: "confirming", since: EARLIER, run };
const held: TaskState = { kind: "held", since: EARLIER };
const planned: TaskState = { kind: "planned", since: EARLIER, run: null, shown: null };
const plannedAfterRun: TaskState = { kind: "planned", since: EARLIER, run, shown: "a".repeat(40) };
const queued: TaskState = { kind: "queued", since: EARLIER };
const running: TaskState = { kind: "running", run };
const waiting: TaskState = { kind: "waiting", run, questions: ["001"] };
const waitingForTwo: TaskState = { kind: "waiting", run, questions: ["001", "002"] };
const cancelling: TaskState = { kind: "cancelling", run, by: "mona" };
const parked: TaskState = { kind: "parked", run, questions: ["001"] };
const parkedWithTwo: TaskState = { kind: "parked", run, questions: ["001", "002"] };
const finished: TaskState = { kind: "finished", run, outcome: done, at: EARLIER };

const states = {
  confirming,
  confirmingAfterRun,
  held,
  planned,
  plannedAfterRun,
  queued,
  running,
  waiting,
  waitingForTwo,
  cancelling,
  parked,
  parkedWithTwo,
  finished,
};
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
  clearedToHeld: { kind: "cleared", to: { kind: "held", since: AT } },
  clearedToPlanned: { kind: "cleared", to: { kind: "planned", since: AT, run: null, shown: null } },
  clearedToQueued: { kind: "cleared", to: { kind: "queued", since: AT } },
  putToChoice: { kind: "put-to-person", what: "confirming", at: AT },
  putToApproval: { kind: "put-to-person", what: "planned", at: AT },
  finished: { kind: "finished", outcome: done, at: AT },
} satisfies Record<string, TaskEvent>;

const requeued: TaskState = { kind: "queued", since: AT };
const rerunning: TaskState = { kind: "running", run: rerun };
const nowCancelling: TaskState = { kind: "cancelling", run, by: "hubot" };
const nowFinished: TaskState = { kind: "finished", run, outcome: done, at: AT };
const finishedUnstarted: TaskState = { ...nowFinished, run: null };
const cancelledUnstarted: TaskState = { kind: "finished", run: null, outcome: cancelledBy("hubot"), at: AT };
const cancelledAfterRun: TaskState = { ...cancelledUnstarted, run };
const nowHeld: TaskState = { kind: "held", since: AT };
const nowPlanned: TaskState = { kind: "planned", since: AT, run: null, shown: null };

type Row = Readonly<Record<keyof typeof events, TaskState | null>>;

/** Nothing has a place there. */
const NOTHING: Row = {
  claimed: null,
  claimedByAnother: null,
  claimedByRerun: null,
  asked: null,
  askedAgain: null,
  answered: null,
  answeredUnasked: null,
  parked: null,
  cancelled: null,
  requeued: null,
  clearedToHeld: null,
  clearedToPlanned: null,
  clearedToQueued: null,
  putToChoice: null,
  putToApproval: null,
  finished: null,
};

const plannedByRun: TaskState = { kind: "planned", since: AT, run, shown: null };

/** What each event makes of each state; null where it has no place. */
const TABLE: Readonly<Record<keyof typeof states, Row>> = {
  confirming: {
    ...NOTHING,
    cancelled: cancelledUnstarted,
    clearedToHeld: nowHeld,
    clearedToPlanned: nowPlanned,
    clearedToQueued: requeued,
    finished: finishedUnstarted,
  },
  confirmingAfterRun: {
    ...NOTHING,
    cancelled: cancelledAfterRun,
    clearedToHeld: nowHeld,
    clearedToPlanned: nowPlanned,
    clearedToQueued: requeued,
    finished: nowFinished,
  },
  held: {
    ...NOTHING,
    cancelled: cancelledUnstarted,
    // Nothing goes back: a task that is held has its model.
    clearedToHeld: null,
    clearedToPlanned: nowPlanned,
    clearedToQueued: requeued,
    finished: finishedUnstarted,
  },
  planned: {
    ...NOTHING,
    cancelled: cancelledUnstarted,
    clearedToQueued: requeued,
    finished: finishedUnstarted,
  },
  plannedAfterRun: {
    ...NOTHING,
    cancelled: cancelledAfterRun,
    clearedToQueued: requeued,
    finished: nowFinished,
  },
  queued: {
    ...NOTHING,
    claimed: running,
    claimedByAnother: { kind: "running", run: other },
    claimedByRerun: rerunning,
    // No run is there to be stopped.
    cancelled: cancelledUnstarted,
    finished: finishedUnstarted,
  },
  running: {
    ...NOTHING,
    claimedByRerun: rerunning,
    asked: waiting,
    askedAgain: { kind: "waiting", run, questions: ["002"] },
    cancelled: nowCancelling,
    // Its own run's last act, when the time of its job is used up.
    requeued,
    putToChoice: { kind: "confirming", since: AT, run },
    // What people are shown is known only once it is committed.
    putToApproval: plannedByRun,
    finished: nowFinished,
  },
  waiting: {
    ...NOTHING,
    claimedByRerun: { ...waiting, run: rerun },
    askedAgain: waitingForTwo,
    answered: running,
    parked,
    cancelled: nowCancelling,
    putToApproval: plannedByRun,
    finished: nowFinished,
  },
  waitingForTwo: {
    ...NOTHING,
    claimedByRerun: { ...waitingForTwo, run: rerun },
    answered: { kind: "waiting", run, questions: ["002"] },
    parked: parkedWithTwo,
    cancelled: nowCancelling,
    putToApproval: plannedByRun,
    finished: nowFinished,
  },
  cancelling: {
    ...NOTHING,
    claimedByRerun: { ...cancelling, run: rerun },
    // The cancel was first, whatever the run has come to meanwhile.
    finished: { ...nowFinished, outcome: { kind: "cancelled", by: "mona" } },
  },
  parked: {
    ...NOTHING,
    answered: requeued,
    cancelled: cancelledAfterRun,
    requeued,
    // Nobody works on it, so nobody can bring it to another end.
    finished: null,
  },
  parkedWithTwo: {
    ...NOTHING,
    answered: { kind: "parked", run, questions: ["002"] },
    cancelled: cancelledAfterRun,
    requeued,
  },
  finished: { ...NOTHING, requeued },
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
  { state: confirming, active: false, pending: true, person: true, working: null, latest: null, open: [] },
  { state: confirmingAfterRun, active: false, pending: true, person: true, working: null, latest: run, open: [] },
  { state: held, active: false, pending: true, person: false, working: null, latest: null, open: [] },
  { state: planned, active: false, pending: true, person: true, working: null, latest: null, open: [] },
  { state: plannedAfterRun, active: false, pending: true, person: true, working: null, latest: run, open: [] },
  { state: queued, active: true, pending: false, person: false, working: null, latest: null, open: [] },
  { state: running, active: true, pending: false, person: false, working: run, latest: run, open: [] },
  { state: waitingForTwo, active: true, pending: false, person: true, working: run, latest: run, open: ["001", "002"] },
  { state: cancelling, active: true, pending: false, person: false, working: run, latest: run, open: [] },
  {
    state: parkedWithTwo,
    active: false,
    pending: false,
    person: true,
    working: null,
    latest: run,
    open: ["001", "002"],
  },
  { state: finished, active: false, pending: false, person: false, working: null, latest: run, open: [] },
])(
  "knows who holds a task that is $state.kind, whose turn it is, and what it waits for",
  ({ state, active, pending, person, working, latest, open }) => {
    expect(isActive(state)).toBe(active);
    expect(isPending(state)).toBe(pending);
    expect(waitsForPerson(state)).toBe(person);
    expect(workingRun(state)).toEqual(working);
    expect(runOf(state)).toEqual(latest);
    expect(openQuestions(state)).toEqual(open);
  },
);

it("ends once, whatever happens afterwards", () => {
  for (const [name, state] of Object.entries(states)) {
    const ended = next(state, events.finished);
    if (ended === null) continue;
    const changed = Object.values(events)
      .filter(({ kind }) => kind !== "requeued")
      .map((event) => next(ended, event));
    expect(changed, name).toEqual(changed.map(() => null));
  }
});
