import { next, waitsForPerson } from "../core/lifecycle.ts";
import { ipcPath } from "../core/mailbox.ts";
import { parsePlan } from "../core/plan.ts";
import type { Problem } from "../core/problem.ts";
import { cleared, othersOf } from "../core/readiness.ts";
import {
  type Outcome,
  readTask,
  renderTask,
  runName,
  type Task,
  type TaskFiles,
  type TaskRef,
  talkOf,
} from "../core/task.ts";
import { type ResultFacts, renderResult } from "../core/thread-text.ts";
import { askPerson } from "./ask-person.ts";
import { drawOverview } from "./overview.ts";
import type { Snapshot } from "./ports.ts";
import { findOurs, redrawAsk, redrawQuestion, redrawStatus } from "./redraw.ts";
import { startRun } from "./start-run.ts";
import { type CoursePorts, GRACE_MS } from "./thread-ports.ts";
import { isReadable } from "./thread-tasks.ts";
import { unlessClosed } from "./unless-closed.ts";
import { updateTask } from "./update-task.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

// How a task gets from one state to the next: what has been committed is carried out and shown. An ending sets other tasks going, and
// one that cannot be set going ends; so both stand here.

export interface Beginning {
  /** Where runs are started from; looked up when it is not at hand. */
  readonly defaultBranch?: string;
  /** Shows the task in its thread; for a new one, posts it. */
  readonly draw?: (files: TaskFiles) => Promise<unknown>;
}

/** Carries out what a task's state, just committed, calls for: its run is started, or people are asked. */
export async function beginTask(snapshot: Snapshot, beginning: Beginning, ports: CoursePorts): Promise<void> {
  const { ref, files } = snapshot;
  const { draw = (now) => redrawStatus(ref, now, ports) } = beginning;
  const task = readTask(files);
  if (task.state.kind === "queued") {
    const defaultBranch = beginning.defaultBranch ?? (await ports.conversations.read(null)).defaultBranch;
    // Both at once: neither needs the other, and people wait for both.
    const [problem] = await Promise.all([startRun(ref, task, defaultBranch, ports), draw(files)]);
    await endUnstarted(ref, problem, ports);
  } else if (waitsForPerson(task.state)) {
    await draw((await askPerson(snapshot, ports)).files);
  } else {
    await draw(files);
  }
}

/**
 * Makes sure that a queued task has a run: whoever was to start it may have died. Only after a grace time, so that two handlers of the
 * same delivery do not both start one.
 */
export async function startIfMissing(ref: TaskRef, ports: CoursePorts): Promise<void> {
  await ports.clock.sleep(GRACE_MS);
  const snapshot = await ports.branches.read(ref);
  const task = snapshot === null ? null : readTask(snapshot.files);
  if (task?.state.kind !== "queued") return;
  if ((await ports.runs.asked(task.state.since)).has(runName(ref, task.attempt))) return;
  const { defaultBranch } = await ports.conversations.read(null);
  await endUnstarted(ref, await startRun(ref, task, defaultBranch, ports), ports);
}

/** A run that GitHub refuses to start is the task's ending: the thread says why, and a retry takes it up again. */
async function endUnstarted(ref: TaskRef, problem: Problem | null, ports: CoursePorts): Promise<void> {
  if (problem === null) return;
  const { message: sentence, nextStep } = problem;
  const outcome: Outcome = { kind: "failed", cause: "not-started", sentence, nextStep };
  await endTask(ref, ({ state }) => (state.kind === "queued" ? outcome : null), ports);
}

/**
 * Ends a task that no run holds (any more), and says so in its thread.
 * @param outcomeFor the ending, seen from the task as it stands; null where none is due
 */
export async function endTask(
  ref: TaskRef,
  outcomeFor: (task: Task, files: TaskFiles) => Outcome | null,
  ports: CoursePorts,
  from?: Snapshot,
): Promise<void> {
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const task = readTask(files);
      const outcome = outcomeFor(task, files);
      const state = outcome === null ? null : next(task.state, { kind: "finished", outcome, at });
      if (outcome === null || state === null) return null;
      return { files: { "task.yaml": renderTask({ ...task, state }) }, message: `End ${ref.id}: ${outcome.kind}` };
    },
    ports,
    from,
  );
  if (updated?.changed) await announceEnding(updated.snapshot, {}, ports);
}

