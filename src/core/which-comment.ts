import { type Control, renderControl, type Source } from "./control.ts";
import type { OpenQuestion } from "./question.ts";
import { person, plainLine } from "./safe-text.ts";
import { type Task, taskRef } from "./task.ts";
import { paragraphs, stateWords } from "./task-text.ts";

/** A box in GitHub's own page is as quick as typing; more than these are a list to read. */
const MAX_CHOICES = 15;

/** A command that fits several tasks: each can be ticked. */
export function renderWhichTask(
  mark: string,
  {
    verb,
    tasks,
    source,
    key,
  }: { readonly verb: string; readonly tasks: readonly Task[]; readonly source: Source; readonly key: string },
): string {
  const boxes = tasks.slice(-MAX_CHOICES).map((task) => {
    const { symbol, word } = stateWords(task);
    const control: Control = { kind: "choose", ref: taskRef(task), source, key };
    return renderControl(control, `\`${task.id}\` ${symbol} ${word}: ${task.title}`);
  });
  return paragraphs(
    `${mark}\n### 🤔 Which task do you mean?`,
    `\`/dispatch ${verb}\` fits several tasks of this conversation. Tick the one you mean, or write the command again with its name.`,
    boxes.join("\n"),
  );
}

/** Several questions are open, and a reply does not say which one it is for. */
export function renderWhichQuestion(
  mark: string,
  {
    by,
    text,
    among,
    source,
  }: { readonly by: string; readonly text: string; readonly among: readonly OpenQuestion[]; readonly source: Source },
): string {
  const boxes = among
    .slice(0, MAX_CHOICES)
    .map(({ ref, question }) =>
      renderControl(
        { kind: "answer", ref, question: question.number, source },
        `${plainLine(question.text, 160)} (\`${ref.id}\`)`,
      ),
    );
  return paragraphs(
    `${mark}\n### 🤔 Which question is that for?`,
    `Several are open in this conversation. Tick the one that “${plainLine(text, 120)}”, written by ${person(by)}, answers. Next time, quote the question in the reply.`,
    boxes.join("\n"),
  );
}

/** A short reply such as "yes", where several things are asked. */
export function renderWhichDecision(
  mark: string,
  choices: readonly { readonly task: Task; readonly control: Control }[],
): string {
  const boxes = choices
    .slice(0, MAX_CHOICES)
    .map(({ task, control }) =>
      renderControl(control, `${EFFECTS[control.kind] ?? "Choose"} \`${task.id}\`: ${task.title}`),
    );
  return paragraphs(
    `${mark}\n### 🤔 Which one do you mean?`,
    "Several tasks of this conversation wait for a word of yours. Tick the one that you mean.",
    boxes.join("\n"),
  );
}

const EFFECTS: Partial<Readonly<Record<Control["kind"], string>>> = {
  approve: "Approve the plan of",
  model: "Start",
  cancel: "Cancel",
};
