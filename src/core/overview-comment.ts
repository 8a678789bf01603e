import { choices } from "./ask-comment.ts";
import { renderControl } from "./control.ts";
import { orderDiagram } from "./fan-out.ts";
import { openQuestions } from "./lifecycle.ts";
import { renderMark } from "./marker.ts";
import { isProvisional, type Plan, progress } from "./plan.ts";
import { person, plainLine } from "./safe-text.ts";
import { type Task, type Thread, type Trigger, taskRef } from "./task.ts";
import { alert, line, paragraphs, stateWords } from "./task-text.ts";

/** One task of those that a comment has asked for. */
export interface OverviewRow {
  readonly task: Task;
  readonly plan: Plan;
  readonly planUrl: string;
}

export interface OverviewView {
  readonly thread: Thread;
  readonly trigger: Trigger;
  /** In the order in which they were asked for. */
  readonly rows: readonly OverviewRow[];
}

/** The one comment that answers a comment with several tasks: a live line for each, and in which order they go. */
export function renderOverview({ thread, trigger, rows }: OverviewView): string {
  const mark = renderMark({ kind: "overview", thread: thread.number, trigger: `${trigger.kind}-${trigger.id}` });
  const done = rows.filter(({ task: { state } }) => state.kind === "finished" && state.outcome.kind === "done").length;
  const [first] = rows;
  return `${mark}\n${paragraphs(
    `### ${headline(rows, done)}`,
    first === undefined
      ? null
      : line(`**${done} of ${rows.length} done**`, `asked by ${person(first.task.requester.login)}`),
    ["| task | model | how it stands |", "|---|---|---|", ...rows.map((each) => row(each, rows))].join("\n"),
    diagram(rows),
    ...confirmAll(rows),
  )}`;
}

function headline(rows: readonly OverviewRow[], done: number): string {
  const ended = rows.filter(({ task }) => task.state.kind === "finished").length;
  const symbol = ended < rows.length ? "🧭" : done === rows.length ? "✅" : "❗";
  return `${symbol} ${rows.length} tasks`;
}

function row({ task, plan, planUrl }: OverviewRow, rows: readonly OverviewRow[]): string {
  const { symbol, word } = stateWords(task);
  const name = linkWords(task.title) || "Task";
  const link = task.statusComment?.url ?? planUrl;
  const model = task.state.kind === "confirming" ? "" : `\`${cell(plainLine(task.worker.name)).replaceAll("`", "")}\``;
  const standing = standingOf(task, plan, { word, rows });
  return `| ${symbol} ${task.position + 1}. [${name}](${link})<br><sub>\`${task.id}\`</sub> | ${model} | ${standing} |`;
}

/** A title as the words of a link: brackets or a backslash would end them early or never, and an address is a link of its own. */
function linkWords(title: string): string {
  const words = title
    .replace(/https?:\/\//gi, " ")
    .replaceAll("[", "(")
    .replaceAll("]", ")");
  return cell(plainLine(words, 80)).replace(/\\+$/, "");
}

/** A pipe would end the cell, in code too; and two backslashes before one are read differently by different readers. */
function cell(text: string): string {
  return text.replace(/\\*\|/g, "\\|");
}

function standingOf(
  task: Task,
  plan: Plan,
  { word, rows }: { readonly word: string; readonly rows: readonly OverviewRow[] },
): string {
  const { done, total } = progress(plan);
  const { state } = task;
  const question = openQuestions(state).flatMap((number) => task.exchanges[number]?.comment?.url ?? [])[0];
  return line(
    question === undefined ? word : `**[${word}](${question})**`,
    isProvisional(plan) ? null : `${done} of ${total}`,
    state.kind === "held" ? `after ${task.after.map((id) => shortName(id, rows)).join(" and ")}` : null,
    state.kind === "finished" && task.resultComment !== null ? `[result](${task.resultComment.url})` : null,
    task.pullRequest === null ? null : `[#${task.pullRequest.number}](${task.pullRequest.url})`,
  );
}

/** A task of the same comment by its number there, any other by its id. */
function shortName(id: string, rows: readonly OverviewRow[]): string {
  const position = rows.find(({ task }) => task.id === id)?.task.position;
  return position === undefined ? `\`${id}\`` : String(position + 1);
}

function diagram(rows: readonly OverviewRow[]): string | null {
  const places = new Map(rows.map(({ task }, index) => [task.id, index]));
  const parts = rows.map(({ task }) => ({
    label: `${task.position + 1} ${task.title}`,
    after: task.after.flatMap((id) => places.get(id) ?? []),
  }));
  return orderDiagram(parts) || null;
}

/** One choice for all that name no model, instead of one each. */
function confirmAll(rows: readonly OverviewRow[]): readonly string[] {
  const waiting = rows.filter(({ task }) => task.state.kind === "confirming");
  const [first] = waiting;
  if (first === undefined || waiting.length < 2) return [];
  const ref = taskRef(first.task);
  const numbers = waiting.map(({ task }) => task.position + 1);
  return [
    alert(
      "IMPORTANT",
      `Tasks ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)} name no model. **Tick one for all of them**, or one in each task's own comment.`,
    ),
    choices(first.task)
      .map((model) => renderControl({ kind: "model", ref, model, all: true }, `Start them with \`${model}\``))
      .join("\n"),
  ];
}
