import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "../github/accounts.ts";
import type { GitHubEvent, LocalGitHub } from "../github/local-github.ts";
import type { Repository } from "../github/repository.ts";
import type { ActionRoots } from "./action-source.ts";
import { eventPlace, skipsRuns, triggerEvent } from "./event-place.ts";
import { type KnownWorkflow, repositoryJson, runJson, workflowJson } from "./run-json.ts";
import type { RunOrder } from "./run-order.ts";
import { type CancelGrace, GITHUB_GRACE } from "./step-process.ts";
import { type Inputs, triggers } from "./triggers.ts";
import { readWorkflow, type Workflow } from "./workflow.ts";
import { workflowFiles } from "./workflow-files.ts";
import { type JobRecord, type RunPlace, WorkflowRun } from "./workflow-run.ts";

export interface LocalActionsOptions {
  readonly github: LocalGitHub;
  /** Where runs have their folders, below `runs/`. */
  readonly dataDir: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly actionRoots?: ActionRoots;
  /** Folders that come first on every step's PATH. */
  readonly toolPath?: readonly string[];
  readonly grace?: CancelGrace;
}

/** A run may start runs that start runs: GitHub stops at three. */
const MAX_DEPTH = 3;

/** GitHub Actions, as far as Dispatch needs them: events start runs, runs have jobs, jobs have steps that are real processes. */
export class LocalActions {
  /** By name; may be changed while runs are on. */
  readonly secrets: Record<string, string>;
  readonly variables: Record<string, string>;
  /** How many jobs run at once. Further ones wait, as on a busy organisation. */
  runners = Number.POSITIVE_INFINITY;
  /** Runs that use an action whose name matches end as `startup_failure`, as under an organisation's policy. */
  refusedActions: RegExp | null = null;
  readonly #options: LocalActionsOptions;
  readonly #runs: WorkflowRun[] = [];
  readonly #workflows: KnownWorkflow[] = [];
  readonly #starting = new Set<Promise<void>>();
  #busy = 0;
  #nextId: number;
  #closed = false;

