import { Problem } from "../core/problem.ts";
import { readTask, type Task, type TaskRef } from "../core/task.ts";
import { endTask } from "./end-task.ts";
import { GRACE_MS, type ThreadPorts } from "./thread-ports.ts";

export type StartPorts = Pick<
  ThreadPorts,
  "branches" | "index" | "comments" | "labels" | "runs" | "clock" | "self" | "repository" | "log"
>;

/**
 * Asks for the run that will work on a queued task.
 * @returns the Problem where GitHub refuses it
 */
export async function startRun(
  ref: TaskRef,
  task: Task,
  defaultBranch: string,
  { runs, log }: Pick<StartPorts, "runs" | "log">,
): Promise<Problem | null> {
  try {
    await runs.start(ref, task.attempt, defaultBranch);
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.warning(`${ref.id}: ${error.message}`);
    return error;
  }
}

/** A run that GitHub refuses to start is the task's ending: the thread says why, and a retry takes it up again. */
export async function endUnstarted(ref: TaskRef, problem: Problem | null, ports: StartPorts): Promise<void> {
  if (problem === null) return;
  const outcome = {
    kind: "failed",
    cause: "not-started",
    sentence: problem.message,
    nextStep: problem.nextStep,
  } as const;
  await endTask(ref, ({ state }) => (state.kind === "queued" ? outcome : null), ports);
}

/**
 * Makes sure that a queued task has a run: whoever was to start it may have died. Only after a grace time, so that two handlers of the
 * same delivery do not both start one.
 */
export async function startIfMissing(
  ref: TaskRef,
  ports: StartPorts & Pick<ThreadPorts, "conversations">,
): Promise<void> {
  await ports.clock.sleep(GRACE_MS);
  const snapshot = await ports.branches.read(ref);
  const task = snapshot === null ? null : readTask(snapshot.files);
  if (task?.state.kind !== "queued" || (await ports.runs.find(ref, task.attempt)) !== null) return;
  const { defaultBranch } = await ports.conversations.read(null);
  await endUnstarted(ref, await startRun(ref, task, defaultBranch, ports), ports);
}
