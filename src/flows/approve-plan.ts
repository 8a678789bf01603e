import { parsePlan } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { cleared } from "../core/readiness.ts";
import { readTask, renderTask, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { withChosenTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import { drawOverview } from "./overview.ts";
import type { Change, Snapshot } from "./ports.ts";
import { redrawAsk, redrawStatus } from "./redraw.ts";
import { beginTask, startIfMissing } from "./task-course.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

export interface PlanApproval {
  readonly ref: TaskRef;
  /** The commit whose plan the person has seen; null for the one that was shown last. */
  readonly commit: string | null;
  readonly by: string;
}

export async function approveByCommand(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: ThreadPorts,
): Promise<void> {
  const wanted = { task, verb: "approve", fits: ({ kind }: { kind: string }) => kind === "planned" } as const;
  const { login: by } = place.said.by;
  await withChosenTask(place, wanted, tasks, ports, ({ ref }) => approvePlan({ ref, commit: null, by }, ports));
}

/**
 * Starts the work on a plan. The approval is for the very plan that was shown: one that has changed since is shown again instead.
 * @throws Problem "plan-changed"
 */
export async function approvePlan({ ref, commit, by }: PlanApproval, ports: ThreadPorts): Promise<void> {
  const snapshot = await onceShown(ref, ports);
  if (snapshot === null) return;
  const task = readTask(snapshot.files);
  if (task.state.kind !== "planned") return decidedBefore(snapshot, ports);
  const seen = commit ?? task.state.shown;
  const isSame = seen !== null && (await ports.branches.fileAt(ref, seen, "plan.md")) === snapshot.files["plan.md"];
  if (!isSame || seen === null) {
    await showAgain(snapshot, ports);
    throw planChanged(ref);
  }
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(
    ref,
    ({ files }) => approved(files, { plan: snapshot.files["plan.md"], commit: seen, by, at }),
    ports,
    snapshot,
  );
  if (updated === null) return;
  const { files } = updated.snapshot;
  if (!updated.changed) return decidedBefore(updated.snapshot, ports);
  await Promise.all([beginTask(updated.snapshot, {}, ports), redrawAsk(ref, files, ports)]);
  await drawOverview(task, ports);
  const talk = talkOf(task);
  if (talk !== null) await unlabelWhenQuiet(talk.number, ports);
}

const LOOKS = 4;
const BETWEEN_LOOKS_MS = 1_500;

/** The branch when it says which plan people have been shown: that is committed right after their comment. */
async function onceShown(ref: TaskRef, { branches, clock }: ThreadPorts): Promise<Snapshot | null> {
  for (let look = 1; ; look += 1) {
    const snapshot = await branches.read(ref);
    const state = snapshot === null ? null : readTask(snapshot.files).state;
    if (state?.kind !== "planned" || state.shown !== null || look === LOOKS) return snapshot;
    await clock.sleep(BETWEEN_LOOKS_MS);
  }
}

/** The tick stays in the comment's source until it is drawn over. Whoever was first may have died before it asked for the run. */
async function decidedBefore({ ref, files }: Snapshot, ports: ThreadPorts): Promise<void> {
  await redrawStatus(ref, files, ports);
  if (readTask(files).state.kind === "queued") await startIfMissing(ref, ports);
}

interface Approved {
  readonly plan: string | undefined;
  readonly commit: string;
  readonly by: string;
  readonly at: string;
}

function approved(files: TaskFiles, { plan, commit, by, at }: Approved): Change | null {
  const task = readTask(files);
  if (task.state.kind !== "planned" || files["plan.md"] !== plan) return null;
  const approval = { kind: "given", by, commit } as const;
  const free = cleared(task, parsePlan(plan ?? ""), { at, othersDone: true, changed: { approval } });
  return free === null ? null : { files: { "task.yaml": renderTask(free) }, message: `Approve the plan of ${task.id}` };
}

async function showAgain(snapshot: Snapshot, ports: ThreadPorts): Promise<void> {
  await beginTask(snapshot, {}, ports);
  const shown = await ports.branches.read(snapshot.ref);
  if (shown !== null) await redrawAsk(snapshot.ref, shown.files, ports);
}

function planChanged({ id }: TaskRef): Problem {
  return new Problem(
    "plan-changed",
    `The plan of \`${id}\` has changed since it was shown to you, so nothing was started.`,
    "The plan as it is now stands in the task's comment: look at it, and approve that one.",
  );
}
