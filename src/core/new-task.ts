import { type Config, settingsOf } from "./config.ts";
import type { Conversation, PullHead } from "./conversation.ts";
import { readMark } from "./marker.ts";
import { onCursor, type Resolved, resolveWorker, wantsWorktree } from "./model.ts";
import { firstPlan, isProvisional, type Plan, parsePlan, renderPlan } from "./plan.ts";
import { Problem } from "./problem.ts";
import { phaseWhenReady, stateWhenReady } from "./readiness.ts";
import { readSetup, type Setup } from "./setup.ts";
import { cliForModel, unavailable } from "./setup-availability.ts";
import {
  type Person,
  renderTask,
  type Task,
  type TaskFiles,
  type Thread,
  type Trigger,
  taskFolder,
  type Work,
  type WorkerSpec,
} from "./task.ts";
import { taskId, taskTitle } from "./task-id.ts";
import { renderPlace, renderThread } from "./thread-context.ts";

/** One task as it was asked for. */
export interface TaskRequest {
  /** A doctor's task looks at the set-up and is done. */
  readonly kind: Task["kind"];
  readonly thread: Thread | null;
  readonly trigger: Trigger;
  readonly by: Person;
  /** ISO 8601: the moment of the command. */
  readonly at: string;
  /** The user's words. */
  readonly text: string;
  /** What the same comment says to all of its tasks. */
  readonly remarks: string;
  /** Which one of equal texts in the same comment, from 0. */
  readonly nth: number;
  /** A model or alias that was named beside the text, and counts more than one in it. */
  readonly model: string | null;
  /** The plan is to be approved before any work. */
  readonly planFirst: boolean;
  /** Ids of the tasks that must be done before. */
  readonly after: readonly string[];
  /** How many tasks the same comment asks for, this one included. */
  readonly siblings: number;
  /** Which of them it is, from 0. */
  readonly position: number;
  /** Where a review comment stands. */
  readonly place: { readonly path: string; readonly line: number | null; readonly diffHunk: string } | null;
}

/** What a request says that is the only one of its comment and asks for nothing special. */
export const PLAIN_REQUEST = {
  kind: "work",
  remarks: "",
  nth: 0,
  model: null,
  planFirst: false,
  after: [],
  siblings: 1,
  position: 0,
  place: null,
} as const satisfies Partial<TaskRequest>;

/** The name that a request gives its task, every time it is delivered. */
export function taskIdOf({
  thread,
  trigger,
  text,
  nth,
  model,
}: Pick<TaskRequest, "thread" | "trigger" | "text" | "nth" | "model">): string {
  const home = thread === null ? "run" : String(thread.number);
  // Jobs of one workflow run may give the same prompt to several models.
  const beside = model === null ? "" : `:${model}`;
  return taskId(text, `${home}:${trigger.kind}:${trigger.id}:${nth}:${text}${beside}`);
}

export interface NewTask {
  readonly task: Task;
  readonly files: TaskFiles;
  /** The request names a model that the config does not have. */
  readonly isUnlisted: boolean;
}

/**
 * The task and everything that its branch holds from the first commit on.
 * @param self our own logins: what we have said in the conversation tells the worker nothing, but is remembered
 * @throws Problem "unknown-model" and its kind, "fork-pull-request", "thread-missing".
 */
export function newTask(
  request: TaskRequest,
  conversation: Conversation,
  { config, self }: { readonly config: Config; readonly self: readonly string[] },
): NewTask {
  const id = taskIdOf(request);
  const title = request.kind === "doctor" ? "Check the set-up" : taskTitle(request.text);
  const resolved = resolve(request, config);
  const isUnlisted = resolved.named && !config.settings.names.includes(resolved.worker.name);
  const worker = availableWorker(resolved.worker, { isUnlisted, config, setup: readSetup(conversation.setup) });
  const plan = planOf(request, title, taskFolder({ id }));
  const approval: Task["approval"] = { kind: request.planFirst ? "wanted" : "not-needed" };
  const begin = beginning({ request, conversation, resolved, config, self });
  const free = { after: [...request.after], approval };
  const task: Task = {
    version: 1,
    id,
    title,
    kind: request.kind,
    phase: begin === "check" ? "check" : phaseOf(free, plan),
    approval,
    confirmedBy: null,
    after: [...request.after],
    siblings: request.siblings,
    position: request.position,
    thread: request.thread,
    requester: request.by,
    trigger: request.trigger,
    askedAt: request.at,
    worker,
    settings: settingsOf(config),
    work: workOf(id, request, conversation, config),
    attempt: 1,
    commands: [],
    continued: 0,
    state: firstState(begin, free, plan, request.at),
    ours: [...self],
    statusComment: null,
    resultComment: null,
    askComment: null,
    overviewComment: null,
    exchanges: {},
    pullRequest: null,
    session: null,
    cleaned: false,
  };
  const files = {
    "task.yaml": renderTask(task),
    "plan.md": renderPlan(plan),
    "request.md": `${[request.text, request.remarks].filter((words) => words.trim() !== "").join("\n\n")}\n`,
    "thread.md": threadOf(request, withoutUs(conversation, self)),
  };
  return { task, files, isUnlisted };
}