/**
 * Says an ending that has been committed by somebody who died before saying it.
 * @param mayBeAwaited false where it is known that no other task waits, or has waited, for this one
 */
export async function announceIfUnsaid(snapshot: Snapshot, ports: CoursePorts, mayBeAwaited = true): Promise<void> {
  const task = readTask(snapshot.files);
  if (task.state.kind !== "finished" || task.cleaned) return;
  const mark = { kind: "result", ref: snapshot.ref, attempt: task.attempt } as const;
  const said = await unlessClosed(() => findOurs(task, mark, ports), ports.log);
  const isAwaited =
    said === null || said.length === 0
      ? await announceEnding(snapshot, {}, ports)
      : await finishSaying(snapshot, mayBeAwaited, ports);
  if (isAwaited) await startReleased(snapshot.ref, ports);
}

/** The same, by whoever only comes past: a run that is still there says its ending itself, and may have to wait for its turn with GitHub. */
export async function announceIfLeft(snapshot: Snapshot, ports: CoursePorts): Promise<void> {
  const { state } = readTask(snapshot.files);
  if (state.kind !== "finished") return;
  const run = state.run === null ? null : await ports.runs.read(state.run.id);
  if (run === null || run.status === "completed") await announceIfUnsaid(snapshot, ports);
}

/**
 * What comes after the words of an ending, and may not have come.
 * @returns whether other tasks wait, or have waited, for this one
 */
async function finishSaying({ ref, files }: Snapshot, mayBeAwaited: boolean, ports: CoursePorts): Promise<boolean> {
  const task = readTask(files);
  const talk = talkOf(task);
  const isAwaited = mayBeAwaited && (await releaseDependents(ref, ports));
  await closeQuestions(ref, files, ports);
  if (talk !== null && mayHaveAsked(task)) await unlabelWhenQuiet(talk.number, ports);
  return isAwaited;
}

/** Tasks that this one's end has set free, and whose run whoever did so has died before asking for. */
async function startReleased(ended: TaskRef, ports: CoursePorts): Promise<void> {
  const tasks = (await ports.index.ofThread(ended.thread)).filter(isReadable).map(({ files }) => readTask(files));
  const queued = tasks.filter(({ state, after }) => state.kind === "queued" && after.includes(ended.id));
  await Promise.all(queued.map(({ id }) => startIfMissing({ thread: ended.thread, id }, ports)));
}

/**
 * Shows an ending that has been committed: the result comment, the status comment drawn anew, the label taken off. Whoever committed
 * the ending announces it, so it is said once, and starts what waits for it.
 * @returns whether other tasks wait, or have waited, for this one
 */
export async function announceEnding(ended: Snapshot, facts: ResultFacts, ports: CoursePorts): Promise<boolean> {
  // What waits goes on at once, while the words are written.
  const [isAwaited] = await Promise.all([releaseDependents(ended.ref, ports), sayEnding(ended, facts, ports)]);
  return isAwaited;
}

async function sayEnding({ ref, files }: Snapshot, facts: ResultFacts, ports: CoursePorts): Promise<void> {
  const task = readTask(files);
  const talk = talkOf(task);
  if (talk === null) return;
  const plan = parsePlan(files["plan.md"] ?? "");
  const output = files["output.md"] ?? null;
  const view = { task, ref, plan, output, facts, repository: ports.repository };
  const said = await unlessClosed(() => ports.comments.create(talk.number, renderResult(view)), ports.log);
  // The branch has the ending: it is said by whoever looks after the task once it can be.
  if (said === null) return mayHaveAsked(task) ? unlabelWhenQuiet(talk.number, ports) : undefined;
  const { id, author, url } = said;
  const withResult = { ...files, "task.yaml": renderTask({ ...task, resultComment: { id, author, url } }) };
  const live = { doing: null, usage: facts.usage ?? null, warnings: facts.warnings ?? [] };
  await Promise.all([
    redrawStatus(ref, withResult, ports, live),
    redrawAsk(ref, withResult, ports),
    closeQuestions(ref, files, ports),
  ]);
  await drawOverview(task, ports);
  if (mayHaveAsked(task)) await unlabelWhenQuiet(talk.number, ports);
}

