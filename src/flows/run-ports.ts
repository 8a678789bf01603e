import type { RepositoryName } from "../core/links.ts";
import type {
  Checkout,
  Clock,
  Comments,
  Issues,
  Labels,
  Log,
  Permissions,
  PullRequests,
  TaskBranches,
  TaskFolder,
  TaskIndex,
  Workers,
} from "./ports.ts";

/** All that a run can reach. A flow takes only what it uses of it. */
export interface RunPorts {
  readonly repository: RepositoryName;
  readonly self: readonly string[];
  readonly branches: TaskBranches;
  readonly index: TaskIndex;
  readonly comments: Comments;
  readonly labels: Labels;
  readonly permissions: Permissions;
  readonly issues: Issues;
  readonly pullRequests: PullRequests;
  readonly checkout: Checkout;
  readonly folder: TaskFolder;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Log;
  /** Fires when GitHub cancels the job. */
  readonly stop: AbortSignal;
}
