import { workingRun } from "../core/lifecycle.ts";
import { failure, failureBy } from "../core/outcome.ts";
import { parsePlan } from "../core/plan.ts";
import { type Outcome, parseRunName, readTask, type Task, type TaskFiles, type TaskRef } from "../core/task.ts";
import { endTask } from "./end-task.ts";
import type { ThreadPorts } from "./thread-ports.ts";

type SettlePorts = Pick<
  ThreadPorts,
  "branches" | "index" | "comments" | "labels" | "clock" | "self" | "repository" | "log"
>;

/** A run that has ended, whether or not it said so. */
export interface EndedRun {
  readonly runId: number;
  readonly runName: string;
  readonly conclusion: string | null;
}

/** Finds the task of a run that has ended by its name, and settles it. */
export async function settleRun(run: EndedRun, ports: SettlePorts): Promise<void> {
  const named = parseRunName(run.runName);
  if (named !== null) await settleTask(named.ref, { ...run, attempt: named.attempt }, ports);
}

/**
 * Gives a task whose run died its ending, so that the thread does not wait for ever. A run that ended properly has left nothing to do.
 * @param ended `attempt` null: whatever attempt the task is at
 */
export async function settleTask(
  ref: TaskRef,
  ended: { readonly runId: number; readonly attempt: number | null; readonly conclusion: string | null },
  ports: SettlePorts,
): Promise<void> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return;
  const task = readTask(snapshot.files);
  const outcome = leftBehind(task, snapshot.files, ended);
  if (outcome === null) return;
  ports.log.warning(`Run ${ended.runId} left ${ref.id} ${task.state.kind}; it is ended now.`);
  await endTask(ref, outcome, (state) => state.kind === task.state.kind, ports);
}

function leftBehind(
  task: Task,
  files: TaskFiles,
  { runId, attempt, conclusion }: { runId: number; attempt: number | null; conclusion: string | null },
): Outcome | null {
  const { state } = task;
  if (state.kind === "queued") {
    const mine = (attempt === null || attempt === task.attempt) && conclusion !== "success";
    return mine ? unclaimed(conclusion) : null;
  }
  if (workingRun(state)?.id !== runId) return null;
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
