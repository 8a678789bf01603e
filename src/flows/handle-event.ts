import { addedCommands, type CommandText, findCommands, mayNameTask, readCommand } from "../core/command.ts";
import { readTick, withoutControls } from "../core/control.ts";
import type { ThreadEvent } from "../core/event.ts";
import { type CommentMark, readMark } from "../core/marker.ts";
import { Problem } from "../core/problem.ts";
import { person } from "../core/safe-text.ts";
import { readTask } from "../core/task.ts";
import { renderRefusal } from "../core/thread-text.ts";
import { acceptTask } from "./accept-task.ts";
import { addNote } from "./add-note.ts";
import { cancelByCommand, cancelTask } from "./cancel-task.ts";
import type { CommandPlace, Said, Ticked } from "./command-place.ts";
import { redrawQuestion, redrawStatus } from "./redraw.ts";
import { replyHelp, replyOnce, replyProblem, replyStatus, replyUnclear, replyWarmUp } from "./reply.ts";
import { retryByCommand, retryTask } from "./retry-task.ts";
import { settleRun } from "./settle-run.ts";
import { answerByCommand, answerByReply, answerByTick } from "./take-answer.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { tasksOfThread } from "./thread-tasks.ts";

/** What a person does in a thread, or a run does by ending, and what Dispatch makes of it. Both entrances end up here. */
export async function handleEvent(event: ThreadEvent, ports: ThreadPorts): Promise<void> {
  try {
    await handle(event, ports);
  } catch (error) {
    // A Problem is a person's to put right: to deliver the event again would not help.
    if (!(error instanceof Problem)) throw error;
    ports.log.warning(`${error.code}: ${error.message} ${error.nextStep}`);
  }
}

async function handle(event: ThreadEvent, ports: ThreadPorts): Promise<void> {
  switch (event.kind) {
    case "ignored":
      return;
    case "said":
      return hear(event, ports);
    case "ticked":
      return obeyTick(event, ports);
    case "run-ended":
      return settleRun(event, ports);
  }
}

async function hear(said: Said, ports: ThreadPorts): Promise<void> {
  if (said.byBot) return;
  const commands = said.before === null ? findCommands(said.body) : addedCommands(said.before, said.body);
  if (commands.length === 0) {
    if (said.waiting && said.before === null) await answerByReply(said, ports);
    return;
  }
  // The acknowledgement does not wait for anything: it is what the person looks for.
  const [lock, mayWrite] = await Promise.all([
    ports.reactions.add(said.trigger, "eyes"),
    ports.permissions.mayWrite(said.by.login),
  ]);
  if (mayWrite && said.before !== null && (await isRewording(said, ports))) {
    await obeyed({ said, lock, nth: 0 }, () => Promise.reject(reworded()), ports);
    return;
  }
  for (const command of commands) {
    const place = { said, lock, nth: commands.indexOf(command) };
    if (!mayWrite) {
      await replyOnce(place, (mark) => renderRefusal(mark, said.by.login), ports);
      return;
    }
    await obey(command, place, ports);
  }
}

/** An edit that changes the words of a command which has become a task, rather than adding another one. */
async function isRewording({ before, body, trigger, thread }: Said, ports: ThreadPorts): Promise<boolean> {
  const had = findCommands(before ?? "").length;
  if (had === 0 || findCommands(body).length > had) return false;
  const tasks = await tasksOfThread(thread.number, ports.index);
  return tasks.some(({ files }) => {
    const known = readTask(files).trigger;
    return known.kind === trigger.kind && known.id === trigger.id;
  });
}

function reworded(): Problem {
  return new Problem(
    "reworded",
    "This command has been accepted already; rewording it starts nothing.",
    "Write `/dispatch cancel` and the new words as a new comment, or tell the worker more with `/dispatch note <task> <text>`.",
  );
}

function obey(text: CommandText, place: CommandPlace, ports: ThreadPorts): Promise<void> {
  return obeyed(place, () => perform(text, place, ports), ports);
}

/** Does what a command asks for; a Problem on the way is the reply. */
async function obeyed(place: CommandPlace, act: () => Promise<void>, ports: ThreadPorts): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    ports.log.info(`${error.code}: ${error.message}`);
    await replyProblem(place, error, ports);
  }
}

async function perform(text: CommandText, place: CommandPlace, ports: ThreadPorts): Promise<void> {
  const tasks = mayNameTask(text.text) ? await tasksOfThread(place.said.thread.number, ports.index) : [];
  const command = readCommand(
    text.text,
    tasks.map(({ ref }) => ref.id),
  );
  switch (command.kind) {
    case "task":
      return acceptTask(requestOf(command.text, text.nth, place.said), ports);
    case "warm-up":
      return replyWarmUp(place, ports);
    case "help":
      return replyHelp(place, ports);
    case "status":
      return replyStatus(place, command.task, tasks, ports);
    case "cancel":
      return cancelByCommand(place, command.task, tasks, ports);
    case "retry":
      return retryByCommand(command, tasks, ports);
    case "answer":
      return answerByCommand(place, command, tasks, ports);
    case "note":
      return addNote(place, command, tasks, ports);
    case "unclear":
      return replyUnclear(place, command, ports);
  }
}

function requestOf(text: string, nth: number, said: Said) {
  return {
    thread: said.thread,
    trigger: said.trigger,
    by: said.by,
    at: said.at,
    text,
    nth,
    model: null,
    place: said.place,
  };
}

/** A box of ours that somebody ticked, or an edit of our comment that is not a tick: then it is drawn anew. */
async function obeyTick(ticked: Ticked, ports: ThreadPorts): Promise<void> {
  const mark = readMark(ticked.after) ?? readMark(ticked.before);
  if (mark === null || ticked.byBot) return;
  const control = readTick(ticked.before, ticked.after);
  const allowed = control !== null && (await ports.permissions.mayWrite(ticked.by.login));
  if (!allowed) return redraw(mark, ports);
  switch (control.kind) {
    case "cancel":
      return cancelTask(control.ref, ticked.by.login, ports);
    case "retry":
      await retryTask(control.ref, null, ports);
      if (mark.kind === "result") await ports.comments.edit(ticked.comment.id, retried(ticked));
      return;
    case "option":
      return answerByTick(ticked, control, ports);
  }
}

function retried({ after, by }: Ticked): string {
  return withoutControls(after, `🔁 Retried by ${person(by.login)}.`);
}

async function redraw(mark: CommentMark, ports: ThreadPorts): Promise<void> {
  const snapshot = mark.kind === "reply" ? null : await ports.branches.read(mark.ref);
  if (snapshot === null) return;
  switch (mark.kind) {
    case "status":
      return redrawStatus(mark.ref, snapshot.files, ports);
    case "question":
      return redrawQuestion(mark.ref, mark.question, snapshot.files, ports);
    case "result":
    case "reply":
      return;
  }
}