  constructor(options: LocalActionsOptions) {
    this.#options = options;
    this.secrets = { ...options.secrets };
    this.variables = { ...options.variables };
    this.#nextId = 20_000_000;
    options.github.onEvent((event) => this.#hear(event));
  }

  /** Newest first; of a run that was run again only the last attempt. */
  runs(repository: Repository): readonly WorkflowRun[] {
    return this.#runs.filter(({ order }) => order.repository.id === repository.id).toReversed();
  }

  run(id: number): WorkflowRun | undefined {
    return this.#runs.find(({ order }) => order.id === id);
  }

  /** The workflows on the default branch. */
  async workflows(repository: Repository): Promise<readonly KnownWorkflow[]> {
    const head = await repository.git.ref(`refs/heads/${repository.defaultBranch}`);
    const files = head === null ? [] : await workflowFiles(repository.git, head);
    return Promise.all(
      files.map(async ({ path, text }) => this.#known(repository, path, await readWorkflow(path, text))),
    );
  }

  /** Starts a run by hand, at a ref that holds the workflow. */
  async startByDispatch(start: {
    readonly known: KnownWorkflow;
    readonly workflow: Workflow;
    readonly ref: string;
    readonly sha: string;
    readonly inputs: Inputs;
    readonly actor: Account;
    readonly payload: Readonly<Record<string, unknown>>;
  }): Promise<WorkflowRun> {
    const { known, workflow, ref, sha, inputs, actor, payload } = start;
    const headBranch = ref.replace(/^refs\/(heads|tags)\//, "");
    return this.#start({
      ...this.#numbers(known),
      workflow,
      problem: this.#refusal(workflow),
      event: "workflow_dispatch",
      payload,
      actor,
      ref,
      sha,
      headBranch,
      pull: null,
      inputs,
      restricted: false,
      depth: 0,
    });
  }

  /** The same run once more, under the same id. */
  rerun(run: WorkflowRun): WorkflowRun {
    const again = new WorkflowRun(run.order, this.#placeFor(run.order.repository), run.attempt + 1);
    this.#runs.splice(this.#runs.indexOf(run), 1, again);
    again.start();
    return again;
  }

  /** Resolves when no run is starting or on. */
  async idle(): Promise<void> {
    while (this.#starting.size > 0 || this.#runs.some(({ status }) => status !== "completed")) {
      await Promise.all([...this.#starting, ...this.#runs.map((run) => run.done)]);
    }
  }

  /** The job whose own token this is, while its runner is at work. */
  jobWith(token: string): JobRecord | undefined {
    return this.#runs.flatMap(({ jobs }) => jobs).find((job) => job.status === "in_progress" && job.token === token);
  }

  /** The runners die this instant with all that is on them: no step comes after, `post` included. */
  loseRunners(): void {
    for (const { jobs } of this.#runs) for (const { status, run } of jobs) if (status === "in_progress") run?.lose();
  }

  /** Ends every run and all its processes. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#starting);
    for (const run of this.#runs) if (run.status !== "completed") run.kill();
    await Promise.all(this.#runs.map((run) => run.done));
  }

  #hear(event: GitHubEvent): void {
    // What a job does with its own token starts nothing, or runs would start each other for ever.
    if (event.tokenKind === "job" && event.name !== "repository_dispatch") return;
    if (this.#closed || event.name === "workflow_dispatch") return;
    this.#startSoon(event);
    // The same event once more, for workflows that are to run in the base's place; Apps never hear of it.
    if (event.name === "pull_request") this.#startSoon({ ...event, name: "pull_request_target" });
  }

  #startSoon(event: GitHubEvent): void {
    const starting = this.#startFor(event).finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
  }

  async #startFor({ name, action, payload, repository, actor }: GitHubEvent): Promise<void> {
    const place = skipsRuns(name, payload) ? null : await eventPlace(repository, name, payload);
    if (place === null) return;
    const depth = name === "workflow_run" ? this.#depthOf(payload) + 1 : 0;
    if (depth > MAX_DEPTH) return;
    const filter = triggerEvent(name, action ?? null, payload);
    for (const { path, text } of await workflowFiles(repository.git, place.workflowSha)) {
      const read = await readWorkflow(path, text);
      const known = this.#known(repository, path, read);
      if (known.disabled || this.#closed) continue;
      // GitHub shows a broken file as a failed run of every push; other events pass it by.
      if ("errors" in read || !triggers(read.events, filter)) continue;
      const { workflowSha: _, ...where } = place;
      this.#start({
        ...this.#numbers(known),
        ...where,
        workflow: read,
        problem: this.#refusal(read),
        event: name,
        payload,
        actor,
        inputs: {},
        depth,
      });
    }
  }

  #start(order: RunOrder): WorkflowRun {
    const run = new WorkflowRun(order, this.#placeFor(order.repository));
    this.#runs.push(run);
    run.start();
    return run;
  }

  #numbers(known: KnownWorkflow) {
    known.runs += 1;
    const { repository, path } = known;
    return { id: this.#id(), number: known.runs, repository, path, workflowId: known.id };
  }

  #refusal(workflow: Workflow): string | null {
    const refused = workflow.jobs
      .flatMap((job) => job.steps)
      .flatMap(({ does }) => (does.kind === "uses" ? [does.action] : []))
      .find((action) => this.refusedActions?.test(action));
    if (refused === undefined) return null;
    return `The action ${refused} is not allowed in this repository because it is not permitted by its policy.`;
  }

  #depthOf(payload: Readonly<Record<string, unknown>>): number {
    const run = payload["workflow_run"];
    const id = typeof run === "object" && run !== null && "id" in run ? Number(run.id) : 0;
    return this.run(id)?.order.depth ?? 0;
  }

  #known(repository: Repository, path: string, read: Workflow | { readonly errors: readonly string[] }): KnownWorkflow {
    const name = "errors" in read ? path : read.name;
    const found = this.#workflows.find((known) => known.repository.id === repository.id && known.path === path);
    if (found !== undefined) {
      found.name = name;
      return found;
    }
    const known = { id: this.#id(), repository, path, name, disabled: false, runs: 0 };
    this.#workflows.push(known);
    return known;
  }

  #placeFor(repository: Repository): RunPlace {
    const { github, dataDir, actionRoots = {}, toolPath = [], grace = GITHUB_GRACE } = this.#options;
    const account = github.addUser("github-actions[bot]", { type: "Bot" });
    return {
      folder: join(dataDir, "runs"),
      urls: github.address,
      secrets: this.secrets,
      variables: this.variables,
      actionRoots,
      toolPath,
      grace,
      now: () => github.now(),
      nextId: () => this.#id(),
      issueToken: (permissions) => github.issueToken({ account, kind: "job", repository, permissions }),
      revokeToken: (token) => github.revokeToken(token),
      runner: (signal) => this.#runner(signal),
      changed: (run, action) => this.#tell(run, action),
    };
  }

  async #runner(signal: AbortSignal): Promise<() => void> {
    while (this.#busy >= this.runners && !signal.aborted) await sleep(50, undefined, { signal }).catch(() => undefined);
    this.#busy += 1;
    return () => {
      this.#busy -= 1;
    };
  }

  #tell(run: WorkflowRun, action: "requested" | "in_progress" | "completed"): void {
    if (this.#closed) return;
    const { github } = this.#options;
    const { repository, actor, workflowId } = run.order;
    const known = this.#workflows.find(({ id }) => id === workflowId);
    const about = repositoryJson(github.address, repository);
    const payload = {
      workflow_run: { ...runJson(github.address, run), repository: about, head_repository: about },
      workflow: known === undefined ? null : workflowJson(github.address, known, repository.defaultBranch),
    };
    github.emit({ name: "workflow_run", action, payload, repository, actor, tokenKind: "user" });
  }

  #id(): number {
    this.#nextId += 1;
    return this.#nextId;
  }
}
