import { Problem } from "../core/problem.ts";
import type { LiveTask } from "./live-task.ts";
import type { RunPorts } from "./run-ports.ts";

/** Brings the work into the workspace. */
export async function checkOut(live: LiveTask, ports: Pick<RunPorts, "checkout" | "conversations">): Promise<void> {
  await onPresentBase(live, () => ports.checkout.prepare(live.task.work, live.ref), ports);
}

/**
 * Does what needs the base. Where that is gone, the default branch takes its place: most likely it is the same one, and was given
 * another name since the task was accepted.
 */
export async function onPresentBase<T>(
  live: LiveTask,
  action: () => Promise<T>,
  { conversations }: Pick<RunPorts, "conversations">,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "base-missing") throw error;
    const { base } = live.task.work;
    const { defaultBranch } = await conversations.read(null);
    if (defaultBranch === base) throw error;
    live.recordBase(defaultBranch);
    live.warn(`The branch \`${base}\` does not exist any more, so the work is for \`${defaultBranch}\` now.`);
    return action();
  }
}
