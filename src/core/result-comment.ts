import { planUrl, type RepositoryName, taskFileUrl } from "./links.ts";
import { renderMark } from "./marker.ts";
import { isProvisional, type Plan, progress } from "./plan.ts";
import { resultControls } from "./result-controls.ts";
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
  readonly unpushed?: UnpushedWork | null;
  readonly warnings?: readonly string[];
}

/** Work that GitHub did not take. */
export interface UnpushedWork {
  /** Path of a git bundle on the runner, which the workflow keeps as the run's artifact; null where there is none. */
  readonly bundle: string | null;
  readonly runUrl: string;
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
const FEW_STEPS = 10;

/** The one comment that says how a task ended, and calls the requester. */
export function renderResult(view: ResultView): string {
  const { task, ref, plan } = view;
  const { state } = task;
  const outcome: Outcome = state.kind === "finished" ? state.outcome : { kind: "done" };
  const mark = renderMark({ kind: "result", ref, attempt: task.attempt });
  return `${mark}\n${paragraphs(
    `### ${HEADINGS[outcome.kind]} ${plainLine(task.title)}`,
    `${mention(task.requester.login)} ${opening(outcome, task)}`,
    resultBody(view, outcome),
    resultControls(task, plan).join("\n"),
  )}`;
}

const HEADINGS = { done: "✅", failed: "❗", cancelled: "🛑" } as const;

function opening(outcome: Outcome, { cleaned: isDeleted }: Task): string {
  switch (outcome.kind) {
    case "done":
      return "this is done.";
    case "failed":
      return "this could not be finished.";
    case "cancelled":
      if (isDeleted) return "this was cancelled: its branch with the plan was deleted.";
      // GitHub does not say who stops a run.
      return outcome.by === ""
        ? "this was cancelled: its run was stopped."
        : `this was cancelled by ${person(outcome.by)}.`;
  }
}

/** Everything about an ending that is worth reading in a comment and in a run's summary alike. */
export function resultBody(view: ResultView, outcome: Outcome): string {
  const { task, ref, plan, facts, repository } = view;
  return paragraphs(
    outcome.kind === "failed" ? failure(outcome) : null,
    whereabouts(view, outcome),
    unpushedWork(view),
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
      task.cleaned ? null : `[Plan](${planUrl(repository, ref)})`,
    ),
  );
}

function failure({ sentence, nextStep }: Extract<Outcome, { kind: "failed" }>): string {
  return alert("CAUTION", `${workerText(sentence, 2_000)}\n\n**What to do:** ${workerText(nextStep, 1_000)}`);
}

/** Where the work is: that is what people come for. */
function whereabouts(
  { task, plan, facts: { summary, compare, unpushed } }: ResultView,
  outcome: Outcome,
): string | null {
  const { work, pullRequest } = task;
  if (work.readOnly === true) return "Nothing was pushed: the pull request is from a fork, which is only read.";
  if (pullRequest !== null) return `**➡️ Pull request: [#${pullRequest.number}](${pullRequest.url})**`;
  if (compare !== null && compare !== undefined) return openYourself(work.branch, compare);
  if (unpushed !== null && unpushed !== undefined) return null;
  const branch = `\`${work.branch}\``;
  if (summary === null || summary === undefined) {
    // Whoever ends a task for a run that has died knows no more than this.
    const mayBeThere = outcome.kind !== "done" && progress(plan).done > 0;
    return mayBeThere ? `What was pushed by then is on branch ${branch}.` : null;
  }
  if (summary.commits === 0) return "No files were changed.";
  return work.onPullRequest
    ? `The work is on this pull request's branch, ${branch}.`
    : `The work is on branch ${branch}.`;
}

/** What GitHub did not take must not be lost with the runner. */
function unpushedWork({ task, facts: { unpushed } }: ResultView): string | null {
  if (unpushed === null || unpushed === undefined) return null;
  const { bundle, runUrl } = unpushed;
  if (bundle === null) return "The work could not be kept. A retry does it again.";
  const { branch } = task.work;
  const kept = `**📦 The work is kept in the artifact \`dispatch-work\` of [this run](${runUrl}),** as a git bundle. A retry does these steps again.`;
  // People copy these lines into a shell, and git lets a branch have almost any name.
  if (!/^[\w./-]+$/.test(branch)) return kept;
  const commands = `git fetch dispatch-work.bundle ${branch}\ngit switch --create ${branch} FETCH_HEAD`;
  return paragraphs(
    kept,
    details(
      "Use the bundle yourself",
      `Download and unpack the artifact, then, in your clone:\n\n\`\`\`sh\n${commands}\n\`\`\``,
    ),
  );
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

/** Which steps are done and which are not; in sight where that is a glance. */
function planDetails({ task, ref, plan, repository }: ResultView): string {
  const { done, total } = progress(plan);
  const list = checklist(plan, { ...progressOf(task.state), room: ROOM_FOR_PLAN, planUrl: planUrl(repository, ref) });
  if (isProvisional(plan) || total === 0) return list;
  const summary = `${done} of ${total} ${total === 1 ? "step is" : "steps are"} done`;
  return total <= FEW_STEPS ? `**${summary}:**\n\n${list}` : details(summary, list);
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
