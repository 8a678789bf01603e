import { expect, it } from "vitest";
import { decideRepair, isNeeded, type RunFacts, runToLookAt, type WorldFacts } from "../../src/core/reconcile.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { DONE, RUN, sampleTask } from "./sample-task.ts";

const NOW = "2026-11-20T12:00:00Z";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ago = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString();

const QUEUED: TaskState = { kind: "queued", since: NOW };
const RUNNING: TaskState = { kind: "running", run: RUN };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const PARKED: TaskState = { kind: "parked", run: RUN, questions: ["001"] };
const CANCELLING: TaskState = { kind: "cancelling", run: RUN, by: "mona" };
const HELD: TaskState = { kind: "held", since: NOW };
const PLANNED: TaskState = { kind: "planned", since: NOW, run: RUN, shown: null };
const CONFIRMING: TaskState = { kind: "confirming", since: NOW, run: null };
const [NONE, GOING, OVER, LINED_UP]: readonly (RunFacts | null)[] = [
  null,
  { status: "in_progress" },
  { status: "completed" },
  { status: "queued" },
];
const unasked: Partial<Task> = {
  exchanges: { "001": { askedAt: NOW, comment: null, answeredBy: null } },
};
const ended = (ms: number): TaskState => ({ ...DONE, kind: "finished", at: ago(ms) }) as TaskState;

interface Row {
  readonly what: string;
  readonly state: TaskState;
  readonly still: number;
  readonly run?: RunFacts | null | undefined;
  readonly more?: Partial<Task>;
  readonly world?: Partial<WorldFacts>;
  readonly repair: string;
}

