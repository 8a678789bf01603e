import { openQuestions } from "../core/lifecycle.ts";
import { Problem } from "../core/problem.ts";
import { type OpenQuestion, readQuestion } from "../core/question.ts";
import { readTask, type Task, type TaskRef, talkOf, taskBranch } from "../core/task.ts";
import type { Snapshot, TaskIndex } from "./ports.ts";

/** Every task that people talk about in a thread: those asked for there, and those whose questions opened it. */
export async function tasksOfThread(thread: number, index: Pick<TaskIndex, "ofThread">): Promise<readonly Snapshot[]> {
  return (await branchesOfThread(thread, index)).tasks;
}

/** The same, with the tasks whose record somebody has damaged. */
export async function branchesOfThread(
  thread: number,
  index: Pick<TaskIndex, "ofThread">,
): Promise<{ readonly tasks: readonly Snapshot[]; readonly damaged: readonly TaskRef[] }> {
  const found = await index.ofThread(String(thread), "run");
  const [asked, threadless] = [
    found.filter(({ ref }) => ref.thread !== "run"),
    found.filter(({ ref }) => ref.thread === "run"),
  ];
  const here = threadless.filter(isReadable).filter(({ files }) => talkOf(readTask(files))?.number === thread);
  const damaged = asked.filter((snapshot) => !isReadable(snapshot)).map(({ ref }) => ref);
  return { tasks: [...asked.filter(isReadable), ...here], damaged };
}

/** What a person is told who means a task whose record cannot be read. */
export function damagedTask(ref: TaskRef): Problem {
  return new Problem(
    "task-unreadable",
    `The record of task \`${ref.id}\` cannot be read: somebody has changed task.yaml on its branch, \`${taskBranch(ref)}\`.`,
    "Take the last commit of that branch back, or delete the branch and write the command again to start over.",
  );
}

/** One damaged branch must not make us deaf to all others. */
export function isReadable({ files }: Snapshot): boolean {
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
  return questionsOf(tasks, ({ state }) => openQuestions(state));
}

/** Questions that have been answered since a moment (ISO 8601): whoever wrote then saw them open. */
export function answeredSince(tasks: readonly Snapshot[], moment: string): readonly OpenQuestion[] {
  // GitHub's times have no fractions: an answer within the same second counts.
  const from = Math.floor(Date.parse(moment) / 1000) * 1000;
  return questionsOf(tasks, ({ exchanges }) =>
    Object.entries(exchanges).flatMap(([number, { answeredAt = "" }]) =>
      Date.parse(answeredAt) >= from ? [number] : [],
    ),
  );
}

function questionsOf(
  tasks: readonly Snapshot[],
  numbersOf: (task: Task) => readonly string[],
): readonly OpenQuestion[] {
  const questions = tasks.flatMap(({ ref, files }) => {
    const task = readTask(files);
    return numbersOf(task).map((number) => ({
      ref,
      question: readQuestion(number, files[`ipc/${number}.question`] ?? ""),
      requester: task.requester.login,
      askedAt: task.exchanges[number]?.askedAt ?? task.askedAt,
      commentUrl: task.exchanges[number]?.comment?.url ?? null,
    }));
  });
  return questions.sort((a, b) => a.askedAt.localeCompare(b.askedAt));
}
