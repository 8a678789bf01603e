import { askControls, askNews } from "./ask-comment.ts";
import { renderControl } from "./control.ts";
import { openQuestions } from "./lifecycle.ts";
import { renderMark } from "./marker.ts";
import type { Plan } from "./plan.ts";
import { resultControls } from "./result-controls.ts";
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
import { MOST_CONTINUATIONS } from "./time-limit.ts";

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
  const { symbol, word } = stateWords(task);
  return paragraphs(
    `${renderMark({ kind: "status", ref: taskRef(task) })}\n### ${symbol} ${plainLine(task.title)}`,
    line(
      `**${word}**`,
      worker(task),
      `asked by ${person(task.requester.login)}`,
      duration(Date.parse(state.kind === "finished" ? state.at : view.now) - Date.parse(task.askedAt)),
      cost(view.usage),
    ),
    news(view),
    progressBar(plan),
    checklist(plan, { ...progressOf(state), room: ROOM_FOR_PLAN, planUrl: links.plan }),
    state.kind === "running" && view.doing !== null ? `**Now:** ${plainLine(view.doing, 300)}` : null,
    task.settings.oldFormat ? OLD_FORMAT : null,
    noteDetails(plan),
    warningDetails(view.warnings),
    linkLine(view),
    controls(task, plan),
  );
}

function goingOn({ continued }: Task): string {
  return `The time of the last run's job was used up. Its work is saved, and another run goes on by itself (${continued} of ${MOST_CONTINUATIONS}).`;
}

const OLD_FORMAT =
  "<sub>The config is in the old format. <code>/dispatch migrate my config</code> proposes the new one.</sub>";

/** What a person should know before anything else; most of the time nothing. */
function news({ task, now }: StatusView): string | null {
  const { state, work } = task;
  switch (state.kind) {
    case "queued":
      if (task.continued > 0) return alert("NOTE", goingOn(task));
      return Date.parse(now) - Date.parse(state.since) < SLOW_START_MS
        ? null
        : alert("NOTE", "GitHub has not given this task a runner yet. It starts by itself as soon as one is free.");
    case "running":
      return null;
    case "confirming":
    case "planned":
      return askNews(task);
    case "held":
      return alert("NOTE", `This starts by itself as soon as ${others(task.after)} done.`);
    case "cancelling":
      return alert(
        "NOTE",
        `${person(state.by)} cancelled this. The worker is being stopped${work.readOnly === true ? "" : " and its work so far saved"}.`,
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

function others(ids: readonly string[]): string {
  const names = ids.map((id) => `\`${id}\``);
  const last = names.at(-1) ?? "";
  return names.length < 2 ? `${last} is` : `${names.slice(0, -1).join(", ")} and ${last} are`;
}

/** Nobody's name while nobody is chosen, and none for what Dispatch does itself. */
function worker({ worker: { name }, state, kind, phase }: Task): string | null {
  if (state.kind === "confirming" || kind === "doctor" || phase === "check") return null;
  return `\`${plainLine(name).replaceAll("`", "")}\``;
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
      return alert(
        "NOTE",
        `${task.cleaned && outcome.by === "" ? "Cancelled: its branch with the plan was deleted." : `Cancelled by ${person(outcome.by)}.`}${task.work.readOnly === true ? "" : " What was done so far is kept."}`,
      );
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
    task.cleaned ? null : `[Plan](${links.plan})`,
    links.pullRequest === null ? null : `[${pull}](${links.pullRequest})`,
  );
}

/** Always in this order and at the end, so that a tick never lands on another line. */
function controls(task: Task, plan: Plan): string {
  const { state } = task;
  if (state.kind === "cancelling") return "";
  if (state.kind === "finished") return state.outcome.kind === "done" ? "" : resultControls(task, plan).join("\n");
  const cancel = renderControl({ kind: "cancel", ref: taskRef(task) }, "Cancel this task");
  const skip = state.kind === "parked" ? [renderControl({ kind: "skip", ref: taskRef(task) }, SKIP_QUESTION)] : [];
  return [...askControls(task), ...skip, cancel].join("\n");
}

const SKIP_QUESTION = "Skip the step that waits, and go on with the rest";
