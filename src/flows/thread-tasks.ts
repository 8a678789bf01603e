import { openQuestions } from "../core/lifecycle.ts";
import { Problem } from "../core/problem.ts";
import { type OpenQuestion, readQuestion } from "../core/question.ts";
import { readTask, talkOf } from "../core/task.ts";
import type { Snapshot, TaskIndex } from "./ports.ts";

/** Every task that people talk about in a thread: those asked for there, and those whose questions opened it. */
export async function tasksOfThread(thread: number, index: Pick<TaskIndex, "ofThread">): Promise<readonly Snapshot[]> {
  const [asked, threadless] = await Promise.all([index.ofThread(String(thread)), index.ofThread("run")]);
  const here = threadless.filter(isReadable).filter(({ files }) => talkOf(readTask(files))?.number === thread);
  return [...asked.filter(isReadable), ...here];
}

/** One damaged branch must not make us deaf to all others. */
function isReadable({ files }: Snapshot): boolean {
  try {
    readTask(files);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** Questions that wait for a person, oldest first. */
export function openQuestionsOf(tasks: readonly Snapshot[]): readonly OpenQuestion[] {
  const open = tasks.flatMap(({ ref, files }) => {
    const task = readTask(files);
    return openQuestions(task.state).map((number) => ({
      ref,
      question: readQuestion(number, files[`ipc/${number}.question`] ?? ""),
      requester: task.requester.login,
      askedAt: task.exchanges[number]?.askedAt ?? task.askedAt,
      commentUrl: task.exchanges[number]?.comment?.url ?? null,
    }));
  });
  return open.sort((a, b) => a.askedAt.localeCompare(b.askedAt));
}
