import type { RepositoryName } from "../core/links.ts";
import type {
  Background,
  Clock,
  Comments,
  Conversations,
  Labels,
  Log,
  Permissions,
  Reactions,
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
  readonly reactions: Reactions;
  readonly labels: Labels;
  readonly permissions: Permissions;
  readonly conversations: Conversations;
  readonly runs: Runs;
  readonly clock: Clock;
  readonly background: Background;
  readonly log: Log;
}

/** How long a second handler of the same delivery leaves the first one alone before it repairs what is missing. */
export const GRACE_MS = 5_000;
