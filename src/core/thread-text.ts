import type { Config } from "./config.ts";
import type { Conversation } from "./conversation.ts";
import { openQuestions, runOf } from "./lifecycle.ts";
import { parsePlan } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { person, plainLine, quoted, workerText } from "./safe-text.ts";
import type { Task } from "./task.ts";
import {
  alert,
  checklist,
  details,
  duration,
  line,
  paragraphs,
  progressBar,
  progressOf,
  stateWords,
} from "./task-text.ts";

export { renderAsk } from "./ask-comment.ts";
export { renderPullRequest, resolvesIssue } from "./pull-request-text.ts";
export { renderLateAnswer, renderOpenedIssue, renderQuestion } from "./question-comment.ts";
export { type ResultFacts, renderResult } from "./result-comment.ts";
export { renderWhichDecision, renderWhichQuestion, renderWhichTask } from "./which-comment.ts";

/** Something a person can put right: what is wrong, then what to do. */
export function renderProblem(mark: string, { message, nextStep }: Problem): string {
  const body = `${workerText(message, 4_000)}\n\n**What to do:** ${workerText(nextStep, 4_000)}`;
  return `${mark}\n${alert("WARNING", body)}`;
}

/** To somebody whose words may not start anything here. */
export function renderRefusal(mark: string, login: string): string {
  return `${mark}\nSorry ${person(login)}, I may only take orders from people with write access to this repository, so nothing was started. A maintainer can write the command for you, or give you access.`;
}

const COMMANDS = [
  ["/dispatch <task>", "plan the task and start a worker on it; name a model if you like: “use sonnet to …”"],
  ["/dispatch plan <task>", "write the plan, and wait for your approval before any work"],
  ["/dispatch", "say which models are set up here; starts nothing"],
  ["/dispatch status [task]", "show how the tasks of this conversation stand"],
  ["/dispatch note <task> <text>", "tell a worker something it should know"],
  ["/dispatch answer [task] [number] <text>", "answer a question; a plain reply does it too"],
  ["/dispatch approve [task]", "start a task whose plan waits for you"],
  ["/dispatch cancel [task]", "stop; the work so far is kept"],
  ["/dispatch retry [task] [with <model>]", "go on with what is not done yet"],
  ["/dispatch skip [task]", "give up the step that failed or waits, and go on with the rest"],
  ["/dispatch config …", "show the config, or change it: “add gpt-5.3 to my config”, “switch default to sonnet”"],
  ["/dispatch doctor", "check the set-up, and say what to fix"],
  ["/dispatch cleanup [task]", "delete what finished tasks have left on their branches"],
  ["/dispatch help", "this list"],
] as const;

export function renderHelp(mark: string): string {
  return paragraphs(
    `${mark}\n### What you can ask of Dispatch`,
    [
      "| write | and this happens |",
      "|---|---|",
      ...COMMANDS.map(([usage, effect]) => `| \`${usage}\` | ${effect} |`),
    ].join("\n"),
    "Start the line with the command. Several commands in one comment become several tasks, and `after <task>` lets one wait for another. Instead of a whole task name its beginning will do, and where only one task fits, no name at all.",
  );
}

/** A name that fits no task. */
export function renderUnclear(mark: string, prefix: string): string {
  return `${mark}\nNo task of this conversation is called “${plainLine(prefix, 100)}”. \`/dispatch status\` lists them.`;
}

/** What `/dispatch cleanup` has done. */
export function renderCleanedUp(mark: string, ids: readonly string[]): string {
  if (ids.length === 0)
    return `${mark}\nThere is nothing to clean up: no finished task of this conversation has files left.`;
  const names = ids.slice(0, 20).map((id) => `\`${id}\``);
  const more = ids.length > 20 ? ` and ${ids.length - 20} more` : "";
  return `${mark}\n🧹 Cleaned up ${names.join(", ")}${more}. Results, pull requests and branches with work are untouched.`;
}

const MAX_NAMES = 30;

