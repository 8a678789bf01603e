import { parse, stringify } from "yaml";
import { z } from "zod";
import { Problem } from "./problem.ts";

/** A person, as GitHub names them. The id survives a renamed login. */
export const Person = z.object({ login: z.string(), id: z.number() });
export type Person = z.infer<typeof Person>;

/** The conversation a task belongs to. A task that was started without one has `null` instead. */
export const Thread = z.object({ kind: z.enum(["issue", "pull"]), number: z.number().int().positive() });
export type Thread = z.infer<typeof Thread>;

/** What made the task: a comment, the body of an issue or pull request, a review, a review comment, or a workflow run. */
export const Trigger = z.object({
  kind: z.enum(["comment", "issue", "review", "review-comment", "workflow"]),
  /** Id of the comment, review or run; for `issue` the number of the issue or pull request. */
  id: z.number(),
  url: z.string(),
});
export type Trigger = z.infer<typeof Trigger>;

export const BackendKind = z.enum(["claude", "codex", "cursor", "generic"]);
export type BackendKind = z.infer<typeof BackendKind>;

/** Which command does the work. Resolved from the config once, when the task is accepted. */
export const WorkerSpec = z.object({
  /** Model or alias as people know it: `opus`, `security-reviewer`. */
  name: z.string(),
  /** Model id for the CLI; null for a backend that takes none. */
  model: z.string().nullable(),
  backend: z.string(),
  kind: BackendKind,
  /** The config's command template, given to bash as it stands. */
  command: z.string(),
  /** The alias's role prompt, which goes before the worker prompt. */
  role: z.string().nullable(),
});
export type WorkerSpec = z.infer<typeof WorkerSpec>;

/** The part of the config that a run needs, as it was when the task was accepted. */
export const Settings = z.object({
  /** Minutes that a question keeps the worker waiting before the task is parked. */
  answerTimeout: z.number().positive(),
  /** Minutes that a run may take. */
  timeout: z.number().positive(),
  pullRequest: z.enum(["draft", "ready", "none"]),
  isolation: z.enum(["user", "none"]),
  signoff: z.boolean(),
  /** Names of further environment variables that the worker may see. */
  env: z.array(z.string()),
});
export type Settings = z.infer<typeof Settings>;

/** Where the work goes. */
export const Work = z.object({
  /** Branch that the work starts from and that its pull request goes to. */
  base: z.string(),
  /** Branch that is pushed: `dispatch/<task-id>`, or the pull request's own. */
  branch: z.string(),
  /** True when `branch` is the head of the thread's own pull request: then no pull request is opened. */
  onPullRequest: z.boolean(),
});
export type Work = z.infer<typeof Work>;

/** One of our comments. The author counts as much as the id: only our own identities are believed. */
export const CommentRef = z.object({ id: z.number(), author: z.string(), url: z.string() });
export type CommentRef = z.infer<typeof CommentRef>;

/** A workflow run that works on a task. `tryNumber` is GitHub's run attempt ("Re-run jobs" raises it). */
export const Run = z.object({ id: z.number(), tryNumber: z.number(), url: z.string() });
export type Run = z.infer<typeof Run>;

/** Why a task did not get done, in a word that code can switch on. */
export const Cause = z.enum([
  "item-error",
  "items-left",
  "nothing-done",
  "cli-missing",
  "cli-outdated",
  "secret-missing",
  "auth",
  "quota",
  "overloaded",
  "model-unknown",
  "network",
  "crashed",
  "timeout",
  "push-refused",
  "not-started",
  "run-died",
]);
export type Cause = z.infer<typeof Cause>;

