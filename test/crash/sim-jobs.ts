import { githubIssues } from "../../src/adapters/github-issues.ts";
import { githubPullRequests } from "../../src/adapters/github-pull-requests.ts";
import { readEvent } from "../../src/core/event.ts";
import { parseTaskRef, type TaskRef } from "../../src/core/task.ts";
import { finishInterrupted } from "../../src/flows/finish-interrupted.ts";
import type { RunPorts } from "../../src/flows/run-ports.ts";
import { runTask } from "../../src/flows/run-task.ts";
import { settleTask } from "../../src/flows/settle-run.ts";
import type { Hosting } from "../../src/playground/demo-config.ts";
import type { GitHubEvent, LocalGitHub, Repository } from "../../src/playground/github/local-github.ts";
import { type Dispatch, handleBy, SELF } from "./dispatch.ts";
import type { SimActions, SimRun } from "./sim-actions.ts";
import { SimMachine, type WorkerScript } from "./sim-machine.ts";
import type { SimProcess } from "./sim-process.ts";
import type { Simulation } from "./simulation.ts";

/** From asking for a run to its first step. */
const RUNNER_MS = 8_000;
/** Until GitHub gives up a runner that it has not heard of any more. */
const RUNNER_LOST_MS = 60_000;

interface JobsOptions {
  readonly simulation: Simulation;
  readonly github: LocalGitHub;
  readonly actions: SimActions;
  readonly hosting: Hosting;
  readonly dispatch: Dispatch;
  readonly script: WorkerScript;
  /** How many jobs GitHub runs at a time. */
  readonly runners: number;
  /** A program that works with a job's token. */
  readonly process: (kind: string, repository: Repository) => SimProcess;
}

/** What the workflow's jobs do: hear, work, tidy up behind a killed step, and look after one another. */
export class SimJobs {
  /** Tasks with the machines that work on them, as they were started. */
  readonly machines: { readonly task: string; readonly machine: SimMachine; readonly run: SimRun }[] = [];
  /** Tasks of which a second worker was started while the first lived. */
  readonly overlaps: string[] = [];
  /** What no job has heard. */
  readonly unheard: GitHubEvent[] = [];
  readonly machineOf = new Map<SimProcess, SimMachine>();
  readonly #simulation: Simulation;
  readonly #github: LocalGitHub;
  readonly #actions: SimActions;
  readonly #hosting: Hosting;
  readonly #dispatch: Dispatch;
  readonly #script: WorkerScript;
  readonly #runners: number;
  readonly #process: JobsOptions["process"];
  readonly #waiting: SimRun[] = [];
  readonly #onRunner = new Set<SimRun>();

  constructor(options: JobsOptions) {
    this.#simulation = options.simulation;
    this.#github = options.github;
    this.#actions = options.actions;
    this.#hosting = options.hosting;
    this.#dispatch = options.dispatch;
    this.#script = options.script;
    this.#runners = options.runners;
    this.#process = options.process;
  }

  /** GitHub starts only so many jobs at a time; the others wait in their order. */
  queue(run: SimRun): void {
    run.onCancel = () => this.#actions.complete(run, "cancelled");
    this.#waiting.push(run);
    this.fillRunners();
  }

