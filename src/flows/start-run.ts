import { Problem } from "../core/problem.ts";
import type { Task, TaskRef } from "../core/task.ts";
import { endTask } from "./end-task.ts";
import type { ThreadPorts } from "./thread-ports.ts";

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
  await endTask(
    ref,
    { kind: "failed", cause: "not-started", sentence: problem.message, nextStep: problem.nextStep },
    (state) => state.kind === "queued",
    ports,
  );
}
