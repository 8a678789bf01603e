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
  if (task !== null && only !== undefined && !fits(readTask(only.files).state)) throw doesNotFit(task, verb, only);
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

function doesNotFit(task: string, verb: string, { files }: Snapshot): Problem {
  const { state } = readTask(files);
  const how = state.kind === "finished" ? `has ended (${state.outcome.kind})` : `is ${state.kind}`;
  return new Problem(
    "wrong-state",
    `Task \`${task}\` ${how}, so there is nothing to ${verb}.`,
    "`/dispatch status` shows how the tasks of this thread stand.",
  );
}
