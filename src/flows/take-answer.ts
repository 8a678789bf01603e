import { findCommands, readCommand } from "../core/command.ts";
import type { Command } from "../core/command-meaning.ts";
import type { Control } from "../core/control.ts";
import { next } from "../core/lifecycle.ts";
import { ipcPath } from "../core/mailbox.ts";
import { mayWrite } from "../core/permission.ts";
import { parsePlan, renderPlan, withNote } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { chosen, type OpenQuestion, readQuestion, readReply, replyText } from "../core/question.ts";
import { person } from "../core/safe-text.ts";
import { readTask, renderTask, reviewThreadOf, type Task, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { renderLateAnswer, renderWhichQuestion } from "../core/thread-text.ts";
import type { CommandPlace, Said, Ticked } from "./command-place.ts";
import type { Change, Snapshot } from "./ports.ts";
import { redrawQuestion } from "./redraw.ts";
import { replyOnce } from "./reply.ts";
import { beginTask, startIfMissing } from "./task-course.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { answeredSince, openQuestionsOf } from "./thread-tasks.ts";
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
export async function answerByReply(said: Said, tasks: readonly Snapshot[], ports: ThreadPorts): Promise<void> {
  const { by, body, at, trigger } = said;
  const line = reviewThreadOf(said);
  const inThread = line === null ? [] : tasks.filter(({ files }) => reviewThreadOf(readTask(files)) === line);
  // Whoever replies in the review thread in which a task was asked for speaks of that task.
  const isReplyThere = inThread.length > 0;
  const meant = isReplyThere ? inThread : tasks;
  const open = openQuestionsOf(meant);
  // Whoever wrote while another answer was on its way has answered as well, and is to be told what became of it.
  const asked = open.length > 0 ? open : answeredSince(meant, at);
  const reply = readReply({ by: by.login, body, at, isReplyThere }, asked);
  if (reply.kind === "not-an-answer") {
    ports.log.info(`Not an answer: ${reply.reason}`);
    return repairResumed(tasks, ports);
  }
  if (open.length === 0 && hasAnswered(meant, reply.text, by.login)) return repairResumed(tasks, ports);
  if (!mayWrite(await ports.permissions.roleOf(by.login))) return;
  const lock = await ports.reactions.add(trigger, "eyes");
  const place: CommandPlace = { said, lock, key: "answer" };
  if (reply.kind === "which") {
    const { text, among } = reply;
    const which = { by: by.login, text, among, source: trigger };
    return replyOnce(place, (mark) => renderWhichQuestion(mark, which), ports);
  }
  const taken = await takeAnswer(answerTo(reply.to, reply.text, said.by.login), ports);
  if (taken === "late") await replyOnce(place, (mark) => renderLateAnswer(mark, reply.to.ref), ports);
}

/**
 * "Which question?": the reply that the box is about answers this one.
 * @returns what has come of it
 * @throws Problem "reply-gone"
 */
export async function answerFrom(
  { ref, question, source }: Extract<Control, { kind: "answer" }>,
  ticked: Ticked,
  ports: ThreadPorts,
): Promise<string> {
  const written = await ports.comments.read(source);
  if (written === null) throw replyGone();
  const { login } = written.by;
  // Whoever may no longer write has nothing to say; whoever ticks may, and makes the words theirs.
  const by = mayWrite(await ports.permissions.roleOf(login)) ? login : ticked.by.login;
  const snapshot = await ports.branches.read(ref);
  const asked = readQuestion(question, snapshot?.files[ipcPath(question, "question")] ?? "");
  const text = chosen(asked, answerText(written.body));
  const taken = await takeAnswer({ ref, question, text, by }, ports, snapshot ?? undefined);
  return taken === "late"
    ? "⌛ That question had its answer already; these words went to the worker as a note, if it is still at work."
    : `✅ ${person(ticked.by.login)} chose the question about \`${ref.id}\`.`;
}

/** What a reply, or a `/dispatch answer` that did not say which, has to say. */
function answerText(body: string): string {
  const [command] = findCommands(body);
  const read = command === undefined ? null : readCommand(command.text, []);
  return read?.kind === "answer" ? read.text : replyText(body);
}

function replyGone(): Problem {
  return new Problem(
    "reply-gone",
    "The reply that this box is about has been deleted.",
    "Write the answer again, quoting the question that it is for.",
  );
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
  if (open.length > 1) {
    const { by, trigger: source } = place.said;
    const which = { by: by.login, text: command.text, among: open, source };
    return replyOnce(place, (mark) => renderWhichQuestion(mark, which), ports);
  }
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
export async function takeAnswer(answer: Answer, ports: ThreadPorts, from?: Snapshot): Promise<"taken" | "late"> {
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
    task.state.kind === "queued" ? beginTask(updated.snapshot, {}, ports) : undefined,
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
  const exchanges = { ...task.exchanges, [question]: { ...exchange, answeredBy: by, answeredAt: at } };
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

/** Tasks that an answer has queued again and that nobody has started: whoever was to do it may have died. */
async function repairResumed(tasks: readonly Snapshot[], ports: ThreadPorts): Promise<void> {
  const resumed = tasks.filter(({ files }) => {
    const { state, attempt } = readTask(files);
    return state.kind === "queued" && attempt > 1;
  });
  await Promise.all(resumed.map(({ ref }) => startIfMissing(ref, ports)));
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
