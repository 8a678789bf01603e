import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Permissions } from "../github/tokens.ts";
import type { ActionRoots } from "./action-source.ts";
import { asText, evaluate, type Json, type Status, truthy } from "./expression.ts";
import { JobRun } from "./job-run.ts";
import { githubContext, type RunOrder, runTitle } from "./run-order.ts";
import type { CancelGrace } from "./step-process.ts";
import { resolve } from "./template.ts";
import type { Job } from "./workflow.ts";

export type Conclusion = "success" | "failure" | "cancelled" | "skipped" | "startup_failure";
export type RunState = "queued" | "in_progress" | "completed";

/** What runs get from the place they run in. */
export interface RunPlace {
  readonly folder: string;
  readonly urls: { readonly url: string; readonly api: string };
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly actionRoots: ActionRoots;
  readonly toolPath: readonly string[];
  readonly grace: CancelGrace;
  readonly now: () => Date;
  readonly nextId: () => number;
  readonly issueToken: (permissions: Permissions) => string;
  readonly revokeToken: (token: string) => void;
  /** Resolves when a runner is free, to what gives it back. */
  readonly runner: (signal: AbortSignal) => Promise<() => void>;
  readonly changed: (run: WorkflowRun, action: "requested" | "in_progress" | "completed") => void;
}

export interface JobRecord {
  readonly id: number;
  readonly job: Job;
  readonly name: string;
  status: RunState;
  conclusion: Conclusion | null;
  readonly createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  run: JobRun | null;
  /** The job's own token, from its first step on. */
  token: string | null;
}

/** One run of a workflow: its jobs in parallel, each after those it needs. */
export class WorkflowRun {
  readonly order: RunOrder;
  readonly attempt: number;
  readonly title: string;
  readonly createdAt: string;
  readonly jobs: readonly JobRecord[];
  readonly artifacts: string;
  status: RunState = "queued";
  conclusion: Conclusion | null = null;
  updatedAt: string;
  readonly #place: RunPlace;
  readonly #cancelled = new AbortController();
  readonly #ends = new Map<string, Promise<void>>();
  #done: Promise<void> = Promise.resolve();

