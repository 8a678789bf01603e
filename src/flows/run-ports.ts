import type { RepositoryName } from "../core/links.ts";
import type { Checkout, SetupProbe, TaskFolder, Workers } from "./machine-ports.ts";
import type {
  Background,
  Clock,
  Comments,
  ConfigProposals,
  Conversations,
  Issues,
  Labels,
  Log,
  Permissions,
  PullRequests,
  Reactions,
  ReviewThreads,
  Runs,
  SetupRecords,
  TaskBranches,
  TaskIndex,
} from "./ports.ts";

/** All that a run can reach. A flow takes only what it uses of it. */
export interface RunPorts {
  readonly repository: RepositoryName;
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
  readonly probe: SetupProbe;
  readonly records: SetupRecords;
  readonly issues: Issues;
  readonly pullRequests: PullRequests;
  readonly checkout: Checkout;
  readonly folder: TaskFolder;
  readonly workers: Workers;
  readonly proposals: ConfigProposals;
  readonly clock: Clock;
  readonly background: Background;
  readonly log: Log;
  /** Fires when GitHub cancels the job. */
  readonly stop: AbortSignal;
}