  fillRunners(): void {
    for (const run of this.#onRunner) if (run.status === "completed") this.#onRunner.delete(run);
    while (this.#onRunner.size < this.#runners) {
      const run = this.#waiting.shift();
      if (run === undefined) return;
      if (run.status === "completed") continue;
      this.#onRunner.add(run);
      this.#startJob(run);
    }
  }

  #startJob(run: SimRun): void {
    // A handler has no more to wait for than its call takes where orders are chosen: all that is under way meets then.
    const isAtOnce = run.event !== "workflow_dispatch" && this.#simulation.latency() === 0;
    this.#simulation.after(isAtOnce ? 0 : RUNNER_MS * (0.5 + this.#simulation.random()), () => {
      if (run.status === "completed") return;
      run.status = "in_progress";
      if (run.event === "workflow_dispatch") this.#work(run);
      else this.#hearInJob(run, 1);
    });
    run.onCancel = () => this.#actions.complete(run, "cancelled");
  }

  #hearInJob(run: SimRun, tries: number): void {
    const { repository, event: name, payload } = run;
    const handler = this.#process("handler", repository);
    const event = { name, payload, repository } as GitHubEvent;
    const fail = () => {
      // The workflow's last job looks after the one that has failed.
      if (tries < 2) this.#simulation.after(RUNNER_MS, () => this.#hearInJob(run, tries + 1));
      else {
        this.unheard.push(event);
        this.#actions.complete(run, "failure");
      }
    };
    handler.onDeath(fail);
    void handleBy(this.#dispatch, handler, event)
      .then(() => this.#lookAround(handler, event))
      .then(() => handler.background.settled())
      .then(
        () => this.#actions.complete(run, "success"),
        (error: unknown) => {
          handler.log.warning(String(error));
          fail();
        },
      );
  }

  /** Without a server nobody else comes by before the day is over. */
  async #lookAround(handler: SimProcess, { name, payload, repository }: GitHubEvent): Promise<void> {
    const event = readEvent(name, payload, SELF);
    if (event.kind !== "said" && event.kind !== "ticked") return;
    const scope = { thread: event.thread.number, thorough: false };
    await this.#dispatch.reconcile(scope, this.#dispatch.thread(handler, repository));
  }

  #work(run: SimRun): void {
    const { repository } = run;
    const ref = parseTaskRef(run.inputs["task"] ?? "");
    if (ref === null) throw new Error("A run without a task.");
    const machine = new SimMachine({
      simulation: this.#simulation,
      github: this.#github,
      repository,
      script: this.#script,
      onWorker: () => {
        if (this.#isWorkedOn(ref, machine, repository)) this.overlaps.push(ref.id);
      },
    });
    const main = this.#process("run", repository);
    this.machineOf.set(main, machine);
    this.machines.push({ task: ref.id, machine, run });
    const stop = new AbortController();
    run.onCancel = () => stop.abort();
    const end = (conclusion: "success" | "failure") => this.#endOfWork(run, ref, conclusion);
    const post = () => {
      if (!machine.isOn) return void this.#simulation.after(RUNNER_LOST_MS, () => end("failure"));
      machine.sweep();
      const tidier = this.#process("post", repository);
      this.machineOf.set(tidier, machine);
      tidier.onDeath(() => end("failure"));
      void finishInterrupted(ref, runOf(run), this.#runPorts(tidier, machine, repository, stop.signal)).then(
        () => end("failure"),
        (error: unknown) => {
          tidier.log.warning(String(error));
          end("failure");
        },
      );
    };
    main.onDeath(post);
    void this.#workOn(main, run, ref, this.#runPorts(main, machine, repository, stop.signal)).then(
      () => end("success"),
      (error: unknown) => {
        main.log.warning(String(error));
        post();
      },
    );
  }

  #isWorkedOn({ id }: TaskRef, by: SimMachine, repository: Repository): boolean {
    const others = this.machines.filter(
      ({ task, run, machine }) => task === id && run.repository === repository && machine !== by,
    );
    return others.some(({ machine }) => machine.hasWorker);
  }

  async #workOn(main: SimProcess, run: SimRun, ref: TaskRef, ports: RunPorts): Promise<void> {
    const live = await this.#dispatch.claim(ref, runOf(run), Number(run.inputs["attempt"]), ports);
    if (live === null) return;
    await runTask(live, ports);
    await main.background.settled();
  }

  #endOfWork(run: SimRun, ref: TaskRef, conclusion: "success" | "failure"): void {
    if (run.status === "completed") return;
    if (conclusion === "success" || this.#hosting === "server") return this.#actions.complete(run, conclusion);
    this.#settle(run, ref, 1);
  }

  /** The job that looks after one that has died. */
  #settle(run: SimRun, ref: TaskRef, tries: number): void {
    const settler = this.#process("settle", run.repository);
    const again = () => {
      // Somebody presses "Re-run failed jobs", or the next event in the thread finds it.
      if (tries < 3) this.#simulation.after(RUNNER_MS, () => this.#settle(run, ref, tries + 1));
      else this.#actions.complete(run, "failure");
    };
    settler.onDeath(again);
    const ended = {
      runId: run.id,
      tryNumber: run.tryNumber,
      attempt: Number(run.inputs["attempt"]),
      conclusion: "failure",
    };
    void settleTask(ref, ended, this.#dispatch.thread(settler, run.repository)).then(
      () => this.#actions.complete(run, "failure"),
      (error: unknown) => {
        settler.log.warning(String(error));
        again();
      },
    );
  }

  #runPorts(process: SimProcess, machine: SimMachine, repository: Repository, stop: AbortSignal): RunPorts {
    const thread = this.#dispatch.thread(process, repository);
    const access = { api: process.api, owner: repository.owner.login, repo: repository.name, clock: process.clock };
    return {
      ...thread,
      probe: { look: () => Promise.reject(new Error("no doctor here")) },
      records: { write: async () => undefined },
      issues: githubIssues({ ...access, self: SELF }),
      pullRequests: githubPullRequests(access),
      checkout: machine.checkout(process),
      folder: machine.taskFolder(process),
      workers: machine.workers(process),
      stop,
    };
  }
}

function runOf(run: SimRun) {
  return {
    id: run.id,
    tryNumber: run.tryNumber,
    url: `http://localhost/octo-org/${run.repository.name}/actions/runs/${run.id}`,
  };
}
