import type { Command } from "../core/command-meaning.ts";
import { Problem } from "../core/problem.ts";
import { readTask, type TaskFiles, type TaskState } from "../core/task.ts";
import { stateWords } from "../core/task-text.ts";
import type { CommandPlace } from "./command-place.ts";
import type { Snapshot } from "./ports.ts";
import { replyWhichTask } from "./reply.ts";
import type { ThreadPorts } from "./thread-ports.ts";

interface Wanted {
  /** An id, or null for the only task of the thread that fits. */
  readonly task: string | null;
  readonly verb: Extract<Command, { kind: "unclear" }>["verb"];
  readonly fits: (state: TaskState) => boolean;
  /** The command's name, where tasks remember it: one that has obeyed it is meant by it, however it stands by now. */
  readonly command?: string;
}

/**
 * Does something with the task that a command means. Where several fit, the person is asked which by boxes, and nothing is done.
 * @throws Problem "no-such-task", "wrong-state"
 */
export async function withChosenTask(
  place: CommandPlace,
  { task, verb, fits, command }: Wanted,
  tasks: readonly Snapshot[],
  ports: Pick<ThreadPorts, "comments" | "clock" | "self">,
  act: (chosen: Snapshot) => Promise<void>,
): Promise<void> {
  const obedient = command === undefined ? undefined : tasks.find(({ files }) => hasObeyed(files, command));
  if (obedient !== undefined) return act(obedient);
  const candidates = tasks.filter(({ ref, files }) => (task === null ? fits(readTask(files).state) : ref.id === task));
  const [only, ...others] = candidates;
  if (only === undefined) throw noSuchTask(verb);
  if (others.length > 0)
    return replyWhichTask(place, { verb, prefix: "", candidates: candidates.map(({ ref }) => ref.id) }, tasks, ports);
  if (!fits(readTask(only.files).state)) throw doesNotFit(only, verb);
  return act(only);
}

function hasObeyed(files: TaskFiles, command: string): boolean {
  return readTask(files).commands.includes(command);
}

function noSuchTask(verb: string): Problem {
  return new Problem(
    "no-such-task",
    `There is no task here to ${verb}.`,
    "`/dispatch status` lists the tasks of this thread; `/dispatch <task>` starts one.",
  );
}

function doesNotFit({ ref, files }: Snapshot, verb: string): Problem {
  const { word } = stateWords(readTask(files));
  return new Problem(
    "wrong-state",
    `Task \`${ref.id}\` stands at “${word}”, so there is nothing to ${verb}.`,
    "`/dispatch status` shows how the tasks of this thread stand.",
  );
}
