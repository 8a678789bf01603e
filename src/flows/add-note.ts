import type { Command } from "../core/command.ts";
import { isActive } from "../core/lifecycle.ts";
import { parsePlan, renderPlan, withNote } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { readTask } from "../core/task.ts";
import { chooseTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import type { Snapshot } from "./ports.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

/**
 * Appends what a person wants a worker to know to its plan; the worker meets it before its next item.
 * @throws Problem "task-ended"
 */
export async function addNote(
  { said }: CommandPlace,
  { task, text }: Extract<Command, { kind: "note" }>,
  tasks: readonly Snapshot[],
  { branches, clock }: Pick<ThreadPorts, "branches" | "clock">,
): Promise<void> {
  const chosen = chooseTask(tasks, { task, verb: "note", fits: isActive });
  const note = { from: said.by.login, text };
  await updateTask(
    chosen.ref,
    ({ ref, files }) => {
      const { state } = readTask(files);
      if (state.kind === "finished") throw ended(ref.id);
      const plan = parsePlan(files["plan.md"] ?? "");
      const known = plan.notes.some((other) => other.from === note.from && other.text === note.text);
      if (known) return null;
      return { files: { "plan.md": renderPlan(withNote(plan, note)) }, message: `Note for ${ref.id}` };
    },
    { branches, clock },
    chosen,
  );
}

function ended(id: string): Problem {
  return new Problem(
    "task-ended",
    `Task \`${id}\` has ended, so nobody would read the note.`,
    "Write the note as a new `/dispatch …` command, or `/dispatch retry` first.",
  );
}
