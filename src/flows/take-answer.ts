import type { Command } from "../core/command.ts";
import type { Control } from "../core/control.ts";
import { next } from "../core/lifecycle.ts";
import { ipcPath } from "../core/mailbox.ts";
import { parsePlan, renderPlan, withNote } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { type OpenQuestion, readQuestion, readReply } from "../core/question.ts";
import { readTask, renderTask, type Task, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { renderLateAnswer, renderWhichQuestion } from "../core/thread-text.ts";
import type { CommandPlace, Said, Ticked } from "./command-place.ts";
import type { Change, Snapshot } from "./ports.ts";
import { redrawQuestion, redrawStatus } from "./redraw.ts";
import { replyOnce } from "./reply.ts";
import { endUnstarted, startIfMissing, startRun } from "./start-run.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { openQuestionsOf, tasksOfThread } from "./thread-tasks.ts";
import { updateTask } from "./update-task.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

interface Answer {
  readonly ref: TaskRef;
  /** The question's number, "001". */
  readonly question: string;
  readonly text: string;
  readonly by: string;
}

/** A plain comment in a thread that waits for a person. Silence for everything that is not meant as an answer. */
export async function answerByReply(said: Said, ports: ThreadPorts): Promise<void> {
  const tasks = await tasksOfThread(said.thread.number, ports.index);
  const open = openQuestionsOf(tasks);
  const reply = readReply({ by: said.by.login, body: said.body, at: said.at }, open);
  if (reply.kind === "not-an-answer") {
    ports.log.info(`Not an answer: ${reply.reason}`);
    return repairResumed(tasks, ports);
  }
  if (!(await ports.permissions.mayWrite(said.by.login))) return;
  const lock = await ports.reactions.add(said.trigger, "eyes");
  const place: CommandPlace = { said, lock, nth: 0 };
  if (reply.kind === "which") return replyOnce(place, (mark) => renderWhichQuestion(mark, reply.among), ports);
  const taken = await takeAnswer(answerTo(reply.to, reply.text, said.by.login), ports);
  if (taken === "late") await replyOnce(place, (mark) => renderLateAnswer(mark, reply.to.ref), ports);
}

/** `/dispatch answer [task] [NNN] text`: also for whoever did not ask for the task. */
export async function answerByCommand(
  place: CommandPlace,
  command: Extract<Command, { kind: "answer" }>,
  tasks: readonly Snapshot[],
  ports: ThreadPorts,
): Promise<void> {
  const wanted = (open: OpenQuestion) =>
    (command.task === null || open.ref.id === command.task) &&
    (command.question === null || open.question.number === command.question);
  const open = openQuestionsOf(tasks).filter(wanted);
  const [only] = open;
  if (only === undefined && hasAnswered(tasks, command.text, place.said.by.login)) return;
  if (only === undefined) return answerLate(place, command, tasks, ports);
  if (open.length > 1) return replyOnce(place, (mark) => renderWhichQuestion(mark, open), ports);
  const taken = await takeAnswer(answerTo(only, command.text, place.said.by.login), ports);
  if (taken === "late") await replyOnce(place, (mark) => renderLateAnswer(mark, only.ref), ports);
}

export async function answerByTick(
  ticked: Ticked,
  control: Extract<Control, { kind: "option" }>,
  ports: ThreadPorts,
): Promise<void> {
  const snapshot = await ports.branches.read(control.ref);
  if (snapshot === null) return;
  const question = readQuestion(control.question, snapshot.files[ipcPath(control.question, "question")] ?? "");
  const text = question.options[control.index];
  if (text === undefined) return redrawQuestion(control.ref, control.question, snapshot.files, ports);
  const answer = { ref: control.ref, question: control.question, text, by: ticked.by.login };
  const taken = await takeAnswer(answer, ports, snapshot);
  // The tick stays in the comment's source until it is drawn over; for a late one nobody else does that.
  if (taken === "late") await redrawQuestion(control.ref, control.question, snapshot.files, ports);
}

/**
 * Commits an answer against everybody else who answers, parks or cancels at this moment. The first one counts; a later one becomes a
 * note on the plan. A parked task is started again with it.
 */
async function takeAnswer(answer: Answer, ports: ThreadPorts, from?: Snapshot): Promise<"taken" | "late"> {
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(answer.ref, ({ files }) => decide(answer, files, at), ports, from);
  if (updated === null) return "late";
  const { files } = updated.snapshot;
  const task = readTask(files);
  if (!isTaken(answer, task, files)) return "late";
  if (!updated.changed) {
    // Another delivery of the same answer was faster; it may have died before it started the next run.
    if (task.state.kind === "queued") await startIfMissing(answer.ref, ports);
    return "taken";
  }
  await Promise.all([
    // A running task's status is its run's to draw: two writers would overtake each other.
    task.state.kind === "queued" ? resume(answer.ref, files, ports) : undefined,
    redrawQuestion(answer.ref, answer.question, files, ports),
  ]);
  const talk = talkOf(task);
  if (talk !== null) await unlabelWhenQuiet(talk.number, ports);
  return "taken";
}

function decide({ ref, question, text, by }: Answer, files: TaskFiles, at: string): Change | null {
  const task = readTask(files);
  const state = next(task.state, { kind: "answered", question, at });
  const exchange = task.exchanges[question];
  const answered = files[ipcPath(question, "answer")] !== undefined;
  if (isTaken({ ref, question, text, by }, task, files)) return null;
  if (state === null || exchange === undefined || answered) {
    return task.state.kind === "finished" ? null : note(ref, { from: by, text }, files);
  }
  const attempt = state.kind === "queued" ? task.attempt + 1 : task.attempt;
  const exchanges = { ...task.exchanges, [question]: { ...exchange, answeredBy: by } };
  return {
    files: {
      [ipcPath(question, "answer")]: answerFile(text),
      "task.yaml": renderTask({ ...task, state, attempt, exchanges }),
    },
    message: `Answer question ${question} of ${ref.id}`,
  };
}

function note(ref: TaskRef, { from, text }: { from: string; text: string }, files: TaskFiles): Change | null {
  const plan = parsePlan(files["plan.md"] ?? "");
  if (plan.notes.some((known) => known.from === from && known.text === text)) return null;
  return {
    files: { "plan.md": renderPlan(withNote(plan, { from, text })) },
    message: `Note a late answer to ${ref.id}`,
  };
}

/** The same delivery again: what it says has been taken already. */
function hasAnswered(tasks: readonly Snapshot[], text: string, by: string): boolean {
  return tasks.some(({ ref, files }) => {
    const task = readTask(files);
    return Object.keys(task.exchanges).some((question) => isTaken({ ref, question, text, by }, task, files));
  });
}

/** The very answer that counts: the same words of the same person. */
function isTaken({ question, text, by }: Answer, task: Task, files: TaskFiles): boolean {
  const taken = files[ipcPath(question, "answer")];
  return taken === answerFile(text) && task.exchanges[question]?.answeredBy === by;
}

async function resume(ref: TaskRef, files: TaskFiles, ports: ThreadPorts): Promise<void> {
  const { defaultBranch } = await ports.conversations.read(null);
  const problem = await startRun(ref, readTask(files), defaultBranch, ports);
  await redrawStatus(ref, files, ports);
  await endUnstarted(ref, problem, ports);
}

/** Tasks that an answer has queued again and that nobody has started: whoever was to do it may have died. */
async function repairResumed(tasks: readonly Snapshot[], ports: ThreadPorts): Promise<void> {
  const resumed = tasks.filter(({ files }) => {
    const { state, attempt } = readTask(files);
    return state.kind === "queued" && attempt > 1;
  });
  for (const { ref } of resumed) await startIfMissing(ref, ports);
}

async function answerLate(
  place: CommandPlace,
  command: Extract<Command, { kind: "answer" }>,
  tasks: readonly Snapshot[],
  ports: ThreadPorts,
): Promise<void> {
  const task = tasks.find(({ ref }) => ref.id === command.task);
  const number = command.question;
  if (task === undefined || number === null || task.files[ipcPath(number, "question")] === undefined) {
    throw new Problem(
      "no-question",
      "No question is open here that this could answer.",
      "See `/dispatch status`; to tell a running worker something, write `/dispatch note <task> <text>`.",
    );
  }
  await takeAnswer({ ref: task.ref, question: number, text: command.text, by: place.said.by.login }, ports);
  await replyOnce(place, (mark) => renderLateAnswer(mark, task.ref), ports);
}

function answerTo(open: OpenQuestion, text: string, by: string): Answer {
  return { ref: open.ref, question: open.question.number, text, by };
}

function answerFile(text: string): string {
  return `${text.trimEnd()}\n`;
}
