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
  /** For a comment that replies in a review thread: the comment that the thread starts with. */
  inReplyTo: z.number().optional(),
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
  /** US dollars that a run may cost; null for no limit. */
  budgetUsd: z.number().positive().nullable().default(null),
  /** The config is in the old format, which people are told as long as it is. */
  oldFormat: z.boolean().default(false),
  /** Models and aliases that the config offers, for whoever has to choose another one. */
  names: z.array(z.string()).default([]),
});
export type Settings = z.infer<typeof Settings>;

/** Where the work goes. */
export const Work = z.union([
  z.object({
    /** Branch that the work starts from and that its pull request goes to. */
    base: z.string(),
    /** Branch that is pushed: `dispatch/<task-id>`, or the pull request's own. */
    branch: z.string(),
    /** True when `branch` is the head of the thread's own pull request: then no pull request is opened. */
    onPullRequest: z.boolean(),
    readOnly: z.literal(false).optional(),
  }),
  /** Nowhere: it looks at a fork's pull request, and whatever it changes stays on the runner. */
  z.object({
    base: z.string(),
    /** What the work is called on the runner; no other place knows this branch. */
    branch: z.string(),
    onPullRequest: z.literal(false),
    readOnly: z.literal(true),
    /** The pull request whose head it looks at. */
    pull: z.number().int().positive(),
  }),
]);
export type Work = z.infer<typeof Work>;

/** One of our comments. The author counts as much as the id: only our own identities are believed. */
export const CommentRef = z.object({ id: z.number(), author: z.string(), url: z.string() });
export type CommentRef = z.infer<typeof CommentRef>;

/** Questions stand in the conversation, or in the review thread in which their task was asked for: two lists with ids of their own. */
const QuestionComment = CommentRef.extend({ kind: z.enum(["comment", "review-comment"]).default("comment") });
export type QuestionComment = z.infer<typeof QuestionComment>;

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
  "out-of-memory",
  "not-saved",
  "timeout",
  "budget",
  "push-refused",
  "not-started",
  "dependency",
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
  /** A person is asked which model is to work. `run` is the one that has looked at the set-up before, if one has. */
  z.object({ kind: z.literal("confirming"), since: z.string(), run: Run.nullable() }),
  /** Other tasks, `after`, must be done first. */
  z.object({ kind: z.literal("held"), since: z.string() }),
  /** The plan stands and wants a person's approval. `shown` is the commit whose plan people have been shown. */
  z.object({ kind: z.literal("planned"), since: z.string(), run: Run.nullable(), shown: z.string().nullable() }),
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
  comment: QuestionComment.nullable(),
  answeredBy: z.string().nullable(),
  /** ISO 8601: when the answer was taken. */
  answeredAt: z.string().optional(),
});
type Exchange = z.infer<typeof Exchange>;

/** Whether work may begin. It is given to one plan, the one that stood at `commit`. */
export const Approval = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("not-needed") }),
  z.object({ kind: z.literal("wanted") }),
  z.object({ kind: z.literal("given"), by: z.string(), commit: z.string() }),
]);
export type Approval = z.infer<typeof Approval>;

/** What the next run is for: to look at the set-up, to write the plan, or to work. */
export const Phase = z.enum(["check", "plan", "work"]);
export type Phase = z.infer<typeof Phase>;

/** `task.yaml`: who asked for what, where, with which worker, and how far it has come. */
export const Task = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/),
  title: z.string(),
  /** A doctor's task is over when the set-up has been looked at. */
  kind: z.enum(["work", "doctor"]).default("work"),
  phase: Phase.default("work"),
  approval: Approval.default({ kind: "not-needed" }),
  /** Who chose the model, where that was asked. */
  confirmedBy: z.string().nullable().default(null),
  /** Ids of the tasks of the same thread that must be done before this one starts. */
  after: z.array(z.string()).default([]),
  /** How many tasks the same comment asked for: those with the same trigger. */
  siblings: z.number().int().positive().default(1),
  /** Which of them it is, from 0. */
  position: z.number().int().nonnegative().default(0),
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
  /** Commands that have asked for a further run, newest last: one that is delivered again long after must not ask for another. */
  commands: z.array(z.string()).default([]),
  /** How many runs in a row have gone on by themselves because the one before had used up its job's time. */
  continued: z.number().int().nonnegative().default(0),
  state: TaskState,
  /** Logins under which whoever took the task on has written: what they wrote is ours, whoever starts the next run. */
  ours: z.array(z.string()).default([]),
  statusComment: CommentRef.nullable(),
  resultComment: CommentRef.nullable(),
  /** The comment that calls the requester to choose a model or approve the plan, and the attempt whose run has found that it must. */
  askComment: CommentRef.extend({ attempt: z.number().optional() }).nullable().default(null),
  /** The one comment that shows all tasks of the same trigger. */
  overviewComment: CommentRef.nullable().default(null),
  exchanges: z.record(z.string(), Exchange),
  pullRequest: z.object({ number: z.number(), url: z.string() }).nullable(),
  /** The CLI's own session, for the next run to continue. */
  session: z.string().nullable(),
  /** True once the task's other files have been deleted. */
  cleaned: z.boolean().default(false),
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

/** The first comment of the review thread in which something was said, a task asked for; null for words said elsewhere. */
export function reviewThreadOf({ trigger }: Pick<Task, "trigger">): number | null {
  return trigger.kind === "review-comment" ? (trigger.inReplyTo ?? trigger.id) : null;
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
  const text = files["task.yaml"] ?? "";
  const known = read.get(text);
  if (known !== undefined) return known;
  const parsed = Task.safeParse(parseYaml(text));
  if (parsed.success) return remember(text, parsed.data);
  throw new Problem(
    "task-unreadable",
    "The task's record, task.yaml, cannot be read.",
    "Look at the last commits of the task's branch; write the command again to start over.",
    { cause: parsed.error },
  );
}

/** A run reads the same record many times between two changes, and to parse it is what costs most of all that it does. */
const read = new Map<string, Task>();
const MOST_REMEMBERED = 64;

function remember(text: string, task: Task): Task {
  const [oldest] = read.keys();
  if (oldest !== undefined && read.size >= MOST_REMEMBERED) read.delete(oldest);
  read.set(text, task);
  return task;
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
