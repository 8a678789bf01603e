import { type Control, renderControl } from "./control.ts";
import { renderMark } from "./marker.ts";
import type { Question } from "./question.ts";
import { fittedText, mention, person, plainLine, quoted, workerText } from "./safe-text.ts";
import type { Task, TaskRef } from "./task.ts";
import { alert, paragraphs, span } from "./task-text.ts";

export type QuestionState =
  | { readonly kind: "waiting" }
  /** The run has ended; an answer starts the next one. */
  | { readonly kind: "parked" }
  /** The task has ended without an answer. */
  | { readonly kind: "over" }
  | { readonly kind: "answered"; readonly by: string; readonly text: string };

export interface QuestionView {
  readonly task: Task;
  readonly ref: TaskRef;
  readonly question: Question;
  readonly planUrl: string;
  readonly state: QuestionState;
}

const ROOM_FOR_QUESTION = 20_000;
const ROOM_FOR_ANSWER = 10_000;

/** One comment a question. It first calls the requester, and in the end shows the answer as it was understood. */
export function renderQuestion(view: QuestionView): string {
  const { ref, question, state } = view;
  const mark = renderMark({ kind: "question", ref, question: question.number });
  switch (state.kind) {
    case "waiting":
    case "parked":
      return `${mark}\n${openQuestion(view, state.kind)}`;
    case "over":
      return `${mark}\n${pastQuestion(view)}`;
    case "answered":
      return `${mark}\n${answeredQuestion(view, state)}`;
  }
}

function openQuestion(view: QuestionView, state: "waiting" | "parked"): string {
  const { task, ref, question } = view;
  const answers =
    question.options.length > 0 ? "Tick a box below, or reply here in your own words." : "Just reply here.";
  return paragraphs(
    `### ❓ A question about “${plainLine(task.title)}”`,
    `${mention(task.requester.login)}, the worker needs to know:`,
    questionText(view),
    state === "waiting"
      ? `**${answers}** It goes on with your answer, and waits ${waitingTime(task)} for it.`
      : alert(
          "NOTE",
          `The worker waits no more, so the task is parked and the runner free again. **The answer is welcome any time:** the work then goes on where it stopped.\n\n${answers}`,
        ),
    `<sub>Others with write access answer by quoting the question, or with <code>/dispatch answer ${ref.id} ${question.number} …</code></sub>`,
    question.options.map((option, index) => renderControl(controlOf(ref, question, index), option)).join("\n"),
  );
}

/** No boxes: a tick would do nothing any more. */
function pastQuestion(view: QuestionView): string {
  const { title, id, cleaned } = view.task;
  const again = `After \`/dispatch retry ${id}\` the worker asks again where it still needs to know.`;
  return paragraphs(
    `### ⏹️ No answer needed: a question about “${plainLine(title)}”`,
    questionText(view),
    `The task has ended without an answer.${cleaned ? "" : ` ${again}`}`,
  );
}

function answeredQuestion(view: QuestionView, { by, text }: Extract<QuestionState, { kind: "answered" }>): string {
  return paragraphs(
    `### ✅ Answered: a question about “${plainLine(view.task.title)}”`,
    questionText(view),
    `${person(by)} answered:`,
    quoted(workerText(text, ROOM_FOR_ANSWER)),
    view.question.options.length > 1 ? `<sub>The choice was between ${options(view.question)}.</sub>` : null,
  );
}

function questionText({ question, planUrl }: QuestionView): string {
  const { text, cut } = fittedText(question.text, ROOM_FOR_QUESTION);
  const file = planUrl.replace(/[^/]*$/, `ipc/${question.number}.question`);
  return paragraphs(quoted(text), cut ? `The question is longer than a comment: [read it whole](${file}).` : null);
}

function controlOf(ref: TaskRef, { number }: Question, index: number): Control {
  return { kind: "option", ref, question: number, index };
}

function options({ options: all }: Question): string {
  const names = all.map((option) => `“${plainLine(option)}”`);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function waitingTime(task: Task): string {
  return `**${span(task.settings.answerTimeout)}**`;
}

/** Somebody else was first. */
export function renderLateAnswer(mark: string, ref: TaskRef): string {
  return `${mark}\nThis question had its answer already, and the first one counts. If task \`${ref.id}\` is still at work, the worker finds your words as a note in its plan.`;
}

/** Body of the issue that is opened for the questions of a task that nobody started in a thread. */
export function renderOpenedIssue(mark: string, task: Task): string {
  const bot = task.requester.login.endsWith("[bot]");
  return paragraphs(
    `${mark}\n${bot ? "An automation" : mention(task.requester.login)} started the task **${plainLine(task.title)}** in [this run](${task.trigger.url}), and its worker has a question. It follows below; answer it here.`,
    `<sub>Everything else about the task is said in this issue too.</sub>`,
  );
}