/** What is set up in a repository: the answer to a bare `/dispatch`. */
export function renderWarmUp(
  mark: string,
  config: Config,
  { configFrom, setup }: Pick<Conversation, "configFrom" | "setup">,
): string {
  const { models, aliases } = config;
  const names = Object.entries(models).map(
    ([name, { backend }]) => `| \`${name}\`${name === config.default ? " (default)" : ""} | ${backend} |`,
  );
  const roles = Object.entries(aliases).map(([name, { model }]) => `\`${name}\` (${model})`);
  const example = Object.keys(models).find((name) => name !== config.default) ?? config.default;
  return paragraphs(
    `${mark}\n### 👋 Ready when you are`,
    `What would you like me to dispatch? Tasks go to **${config.default}** unless you name another model, and from now on I do not ask you about that in this conversation.`,
    names.length === 0 ? null : ["| model | runs on |", "|---|---|", ...names.slice(0, MAX_NAMES)].join("\n"),
    names.length > MAX_NAMES ? `… and ${names.length - MAX_NAMES} more.` : null,
    roles.length === 0 ? null : `**Aliases:** ${roles.slice(0, MAX_NAMES).join(", ")}`,
    SOURCES[configFrom ?? (setup === null ? "built-in" : "found")],
    config.oldFormat ? "The config is in the old format. `/dispatch migrate my config` proposes the new one." : null,
    `Try \`/dispatch use ${example} to add tests for the parser\`, or \`/dispatch help\`.`,
  );
}

const SOURCES = {
  repository: "As set up in `.github/dispatch.yml`.",
  organisation:
    "As set up in the organisation's `.github` repository; a `.github/dispatch.yml` of this repository's own would go before it.",
  found: "This repository has no `.github/dispatch.yml`: these are the models that `/dispatch doctor` has found.",
  "built-in":
    "This repository has no `.github/dispatch.yml`: these are the built-in settings. `/dispatch doctor` looks at what is really there.",
} as const;

export interface TaskRow {
  readonly task: Task;
  /** The text of `plan.md`. */
  readonly plan: string;
  readonly planUrl: string;
  /** ISO 8601: when anything was last heard of it; null where that is not known. */
  readonly movedAt: string | null;
  /** What it asks and nobody has answered yet, in the worker's words. */
  readonly questions: readonly string[];
}

const ROOM_FOR_ROWS = 45_000;

/** How the tasks of a conversation stand. */
export function renderTasksStatus(mark: string, rows: readonly TaskRow[], now: string): string {
  if (rows.length === 0) {
    return `${mark}\nThere is no task in this conversation yet. \`/dispatch <what you want done>\` starts one.`;
  }
  const room = Math.floor(ROOM_FOR_ROWS / Math.min(rows.length, 30)) - 1_000;
  const shown = rows.slice(-30).toReversed();
  const hidden = rows.length - shown.length;
  return paragraphs(
    `${mark}\n### ${rows.length === 1 ? "1 task" : `${rows.length} tasks`} in this conversation`,
    ...shown.map((row) => taskRow(row, { now, room, alone: rows.length === 1 })),
    hidden > 0 ? `… and ${hidden} older.` : null,
  );
}

function taskRow(
  { task, plan: text, planUrl, movedAt, questions }: TaskRow,
  { now, room, alone }: { readonly now: string; readonly room: number; readonly alone: boolean },
): string {
  const { state } = task;
  const { symbol, word } = stateWords(task);
  const plan = parsePlan(text);
  const list = checklist(plan, { ...progressOf(state), room: Math.max(0, room), planUrl });
  const since = (moment: string) => duration(Date.parse(now) - Date.parse(moment));
  const heard = movedAt === null || state.kind === "finished" ? null : `last heard of ${since(movedAt)} ago`;
  return paragraphs(
    `**${symbol} ${plainLine(task.title, 100)}** (\`${task.id}\`)`,
    line(
      word,
      `asked by ${person(task.requester.login)} ${since(task.askedAt)} ago`,
      heard,
      progressBar(plan),
      ...links(task, planUrl),
    ),
    ...questions.map((question) => `**Open question:**\n${quoted(workerText(question, 300))}`),
    alone ? list : details("Steps", list),
  );
}

function links(task: Task, planUrl: string): readonly string[] {
  const { state, statusComment, pullRequest } = task;
  const run = runOf(state);
  const questions = openQuestions(state).flatMap((number) => task.exchanges[number]?.comment?.url ?? []);
  return [
    ...questions.map((url) => `[Question](${url})`),
    ...(statusComment === null ? [] : [`[Status](${statusComment.url})`]),
    ...(run === null ? [] : [`[Run](${run.url})`]),
    `[Plan](${planUrl})`,
    ...(pullRequest === null ? [] : [`[Pull request #${pullRequest.number}](${pullRequest.url})`]),
  ];
}
