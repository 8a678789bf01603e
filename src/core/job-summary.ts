import { planUrl, type RepositoryName } from "./links.ts";
import { parsePlan } from "./plan.ts";
import { type ResultFacts, resultBody } from "./result-comment.ts";
import { person, plainLine } from "./safe-text.ts";
import type { Task, TaskFiles, TaskRef } from "./task.ts";
import { checklist, line, paragraphs, progressBar, progressOf, stateWords } from "./task-text.ts";

export interface JobSummaryView {
  readonly task: Task;
  readonly ref: TaskRef;
  readonly files: TaskFiles;
  readonly facts: ResultFacts;
  readonly repository: RepositoryName;
}

/** GitHub takes a megabyte; nobody reads it. */
const ROOM_FOR_PLAN = 40_000;

/** What a run's page shows: the same plan and result as the thread, without its controls. */
export function renderJobSummary({ task, ref, files, facts, repository }: JobSummaryView): string {
  const { state } = task;
  const { symbol, word } = stateWords(task);
  const plan = parsePlan(files["plan.md"] ?? "");
  const view = { task, ref, plan, output: files["output.md"] ?? null, facts, repository };
  return `${paragraphs(
    `## ${symbol} ${plainLine(task.title)}`,
    line(
      `**${word}**`,
      `\`${task.worker.name}\``,
      `[asked for](${task.trigger.url}) by ${person(task.requester.login)}`,
    ),
    progressBar(plan),
    checklist(plan, { ...progressOf(state), room: ROOM_FOR_PLAN, planUrl: planUrl(repository, ref) }),
    resultBody(view, state.kind === "finished" ? state.outcome : { kind: "done" }),
  )}\n`;
}
