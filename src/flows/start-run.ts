import { Problem } from "../core/problem.ts";
import type { Task, TaskRef } from "../core/task.ts";
import type { ThreadPorts } from "./thread-ports.ts";

/**
 * Asks for the run that will work on a queued task.
 * @returns the Problem where GitHub refuses it
 */
export async function startRun(
  ref: TaskRef,
  task: Task,
  defaultBranch: string,
  { runs, log }: Pick<ThreadPorts, "runs" | "log">,
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
