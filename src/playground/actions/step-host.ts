import type { JobLog } from "./job-log.ts";
import type { Template } from "./template.ts";

/** What a step is given by the job it belongs to. */
export interface StepHost {
  readonly workspace: string;
  readonly log: JobLog;
  /** `with:`, evaluated. */
  readonly inputs: Readonly<Record<string, string>>;
  /** `owner/name` */
  readonly repository: string;
  readonly serverUrl: string;
  readonly token: string;
  readonly ref: string;
  readonly sha: string;
  /** Where the run's artifacts are kept. */
  readonly artifacts: string;
  /**
   * Runs a process with the step's environment, reads what it says to the runner, and waits for its end.
   * @throws StepFailed when the process fails.
   */
  exec(command: {
    readonly file: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly directory?: string;
  }): Promise<void>;
  setOutput(name: string, value: string): void;
  warn(message: string): void;
}

/** The step has failed; the message is what its log says last. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

/** What a `uses:` stands for. */
export interface Action {
  /** `manifest`: described by an action.yml, which is held against what a step gives it. */
  readonly kind: "built-in" | "manifest";
  main(host: StepHost): Promise<void>;
  /** Runs at the end of the job once `main` was begun, whatever became of it. */
  readonly post: ((host: StepHost) => Promise<void>) | null;
  readonly postCondition: string;
  /** Inputs that the step does not give. */
  readonly defaults: Readonly<Record<string, Template>>;
}
