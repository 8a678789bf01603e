import { openQuestions } from "../core/lifecycle.ts";
import { type QuestionComment, readTask, renderTask, type TaskRef, talkOf } from "../core/task.ts";
import { keepListening } from "./keep-listening.ts";
import type { LiveTask } from "./live-task.ts";
import { questionStands } from "./question-comment.ts";
import { redrawQuestion, showQuestion } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

// People delete comments. A question that is open comes back, once, and its answer counts all the same.

/** Puts questions of a task back whose comments are gone, each once, and records where they stand now. */
export async function keepQuestions(ref: TaskRef, ports: ThreadPorts): Promise<void> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return;
  const { state, exchanges } = readTask(snapshot.files);
  for (const number of openQuestions(state)) {
    const recorded = exchanges[number]?.comment ?? null;
    // One that was never posted is its run's to post, or is shown by whoever finds it missing.
    if (recorded === null || (await questionStands(recorded, ports))) continue;
    const standing = await showQuestion(ref, number, snapshot.files, ports);
    if (standing !== null) await recordQuestion(ref, number, standing, ports);
  }
}

/** Commits where a question stands now. */
export async function recordQuestion(
  ref: TaskRef,
  number: string,
  comment: QuestionComment,
  ports: Pick<ThreadPorts, "branches" | "clock" | "comments" | "reviewThreads" | "repository" | "self" | "log">,
): Promise<void> {
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const task = readTask(files);
      const exchange = task.exchanges[number];
      if (exchange === undefined || (exchange.comment?.id === comment.id && exchange.comment.kind === comment.kind))
        return null;
      const exchanges = { ...task.exchanges, [number]: { ...exchange, comment } };
      return {
        files: { "task.yaml": renderTask({ ...task, exchanges }) },
        message: `Ask question ${number} again`,
      };
    },
    ports,
  );
  if (updated === null) return;
  const { files } = updated.snapshot;
  // It was answered, or given up, while it was put back.
  if (!openQuestions(readTask(files).state).includes(number)) await redrawQuestion(ref, number, files, ports);
}

/** What a run does for its own open questions from time to time. That it fails must not disturb the work: there is a next time. */
export async function keepAsking(live: LiveTask, ports: RunPorts): Promise<void> {
  const talk = talkOf(live.task);
  const open = openQuestions(live.task.state).filter((number) => live.task.exchanges[number]?.comment);
  if (talk === null || open.length === 0) return;
  try {
    await keepListening(talk, ports);
    for (const number of open) await keepOwnQuestion(live, number, ports);
  } catch (error) {
    ports.log.warning(`What is asked could not be looked after: ${String(error)}`);
  }
}

async function keepOwnQuestion(live: LiveTask, number: string, ports: RunPorts): Promise<void> {
  const recorded = live.task.exchanges[number]?.comment ?? null;
  if (recorded === null || (await questionStands(recorded, ports))) return;
  const standing = await showQuestion(live.ref, number, live.files, ports);
  if (standing === null) return;
  await recordQuestion(live.ref, number, standing, ports);
  await live.refresh();
}
