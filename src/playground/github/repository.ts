import type { Account } from "./accounts.ts";
import type { GitStore } from "./git-store.ts";

export type Role = "read" | "triage" | "write" | "maintain" | "admin";

export const REACTIONS = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"] as const;
export type ReactionContent = (typeof REACTIONS)[number];

export interface Reaction {
  readonly id: number;
  readonly content: ReactionContent;
  readonly user: Account;
  readonly createdAt: string;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

/** Whatever carries a text that people can edit and react to. */
export interface Remark {
  readonly id: number;
  readonly nodeId: string;
  readonly user: Account;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
  /** Null until the text is edited. */
  editedAt: string | null;
  readonly reactions: Reaction[];
}

export interface IssueComment extends Remark {
  readonly issue: Issue;
}

export interface Issue extends Remark {
  readonly repository: Repository;
  readonly number: number;
  title: string;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | null;
  closedAt: string | null;
  closedBy: Account | null;
  labels: Label[];
  assignees: Account[];
  locked: boolean;
  /** Its number stays taken when it is deleted, or moved to another repository: then it is that issue. */
  gone: null | "deleted" | Issue;
  comments: IssueComment[];
  /** What makes an issue a pull request. */
  readonly pull: Pull | null;
}

export interface Pull {
  readonly id: number;
  readonly nodeId: string;
  /** Null when the fork has been deleted. */
  readonly headRepository: Repository | null;
  readonly headRef: string;
  /** The last head seen: stays after the branch is gone. */
  headSha: string;
  baseRef: string;
  baseSha: string;
  draft: boolean;
  mergedAt: string | null;
  mergedBy: Account | null;
  mergeCommitSha: string | null;
  readonly reviews: Review[];
  readonly reviewComments: ReviewComment[];
}

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";

export interface Review extends Remark {
  readonly issue: Issue;
  state: ReviewState;
  readonly commitId: string;
  submittedAt: string | null;
}

export interface ReviewComment extends Remark {
  readonly issue: Issue;
  readonly review: Review | null;
  readonly path: string;
  readonly line: number | null;
  readonly startLine: number | null;
  readonly side: "LEFT" | "RIGHT";
  readonly diffHunk: string;
  readonly commitId: string;
  readonly inReplyTo: number | null;
}

interface Ruleset {
  /** Of full ref names: `refs/heads/dispatch/**`. */
  readonly pattern: string;
  readonly refuse: readonly ("create" | "update" | "delete" | "non-fast-forward" | "unsigned")[];
}

export interface RepositorySettings {
  /** "Allow GitHub Actions to create and approve pull requests". */
  allowActionsToCreatePullRequests: boolean;
  allowDrafts: boolean;
  archived: boolean;
  hasIssues: boolean;
  rulesets: Ruleset[];
}

export interface Repository {
  readonly id: number;
  readonly nodeId: string;
  readonly owner: Account;
  readonly name: string;
  readonly fullName: string;
  readonly private: boolean;
  readonly fork: Repository | null;
  readonly createdAt: string;
  pushedAt: string;
  defaultBranch: string;
  readonly settings: RepositorySettings;
  readonly collaborators: Map<string, Role>;
  readonly labels: Map<string, Label>;
  /** Issues and pull requests by their number. */
  readonly issues: Map<number, Issue>;
  readonly git: GitStore;
}
