import { WAITING_LABEL } from "../core/event.ts";
import { openQuestions } from "../core/lifecycle.ts";
import { readTask } from "../core/task.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { tasksOfThread } from "./thread-tasks.ts";

/**
 * Takes the label off once no task of the thread waits for a person. Always after the last answer is committed: without the label a
 * plain reply is not heard.
 */
export async function unlabelWhenQuiet(
  thread: number,
  { index, labels }: Pick<ThreadPorts, "index" | "labels">,
): Promise<void> {
  if (await isWaiting(thread, index)) return;
  await labels.remove(thread, WAITING_LABEL);
  // A question is committed before the label is set for it: one that came in between has its label back now.
  if (await isWaiting(thread, index)) await labels.add(thread, WAITING_LABEL);
}

async function isWaiting(thread: number, index: ThreadPorts["index"]): Promise<boolean> {
  const tasks = await tasksOfThread(thread, index);
  return tasks.some(({ files }) => openQuestions(readTask(files).state).length > 0);
}