/**
 * The worker as doctor's last look says that it can be had. Without such a look, the run finds out before any work.
 * @throws Problem "unknown-model"
 */
function availableWorker(
  worker: WorkerSpec,
  {
    isUnlisted,
    config,
    setup,
  }: { readonly isUnlisted: boolean; readonly config: Config; readonly setup: Setup | null },
): WorkerSpec {
  if (setup === null) return worker;
  const { model } = worker;
  const byCursor = isUnlisted && worker.kind === "codex" && model !== null && cliForModel(model, setup) === "cursor";
  const found = byCursor ? onCursor(worker, config) : worker;
  const problem = unavailable(found, setup);
  if (problem !== null) throw problem;
  return found;
}

function resolve({ model, text, remarks }: TaskRequest, config: Config): Resolved {
  if (model !== null) return resolveWorker(`--model ${model}`, config);
  const own = resolveWorker(text, config);
  return own.named ? own : resolveWorker(remarks, config);
}

const DOCTOR_PLAN = "- [ ] Look at the command line tools, keys, models, permissions and the workflow file\n";

function planOf({ kind, text }: TaskRequest, title: string, folder: string): Plan {
  if (kind === "doctor") return parsePlan(`# ${title}\n\n${DOCTOR_PLAN}`);
  return firstPlan({ title, request: text, taskFolder: folder });
}

/** A plan that stands already needs no run to write it. */
function phaseOf(task: Pick<Task, "approval">, plan: Plan): Task["phase"] {
  return isProvisional(plan) ? phaseWhenReady(task) : "work";
}

/** What a task begins with: a look at the set-up, the question which model is to work, or what `stateWhenReady` says. */
type Begin = "check" | "confirm" | "ready";

interface Circumstances {
  readonly request: TaskRequest;
  readonly conversation: Conversation;
  readonly resolved: Resolved;
  readonly config: Config;
  readonly self: readonly string[];
}

function beginning({ request, conversation, resolved, config, self }: Circumstances): Begin {
  if (request.kind === "doctor") return "check";
  // Whoever starts a workflow run by hand, or has it started by a schedule, is not there to be asked.
  if (resolved.named || request.thread === null || request.trigger.kind === "workflow") return "ready";
  if (conversation.config === null && conversation.setup === null) return "check";
  return !config.confirmDefault || isWarm(conversation, request.by, self) ? "ready" : "confirm";
}

/** Whether this person has asked in this thread what is configured: then they know the default. */
function isWarm({ topic }: Conversation, by: Person, self: readonly string[]): boolean {
  return (topic?.remarks ?? []).some(({ author, body }) => {
    const mark = self.includes(author) ? readMark(body) : null;
    return mark?.kind === "warm-up" && mark.by === by.id;
  });
}

function firstState(begin: Begin, free: Pick<Task, "after" | "approval">, plan: Plan, at: string): Task["state"] {
  switch (begin) {
    case "check":
      return { kind: "queued", since: at };
    case "confirm":
      return { kind: "confirming", since: at, run: null };
    case "ready":
      return stateWhenReady(free, plan, { at, othersDone: false });
  }
}

/** Our own comments would tell the worker nothing about its task. */
function withoutUs(conversation: Conversation, self: readonly string[]): Conversation {
  const { topic } = conversation;
  if (topic === null) return conversation;
  const remarks = topic.remarks.filter(({ author }) => !self.includes(author));
  return { ...conversation, topic: { ...topic, remarks } };
}

function threadOf({ place, at, by }: TaskRequest, conversation: Conversation): string {
  const thread = renderThread(conversation, at, by.login);
  return place === null ? thread : `${renderPlace(place)}\n\n${thread}`;
}

function workOf(id: string, request: TaskRequest, conversation: Conversation, { forks }: Config): Work {
  const own = `dispatch/${id}`;
  // Nothing of a doctor's goes anywhere, so it may look wherever it is asked.
  if (request.thread === null || request.kind === "doctor")
    return { base: conversation.defaultBranch, branch: own, onPullRequest: false };
  if (conversation.topic === null) {
    throw new Problem(
      "thread-missing",
      `There is no issue or pull request #${request.thread.number} here.`,
      "Name an open issue or pull request of this repository.",
    );
  }
  const { pull } = conversation.topic;
  if (pull === null) return { base: conversation.defaultBranch, branch: own, onPullRequest: false };
  if (pull.fork && forks === "refuse") throw forkPullRequest();
  if (pull.fork) {
    return { base: pull.base, branch: own, onPullRequest: false, readOnly: true, pull: request.thread.number };
  }
  return wantsWorktree(request.text, request.remarks)
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
    "Bring its commits to a branch of this repository, open a pull request from there, and write the command on it. Or allow reports on forks, which change nothing: set `forks: read-only` in `.github/dispatch.yml`, then write the command again.",
  );
}
