import type { WorkerCommand } from "../core/backend.ts";
import type { Conversation } from "../core/conversation.ts";
import type { Problem } from "../core/problem.ts";
import type { CommentRef, TaskFiles, TaskRef, Thread, Trigger, Work, WorkerSpec } from "../core/task.ts";

/** Everything on a task's branch at one commit. Paths are inside the task's folder. */
export interface Snapshot {
  readonly ref: TaskRef;
  readonly head: string;
  readonly files: TaskFiles;
}

/** One change of a task's branch. A file that is `null` is removed. */
export interface Change {
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
}

export interface TaskBranches {
  read(ref: TaskRef): Promise<Snapshot | null>;
  /**
   * Publishes a new branch with all its files at once; repeating it is harmless.
   * @throws Problem with GitHub's own words where the branch cannot be made.
   */
  create(ref: TaskRef, files: TaskFiles, message: string): Promise<"created" | "exists">;
  /** The compare-and-swap: takes place only while `head` is still the branch's head. */
  commit(ref: TaskRef, head: string, change: Change): Promise<{ readonly head: string } | "stale" | "gone">;
  /** The present head; costs no rate limit while it is still `known`. */
  head(ref: TaskRef, known: string): Promise<{ readonly head: string } | "same" | "gone">;
}

export interface TaskIndex {
  /** All tasks of a conversation, oldest first, finished ones included. */
  ofThread(thread: string): Promise<readonly Snapshot[]>;
  /** The one task with this id in the whole repository. */
  find(id: string): Promise<TaskRef | null>;
}

/** A comment as it stands on GitHub now. */
export interface PostedComment extends CommentRef {
  readonly body: string;
  readonly createdAt: string;
  readonly fromBot: boolean;
}

export interface Comments {
  /**
   * Posts a comment. `body` starts with our marker: when the outcome is unknown, the thread is searched for it before it is
   * posted again, so that one call never leaves two comments.
   */
  create(thread: number, body: string): Promise<CommentRef>;
  edit(id: number, body: string): Promise<"edited" | "gone">;
  remove(id: number): Promise<void>;
  /** Comments of the thread since a moment (ISO 8601), oldest first. */
  since(thread: number, moment: string): Promise<readonly PostedComment[]>;
}

export type ReactionContent = "eyes" | "rocket" | "confused" | "+1" | "-1";

export interface Reactions {
  /** "first" only for whoever put it there: the lock of replies that start nothing. */
  add(to: Trigger, content: ReactionContent): Promise<"first" | "again">;
}

export interface Labels {
  add(thread: number, label: string): Promise<void>;
  remove(thread: number, label: string): Promise<void>;
}

export interface Permissions {
  /** Write, maintain or admin. Any failure to find out is a no. */
  mayWrite(login: string): Promise<boolean>;
}

export interface Conversations {
  /** The repository's config and default branch, and the conversation, in one request. Null thread: the repository alone. */
  read(thread: Thread | null): Promise<Conversation>;
}

export interface RunStatus {
  readonly id: number;
  readonly url: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
}

export interface Runs {
  /**
   * Asks GitHub for a run of the worker workflow. Harmless to repeat: the claim lets only one run work.
   * @throws Problem "workflow-missing", "workflow-disabled", "workflow-inputs" or "run-refused".
   */
  start(ref: TaskRef, attempt: number, defaultBranch: string): Promise<void>;
  find(ref: TaskRef, attempt: number): Promise<RunStatus | null>;
  read(id: number): Promise<RunStatus | null>;
  cancel(id: number): Promise<void>;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly nodeId: string;
  readonly draft: boolean;
}

export interface PullRequestDraft {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

export interface PullRequests {
  /**
   * Opens the pull request, or returns the open one that the branch has already.
   * @throws Problem "pull-request-refused" where the repository's settings forbid it, "drafts-refused" where only drafts are refused.
   */
  open(draft: PullRequestDraft): Promise<PullRequest>;
  describe(number: number, change: { readonly title: string; readonly body: string }): Promise<void>;
  markReady(pull: PullRequest): Promise<void>;
}

export type Pushed =
  | { readonly kind: "pushed"; readonly head: string }
  /** There was nothing new to push. */
  | { readonly kind: "nothing" }
  /** Somebody else's commits were in the way and could not be joined: the work went to a branch of its own. */
  | { readonly kind: "moved"; readonly branch: string; readonly head: string }
  | { readonly kind: "refused"; readonly sentence: string };

export interface CommitText {
  readonly message: string;
  readonly coAuthor: { readonly login: string; readonly id: number };
  readonly signoff: boolean;
}

/** The repository on the runner, where the worker works. */
export interface Checkout {
  readonly directory: string;
  /**
   * Brings `work` into the workspace: the work branch where it exists, else its base.
   * @throws Problem "checkout-failed" with git's own words.
   */
  prepare(work: Work, ref: TaskRef): Promise<void>;
  /** Takes over a workspace that an earlier process of this job has prepared. False when there is none. */
  adopt(work: Work, ref: TaskRef): Promise<boolean>;
  /** Commits what the worker has changed and not committed itself. False when there was nothing. */
  save(text: CommitText): Promise<boolean>;
  push(): Promise<Pushed>;
  /** What stands on the work branch beyond its base. */
  summary(): Promise<WorkSummary>;
}

export interface WorkSummary {
  readonly commits: number;
  readonly files: readonly string[];
  readonly insertions: number;
  readonly deletions: number;
}

/** The task's folder in the worker's checkout, read with distrust. */
export interface TaskFolder {
  readonly directory: string;
  read(): Promise<{ readonly files: TaskFiles; readonly warnings: readonly string[] }>;
  /** Each file appears whole or not at all. */
  write(files: TaskFiles): Promise<void>;
  /**
   * Rewrites one file from what stands in it at that very moment ("" when it is missing), so that no change of the worker's own is
   * written over. Null leaves it as it is.
   */
  edit(path: string, change: (text: string) => string | null): Promise<void>;
  /** One value for every time that something may have changed, until the signal. */
  changes(signal: AbortSignal): AsyncIterable<void>;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last 8 KiB of what it printed on both streams. */
  readonly tail: string;
}

export interface WorkerProcess {
  readonly ended: Promise<WorkerExit>;
  /** Ends the process, its group and whatever it left behind: SIGTERM, then SIGKILL after `graceMs`. Resolves when they are gone. */
  stop(graceMs: number): Promise<void>;
}

export interface Workers {
  /** Why this worker cannot start here (CLI or key missing), or null. */
  preflight(spec: WorkerSpec): Promise<Problem | null>;
  start(command: WorkerCommand, place: WorkerPlace): WorkerProcess;
}

export interface WorkerPlace {
  readonly directory: string;
  readonly ref: TaskRef;
  /** Minutes that a question may wait. */
  readonly answerTimeout: number;
  /** Names of further environment variables that are handed on. */
  readonly env: readonly string[];
  /** Every line of the worker's standard output. */
  readonly onLine: (line: string) => void;
}

/** Time and chance, so that tests can hold both. */
export interface Clock {
  now(): Date;
  /** From 0 to 1. */
  random(): number;
  /** Resolves early, without error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Opens the issue in which a task without a thread asks. */
export interface Issues {
  /** @throws Problem "issues-off" where the repository has none. */
  open(title: string, body: string): Promise<Thread>;
}

/** Work that may go on after the entrance has answered; the entrance waits for it before it ends. */
export interface Background {
  later(what: string, work: () => Promise<void>): void;
}

export interface Log {
  info(message: string): void;
  warning(message: string): void;
}
