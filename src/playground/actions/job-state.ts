import { delimiter, join } from "node:path";
import type { ActionRoots } from "./action-source.ts";
import { asText, type Contexts, evaluate, type JobStatus, type Json, truthy } from "./expression.ts";
import { baseEnvironment, contextVariables, type JobFolders, jobFolders, runnerContext } from "./runner-environment.ts";
import type { CancelGrace } from "./step-process.ts";
import { isMap, resolve, resolveTexts, type Template } from "./template.ts";
import type { Job, Step } from "./workflow.ts";

/** What a runner is told when it gets a job. */
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

/** What the steps of a job have in common, and how it changes from step to step. */
export class JobState {
  status: JobStatus = "success";
  readonly folders: JobFolders;
  /** What `env:` says, and what steps have added by GITHUB_ENV. */
  readonly env: Record<string, string> = {};
  /** What steps have added by GITHUB_PATH, oldest first. */
  readonly path: string[] = [];
  /** The `steps` context. */
  readonly results: Record<string, Json> = {};
  readonly #order: JobOrder;
  readonly #mark: string;

  constructor(order: JobOrder, mark: string) {
    this.#order = order;
    this.#mark = mark;
    this.folders = jobFolders(order.folder, order.repositoryName);
  }

  get eventPath(): string {
    return join(this.folders.temp, "_github_workflow", "event.json");
  }

  /** Takes the workflow's and the job's `env:`, in this order. */
  readEnv(): void {
    for (const env of [this.#order.workflowEnv, this.#order.job.env]) {
      Object.assign(this.env, resolveTexts(env, this.contexts()));
    }
  }

  fail(): void {
    if (this.status === "success") this.status = "failure";
  }

  holds(condition: string, step: Step): boolean {
    return truthy(evaluate(condition, this.contexts(step), this.status));
  }

  /** A value of the workflow file as text. */
  text(template: Template, step?: Step): string {
    return asText(resolve(template, this.contexts(step)));
  }

  stepName({ name, does }: Step): string {
    if (name !== null) return this.text(name);
    return `Run ${does.kind === "uses" ? does.action : (this.text(does.script).split("\n")[0] ?? "")}`;
  }

  contexts(step?: Step): Contexts {
    const { inputs, needs, secrets, variables, token } = this.#order;
    const contexts = {
      github: this.#github(step),
      env: { ...this.env },
      vars: variables,
      secrets: { ...secrets, GITHUB_TOKEN: token },
      inputs,
      needs,
      job: { status: this.status },
      runner: runnerContext(this.folders),
      steps: this.results,
      strategy: {},
      matrix: null,
    };
    if (step === undefined || !isMap(step.env)) return contexts;
    return { ...contexts, env: { ...contexts.env, ...resolveTexts(step.env, contexts) } };
  }

  /** What a process of this step finds in its environment. */
  environment(step: Step, files: Readonly<Record<string, string>>): Record<string, string> {
    const { toolPath } = this.#order;
    const variables: Record<string, string> = {
      ...baseEnvironment(this.folders, toolPath, this.#mark),
      ...this.env,
      ...resolveTexts(step.env, this.contexts()),
      ...contextVariables("GITHUB", this.#github(step)),
      ...contextVariables("RUNNER", runnerContext(this.folders)),
      ...files,
      GITHUB_EVENT_PATH: this.eventPath,
    };
    return { ...variables, PATH: [...this.path.toReversed(), variables["PATH"] ?? ""].join(delimiter) };
  }

  /** What an action's process finds there besides: a script's does not. */
  actionEnvironment(state: ReadonlyMap<string, string>): Record<string, string> {
    const { github } = this.#order;
    return {
      ...Object.fromEntries(Array.from(state, ([name, value]) => [`STATE_${name}`, value])),
      ACTIONS_RUNTIME_TOKEN: `playground.${asText(github["run_id"] ?? "")}`,
      ACTIONS_RUNTIME_URL: `${asText(github["server_url"] ?? "")}/_playground/runtime/`,
      ACTIONS_RESULTS_URL: `${asText(github["server_url"] ?? "")}/_playground/results/`,
    };
  }

  #github(step?: Step): Record<string, Json> {
    return {
      ...this.#order.github,
      job: this.#order.job.id,
      workspace: this.folders.workspace,
      event_path: this.eventPath,
      action: step?.id ?? "",
      token: this.#order.token,
    };
  }
}
