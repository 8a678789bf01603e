import { configInForce } from "../core/config-in-force.ts";
import { waitsForPerson } from "../core/lifecycle.ts";
import { Problem } from "../core/problem.ts";
import { ASK_GRACE_MS, decideRepair, isNeeded, MIN_KEEP_DAYS, type Repair, runToLookAt } from "../core/reconcile.ts";
import { readTask, runName, type Task, type TaskRef, type Thread, talkOf } from "../core/task.ts";
import { cleanTask } from "./clean-up.ts";
import { keepListening, listenAgain } from "./keep-listening.ts";
import { keepQuestions } from "./keep-questions.ts";
import type { RunStatus, Runs, Snapshot } from "./ports.ts";
import { askAgain, sayNoRunner, showQuestions, tidyStatus } from "./reconcile-thread.ts";
import { redrawStatus } from "./redraw.ts";
import { settleTask } from "./settle-run.ts";
import { announceIfUnsaid, releaseIfDue, startIfMissing } from "./task-course.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { isReadable, tasksOfThread } from "./thread-tasks.ts";
import { unlessClosed } from "./unless-closed.ts";

/** Of which tasks, and how closely, the world is compared with what the branches say. */
export interface Scope {
  /** The number of a conversation; null for the whole repository. */
  readonly thread: number | null;
  /** At a start and once a day; else only what costs next to nothing while all is well. */
  readonly thorough: boolean;
}

/**
 * Compares every task with the world and changes only the difference: whoever was to carry on, a server, a run, a delivery, may have died
 * at any moment. Doing it twice, or at two places at once, is the same as doing it once.
 */
export async function reconcile({ thread, thorough }: Scope, ports: ThreadPorts): Promise<void> {
  const read = thread === null ? await ports.index.all() : await tasksOfThread(thread, ports.index);
  const snapshots = read.filter(isReadable);
  const tasks = snapshots.map(({ files }) => readTask(files));
  const keepDays = thorough ? await keepDaysFor(tasks, ports) : Number.POSITIVE_INFINITY;
  const asked = once(() => ports.runs.asked(oldestQueued(tasks, ports.clock.now())));
  for (const snapshot of snapshots) {
    try {
      await unlessClosed(() => reconcileTask(snapshot, { tasks, asked, thorough, keepDays }, ports), ports.log);
    } catch (error) {
      // One task's trouble is not another's; the next round tries again.
      ports.log.warning(`${snapshot.ref.id} could not be looked after: ${String(error)}`);
    }
  }
  await lookAfterThreads(snapshots, thorough ? hearWhatWasMissed : keepWhatIsAsked, ports);
}

interface Whole {
  readonly tasks: readonly Task[];
  /** The runs that queued tasks may have: one list for all of them. */
  readonly asked: () => ReturnType<Runs["asked"]>;
  readonly thorough: boolean;
  readonly keepDays: number;
}

async function reconcileTask(snapshot: Snapshot, whole: Whole, ports: ThreadPorts) {
  const { tasks, thorough, keepDays } = whole;
  const task = readTask(snapshot.files);
  const run = await lookAtRun(snapshot, task, whole, ports);
  const now = run?.seenAt ?? ports.clock.now().toISOString();
  const needed = isNeeded(task.id, tasks);
  const repair = decideRepair(task, { now, movedAt: snapshot.movedAt ?? now, run, thorough, keepDays, needed });
  if (repair.kind !== "none") ports.log.info(`${snapshot.ref.thread}/${snapshot.ref.id}: ${repair.kind}`);
  const mayBeAwaited = tasks.some(({ after }) => after.includes(task.id));
  await carryOut(repair, { snapshot, run, mayBeAwaited }, ports);
  // Whoever was to take a twin away may have died, and the task may have ended since.
  const mayHaveTwins = task.state.kind !== "finished" || repair.kind === "announce";
  if (thorough && mayHaveTwins) await tidyStatus(snapshot, ports);
}

async function lookAtRun(
  { ref, movedAt }: Snapshot,
  task: Task,
  { asked, thorough }: Whole,
  { runs, clock }: ThreadPorts,
): Promise<RunStatus | null> {
  const now = clock.now().toISOString();
  const wanted = runToLookAt(task, { now, movedAt: movedAt ?? now, thorough });
  if (wanted === null) return null;
  return wanted === "by-name" ? ((await asked()).get(runName(ref, task.attempt)) ?? null) : runs.read(wanted);
}

function oldestQueued(tasks: readonly Task[], now: Date): string {
  const since = tasks.flatMap(({ state }) => (state.kind === "queued" ? [Date.parse(state.since)] : []));
  // A record that somebody has spoilt must not hold up the others.
  return new Date(Math.min(now.getTime(), ...since.filter(Number.isFinite))).toISOString();
}

