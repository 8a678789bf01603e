/** Somebody's words in a conversation, with the times that tell whether they stood so at the moment of the command. */
export interface Remark {
  readonly author: string;
  readonly body: string;
  /** ISO 8601 */
  readonly createdAt: string;
  /** ISO 8601; null when never edited. */
  readonly editedAt: string | null;
  /** For review comments: where it stands. */
  readonly place: { readonly path: string; readonly line: number | null; readonly diffHunk: string } | null;
}

export interface PullHead {
  readonly branch: string;
  readonly sha: string;
  readonly base: string;
  /** True when the head lives in another repository, or its repository is gone. */
  readonly fork: boolean;
}

/** What accepting a command needs to know, read in one request. */
export interface Conversation {
  readonly defaultBranch: string;
  /** Text of `.github/dispatch.yml` on the default branch, else the organisation's; null when there is neither. */
  readonly config: string | null;
  /** Where `config` was found. */
  readonly configFrom: "repository" | "organisation" | null;
  /** What doctor last found: the text of `setup.yaml` on the branch `dispatch/setup`; null before the first time. */
  readonly setup: string | null;
  /** Null for a task without a thread. */
  readonly topic: {
    readonly title: string;
    readonly body: string;
    /** ISO 8601; null when title and body stand as they were written. */
    readonly editedAt: string | null;
    readonly author: string;
    readonly open: boolean;
    readonly pull: PullHead | null;
    readonly remarks: readonly Remark[];
  } | null;
}
