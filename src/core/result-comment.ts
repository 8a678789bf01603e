import { renderControl } from "./control.ts";
import { planUrl, type RepositoryName, taskFileUrl } from "./links.ts";
import { renderMark } from "./marker.ts";
import { type Plan, progress } from "./plan.ts";
import { fittedText, mention, person, plainLine, workerText } from "./safe-text.ts";
import type { Outcome, Task, TaskRef } from "./task.ts";
import {
  alert,
  checklist,
  cost,
  details,
  duration,
  line,
  paragraphs,
  progressOf,
  type TaskUsage,
  warningDetails,
} from "./task-text.ts";

/** What only the run that ended knows. Whoever ends a task without a run knows none of it. */
export interface ResultFacts {
  readonly usage?: TaskUsage | null;
  readonly elapsedMs?: number;
  /** What stands on the work branch beyond its base. */
  readonly summary?: WorkFigures | null;
  /** Where a person opens the pull request that we did not; `reason` is null where none was wanted. */
  readonly compare?: { readonly url: string; readonly reason: string | null } | null;
  readonly warnings?: readonly string[];
}

interface WorkFigures {
  readonly commits: number;
  readonly files: readonly string[];
  readonly insertions: number;
  readonly deletions: number;
}

export interface ResultView {
  readonly task: Task;
  readonly ref: TaskRef;
  readonly plan: Plan;
  /** The worker's report, `output.md`. */
  readonly output: string | null;
  readonly facts: ResultFacts;
  readonly repository: RepositoryName;
}

const ROOM_FOR_REPORT = 35_000;
const ROOM_FOR_PLAN = 10_000;

/** The one comment that says how a task ended, and calls the requester. */
export function renderResult(view: ResultView): string {
  const { task, ref } = view;
  const { state } = task;
  const outcome: Outcome = state.kind === "finished" ? state.outcome : { kind: "done" };
  const mark = renderMark({ kind: "result", ref, attempt: task.attempt });
  return `${mark}\n${paragraphs(
    `### ${HEADINGS[outcome.kind]} ${plainLine(task.title)}`,
    `${mention(task.requester.login)} ${opening(outcome)}`,
    resultBody(view, outcome),
    outcome.kind === "done" ? null : renderControl({ kind: "retry", ref }, "Retry what is left"),
  )}`;
}

const HEADINGS = { done: "✅", failed: "❗", cancelled: "🛑" } as const;

function opening(outcome: Outcome): string {
  switch (outcome.kind) {
    case "done":
      return "this is done.";
    case "failed":
      return "this could not be finished.";
    case "cancelled":
      return `this was cancelled by ${person(outcome.by)}.`;
  }
}

/** Everything about an ending that is worth reading in a comment and in a run's summary alike. */
export function resultBody(view: ResultView, outcome: Outcome): string {
  const { task, ref, plan, facts, repository } = view;
  return paragraphs(
    outcome.kind === "failed" ? failure(outcome) : null,
    whereabouts(view),
    report(view),
    outcome.kind === "done" ? null : planDetails(view),
    warningDetails(facts.warnings),
    `<sub>${line(
      stepsDone(plan),
      figures(facts.summary),
      facts.elapsedMs === undefined ? null : duration(facts.elapsedMs),
      cost(facts.usage),
      plainLine(task.worker.name).replaceAll("`", ""),
    )}</sub>`,
    line(
      task.statusComment === null ? null : `[Status](${task.statusComment.url})`,
      `[Plan](${planUrl(repository, ref)})`,
    ),
  );
}

function failure({ sentence, nextStep }: Extract<Outcome, { kind: "failed" }>): string {
  return alert("CAUTION", `${workerText(sentence, 2_000)}\n\n**What to do:** ${workerText(nextStep, 1_000)}`);
}

/** Where the work is: that is what people come for. */
function whereabouts({ task, facts: { summary, compare } }: ResultView): string | null {
  const { work, pullRequest } = task;
  if (pullRequest !== null) return `**➡️ Pull request: [#${pullRequest.number}](${pullRequest.url})**`;
  if (compare !== null && compare !== undefined) return openYourself(work.branch, compare);
  if (summary === null || summary === undefined) return null;
  if (summary.commits === 0) return "No files were changed.";
  return work.onPullRequest
    ? `The work is on this pull request's branch, \`${work.branch}\`.`
    : `The work is on branch \`${work.branch}\`.`;
}

function openYourself(branch: string, { url, reason }: NonNullable<ResultFacts["compare"]>): string {
  const link = `**➡️ [Open the pull request](${url})**`;
  if (reason === null) return `${link} (the work is on branch \`${branch}\`)`;
  const refused = `The work is on branch \`${branch}\`, and one click opens its pull request. Dispatch could not: ${workerText(reason, 1_000)}`;
  const setting = /permitted to create or approve/i.test(reason) ? PULL_REQUEST_SETTING : null;
  return paragraphs(link, alert("NOTE", paragraphs(refused, setting)));
}

const PULL_REQUEST_SETTING =
  "To change that, turn on “Allow GitHub Actions to create and approve pull requests” in the repository's settings under Actions → General.";

function report({ ref, output, repository }: ResultView): string | null {
  if (output === null || output.trim() === "") return null;
  const { text, cut } = fittedText(output, ROOM_FOR_REPORT);
  return cut ? `${text}\n\n**[Read the whole report](${taskFileUrl(repository, ref, "output.md")})**` : text;
}

function planDetails({ task, ref, plan, repository }: ResultView): string {
  const { done, total } = progress(plan);
  const list = checklist(plan, { ...progressOf(task.state), room: ROOM_FOR_PLAN, planUrl: planUrl(repository, ref) });
  return details(`${done} of ${total} ${total === 1 ? "step is" : "steps are"} done`, list);
}

function stepsDone(plan: Plan): string {
  const { done, total } = progress(plan);
  return `${done} of ${total} ${total === 1 ? "step" : "steps"}`;
}

function figures(summary: WorkFigures | null | undefined): string | null {
  if (summary === null || summary === undefined || summary.commits === 0) return null;
  const { files, insertions, deletions } = summary;
  return `${files.length} ${files.length === 1 ? "file" : "files"} changed, +${insertions} −${deletions}`;
}
