import type { Source } from "../core/control.ts";
import type { Conversation } from "../core/conversation.ts";
import type { Role } from "../core/permission.ts";
import type { CommentRef, Person, TaskFiles, TaskRef, Thread, Trigger } from "../core/task.ts";

/** Everything on a task's branch at one commit. Paths are inside the task's folder. */
export interface Snapshot {
  readonly ref: TaskRef;
  readonly head: string;
  readonly files: TaskFiles;
  /** ISO 8601: when the branch last moved, where that was asked for. */
  readonly movedAt?: string;
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
  /** One file of the task as it stood at a commit; null when it or the commit is not there. */
  fileAt(ref: TaskRef, commit: string, path: string): Promise<string | null>;
  /** Deletes the branch; one that is gone is no trouble. */
  remove(ref: TaskRef): Promise<void>;
  /**
   * The present head; costs no rate limit while it is still `known`. A poll: when GitHub's limits leave no room for it, nobody looks, and it
   * counts as "same".
   */
  head(ref: TaskRef, known: string): Promise<{ readonly head: string } | "same" | "gone">;
}

export interface TaskIndex {
  /** All tasks of these conversations together, oldest first, finished ones included. */
  ofThread(...threads: readonly string[]): Promise<readonly Snapshot[]>;
  /** All tasks of the repository. */
  all(): Promise<readonly Snapshot[]>;
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
   * @throws Problem "thread-closed" where the conversation is locked, deleted, or moved to another repository
   */
  create(thread: number, body: string): Promise<CommentRef>;
  /** "left-out" where it is cosmetic and GitHub's limits leave no room for it now, "closed" where the conversation is locked. */
  edit(id: number, body: string, urgency?: "cosmetic"): Promise<"edited" | "gone" | "left-out" | "closed">;
  /** Whether a comment is there. A poll: free while nothing has changed; when GitHub's limits leave no room to look, it counts as there. */
  stands(id: number): Promise<boolean>;
  remove(id: number): Promise<void>;
  /** What somebody wrote: a comment, or a comment in a review; null when it is gone. */
  read(source: Source): Promise<Written | null>;
  /** Comments of the thread since a moment (ISO 8601), oldest first; "thread-closed" where it is gone. */
  since(thread: number, moment: string): Promise<readonly PostedComment[]>;
}

/** The threads of comments at a pull request's lines. Only questions are put there. */
export interface ReviewThreads {
  /**
   * Posts below the thread's other comments; with a lost reply it is looked for as by `Comments.create`.
   * @param first the comment that the thread starts with
   * @returns null when that is gone
   * @throws Problem "thread-closed"
   */
  reply(pull: number, first: number, body: string): Promise<CommentRef | null>;
  edit(id: number, body: string): Promise<"edited" | "gone" | "closed">;
  remove(id: number): Promise<void>;
  /** As `Comments.stands`. */
  stands(id: number): Promise<boolean>;
  /** Comments at all lines of the pull request since a moment (ISO 8601), oldest first. */
  since(pull: number, moment: string): Promise<readonly PostedComment[]>;
}

/** Somebody's words, with who is to be asked about them. */
export interface Written {
  readonly by: Person;
  readonly body: string;
  /** ISO 8601 */
  readonly at: string;
}

export type ReactionContent = "eyes" | "rocket" | "confused" | "+1" | "-1";

export interface Reactions {
  /** "first" only for whoever put it there: the lock of replies that start nothing. What is gone, or locked, takes none: "again", for then nobody was first. */
  add(to: Trigger, content: ReactionContent): Promise<"first" | "again">;
}

export interface Labels {
  /** @throws Problem "thread-closed" */
  add(thread: number, label: string): Promise<void>;
  /** A poll, as `Comments.stands`. */
  has(thread: number, label: string): Promise<boolean>;
  remove(thread: number, label: string): Promise<void>;
}

export interface Permissions {
  /** "none" for whoever GitHub knows nothing of. Where it cannot be asked, this fails: a person must not be refused for that. */
  roleOf(login: string): Promise<Role>;
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
  /** ISO 8601: GitHub's own time when it said so, where it did. */
  readonly seenAt?: string;
}

export interface Runs {
  /**
   * Asks GitHub for a run of the worker workflow. Harmless to repeat: the claim lets only one run work.
   * @throws Problem "workflow-missing", "workflow-disabled", "workflow-inputs" or "run-refused".
   */
  start(ref: TaskRef, attempt: number, defaultBranch: string): Promise<void>;
  /**
   * Runs of tasks that were asked for since then, by `runName`.
   * @param since ISO 8601, by whatever clock: some older runs are among them
   */
  asked(since: string): Promise<ReadonlyMap<string, RunStatus>>;
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
  /** Says how the pull request stands. */
  describe(number: number, change: { readonly title: string; readonly body: string }): Promise<PullState>;
  stateOf(number: number): Promise<PullState>;
  markReady(pull: PullRequest): Promise<void>;
}

export type PullState = "open" | "closed" | "merged";

/** Time and chance, so that tests can hold both. */
export interface Clock {
  now(): Date;
  /** From 0 to 1. */
  random(): number;
  /** Resolves early, without error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The file that people are proposed to merge: `.github/dispatch.yml`, changed. */
export interface ConfigProposals {
  /** What the next change starts from: the text of the proposal that is open, else the default branch's; null for no file. */
  read(): Promise<{ readonly text: string | null }>;
  /**
   * Puts a new text of the file on the branch of proposals, and a pull request around it unless one is open: then that one gets the
   * further commit and the new words. `number` is null where GitHub refuses the pull request; `url` then opens it by hand.
   * @throws Problem where the branch cannot be written
   */
  propose(change: {
    readonly text: string;
    readonly message: string;
    readonly title: string;
    /** From what the pull request says so far (null for a new one) to what it says now. */
    readonly body: (present: string | null) => string;
  }): Promise<{ readonly number: number | null; readonly url: string }>;
}

/** What doctor has found, kept on the branch `dispatch/setup` for the next who wants to know. */
export interface SetupRecords {
  write(text: string): Promise<void>;
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