/** What was asked and not answered wants no answer any more. */
async function closeQuestions(ref: TaskRef, files: TaskFiles, ports: CoursePorts): Promise<void> {
  const asked = Object.keys(readTask(files).exchanges);
  const unanswered = asked.filter((number) => files[ipcPath(number, "answer")] === undefined);
  await Promise.all(unanswered.map((number) => redrawQuestion(ref, number, files, ports)));
}

/** Questions, a plan to approve; or, where no run has ever worked, the choice of a model. */
function mayHaveAsked({ exchanges, approval, state }: Task): boolean {
  const neverWorked = state.kind === "finished" && state.run === null;
  return Object.keys(exchanges).length > 0 || approval.kind !== "not-needed" || neverWorked;
}

/**
 * Sets going, or ends, the tasks of the thread that have waited for this one. Harmless to repeat.
 * @returns whether there are any that wait, or have waited
 */
export async function releaseDependents(ended: TaskRef, ports: CoursePorts): Promise<boolean> {
  // Only what people ask for in a thread can wait for anything.
  if (ended.thread === "run") return false;
  const tasks = (await ports.index.ofThread(ended.thread)).filter(isReadable);
  const dependents = tasks.filter(({ files }) => readTask(files).after.includes(ended.id));
  const held = dependents.filter(({ files }) => readTask(files).state.kind === "held");
  await Promise.all(held.map((snapshot) => release(snapshot, tasks, ports)));
  return dependents.length > 0;
}

/** Sets a task going that waits for others, where they have ended already. */
export async function releaseIfDue(ref: TaskRef, ports: CoursePorts): Promise<void> {
  const tasks = (await ports.index.ofThread(ref.thread)).filter(isReadable);
  const snapshot = tasks.find((each) => each.ref.id === ref.id);
  if (snapshot !== undefined && readTask(snapshot.files).state.kind === "held") await release(snapshot, tasks, ports);
}

async function release(snapshot: Snapshot, tasks: readonly Snapshot[], ports: CoursePorts): Promise<void> {
  const others = othersOf(
    readTask(snapshot.files),
    tasks.map(({ files }) => readTask(files)),
  );
  switch (others.kind) {
    case "working":
      return;
    case "broken":
      return endTask(snapshot.ref, ({ state }) => (state.kind === "held" ? stranded(others) : null), ports, snapshot);
    case "done": {
      const at = ports.clock.now().toISOString();
      const updated = await updateTask(
        snapshot.ref,
        ({ ref, files }) => {
          const task = readTask(files);
          if (task.state.kind !== "held") return null;
          const free = cleared(task, parsePlan(files["plan.md"] ?? ""), { at, othersDone: true });
          return free === null ? null : { files: { "task.yaml": renderTask(free) }, message: `Go on with ${ref.id}` };
        },
        ports,
        snapshot,
      );
      if (updated?.changed) await beginTask(updated.snapshot, {}, ports);
      if (updated?.changed) await drawOverview(readTask(updated.snapshot.files), ports);
    }
  }
}

const WHY = {
  cancelled: "was cancelled",
  failed: "could not be finished",
  gone: "is not there any more",
} as const;

function stranded({ id, why }: { readonly id: string; readonly why: keyof typeof WHY }): Outcome {
  return {
    kind: "failed",
    cause: "dependency",
    sentence: `This was to start after \`${id}\`, which ${WHY[why]}. So it was not started.`,
    nextStep: `Retry \`${id}\` first, then this one; or retry this one as it is.`,
  };
}
