import { workingRun } from "../core/lifecycle.ts";
import { failure, failureBy } from "../core/outcome.ts";
import { parsePlan } from "../core/plan.ts";
import { type Outcome, parseRunName, readTask, type Task, type TaskFiles, type TaskRef } from "../core/task.ts";
import { parkLeftBehind } from "./park-task.ts";
import { announceIfUnsaid, endTask } from "./task-course.ts";
import type { CoursePorts, ThreadPorts } from "./thread-ports.ts";

type SettlePorts = CoursePorts & Pick<ThreadPorts, "reviewThreads">;

/** A run that has ended, whether or not it said so. */
export interface EndedRun {
  readonly runId: number;
  /** GitHub's run attempt. */
  readonly tryNumber: number;
  readonly runName: string;
  readonly conclusion: string | null;
}

/** Finds the task of a run that has ended by its name, and settles it. */
export async function settleRun(run: EndedRun, ports: SettlePorts): Promise<void> {
  const named = parseRunName(run.runName);
  if (named !== null) await settleTask(named.ref, { ...run, attempt: named.attempt }, ports);
}

/**
 * Gives a task whose run died its ending, and says one that was committed and not said, so that the thread does not wait for ever.
 * After a run that ended properly there is nothing to do.
 * @param ended `attempt` null: whatever attempt the task is at
 */
export async function settleTask(
  ref: TaskRef,
  ended: Omit<EndedRun, "runName"> & { readonly attempt: number | null },
  ports: SettlePorts,
): Promise<void> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return;
  const { state } = readTask(snapshot.files);
  if (state.kind === "finished") {
    if (state.run?.id === ended.runId) await announceIfUnsaid(snapshot, ports);
    return;
  }
  // What people were asked has not become moot by that.
  if (await parkLeftBehind(ref, { id: ended.runId, tryNumber: ended.tryNumber }, ports, snapshot)) return;
  await endTask(ref, (task, files) => leftBehind(task, files, ended), ports);
}

function leftBehind(
  task: Task,
  files: TaskFiles,
  { runId, tryNumber, attempt, conclusion }: Omit<EndedRun, "runName"> & { readonly attempt: number | null },
): Outcome | null {
  const { state } = task;
  if (state.kind === "queued") {
    const mine = (attempt === null || attempt === task.attempt) && conclusion !== "success";
    return mine ? unclaimed(conclusion) : null;
  }
  const run = workingRun(state);
  // A later try of the same run may hold the task by now.
  if (run?.id !== runId || run.tryNumber > tryNumber) return null;
  if (state.kind === "cancelling") return { kind: "cancelled", by: state.by };
  return failureBy("run-died", parsePlan(files["plan.md"] ?? ""));
}

function unclaimed(conclusion: string | null): Outcome {
  if (conclusion === "cancelled") return { kind: "cancelled", by: "" };
  return failure(
    "not-started",
    `The run ended before it could take the task (GitHub says: ${conclusion ?? "no conclusion"}).`,
    "Look at the run for GitHub's reason (often: an action that the organisation does not allow), then retry.",
  );
}
