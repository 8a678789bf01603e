import { readCommand, type WorkflowCommand } from "./commands.ts";
import type { JobReport } from "./job-report.ts";
import type { StepFiles } from "./step-files.ts";

/** What a step says to the runner, by lines of its output and by files. */
export class StepOutput {
  readonly outputs: Record<string, string> = {};
  /** What the step keeps for its post step. */
  readonly state: Map<string, string>;
  readonly #report: JobReport;
  #stopMark: string | null = null;

  constructor(report: JobReport, state = new Map<string, string>()) {
    this.#report = report;
    this.state = state;
  }

  line(line: string): void {
    const command = readCommand(line);
    if (command === null) return this.#report.log.write(line);
    if (this.#stopMark === null) return this.#obey(command, line);
    if (command.name === this.#stopMark) this.#stopMark = null;
    else this.#report.log.write(line);
  }

  async collect(files: StepFiles): Promise<void> {
    for (const [name, value] of await files.values("GITHUB_OUTPUT")) this.outputs[name] = value;
    for (const [name, value] of await files.values("GITHUB_STATE")) this.state.set(name, value);
    this.#report.addSummary(await files.summary());
  }

  #obey({ name, properties, value }: WorkflowCommand, line: string): void {
    const { log } = this.#report;
    switch (name) {
      case "add-mask":
        log.mask(value);
        return log.write("::add-mask::***");
      case "error":
      case "warning":
      case "notice":
        return this.#report.annotate(name, value, properties);
      case "set-output":
        this.outputs[properties["name"] ?? ""] = value;
        return;
      case "save-state":
        this.state.set(properties["name"] ?? "", value);
        return;
      case "stop-commands":
        this.#stopMark = value.toLowerCase();
        return;
      case "group":
      case "endgroup":
      case "debug":
        return log.write(`##[${name}]${value}`);
    }
    log.write(line);
  }
}
