import { renderControl } from "./control.ts";
import { isActive, openQuestions } from "./lifecycle.ts";
import { renderMark } from "./marker.ts";
import type { Plan } from "./plan.ts";
import { person, plainLine, quoted, workerText } from "./safe-text.ts";
import { type Task, taskRef } from "./task.ts";
import {
  alert,
  checklist,
  cost,
  details,
  duration,
  line,
  paragraphs,
  progressBar,
  progressOf,
  stateWords,
  type TaskUsage,
  warningDetails,
} from "./task-text.ts";

export type { TaskUsage } from "./task-text.ts";

export interface StatusView {
  readonly task: Task;
  readonly plan: Plan;
  /** ISO 8601 */
  readonly now: string;
  /** What the worker is doing at this moment. */
  readonly doing: string | null;
  readonly usage: TaskUsage | null;
  readonly warnings: readonly string[];
  readonly links: { readonly run: string | null; readonly plan: string; readonly pullRequest: string | null };
}

/** GitHub refuses comments of more than 65,536 characters; whatever else there is to say always fits beside the plan. */
const ROOM_FOR_PLAN = 40_000;
const MAX_NOTES = 5;
/** A task that no run has claimed for so long is not starting, it is queueing. */
const SLOW_START_MS = 10 * 60_000;

/** The one comment of a task that is edited in place: how it stands, at a glance. */
export function renderStatus(view: StatusView): string {
  const { task, plan, links } = view;
  const { state } = task;
  const { symbol, word } = stateWords(state);
  return paragraphs(
    `${renderMark({ kind: "status", ref: taskRef(task) })}\n### ${symbol} ${plainLine(task.title)}`,
    line(
      `**${word}**`,
      `\`${plainLine(task.worker.name).replaceAll("`", "")}\``,
      `asked by ${person(task.requester.login)}`,
      duration(Date.parse(state.kind === "finished" ? state.at : view.now) - Date.parse(task.askedAt)),
      cost(view.usage),
    ),
    news(view),
    progressBar(plan),
    checklist(plan, { ...progressOf(state), room: ROOM_FOR_PLAN, planUrl: links.plan }),
    state.kind === "running" && view.doing !== null ? `**Now:** ${plainLine(view.doing, 300)}` : null,
    noteDetails(plan),
    warningDetails(view.warnings),
    linkLine(view),
    controls(task),
  );
}

/** What a person should know before anything else; most of the time nothing. */
function news({ task, now }: StatusView): string | null {
  const { state } = task;
  switch (state.kind) {
    case "queued":
      return Date.parse(now) - Date.parse(state.since) < SLOW_START_MS
        ? null
        : alert("NOTE", "GitHub has not given this task a runner yet. It starts by itself as soon as one is free.");
    case "running":
      return null;
    case "cancelling":
      return alert(
        "NOTE",
        `${person(state.by)} cancelled this. The worker is being stopped and its work so far saved.`,
      );
    case "waiting":
      return alert("IMPORTANT", `The worker has a question and waits for the answer: ${questionLinks(task)}`);
    case "parked":
      return alert(
        "IMPORTANT",
        `Nobody answered in time, so the runner was given back: ${questionLinks(task)}\nAn answer is welcome any time; the work then goes on from here.`,
      );
    case "finished":
      return ending(task, state);
  }
}

function ending(task: Task, { outcome }: Extract<Task["state"], { kind: "finished" }>): string | null {
  switch (outcome.kind) {
    case "done":
      return task.resultComment === null ? null : `[Read the result](${task.resultComment.url})`;
    case "failed":
      return alert(
        "CAUTION",
        `${workerText(outcome.sentence, 2_000)}\n\n**What to do:** ${workerText(outcome.nextStep, 1_000)}`,
      );
    case "cancelled":
      return alert("NOTE", `Cancelled by ${person(outcome.by)}. What was done so far is kept.`);
  }
}

function questionLinks(task: Task): string {
  const numbers = openQuestions(task.state);
  const links = numbers.flatMap((number, index) => {
    const url = task.exchanges[number]?.comment?.url;
    return url === undefined
      ? []
      : [`[${numbers.length === 1 ? "see the question" : `question ${index + 1}`}](${url})`];
  });
  return links.length > 0 ? `${links.join(", ")}.` : "the question follows below.";
}

function noteDetails({ notes }: Plan): string | null {
  if (notes.length === 0) return null;
  const shown = notes.slice(-MAX_NOTES).map(({ from, text }) => `${person(from)}:\n${quoted(workerText(text, 1_000))}`);
  return details(notes.length === 1 ? "📝 1 note" : `📝 ${notes.length} notes`, shown.join("\n\n"));
}

function linkLine({ task, links }: StatusView): string {
  const pull = task.pullRequest === null ? "Pull request" : `Pull request #${task.pullRequest.number}`;
  return line(
    links.run === null ? null : `[Run](${links.run})`,
    `[Plan](${links.plan})`,
    links.pullRequest === null ? null : `[${pull}](${links.pullRequest})`,
  );
}

/** Always in this order and at the end, so that a tick never lands on another line. */
function controls(task: Task): string {
  const ref = taskRef(task);
  const { state } = task;
  if (isActive(state) && state.kind !== "cancelling") return renderControl({ kind: "cancel", ref }, "Cancel this task");
  if (state.kind === "parked") return renderControl({ kind: "cancel", ref }, "Cancel this task");
  const unfinished = state.kind === "finished" && state.outcome.kind !== "done";
  return unfinished ? renderControl({ kind: "retry", ref }, "Retry what is left") : "";
}
