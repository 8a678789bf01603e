import type { WorkerCommand } from "../core/backend.ts";
import type { Problem } from "../core/problem.ts";
import type { Setup } from "../core/setup.ts";
import type { TaskFiles, TaskRef, Work, WorkerSpec } from "../core/task.ts";
import type { PullState } from "./ports.ts";

// What a run finds on its own machine: the checkout, the task's folder, the worker.

export type Pushed =
  | { readonly kind: "pushed"; readonly head: string; readonly found?: "rewritten" | "deleted" }
  /** There was nothing new to push. */
  | { readonly kind: "nothing" }
  | Moved
  | RefusedPush;

/** The work has gone to a branch of its own, for it has no place on the branch it was for. */
export interface Moved {
  readonly kind: "moved";
  readonly branch: string;
  readonly head: string;
  /** Where a pull request of that branch goes to. */
  readonly base: string;
  /**
   * Others have changed the same places; have taken commits out without which it does not fit; have deleted the branch; have closed or
   * merged its pull request.
   */
  readonly why: "conflict" | "rewritten" | "deleted" | "closed" | "merged";
}

export interface RefusedPush {
  readonly kind: "refused";
  /** GitHub's own words. */
  readonly sentence: string;
  /** Messages of the commits that did not arrive, oldest first. */
  readonly commits: readonly string[];
}

export interface CommitText {
  readonly message: string;
  /** The task's id. */
  readonly task: string;
  readonly coAuthor: { readonly login: string; readonly id: number };
  readonly signoff: boolean;
}

/** The repository on the runner, where the worker works. */
export interface Checkout {
  readonly directory: string;
  /**
   * Brings `work` into the workspace: the work branch where it exists, else its base; the pull request's head where it is read-only,
   * and then nothing of what follows leaves the workspace.
   * @throws Problem "checkout-failed" with git's own words, "base-missing" where the base is not there (any more).
   */
  prepare(work: Work, ref: TaskRef): Promise<void>;
  /** Takes over a workspace that an earlier process of this job has prepared. False when there is none. */
  adopt(work: Work, ref: TaskRef): Promise<boolean>;
  /** Commits what the worker has changed and not committed itself. False when there was nothing. */
  save(text: CommitText): Promise<boolean>;
  /**
   * Brings what has been committed to the work branch.
   * @param pull how the pull request stands whose branch that is; "open" for a branch of the task's own
   */
  push(pull?: PullState): Promise<Pushed>;
  /** What stands on the work branch beyond its base. */
  summary(): Promise<WorkSummary>;
  /** Lines of the messages under which this task's work was committed in the past, as far as it has arrived on the work branch. */
  saved(task: string): Promise<readonly string[]>;
  /** Path of a git bundle, outside the workspace, with the work that the remote does not have; null where it has all. */
  bundle(): Promise<string | null>;
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
  /** Ends whatever still runs of a worker whose own run was killed. */
  endLeftBehind(directory: string, ref: TaskRef, graceMs: number): Promise<void>;
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

/** Looks at the machine that a run is on. */
export interface SetupProbe {
  look(): Promise<Setup>;
}
