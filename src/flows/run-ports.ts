import type { Checkout, SetupProbe, TaskFolder, Workers } from "./machine-ports.ts";
import type { Issues, PullRequests, SetupRecords } from "./ports.ts";
import type { ThreadPorts } from "./thread-ports.ts";

/** What a run reaches beside the thread. A flow takes only what it uses of it. */
export interface RunPorts extends ThreadPorts {
  readonly probe: SetupProbe;
  readonly records: SetupRecords;
  readonly issues: Issues;
  readonly pullRequests: PullRequests;
  readonly checkout: Checkout;
  readonly folder: TaskFolder;
  readonly workers: Workers;
  /** Fires when GitHub cancels the job. */
  readonly stop: AbortSignal;
}
