import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve as resolvePath } from "node:path";
import { type ActionRoots, findAction } from "./action-source.ts";
import { type WorkflowCommand, readCommand } from "./commands.ts";
import { asText, type Contexts, evaluate, type JobStatus, type Json, truthy } from "./expression.ts";
import { JobLog } from "./job-log.ts";
import { endOrphans } from "./processes.ts";
import { baseEnvironment, contextVariables, type JobFolders, jobFolders, runnerContext } from "./runner-environment.ts";
import { StepFiles } from "./step-files.ts";
import { type Action, StepFailed, type StepHost } from "./step-host.ts";
import { type CancelGrace, runStepProcess } from "./step-process.ts";
import { isMap, resolve, resolveTexts, type Template } from "./template.ts";
import type { Job, Step } from "./workflow.ts";

export type StepConclusion = JobStatus | "skipped";

export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string | null;
  readonly message: string;
  readonly file: string | null;
}

/** A step as the jobs API shows it. */
export interface StepRecord {
  readonly name: string;
  readonly number: number;
  status: "queued" | "in_progress" | "completed";
  conclusion: StepConclusion | null;
  startedAt: string | null;
  completedAt: string | null;
}

export interface JobOrder {
  readonly job: Job;
  readonly workflowEnv: Template;
  readonly folder: string;
  readonly artifacts: string;
  readonly repositoryName: string;
  /** `github` without what depends on the job. */
  readonly github: Readonly<Record<string, Json>>;
  readonly inputs: Json;
  readonly needs: Json;
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly token: string;
  readonly actionRoots: ActionRoots;
  readonly toolPath: readonly string[];
  readonly grace: CancelGrace;
  readonly now: () => Date;
}

interface PostStep {
  readonly step: Step;
  readonly action: Action;
  readonly inputs: Readonly<Record<string, string>>;
  readonly state: Map<string, string>;
  readonly name: string;
}

/** How long a cancelled job may still run its `post` and `always()` steps. */
const AFTER_CANCEL_MS = 5 * 60_000;

/** One job on its own runner: a fresh folder, a small environment, step after step. */
export class JobRun {
  readonly log: JobLog;
  readonly steps: StepRecord[] = [];
  readonly annotations: Annotation[] = [];
  readonly #order: JobOrder;
  readonly #folders: JobFolders;
  readonly #mark = `playground_${randomUUID()}`;
  readonly #env: Record<string, string> = {};
  readonly #path: string[] = [];
  readonly #results: Record<string, Json> = {};
  readonly #posts: PostStep[] = [];
  readonly #killed = new AbortController();
  #stepCancel = new AbortController();
  #presentHolds: () => boolean = () => false;
  #status: JobStatus = "success";
  #summary = "";
  #stopMark: string | null = null;
  #outputs: Record<string, string> = {};

  constructor(order: JobOrder) {
    this.#order = order;
    this.#folders = jobFolders(order.folder, order.repositoryName);
    this.log = new JobLog(join(order.folder, "log.txt"), order.now);
  }

  get summary(): string {
    return this.#summary;
  }

  get outputs(): Readonly<Record<string, string>> {
    return this.#outputs;
  }

