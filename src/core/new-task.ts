import type { Config } from "./config.ts";
import { settingsOf } from "./config.ts";
import type { Conversation, PullHead } from "./conversation.ts";
import { resolveWorker, wantsWorktree } from "./model.ts";
import { firstPlan, renderPlan } from "./plan.ts";
import { Problem } from "./problem.ts";
import {
  type Person,
  renderTask,
  type Task,
  type TaskFiles,
  type Thread,
  type Trigger,
  taskFolder,
  type Work,
} from "./task.ts";
import { taskId, taskTitle } from "./task-id.ts";
import { renderPlace, renderThread } from "./thread-context.ts";

/** One task as it was asked for. */
export interface TaskRequest {
  readonly thread: Thread | null;
  readonly trigger: Trigger;
  readonly by: Person;
  /** ISO 8601: the moment of the command. */
  readonly at: string;
  /** The user's words. */
  readonly text: string;
  /** Which one of equal texts in the same comment, from 0. */
  readonly nth: number;
  /** A model or alias that was named beside the text, and counts more than one in it. */
  readonly model: string | null;
  /** Where a review comment stands. */
  readonly place: { readonly path: string; readonly line: number | null; readonly diffHunk: string } | null;
}

/** The name that a request gives its task, every time it is delivered. */
export function taskIdOf({ thread, trigger, text, nth, model }: TaskRequest): string {
  const home = thread === null ? "run" : String(thread.number);
  // Jobs of one workflow run may give the same prompt to several models.
  const beside = model === null ? "" : `:${model}`;
  return taskId(text, `${home}:${trigger.kind}:${trigger.id}:${nth}:${text}${beside}`);
}

/**
 * The task and everything that its branch holds from the first commit on.
 * @throws Problem "unknown-model" and its kind, "fork-pull-request", "thread-missing".
 */
export function newTask(
  request: TaskRequest,
  conversation: Conversation,
  config: Config,
): { readonly task: Task; readonly files: TaskFiles } {
  const id = taskIdOf(request);
  const task: Task = {
    version: 1,
    id,
    title: taskTitle(request.text),
    thread: request.thread,
    requester: request.by,
    trigger: request.trigger,
    askedAt: request.at,
    worker: resolveWorker(request.model === null ? request.text : `--model ${request.model}`, config).worker,
    settings: settingsOf(config),
    work: workOf(id, request, conversation),
    attempt: 1,
    state: { kind: "queued", since: request.at },
    statusComment: null,
    resultComment: null,
    exchanges: {},
    pullRequest: null,
    session: null,
  };
  const plan = firstPlan({ title: task.title, request: request.text, taskFolder: taskFolder(task) });
  const files = {
    "task.yaml": renderTask(task),
    "plan.md": renderPlan(plan),
    "request.md": `${request.text}\n`,
    "thread.md": threadOf(request, conversation),
  };
  return { task, files };
}

function threadOf({ place, at, by }: TaskRequest, conversation: Conversation): string {
  const thread = renderThread(conversation, at, by.login);
  return place === null ? thread : `${renderPlace(place)}\n\n${thread}`;
}

function workOf(id: string, request: TaskRequest, conversation: Conversation): Work {
  const own = `dispatch/${id}`;
  if (request.thread === null) return { base: conversation.defaultBranch, branch: own, onPullRequest: false };
  if (conversation.topic === null) {
    throw new Problem(
      "thread-missing",
      `There is no issue or pull request #${request.thread.number} here.`,
      "Name an open issue or pull request of this repository.",
    );
  }
  const { pull } = conversation.topic;
  if (pull === null) return { base: conversation.defaultBranch, branch: own, onPullRequest: false };
  if (pull.fork) throw forkPullRequest();
  return wantsWorktree(request.text)
    ? worktree(own, pull)
    : { base: pull.base, branch: pull.branch, onPullRequest: true };
}

function worktree(own: string, pull: PullHead): Work {
  return { base: pull.branch, branch: own, onPullRequest: false };
}

function forkPullRequest(): Problem {
  return new Problem(
    "fork-pull-request",
    "This pull request comes from a fork, whose code and branch are not this repository's to run or to push to.",
    "Bring its commits to a branch of this repository, open a pull request from there, and write the command on it.",
  );
}
