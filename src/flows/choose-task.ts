import { Problem } from "../core/problem.ts";
import { readTask, type TaskState } from "../core/task.ts";
import type { Snapshot } from "./ports.ts";

/**
 * The task that a command without a task means: the only one of the thread that it fits.
 * @throws Problem "no-such-task", "which-task"
 */
export function chooseTask(
  tasks: readonly Snapshot[],
  {
    task,
    verb,
    fits,
  }: { readonly task: string | null; readonly verb: string; readonly fits: (state: TaskState) => boolean },
): Snapshot {
  const candidates = tasks.filter(({ ref, files }) => (task === null ? fits(readTask(files).state) : ref.id === task));
  const [only] = candidates;
  if (only === undefined) {
    throw new Problem(
      "no-such-task",
      `There is no task here to ${verb}.`,
      "`/dispatch status` lists the tasks of this thread; `/dispatch <task>` starts one.",
    );
  }
  if (candidates.length > 1) {
    const ids = candidates.map(({ ref }) => `\`/dispatch ${verb} ${ref.id}\``).join(", ");
    throw new Problem("which-task", `Several tasks here could be meant by "${verb}".`, `Write which one: ${ids}.`);
  }
  return only;
}
