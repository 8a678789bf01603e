import { WAITING_LABEL } from "../core/event.ts";
import { waitsForPerson } from "../core/lifecycle.ts";
import { readTask } from "../core/task.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { tasksOfThread } from "./thread-tasks.ts";
import { unlessClosed } from "./unless-closed.ts";

/** Says of a thread that it waits for a person. Before anything is asked: it is what makes a plain reply heard. */
export async function labelAsWaiting(
  thread: number,
  { labels, log }: Pick<ThreadPorts, "labels" | "log">,
): Promise<void> {
  await unlessClosed(() => labels.add(thread, WAITING_LABEL), log);
}

/**
 * Takes the label off once no task of the thread waits for a person. Always after the last answer is committed: without the label a
 * plain reply is not heard.
 */
export async function unlabelWhenQuiet(
  thread: number,
  ports: Pick<ThreadPorts, "index" | "labels" | "log" | "hearMissed">,
): Promise<void> {
  if (await isWaiting(thread, ports.index)) return;
  await ports.labels.remove(thread, WAITING_LABEL);
  // A question is committed before the label is set for it: one that came in between has its label back now.
  if (!(await isWaiting(thread, ports.index))) return;
  await labelAsWaiting(thread, ports);
  // It may have been answered already, by somebody whose words nobody could hear.
  await ports.hearMissed(thread);
}

async function isWaiting(thread: number, index: ThreadPorts["index"]): Promise<boolean> {
  const tasks = await tasksOfThread(thread, index);
  return tasks.some(({ files }) => waitsForPerson(readTask(files).state));
}