export const Outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("failed"), cause: Cause, sentence: z.string(), nextStep: z.string() }),
  z.object({ kind: z.literal("cancelled"), by: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

export const TaskState = z.discriminatedUnion("kind", [
  /** Accepted; a run has been asked for and has not claimed the task yet. */
  z.object({ kind: z.literal("queued"), since: z.string() }),
  z.object({ kind: z.literal("running"), run: Run }),
  /** The worker lives and waits for the answers to these questions. */
  z.object({ kind: z.literal("waiting"), run: Run, questions: z.array(z.string()).nonempty() }),
  /** Cancel was asked for; the run has not ended yet. */
  z.object({ kind: z.literal("cancelling"), run: Run, by: z.string() }),
  /** The run has ended with open questions; an answer starts the next run. */
  z.object({ kind: z.literal("parked"), run: Run, questions: z.array(z.string()).nonempty() }),
  /** `run` is null when none ever claimed the task. */
  z.object({ kind: z.literal("finished"), run: Run.nullable(), outcome: Outcome, at: z.string() }),
]);
export type TaskState = z.infer<typeof TaskState>;

/** What is known of one exchange beside its text, which lives in `ipc/`. Keyed by the question's number, "001". */
const Exchange = z.object({
  askedAt: z.string(),
  comment: CommentRef.nullable(),
  answeredBy: z.string().nullable(),
});
type Exchange = z.infer<typeof Exchange>;

/** `task.yaml`: who asked for what, where, with which worker, and how far it has come. */
export const Task = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/),
  title: z.string(),
  thread: Thread.nullable(),
  /** The issue that was opened for the questions of a task without a thread. */
  openedIssue: Thread.optional(),
  requester: Person,
  trigger: Trigger,
  askedAt: z.string(),
  worker: WorkerSpec,
  settings: Settings,
  work: Work,
  /** How many times a run has been asked for; names the run. */
  attempt: z.number().int().positive(),
  state: TaskState,
  statusComment: CommentRef.nullable(),
  resultComment: CommentRef.nullable(),
  exchanges: z.record(z.string(), Exchange),
  pullRequest: z.object({ number: z.number(), url: z.string() }).nullable(),
  /** The CLI's own session, for the next run to continue. */
  session: z.string().nullable(),
});
export type Task = z.infer<typeof Task>;

/** Names a task and its branch. `thread` is the number of the conversation, or "run" for a task without one. */
export interface TaskRef {
  readonly thread: string;
  readonly id: string;
}

/** A task's files by their path inside the task's folder: `task.yaml`, `plan.md`, `ipc/001.question`, … */
export type TaskFiles = Readonly<Record<string, string>>;

export function taskRef(task: Pick<Task, "thread" | "id">): TaskRef {
  return { thread: task.thread === null ? "run" : String(task.thread.number), id: task.id };
}

/** Where people talk about the task: its thread, or the issue that was opened for its questions. */
export function talkOf(task: Pick<Task, "thread" | "openedIssue">): Thread | null {
  return task.thread ?? task.openedIssue ?? null;
}

/** `dispatch/tasks/<thread>/<task-id>`, without `refs/heads/`. */
export function taskBranch({ thread, id }: TaskRef): string {
  return `dispatch/tasks/${thread}/${id}`;
}

/** `.dispatch/tasks/<task-id>`, the same on the branch and in the worker's checkout. */
export function taskFolder({ id }: Pick<TaskRef, "id">): string {
  return `.dispatch/tasks/${id}`;
}

/** Reads a branch name or `<thread>/<task-id>`; null when it names no task. */
export function parseTaskRef(text: string): TaskRef | null {
  const match = /^(?:dispatch\/tasks\/)?(run|[1-9]\d{0,9})\/([a-z0-9][a-z0-9-]{0,79})$/.exec(text);
  return match === null ? null : { thread: match[1] as string, id: match[2] as string };
}

/** The run's name in the Actions tab, by which a started run is found again. */
export function runName(ref: TaskRef, attempt: number): string {
  return `dispatch ${ref.thread}/${ref.id} #${attempt}`;
}

/** Reads a run's name back; null for runs that are not ours. */
export function parseRunName(name: string): { readonly ref: TaskRef; readonly attempt: number } | null {
  const match = /^dispatch (\S+) #(\d+)$/.exec(name);
  const ref = parseTaskRef(match?.[1] ?? "");
  return ref === null ? null : { ref, attempt: Number(match?.[2]) };
}

/**
 * Reads `task.yaml`.
 * @throws Problem "task-unreadable" when it is missing or damaged.
 */
export function readTask(files: TaskFiles): Task {
  const parsed = Task.safeParse(parseYaml(files["task.yaml"] ?? ""));
  if (parsed.success) return parsed.data;
  throw new Problem(
    "task-unreadable",
    "The task's record, task.yaml, cannot be read.",
    "Look at the last commits of the task's branch; write the command again to start over.",
    { cause: parsed.error },
  );
}

/** What is no YAML is no task either, so a fault in it needs no report of its own. */
function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

export function renderTask(task: Task): string {
  return stringify(task, { lineWidth: 0 });
}