  constructor(order: RunOrder, place: RunPlace, attempt = 1) {
    this.order = order;
    this.attempt = attempt;
    this.#place = place;
    this.createdAt = this.#stamp();
    this.updatedAt = this.createdAt;
    this.title = runTitle(order, this.#github(), place.variables);
    this.artifacts = join(this.#folder, "artifacts");
    this.jobs = (order.problem === null ? order.workflow.jobs : []).map((job) => ({
      id: place.nextId(),
      job,
      name: asText(resolve(job.name, this.#contexts(job))),
      status: "queued",
      conclusion: null,
      createdAt: this.createdAt,
      startedAt: null,
      completedAt: null,
      run: null,
      token: null,
    }));
  }

  /** Resolves when the run has ended, whatever its conclusion. */
  get done(): Promise<void> {
    return this.#done;
  }

  get summary(): string {
    return this.jobs.map(({ run }) => run?.summary ?? "").join("");
  }

  start(): void {
    this.#done = this.#run();
  }

  /** What GitHub's "Cancel workflow" does: jobs whose `if:` still holds go on. */
  cancel(): void {
    this.#cancelled.abort();
    for (const { job, run } of this.jobs) if (run !== null && !this.#holds(job, "cancelled")) run.cancel();
  }

  /** Ends everything now, `always()` or not. */
  kill(): void {
    this.#cancelled.abort();
    for (const { run } of this.jobs) run?.kill();
  }

  async #run(): Promise<void> {
    this.#place.changed(this, "requested");
    if (this.order.problem !== null) return this.#end("startup_failure");
    for (const record of this.jobs) void this.#startJob(record);
    await Promise.all(this.#ends.values());
    this.#end(this.#verdict());
  }

  /** Needed jobs first; GitHub's parser has refused circles. */
  #startJob(record: JobRecord): Promise<void> {
    const started = this.#ends.get(record.job.id);
    if (started !== undefined) return started;
    const needs = this.#needs(record.job).map((need) => this.#startJob(need));
    const end = Promise.all(needs).then(() => this.#runJob(record));
    this.#ends.set(record.job.id, end);
    return end;
  }

  async #runJob(record: JobRecord): Promise<void> {
    if (!this.#holds(record.job, this.#statusBefore(record.job))) {
      return this.#endJob(record, this.#cancelled.signal.aborted ? "cancelled" : "skipped");
    }
    const release = await this.#place.runner(this.#cancelled.signal);
    try {
      // Cancelled while it waited for a runner.
      if (this.#cancelled.signal.aborted && !this.#holds(record.job, "cancelled"))
        return this.#endJob(record, "cancelled");
      this.#endJob(record, await this.#work(record));
    } finally {
      release();
    }
  }

  async #work(record: JobRecord): Promise<Conclusion> {
    const { order } = this;
    const folder = join(this.#folder, record.job.id);
    await mkdir(folder, { recursive: true });
    const { actionRoots, toolPath, grace, now, variables } = this.#place;
    const token = this.#place.issueToken(order.restricted ? readOnly(record.job.permissions) : record.job.permissions);
    record.token = token;
    record.run = new JobRun({
      job: record.job,
      workflowEnv: order.workflow.env,
      folder,
      artifacts: this.artifacts,
      repositoryName: order.repository.name,
      github: this.#github(),
      inputs: order.inputs,
      needs: this.#needsContext(record.job),
      secrets: order.restricted ? {} : this.#place.secrets,
      variables,
      token,
      actionRoots,
      toolPath,
      grace,
      now,
    });
    record.status = "in_progress";
    record.startedAt = this.#stamp();
    if (this.status === "queued") {
      this.status = "in_progress";
      this.#place.changed(this, "in_progress");
    }
    try {
      return await record.run.run();
    } finally {
      this.#place.revokeToken(token);
    }
  }

  #endJob(record: JobRecord, conclusion: Conclusion): void {
    record.status = "completed";
    record.conclusion = conclusion;
    record.completedAt = this.#stamp();
    this.updatedAt = record.completedAt;
  }

  #end(conclusion: Conclusion): void {
    this.status = "completed";
    this.conclusion = conclusion;
    this.updatedAt = this.#stamp();
    this.#place.changed(this, "completed");
  }

  #verdict(): Conclusion {
    const counted = this.jobs.map(({ job, conclusion }) => {
      const forgiven = conclusion === "failure" && truthy(resolve(job.continueOnError, this.#contexts(job)));
      return forgiven ? "success" : conclusion;
    });
    const worst = (["cancelled", "failure", "success"] as const).find((each) => counted.includes(each));
    return worst ?? "skipped";
  }

  #holds(job: Job, status: Status): boolean {
    return truthy(evaluate(job.condition, this.#contexts(job), this.#cancelled.signal.aborted ? "cancelled" : status));
  }

  /** How the jobs before this one went, all the way back. */
  #statusBefore(job: Job): Status {
    const conclusions = this.#ancestors(job).map(({ conclusion }) => conclusion);
    if (conclusions.includes("failure")) return "failure";
    return conclusions.every((conclusion) => conclusion === "success") ? "success" : "skipped";
  }

  #ancestors(job: Job): readonly JobRecord[] {
    return this.#needs(job).flatMap((need) => [need, ...this.#ancestors(need.job)]);
  }

  #needs(job: Job): readonly JobRecord[] {
    return this.jobs.filter((record) => job.needs.includes(record.job.id));
  }

  #needsContext(job: Job): Json {
    const needs = this.jobs === undefined ? [] : this.#needs(job);
    return Object.fromEntries(
      needs.map(({ job: { id }, conclusion, run }) => [
        id,
        { result: conclusion ?? "skipped", outputs: { ...run?.outputs } },
      ]),
    );
  }

  #contexts(job: Job) {
    const { inputs } = this.order;
    return {
      github: this.#github(),
      inputs,
      vars: this.#place.variables,
      needs: this.#needsContext(job),
      strategy: {},
      matrix: null,
    };
  }

  #github(): Readonly<Record<string, Json>> {
    return githubContext(this.order, this.attempt, this.#place.urls);
  }

  get #folder(): string {
    const again = this.attempt === 1 ? "" : `-${this.attempt}`;
    return join(this.#place.folder, `${this.order.id}${again}`);
  }

  #stamp(): string {
    return this.#place.now().toISOString();
  }
}

function readOnly(permissions: Permissions): Permissions {
  return Object.fromEntries(Object.keys(permissions).map((name) => [name, "read"]));
}
