import type { RepositoryName } from "../core/links.ts";
import type {
  Background,
  Clock,
  Comments,
  ConfigProposals,
  Conversations,
  Labels,
  Log,
  Permissions,
  Reactions,
  ReviewThreads,
  Runs,
  TaskBranches,
  TaskIndex,
} from "./ports.ts";

/** All that the thread handler can reach in one repository. A flow takes only what it uses of it. */
export interface ThreadPorts {
  readonly repository: RepositoryName;
  /** Logins that are ours, as GitHub's events spell them: `dispatch[bot]`, `github-actions[bot]`. */
  readonly self: readonly string[];
  readonly branches: TaskBranches;
  readonly index: TaskIndex;
  readonly comments: Comments;
  readonly reviewThreads: ReviewThreads;
  readonly reactions: Reactions;
  readonly labels: Labels;
  readonly permissions: Permissions;
  readonly conversations: Conversations;
  readonly runs: Runs;
  readonly proposals: ConfigProposals;
  /** Hears the replies in a thread once more, where some may have come while it did not look as if it waited. */
  readonly hearMissed: (thread: number) => Promise<void>;
  readonly clock: Clock;
  readonly background: Background;
  readonly log: Log;
}

/** How long a second handler of the same delivery leaves the first one alone before it repairs what is missing. */
export const GRACE_MS = 5_000;

/** What moves a task on by one step, whoever does it: the thread handler or a run. */
export type CoursePorts = Pick<
  ThreadPorts,
  | "branches"
  | "index"
  | "comments"
  | "reviewThreads"
  | "labels"
  | "runs"
  | "conversations"
  | "hearMissed"
  | "clock"
  | "self"
  | "repository"
  | "log"
>;
