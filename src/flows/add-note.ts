import type { Command } from "../core/command-meaning.ts";
import { type Note, parsePlan, renderPlan, withNote } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { readTask, type TaskFiles, type TaskRef, type TaskState } from "../core/task.ts";
import { withChosenTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import type { Change, Snapshot } from "./ports.ts";
import { beginTask } from "./task-course.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

/**
 * Appends what a person wants a worker to know to its plan; the worker meets it before its next item.
 * @throws Problem "task-ended"
 */
export async function addNote(
  place: CommandPlace,
  { task, text }: Extract<Command, { kind: "note" }>,
  tasks: readonly Snapshot[],
  ports: ThreadPorts,
): Promise<void> {
  const wanted = { task, verb: "note", fits: ({ kind }: TaskState) => kind !== "finished" } as const;
  await withChosenTask(place, wanted, tasks, ports, async (chosen) => {
    const updated = await updateTask(
      chosen.ref,
      ({ ref, files }) => noted(ref, files, { from: place.said.by.login, text }),
      ports,
      chosen,
    );
    // A plan with a note is another plan: people are to approve that one.
    if (updated?.changed && readTask(updated.snapshot.files).state.kind === "planned")
      await beginTask(updated.snapshot, {}, ports);
  });
}

function noted({ id }: TaskRef, files: TaskFiles, note: Note): Change | null {
  if (readTask(files).state.kind === "finished") throw ended(id);
  const plan = parsePlan(files["plan.md"] ?? "");
  const isKnown = plan.notes.some((other) => other.from === note.from && other.text === note.text);
  return isKnown ? null : { files: { "plan.md": renderPlan(withNote(plan, note)) }, message: `Note for ${id}` };
}

function ended(id: string): Problem {
  return new Problem(
    "task-ended",
    `Task \`${id}\` has ended, so nobody would read the note.`,
    "Write the note as a new `/dispatch …` command, or `/dispatch retry` first.",
  );
}