  /** Runs the job to its end. Never throws: what goes wrong is in the log. */
  async run(): Promise<JobStatus> {
    const minutes = Number(asText(resolve(this.#order.job.timeoutMinutes, this.#contexts())));
    const limit = setTimeout(() => {
      this.#annotate("error", `The job has exceeded the maximum execution time of ${minutes}m0s`);
      this.cancel();
    }, minutes * 60_000);
    try {
      await this.#prepare();
      for (const step of this.#order.job.steps) await this.#runStep(step);
      for (const post of this.#posts.reverse()) await this.#runPost(post);
      this.#outputs = resolveTexts(this.#order.job.outputs, this.#contexts());
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(limit);
      const orphans = await endOrphans(this.#mark, this.#folders.root);
      if (orphans.length > 0) this.log.write(`Terminate orphan processes: ${orphans.join(", ")}`);
      await this.log.close();
    }
    return this.#status;
  }

  /** Ends the present step by signals; `post` and `always()` steps still run. */
  cancel(): void {
    if (this.#status === "cancelled") return;
    this.#status = "cancelled";
    this.#annotate("error", "The operation was canceled.");
    setTimeout(() => this.kill(), AFTER_CANCEL_MS).unref();
    // A step that wants to run even now, such as an `always()` or a post step, is let go on.
    if (!this.#presentHolds()) this.#stepCancel.abort();
  }

  /** Ends everything at once. */
  kill(): void {
    this.#status = "cancelled";
    this.#killed.abort();
    this.#stepCancel.abort();
    void endOrphans(this.#mark, this.#folders.root);
  }

  async #prepare(): Promise<void> {
    const { workspace, temp, tools, home } = this.#folders;
    await Promise.all([workspace, temp, tools, home].map((folder) => mkdir(folder, { recursive: true })));
    await mkdir(dirname(this.#eventPath), { recursive: true });
    await writeFile(this.#eventPath, JSON.stringify(this.#order.github["event"] ?? {}, null, 2));
    for (const secret of [this.#order.token, ...Object.values(this.#order.secrets)]) this.log.mask(secret);
    Object.assign(this.#env, resolveTexts(this.#order.workflowEnv, this.#contexts()));
    Object.assign(this.#env, resolveTexts(this.#order.job.env, this.#contexts()));
  }

  async #runStep(step: Step): Promise<void> {
    const name = this.#stepName(step);
    await this.#record(name, step, async (record) => {
      if (!this.#wanted(step, step.condition)) return "skipped";
      record.startedAt = this.#order.now().toISOString();
      const files = await StepFiles.create(this.#folders.temp);
      const outputs: Record<string, string> = {};
      const state = new Map<string, string>();
      const outcome = await this.#attempt(step, async (cancel) => {
        const { does } = step;
        if (does.kind === "run") return this.#runScript(step, does, this.#host({ step, inputs: {}, files, outputs, state, cancel }));
        const action = await findAction(does.action, this.#order.actionRoots, this.#folders.workspace);
        const inputs = this.#inputs(step, does.inputs, action);
        this.#posts.push({ step, action, inputs, state, name });
        await action.main(this.#host({ step, inputs, files, outputs, state, cancel, forAction: true }));
      });
      await this.#collect(files, outputs, state);
      const forgiven = outcome === "failure" && truthy(resolve(step.continueOnError, this.#contexts(step)));
      const conclusion = forgiven ? "success" : outcome;
      this.#results[step.id] = { outputs, outcome, conclusion };
      if (conclusion === "failure" && this.#status === "success") this.#status = "failure";
      return conclusion;
    });
  }

  async #runPost({ step, action, inputs, state, name }: PostStep): Promise<void> {
    const { post } = action;
    if (post === null) return;
    await this.#record(`Post ${name}`, null, async () => {
      if (!this.#wanted(step, action.postCondition)) return "skipped";
      const files = await StepFiles.create(this.#folders.temp);
      const outcome = await this.#attempt(step, (cancel) =>
        post(this.#host({ step, inputs, files, outputs: {}, state, cancel, forAction: true })),
      );
      await this.#collect(files, {}, new Map());
      if (outcome === "failure" && this.#status === "success") this.#status = "failure";
      return outcome;
    });
  }

  #wanted(step: Step, condition: string): boolean {
    this.#presentHolds = () => !this.#killed.signal.aborted && truthy(evaluate(condition, this.#contexts(step), this.#status));
    return this.#presentHolds();
  }

  async #record(name: string, step: Step | null, work: (record: StepRecord) => Promise<StepConclusion>): Promise<void> {
    const record: StepRecord = {
      name,
      number: this.steps.length + 1,
      status: "in_progress",
      conclusion: null,
      startedAt: this.#order.now().toISOString(),
      completedAt: null,
    };
    this.steps.push(record);
    record.conclusion = await work(record).catch((error: unknown) => this.#fail(error));
    if (record.conclusion === "skipped" && step !== null) {
      this.#results[step.id] = { outputs: {}, outcome: "skipped", conclusion: "skipped" };
    }
    record.status = "completed";
    record.completedAt = this.#order.now().toISOString();
  }

  /** Does a step's work under its time limit and under the cancel signal. */
  async #attempt(step: Step, work: (cancel: AbortSignal) => Promise<void>): Promise<JobStatus> {
    const cancel = new AbortController();
    this.#stepCancel = cancel;
    const minutes = step.timeoutMinutes === null ? 0 : Number(asText(resolve(step.timeoutMinutes, this.#contexts(step))));
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      cancel.abort();
    }, minutes * 60_000 || 2 ** 31 - 1);
    try {
      await work(cancel.signal);
      return cancel.signal.aborted && !late ? "cancelled" : "success";
    } catch (error) {
      if (late) this.#annotate("error", `The action '${this.#stepName(step)}' has timed out after ${minutes} minutes.`);
      else if (cancel.signal.aborted) return "cancelled";
      else if (error instanceof StepFailed) this.#annotate("error", error.message);
      else throw error;
      return "failure";
    } finally {
      clearTimeout(limit);
    }
  }

  async #runScript(step: Step, does: Extract<Step["does"], { kind: "run" }>, host: StepHost): Promise<void> {
    const contexts = this.#contexts(step);
    const script = asText(resolve(does.script, contexts));
    const file = join(this.#folders.temp, `${randomUUID()}.sh`);
    await writeFile(file, script.endsWith("\n") ? script : `${script}\n`);
    const command = shellCommand(does.shell);
    this.log.write(`##[group]Run ${script.split("\n")[0]}\n${script.trimEnd()}\nshell: ${command.join(" ")}\n##[endgroup]`);
    const directory = does.directory === null ? "." : asText(resolve(does.directory, contexts));
    const [program = "bash", ...args] = command.map((part) => part.replaceAll("{0}", file));
    await host.exec({ file: program, args, directory: resolvePath(host.workspace, directory) });
  }

  #inputs(step: Step, given: Template, action: Action): Record<string, string> {
    const contexts = this.#contexts(step);
    const inputs = lowerKeys(resolveTexts(given, contexts));
    const unknown = Object.keys(inputs).filter((name) => !Object.keys(lowerKeys(action.defaults)).includes(name));
    if (unknown.length > 0 && Object.keys(action.defaults).length > 0 && step.does.kind === "uses" && !step.does.action.startsWith("actions/")) {
      const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");
      this.#annotate("warning", `Unexpected input(s) ${quoted(unknown)}, valid inputs are [${quoted(Object.keys(action.defaults))}]`);
    }
    return { ...lowerKeys(resolveTexts(action.defaults, contexts)), ...inputs };
  }

  #host(of: HostParts): StepHost {
    const { github, token, artifacts } = this.#order;
    return {
      workspace: this.#folders.workspace,
      log: this.log,
      inputs: of.inputs,
      repository: String(github["repository"]),
      serverUrl: String(github["server_url"]),
      ref: String(github["ref"]),
      sha: String(github["sha"]),
      token,
      artifacts,
      setOutput: (name, value) => {
        of.outputs[name] = value;
      },
      warn: (message) => this.#annotate("warning", message),
      exec: async ({ file, args, env, directory }) => {
        const code = await runStepProcess({
          file,
          args,
          directory: directory ?? this.#folders.workspace,
          env: { ...this.#processEnv(of), ...env },
          onLine: (line) => this.#line(line, of),
          cancel: of.cancel,
          kill: this.#killed.signal,
          grace: this.#order.grace,
        });
        if (code !== 0) throw new StepFailed(code === null ? "The process was ended by a signal." : `Process completed with exit code ${code}.`);
      },
    };
  }

  /** What a process of this step finds in its environment. */
  #processEnv({ step, files, state, forAction }: HostParts): Record<string, string> {
    const { toolPath, github } = this.#order;
    const base = baseEnvironment(this.#folders, toolPath, this.#mark);
    const variables: Record<string, string> = {
      ...base,
      ...this.#env,
      ...resolveTexts(step.env, this.#contexts()),
      ...contextVariables("GITHUB", this.#github(step)),
      ...contextVariables("RUNNER", runnerContext(this.#folders)),
      ...files.variables,
      GITHUB_EVENT_PATH: this.#eventPath,
    };
    const path = [...this.#path].reverse().concat(variables["PATH"] ?? "").join(delimiter);
    if (forAction !== true) return { ...variables, PATH: path };
    const states = Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value]));
    return {
      ...variables,
      ...states,
      PATH: path,
      ACTIONS_RUNTIME_TOKEN: `playground.${String(github["run_id"])}`,
      ACTIONS_RUNTIME_URL: `${String(github["server_url"])}/_playground/runtime/`,
      ACTIONS_RESULTS_URL: `${String(github["server_url"])}/_playground/results/`,
    };
  }

  #line(line: string, of: HostParts): void {
    const command = readCommand(line);
    if (command === null) return this.log.write(line);
    if (this.#stopMark !== null) {
      if (command.name === this.#stopMark) this.#stopMark = null;
      else this.log.write(line);
      return;
    }
    this.#obey(command, line, of);
  }

  #obey(command: WorkflowCommand, line: string, { outputs, state }: HostParts): void {
    const { name, properties, value } = command;
    if (name === "add-mask") {
      this.log.mask(value);
      this.log.write("::add-mask::***");
    } else if (name === "error" || name === "warning" || name === "notice") {
      this.#annotate(name, value, properties);
    } else if (name === "set-output") outputs[properties["name"] ?? ""] = value;
    else if (name === "save-state") state.set(properties["name"] ?? "", value);
    else if (name === "stop-commands") this.#stopMark = value.toLowerCase();
    else if (name === "group" || name === "endgroup" || name === "debug") this.log.write(`##[${name}]${value}`);
    else this.log.write(line);
  }

  /** Reads what a step has left in its files. */
  async #collect(files: StepFiles, outputs: Record<string, string>, state: Map<string, string>): Promise<void> {
    for (const [name, value] of await files.values("GITHUB_OUTPUT")) outputs[name] = value;
    for (const [name, value] of await files.values("GITHUB_STATE")) state.set(name, value);
    for (const [name, value] of await files.values("GITHUB_ENV")) {
      if (name.toUpperCase() === "NODE_OPTIONS") this.#annotate("error", "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
      else this.#env[name] = value;
    }
    this.#path.push(...(await files.path()));
    this.#summary += this.log.masked(await files.summary());
  }

  #annotate(level: Annotation["level"], message: string, { title = null, file = null }: { readonly [key: string]: string | null } = {}): void {
    this.annotations.push({ level, message: this.log.masked(message), title, file });
    this.log.write(`##[${level}]${message}`);
  }

  #fail(error: unknown): "failure" {
    this.#annotate("error", error instanceof Error ? error.message : String(error));
    if (this.#status === "success") this.#status = "failure";
    return "failure";
  }

  #stepName({ name, does }: Step): string {
    if (name !== null) return asText(resolve(name, this.#contexts()));
    if (does.kind === "uses") return `Run ${does.action}`;
    return `Run ${asText(resolve(does.script, this.#contexts())).split("\n")[0]}`;
  }

  get #eventPath(): string {
    return join(this.#folders.temp, "_github_workflow", "event.json");
  }

  #github(step?: Step): Record<string, Json> {
    return {
      ...this.#order.github,
      job: this.#order.job.id,
      workspace: this.#folders.workspace,
      event_path: this.#eventPath,
      action: step?.id ?? "",
      token: this.#order.token,
    };
  }

  #contexts(step?: Step): Contexts {
    const { inputs, needs, secrets, variables, token } = this.#order;
    const contexts = {
      github: this.#github(step),
      env: { ...this.#env },
      vars: variables,
      secrets: { ...secrets, GITHUB_TOKEN: token },
      inputs,
      needs,
      job: { status: this.#status },
      runner: runnerContext(this.#folders),
      steps: this.#results,
      strategy: {},
      matrix: null,
    };
    if (step === undefined || !isMap(step.env)) return contexts;
    return { ...contexts, env: { ...contexts.env, ...resolveTexts(step.env, contexts) } };
  }
}

interface HostParts {
  readonly step: Step;
  readonly inputs: Readonly<Record<string, string>>;
  readonly files: StepFiles;
  readonly outputs: Record<string, string>;
  readonly state: Map<string, string>;
  readonly cancel: AbortSignal;
  readonly forAction?: true;
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

function lowerKeys<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}
