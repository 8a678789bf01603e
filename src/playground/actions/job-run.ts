import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve as resolvePath } from "node:path";
import { findAction } from "./action-source.ts";
import { asText, type JobStatus, truthy } from "./expression.ts";
import type { JobLog } from "./job-log.ts";
import { type Annotation, JobReport } from "./job-report.ts";
import { type JobOrder, JobState } from "./job-state.ts";
import { endOrphans } from "./processes.ts";
import { StepFiles } from "./step-files.ts";
import { type Action, StepFailed, type StepHost } from "./step-host.ts";
import { StepOutput } from "./step-output.ts";
import { runStepProcess } from "./step-process.ts";
import { resolve, resolveTexts, type Template } from "./template.ts";
import type { Step } from "./workflow.ts";

type StepConclusion = JobStatus | "skipped";

/** A step as the jobs API shows it. */
interface StepRecord {
  readonly name: string;
  readonly number: number;
  status: "in_progress" | "completed";
  conclusion: StepConclusion | null;
  readonly startedAt: string;
  completedAt: string | null;
}

interface PostStep {
  readonly step: Step;
  readonly action: Action;
  readonly inputs: Readonly<Record<string, string>>;
  readonly state: Map<string, string>;
}

/** How long a cancelled job may still run its `post` and `always()` steps. */
const AFTER_CANCEL_MS = 5 * 60_000;

/** One job on its own runner: a fresh folder, a small environment, step after step. */
export class JobRun {
  readonly steps: StepRecord[] = [];
  readonly #order: JobOrder;
  readonly #state: JobState;
  readonly #report: JobReport;
  readonly #mark = `playground_${randomUUID()}`;
  readonly #posts: PostStep[] = [];
  readonly #killed = new AbortController();
  #stepCancel = new AbortController();
  #presentHolds: () => boolean = () => false;
  #outputs: Record<string, string> = {};

  constructor(order: JobOrder) {
    this.#order = order;
    this.#state = new JobState(order, this.#mark);
    this.#report = new JobReport(join(order.folder, "log.txt"), order.now);
  }

  get log(): JobLog {
    return this.#report.log;
  }

  get annotations(): readonly Annotation[] {
    return this.#report.annotations;
  }

  get summary(): string {
    return this.#report.summary;
  }

  get outputs(): Readonly<Record<string, string>> {
    return this.#outputs;
  }