/** Asks at the first call, and gives everybody that one answer. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask();
    return answer;
  };
}

interface Found {
  readonly snapshot: Snapshot;
  readonly run: RunStatus | null;
  readonly mayBeAwaited: boolean;
}

async function carryOut(repair: Repair, { snapshot, run, mayBeAwaited }: Found, ports: ThreadPorts): Promise<void> {
  const { ref, files } = snapshot;
  switch (repair.kind) {
    case "none":
      return;
    case "start":
      await startIfMissing(ref, ports);
      return redrawPresent(ref, ports);
    case "say-waiting":
      return run === null ? undefined : sayNoRunner(ref, files, run.url, ports);
    case "settle":
      return settle(snapshot, run, ports);
    case "cancel-run":
      return cancelRun(snapshot, run, ports);
    case "announce":
      return announceIfUnsaid(snapshot, ports, mayBeAwaited);
    case "show-questions":
      return showQuestions(ref, files, ports);
    case "ask-again":
      return askAgain(snapshot, ports);
    case "release":
      return releaseIfDue(ref, ports);
    case "remove":
      return cleanTask(snapshot, ports);
  }
}

async function redrawPresent(ref: TaskRef, ports: ThreadPorts): Promise<void> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot !== null) await redrawStatus(ref, snapshot.files, ports);
}

async function settle({ ref, files }: Snapshot, run: RunStatus | null, ports: ThreadPorts): Promise<void> {
  const { state, attempt } = readTask(files);
  const holder = state.kind === "running" || state.kind === "waiting" || state.kind === "cancelling" ? state.run : null;
  const runId = holder?.id ?? run?.id ?? 0;
  // A run that went well and has not taken its task has not done what it was for either.
  const conclusion = run?.conclusion === "success" ? null : (run?.conclusion ?? null);
  await settleTask(ref, { runId, tryNumber: holder?.tryNumber ?? 1, attempt, conclusion }, ports);
}

/** What does not hear that it is to end is ended by GitHub. Where it takes its time, its end is an event, or found by the next round. */
async function cancelRun(snapshot: Snapshot, run: RunStatus | null, ports: ThreadPorts): Promise<void> {
  if (run === null) return settle(snapshot, run, ports);
  await ports.runs.cancel(run.id);
  const after = await ports.runs.read(run.id);
  if (after === null || after.status === "completed") await settle(snapshot, after, ports);
}

interface WaitingThread {
  readonly talk: Thread;
  readonly tasks: readonly Snapshot[];
}

/** Looks after each thread in which something waits for a person. */
async function lookAfterThreads(
  snapshots: readonly Snapshot[],
  look: (thread: WaitingThread, ports: ThreadPorts) => Promise<void>,
  ports: ThreadPorts,
): Promise<void> {
  const threads = new Map<number, { talk: Thread; tasks: Snapshot[] }>();
  for (const snapshot of snapshots) {
    const task = readTask(snapshot.files);
    const talk = talkOf(task);
    if (talk === null || !waitsForPerson(task.state)) continue;
    const { tasks } = threads.get(talk.number) ?? { tasks: [] };
    threads.set(talk.number, { talk, tasks: [...tasks, snapshot] });
  }
  for (const thread of threads.values()) {
    try {
      await look(thread, ports);
    } catch (error) {
      ports.log.warning(`What is asked in #${thread.talk.number} could not be looked after: ${String(error)}`);
    }
  }
}

/** Replies that nobody heard: the server was down, or the label that makes them heard was gone. */
async function hearWhatWasMissed({ talk }: WaitingThread, ports: ThreadPorts): Promise<void> {
  await unlessClosed(() => listenAgain(talk, ports), ports.log);
}

/** One look at the label and one at each question's comment, while all is well. What has just moved is being seen to. */
async function keepWhatIsAsked({ talk, tasks }: WaitingThread, ports: ThreadPorts): Promise<void> {
  const now = ports.clock.now().getTime();
  const still = tasks.filter(({ movedAt }) => now - Date.parse(movedAt ?? "") > ASK_GRACE_MS);
  if (still.length === 0) return;
  await unlessClosed(async () => {
    await keepListening(talk, ports);
    for (const { ref } of still) await keepQuestions(ref, ports);
  }, ports.log);
}

/** Asked for only where something is old enough to go. */
async function keepDaysFor(tasks: readonly Task[], { conversations, clock }: ThreadPorts): Promise<number> {
  const oldest = clock.now().getTime() - MIN_KEEP_DAYS * 24 * 60 * 60_000;
  const isOld = ({ state }: Task) => state.kind === "finished" && Date.parse(state.at) < oldest;
  if (!tasks.some(isOld)) return Number.POSITIVE_INFINITY;
  try {
    return configInForce(await conversations.read(null)).keep;
  } catch (error) {
    if (error instanceof Problem) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
