import { planUrl, type RepositoryName } from "./links.ts";
import { commitLine, fittedText, person } from "./safe-text.ts";
import type { Task, TaskRef } from "./task.ts";
import { paragraphs } from "./task-text.ts";

export interface PullRequestView {
  readonly task: Task;
  readonly ref: TaskRef;
  readonly repository: RepositoryName;
  /** The worker's report; null while there is none. */
  readonly output: string | null;
  /** True where the task was to resolve the issue: then merging closes it. */
  readonly closes?: boolean;
}

const ROOM_FOR_REPORT = 40_000;

/** Title and body of a task's pull request. Both stay true while the work goes on and after it. */
export function renderPullRequest(view: PullRequestView): { readonly title: string; readonly body: string } {
  const { task, ref, repository, output } = view;
  const from = task.thread === null ? "" : ` in #${task.thread.number}`;
  const closes = view.closes === true && task.thread?.kind === "issue" ? `Closes #${task.thread.number}` : null;
  const body = paragraphs(
    closes,
    output === null ? null : fittedText(output, ROOM_FOR_REPORT).text,
    output === null ? null : "---",
    `[Asked for](${task.trigger.url}) by ${person(task.requester.login)}${from}, made with \`${task.worker.name}\`. [The plan](${planUrl(repository, ref)}) shows every step.`,
  );
  return { title: commitLine(task.title, 200) || "Task", body };
}

const RESOLVE = String.raw`(?:fix|resolve|close|solve|implement|address|tackle|handle)`;
const THIS_ISSUE = new RegExp(
  String.raw`\b${RESOLVE}\s+(?:(?:this|the)\s+(?:issue|bug|ticket|problem|request)|this|it)(?=\s*(?:$|[.,;:!?\n]|and\b|with\b|by\b|in\b|please\b|for\b|using\b))`,
  "i",
);

/** Whether a request asks for the issue itself to be resolved, not only for some work on it. */
export function resolvesIssue(request: string, issue: number): boolean {
  const numbered = new RegExp(String.raw`\b(?:${RESOLVE})\s+(?:issue\s+)?#${issue}\b`, "i");
  return THIS_ISSUE.test(request) || numbered.test(request);
}