it.each<Row>([
  { what: "just accepted", state: QUEUED, still: 59_000, repair: "none" },
  { what: "accepted, and nobody has asked for its run", state: QUEUED, still: 61_000, run: NONE, repair: "start" },
  { what: "queued with a run that waits", state: QUEUED, still: 9 * MINUTE, run: LINED_UP, repair: "none" },
  { what: "queued for long without a runner", state: QUEUED, still: 11 * MINUTE, run: LINED_UP, repair: "say-waiting" },
  {
    what: "queued without a runner for so long that people know",
    state: QUEUED,
    still: 31 * MINUTE,
    run: LINED_UP,
    repair: "none",
  },
  {
    what: "the same at a thorough look",
    state: QUEUED,
    still: 31 * MINUTE,
    run: LINED_UP,
    world: { thorough: true },
    repair: "say-waiting",
  },
  { what: "queued, its run over unclaimed", state: QUEUED, still: 2 * MINUTE, run: OVER, repair: "settle" },
  { what: "at work", state: RUNNING, still: 29 * MINUTE, run: GOING, repair: "none" },
  { what: "silent, its run still there", state: RUNNING, still: 31 * MINUTE, run: GOING, repair: "cancel-run" },
  { what: "silent, its run lined up again", state: RUNNING, still: 31 * MINUTE, run: LINED_UP, repair: "cancel-run" },
  { what: "its run over", state: RUNNING, still: MINUTE, run: OVER, repair: "settle" },
  { what: "waiting, its run over", state: WAITING, still: MINUTE, run: OVER, repair: "settle" },
  { what: "its run not found", state: RUNNING, still: 29 * MINUTE, run: NONE, repair: "none" },
  { what: "its run not found, and silent", state: RUNNING, still: 31 * MINUTE, run: NONE, repair: "settle" },
  { what: "cancelling for a moment", state: CANCELLING, still: 19_000, run: GOING, repair: "none" },
  { what: "cancelling, and not heard", state: CANCELLING, still: 21_000, run: GOING, repair: "cancel-run" },
  { what: "cancelling, its run over", state: CANCELLING, still: 21_000, run: OVER, repair: "settle" },
  { what: "asking just now", state: WAITING, still: 30_000, run: GOING, more: unasked, repair: "none" },
  { what: "asking unasked", state: WAITING, still: 2 * MINUTE, run: GOING, more: unasked, repair: "show-questions" },
  { what: "asking, asked", state: WAITING, still: 2 * MINUTE, run: GOING, repair: "none" },
  {
    what: "asking, looked at closely",
    state: WAITING,
    still: 2 * MINUTE,
    run: GOING,
    world: { thorough: true },
    repair: "show-questions",
  },
  { what: "parked unasked", state: PARKED, still: 2 * MINUTE, more: unasked, repair: "show-questions" },
  { what: "parked", state: PARKED, still: 9 * DAY, repair: "none" },
  { what: "parked, closely", state: PARKED, still: 9 * DAY, world: { thorough: true }, repair: "show-questions" },
  { what: "held", state: HELD, still: 2 * MINUTE, repair: "release" },
  { what: "held just now", state: HELD, still: 1_000, repair: "none" },
  { what: "planned", state: PLANNED, still: 2 * MINUTE, repair: "ask-again" },
  { what: "planned just now", state: PLANNED, still: 1_000, repair: "none" },
  { what: "confirming for days", state: CONFIRMING, still: 2 * DAY, repair: "none" },
  {
    what: "confirming, closely",
    state: CONFIRMING,
    still: 2 * DAY,
    world: { thorough: true },
    repair: "ask-again",
  },
  { what: "ended just now", state: ended(1_000), still: 1_000, repair: "none" },
  { what: "ended, perhaps unsaid", state: ended(2 * MINUTE), still: 2 * MINUTE, repair: "announce" },
  {
    what: "ended, its run there to say so",
    state: ended(2 * MINUTE),
    still: 2 * MINUTE,
    world: { run: { status: "in_progress" } },
    repair: "none",
  },
  { what: "ended and cleaned", state: ended(2 * MINUTE), still: 2 * MINUTE, more: { cleaned: true }, repair: "none" },
  { what: "ended hours ago", state: ended(DAY), still: DAY, repair: "none" },
  { what: "ended, closely", state: ended(DAY), still: DAY, world: { thorough: true }, repair: "announce" },
  { what: "kept long enough", state: ended(31 * DAY), still: 31 * DAY, repair: "remove" },
  {
    what: "kept for those that wait",
    state: ended(31 * DAY),
    still: 31 * DAY,
    world: { needed: true },
    repair: "none",
  },
  { what: "moved again since", state: ended(31 * DAY), still: DAY, repair: "none" },
  {
    what: "kept 4 days whatever is asked",
    state: ended(3 * DAY),
    still: 3 * DAY,
    world: { keepDays: 1 },
    repair: "none",
  },
  { what: "kept 4 days and over", state: ended(5 * DAY), still: 5 * DAY, world: { keepDays: 1 }, repair: "remove" },
])("a task $what needs: $repair", ({ state, still, run = null, more = {}, world = {}, repair }) => {
  const facts = { now: NOW, movedAt: ago(still), run, thorough: false, keepDays: 30, needed: false, ...world };
  expect(decideRepair(sampleTask(state, more), facts).kind).toBe(repair);
});

it.each([
  { state: QUEUED, still: 2 * MINUTE, look: "by-name" },
  { state: QUEUED, still: 30_000, look: null },
  { state: RUNNING, still: 30_000, look: RUN.id },
  { state: RUNNING, still: 10_000, look: null },
  { state: PARKED, still: DAY, look: null },
  { state: DONE, still: 2 * DAY, look: null },
  { state: DONE, still: 2 * DAY, thorough: true, look: RUN.id },
  { state: ended(9 * DAY), still: 9 * DAY, thorough: true, look: null },
  // Its commit had to wait for GitHub's next hour, and so may its words.
  { state: ended(180 * MINUTE), still: 2 * MINUTE, look: RUN.id },
])(
  "of a task that is $state.kind and still for $still ms it looks at the run $look",
  ({ state, still, thorough = false, look }) => {
    expect(runToLookAt(sampleTask(state), { now: NOW, movedAt: ago(still), thorough })).toBe(look);
  },
);

it.each([
  { state: HELD, after: ["a"], needed: true },
  { state: QUEUED, after: ["a"], needed: true },
  { state: DONE, after: ["a"], needed: false },
  { state: HELD, after: ["b"], needed: false },
])("is needed by one that is $state.kind after $after: $needed", ({ state, after, needed }) => {
  expect(isNeeded("a", [sampleTask(state, { after })])).toBe(needed);
});