  /** Runs the job to its end. Never throws: what goes wrong is in the log. */
  async run(): Promise<JobStatus> {
    const minutes = Number(this.#state.text(this.#order.job.timeoutMinutes));
    const limit = setTimeout(() => {
      this.#report.annotate("error", `The job has exceeded the maximum execution time of ${minutes}m0s`);
      this.cancel();
    }, minutes * 60_000);
    try {
      await this.#prepare();
      for (const step of this.#order.job.steps) await this.#runStep(step);
      for (const post of this.#posts.toReversed()) await this.#runPost(post);
      this.#outputs = resolveTexts(this.#order.job.outputs, this.#state.contexts());
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(limit);
      const orphans = await endOrphans(this.#mark, this.#state.folders.root);
      if (orphans.length > 0) this.log.write(`Terminate orphan processes: ${orphans.join(", ")}`);
      await this.log.close();
    }
    return this.#state.status;
  }

  /** Ends the present step by signals; `post` and `always()` steps still run. */
  cancel(): void {
    if (this.#state.status === "cancelled") return;
    this.#state.status = "cancelled";
    this.#report.annotate("error", "The operation was canceled.");
    setTimeout(() => this.kill(), AFTER_CANCEL_MS).unref();
    // A step that wants to run even now, such as an `always()` or a post step, is let go on.
    if (!this.#presentHolds()) this.#stepCancel.abort();
  }

  /** The runner dies with all that is on it, and GitHub hears nothing more from it. That is a failure, not a cancellation. */
  lose(): void {
    this.#state.fail();
    this.#killed.abort();
  }

  /** Whether the job's own steps are behind it, and what cleans up after them is at work. */
  get isCleaningUp(): boolean {
    return this.steps.length > this.#order.job.steps.length;
  }

  /** Ends everything at once. */
  kill(): void {
    this.#state.status = "cancelled";
    this.#killed.abort();
  }

  async #prepare(): Promise<void> {
    const { workspace, temp, tools, home } = this.#state.folders;
    const folders = [workspace, temp, tools, home, dirname(this.#state.eventPath)];
    await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
    await writeFile(this.#state.eventPath, JSON.stringify(this.#order.github["event"] ?? {}, null, 2));
    for (const secret of [this.#order.token, ...Object.values(this.#order.secrets)]) this.log.mask(secret);
    this.#state.readEnv();
  }

  async #runStep(step: Step): Promise<void> {
    const state = this.#state;
    state.results[step.id] = { outputs: {}, outcome: "skipped", conclusion: "skipped" };
    await this.#record(state.stepName(step), async () => {
      if (!this.#wanted(step, step.condition)) return "skipped";
      const files = await StepFiles.create(state.folders.temp);
      const output = new StepOutput(this.#report);
      const outcome = await this.#attempt(step, (cancel) => this.#do(step, { step, files, output, cancel }));
      await this.#collect(files, output);
      const forgiven = outcome === "failure" && truthy(resolve(step.continueOnError, state.contexts(step)));
      const conclusion = forgiven ? "success" : outcome;
      state.results[step.id] = { outputs: output.outputs, outcome, conclusion };
      if (conclusion === "failure") state.fail();
      return conclusion;
    });
  }

  async #do({ does }: Step, run: StepRun): Promise<void> {
    if (does.kind === "run") return this.#runScript(run, does);
    const action = await findAction(does.action, this.#order.actionRoots, this.#state.folders.workspace);
    const inputs = this.#inputs(run.step, does.inputs, action);
    // From here on there is something to clean up, whatever becomes of the step.
    this.#posts.push({ step: run.step, action, inputs, state: run.output.state });
    await action.main(this.#host(run, inputs));
  }

  async #runPost({ step, action, inputs, state }: PostStep): Promise<void> {
    const { post } = action;
    if (post === null) return;
    await this.#record(`Post ${this.#state.stepName(step)}`, async () => {
      if (!this.#wanted(step, action.postCondition)) return "skipped";
      const files = await StepFiles.create(this.#state.folders.temp);
      const output = new StepOutput(this.#report, state);
      const outcome = await this.#attempt(step, (cancel) => post(this.#host({ step, files, output, cancel }, inputs)));
      await this.#collect(files, output);
      if (outcome === "failure") this.#state.fail();
      return outcome;
    });
  }

  /** Whether a step runs, as things stand. Asked again when the job is cancelled while it does. */
  #wanted(step: Step, condition: string): boolean {
    this.#presentHolds = () => !this.#killed.signal.aborted && this.#state.holds(condition, step);
    return this.#presentHolds();
  }

  async #record(name: string, work: () => Promise<StepConclusion>): Promise<void> {
    const record: StepRecord = {
      name,
      number: this.steps.length + 1,
      status: "in_progress",
      conclusion: null,
      startedAt: this.#order.now().toISOString(),
      completedAt: null,
    };
    this.steps.push(record);
    record.conclusion = await work().catch((error: unknown) => this.#fail(error));
    record.status = "completed";
    record.completedAt = this.#order.now().toISOString();
  }

  /** Does a step's work under its time limit and under the cancel signal. */
  async #attempt(step: Step, work: (cancel: AbortSignal) => Promise<void>): Promise<JobStatus> {
    const cancel = new AbortController();
    this.#stepCancel = cancel;
    const minutes = step.timeoutMinutes === null ? null : Number(this.#state.text(step.timeoutMinutes, step));
    const limit = minutes === null ? undefined : setTimeout(() => cancel.abort("late"), minutes * 60_000);
    const cancelled = () => this.#killed.signal.aborted || (cancel.signal.aborted && cancel.signal.reason !== "late");
    try {
      await work(cancel.signal);
      return cancelled() ? "cancelled" : "success";
    } catch (error) {
      if (cancelled()) return "cancelled";
      if (!(error instanceof StepFailed)) throw error;
      const late = `The action '${this.#state.stepName(step)}' has timed out after ${minutes} minutes.`;
      this.#report.annotate("error", cancel.signal.aborted ? late : error.message);
      return "failure";
    } finally {
      clearTimeout(limit);
    }
  }

  async #runScript(run: StepRun, does: Extract<Step["does"], { kind: "run" }>): Promise<void> {
    const { temp, workspace } = this.#state.folders;
    const script = this.#state.text(does.script, run.step);
    const file = join(temp, `${randomUUID()}.sh`);
    await writeFile(file, script.endsWith("\n") ? script : `${script}\n`);
    const command = shellCommand(does.shell);
    this.log.write(
      `##[group]Run ${script.split("\n")[0]}\n${script.trimEnd()}\nshell: ${command.join(" ")}\n##[endgroup]`,
    );
    const directory = does.directory === null ? "." : this.#state.text(does.directory, run.step);
    const [program = "bash", ...args] = command.map((part) => part.replaceAll("{0}", file));
    await this.#exec(run, { file: program, args, directory: resolvePath(workspace, directory), env: {} });
  }

  #inputs({ does, ...step }: Step, given: Template, action: Action): Record<string, string> {
    const contexts = this.#state.contexts({ does, ...step });
    const inputs = lowerKeys(resolveTexts(given, contexts));
    const known = lowerKeys(action.defaults);
    const unknown = Object.keys(inputs).filter((name) => !Object.hasOwn(known, name));
    if (unknown.length > 0 && action.kind === "manifest") {
      const sentence = `Unexpected input(s) ${listed(unknown)}, valid inputs are [${listed(Object.keys(known))}]`;
      this.#report.annotate("warning", sentence);
    }
    return { ...lowerKeys(resolveTexts(action.defaults, contexts)), ...inputs };
  }

  #host(run: StepRun, inputs: Readonly<Record<string, string>>): StepHost {
    const { github, token, artifacts } = this.#order;
    const { workspace } = this.#state.folders;
    return {
      workspace,
      log: this.log,
      inputs,
      repository: asText(github["repository"] ?? ""),
      serverUrl: asText(github["server_url"] ?? ""),
      ref: asText(github["ref"] ?? ""),
      sha: asText(github["sha"] ?? ""),
      token,
      artifacts,
      setOutput: (name, value) => {
        run.output.outputs[name] = value;
      },
      warn: (message) => this.#report.annotate("warning", message),
      exec: ({ file, args, env = {}, directory = workspace }) => {
        return this.#exec(run, {
          file,
          args,
          directory,
          env: { ...this.#state.actionEnvironment(run.output.state), ...env },
        });
      },
    };
  }

  async #exec({ step, files, output, cancel }: StepRun, command: Executed): Promise<void> {
    const { kill, grace } = { kill: this.#killed.signal, grace: this.#order.grace };
    const env = { ...this.#state.environment(step, files.variables), ...command.env };
    const code = await runStepProcess({ ...command, env, onLine: (line) => output.line(line), cancel, kill, grace });
    if (code === null) throw new StepFailed("The process was ended by a signal.");
    if (code !== 0) throw new StepFailed(`Process completed with exit code ${code}.`);
  }

  /** Reads what a step has left in its files. */
  async #collect(files: StepFiles, output: StepOutput): Promise<void> {
    await output.collect(files);
    for (const [name, value] of await files.values("GITHUB_ENV")) {
      if (name.toUpperCase() !== "NODE_OPTIONS") this.#state.env[name] = value;
      else this.#report.annotate("error", "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
    }
    this.#state.path.push(...(await files.path()));
  }

  #fail(error: unknown): "failure" {
    this.#report.annotate("error", error instanceof Error ? error.message : String(error));
    this.#state.fail();
    return "failure";
  }
}

/** One try at a step, or at its post step. */
interface StepRun {
  readonly step: Step;
  readonly files: StepFiles;
  readonly output: StepOutput;
  readonly cancel: AbortSignal;
}

interface Executed {
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

function shellCommand(shell: string | null): readonly string[] {
  switch (shell) {
    case null:
      return ["bash", "-e", "{0}"];
    case "bash":
      return ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"];
    case "sh":
      return ["sh", "-e", "{0}"];
    case "python":
      return ["python3", "{0}"];
    default:
      return shell.split(" ");
  }
}

function listed(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}

function lowerKeys<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}
