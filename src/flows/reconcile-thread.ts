import { openQuestions, runOf, waitsForPerson } from "../core/lifecycle.ts";
import { readTask, renderTask, type Task, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { recordQuestion } from "./keep-questions.ts";
import type { Snapshot } from "./ports.ts";
import { askText, findOurs, NO_LIVE_FACTS, putStatusBack, redrawStatus, showQuestion, statusText } from "./redraw.ts";
import { beginTask } from "./task-course.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { unlessClosed } from "./unless-closed.ts";
import { updateTask } from "./update-task.ts";
import { labelAsWaiting } from "./waiting-label.ts";

// What a thread lacks of what its tasks say: the words, the label, the boxes, and the replies that nobody has heard.

/** A run is there and no runner: only people can do something about that. */
export function sayNoRunner(ref: TaskRef, files: TaskFiles, runUrl: string, ports: ThreadPorts): Promise<void> {
  const sentence = `No runner has taken the run for more than 10 minutes. See what it waits for: ${runUrl}`;
  return redrawStatus(ref, files, ports, { doing: null, usage: null, warnings: [sentence] });
}

/** The label goes first: it is what makes a reply heard. */
export async function showQuestions(ref: TaskRef, files: TaskFiles, ports: ThreadPorts): Promise<void> {
  const task = readTask(files);
  const talk = talkOf(task);
  if (talk === null) return;
  await labelAsWaiting(talk.number, ports);
  for (const number of openQuestions(task.state)) {
    const standing = await showQuestion(ref, number, files, ports);
    if (standing !== null) await recordQuestion(ref, number, standing, ports);
  }
}

/** Puts a choice or a plan to people again, where what they were shown is gone or was never posted. */
export async function askAgain({ ref, files }: Snapshot, ports: ThreadPorts): Promise<void> {
  const task = readTask(files);
  const askComment = await standingAsk(ref, task, files, ports);
  const updated = await updateTask(
    ref,
    (now) => {
      const present = readTask(now.files);
      const isSame = present.state.kind === task.state.kind && present.askComment?.id === task.askComment?.id;
      if (!isSame || present.askComment?.id === askComment?.id) return null;
      const text = renderTask({ ...present, askComment });
      return { files: { "task.yaml": text }, message: `Ask about ${ref.id} again` };
    },
    ports,
  );
  if (updated === null) return;
  const { snapshot } = updated;
  const present = readTask(snapshot.files);
  if (!waitsForPerson(present.state)) return;
  const isShown = present.state.kind === "planned" && present.state.shown !== null;
  const isGone = task.askComment !== null && present.askComment === null;
  // To show a plan is to record its commit: one that has been shown is only drawn, or every look would move the branch.
  if (!isShown || isGone) return beginTask(snapshot, {}, ports);
  const talk = talkOf(present);
  if (talk !== null) await labelAsWaiting(talk.number, ports);
  await redrawStatus(ref, snapshot.files, ports);
}

/** The comment in which people are asked; one that was posted and not recorded counts, one that was deleted does not. */
async function standingAsk(
  ref: TaskRef,
  task: Task,
  files: TaskFiles,
  ports: ThreadPorts,
): Promise<Task["askComment"]> {
  const { askComment, attempt } = task;
  if (askComment !== null) {
    return (await ports.comments.edit(askComment.id, askText(ref, files, ports))) === "gone" ? null : askComment;
  }
  if (runOf(task.state) === null) return null;
  const [found] = await findOurs(task, { kind: "ask", ref, attempt }, ports);
  return found === undefined ? null : { id: found.id, author: found.author, url: found.url, attempt };
}

/** One status comment a task: a missing one is posted while the task goes on, twins go. */
export async function tidyStatus(known: Snapshot, ports: ThreadPorts): Promise<void> {
  const { ref } = known;
  // What has ended moves no more.
  const isOver = readTask(known.files).state.kind === "finished";
  const snapshot = isOver ? known : await ports.branches.read(ref);
  if (snapshot === null) return;
  const task = readTask(snapshot.files);
  await unlessClosed(async () => {
    const found = await findOurs(task, { kind: "status", ref }, ports);
    const kept = found.find(({ id }) => id === task.statusComment?.id) ?? found[0];
    if (kept === undefined && task.state.kind !== "finished")
      await putStatusBack(ref, task, statusText(ref, snapshot.files, NO_LIVE_FACTS, ports), ports);
    for (const twin of found) if (twin.id !== kept?.id) await ports.comments.remove(twin.id);
  }, ports.log);
}
