import type { GitHubBudget } from "../../src/adapters/github-budget.ts";
import type { Clock } from "../../src/flows/ports.ts";
import { demoConfig, type Hosting } from "../../src/playground/demo-config.ts";
import { openIssue } from "../../src/playground/github/conversation.ts";
import { type GitHubEvent, LocalGitHub, type Repository } from "../../src/playground/github/local-github.ts";
import { APP, DISPATCH, type Dispatch, JOB } from "./dispatch.ts";
import type { CallRecord, Fault } from "./faults.ts";
import { SimActions } from "./sim-actions.ts";
import { SimJobs } from "./sim-jobs.ts";
import type { WorkerScript } from "./sim-machine.ts";
import { type Reply, SimProcess } from "./sim-process.ts";
import { SimServers } from "./sim-servers.ts";
import type { Simulation } from "./simulation.ts";

const PERMISSIONS = {
  contents: "write",
  issues: "write",
  pull_requests: "write",
  actions: "write",
  metadata: "read",
} as const;
/** The events that an App gets, or that start the thread handler's workflow. */
const HEARD = ["issue_comment", "issues", "pull_request", "pull_request_review", "pull_request_review_comment"];
/** What others may have changed meanwhile, or change next. */
const CONTESTED = /TaskBranch|CommitToTask|TasksOfThread|git\/refs|dispatches|issues\/N\/comments|reactions/;
/** How often the server compares all tasks with the world, and a workflow's schedule does. */
const ROUND_MS = 10 * 60_000;
const SCHEDULE_MS = 24 * 3_600_000;

/** GitHub, Dispatch and its runners in one simulation. Every call of Dispatch's goes through here, where the faults are. */
export class SimWorld {
  readonly simulation: Simulation;
  readonly github: LocalGitHub;
  readonly actions: SimActions;
  readonly hosting: Hosting;
  readonly calls: CallRecord[] = [];
  readonly log: string[] = [];
  readonly #dispatch: Dispatch;
  readonly #faults: readonly Fault[];
  readonly #contested: RegExp;
  readonly #budgetFor: WorldOptions["budgetFor"];
  readonly #jobs: SimJobs;
  readonly #servers: SimServers;
  #rounds = 0;
  #isRoundDue = false;
  #processes = 0;

  private constructor(options: WorldOptions, github: LocalGitHub) {
    const { simulation, hosting, script, dispatch = DISPATCH } = options;
    this.simulation = simulation;
    this.hosting = hosting;
    this.github = github;
    this.#dispatch = dispatch;
    this.#faults = options.faults ?? [];
    this.#contested = options.contested ?? CONTESTED;
    this.#budgetFor = options.budgetFor;
    github.addUser("octo-org", { type: "Organization" });
    github.addUser("mona");
    github.addUser("hubot");
    github.addUser(APP, { type: "Bot" });
    github.addUser(JOB, { type: "Bot" });
    this.actions = new SimActions(github, (run) => this.#jobs.queue(run));
    this.#jobs = new SimJobs({
      simulation,
      github,
      actions: this.actions,
      hosting,
      dispatch,
      script,
      runners: options.runners ?? Number.POSITIVE_INFINITY,
      process: (kind, repository) => this.#jobProcess(kind, repository),
    });
    this.#servers = new SimServers({
      simulation,
      dispatch,
      count: hosting === "server" ? (options.servers ?? 1) : 0,
      start: () => this.#serverProcess(),
      restarted: () => this.#round(),
    });
    github.onEvent((event) => this.#hear(event));
  }

  static async create(options: WorldOptions): Promise<SimWorld> {
    const now = () => new Date(options.simulation.now());
    const world = new SimWorld(options, await LocalGitHub.create({ dataDir: "/nowhere", now, git: "memory" }));
    for (const name of options.repositories ?? ["hello"]) await world.addRepository(name);
    return world;
  }

  /** Tasks of which a second worker was started while the first lived. */
  get overlaps(): readonly string[] {
    return this.#jobs.overlaps;
  }

  /** Tasks with the machines that have worked on them. */
  get machines(): SimJobs["machines"] {
    return this.#jobs.machines;
  }

  /** What nobody has heard, nor will. */
  get unheard(): readonly GitHubEvent[] {
    return [...this.#servers.unheard, ...this.#jobs.unheard];
  }

  async addRepository(name: string): Promise<Repository> {
    return this.github.addRepository({
      owner: "octo-org",
      name,
      files: {
        "README.md": "# Hello\n",
        ".github/dispatch.yml": `${demoConfig({ backend: "demo", pace: null, env: [] })}answer_timeout: 1\n`,
        ".github/workflows/dispatch.yml": "name: Dispatch\n",
      },
      collaborators: { mona: "admin", hubot: "write" },
      settings: { allowActionsToCreatePullRequests: true },
    });
  }

  get repository(): Repository {
    const [first] = this.github.repositories();
    if (first === undefined) throw new Error("There is no repository.");
    return first;
  }

  openIssue(repository: Repository, title: string): number {
    const actor = { account: this.github.addUser("mona"), tokenKind: "user" as const };
    return openIssue(this.github.world, actor, { repository, title, body: "" }).number;
  }

  /** Somebody writes a comment in their browser. */
  async say(thread: number, body: string, { login = "mona", repository = this.repository } = {}): Promise<void> {
    await this.github.app.fetch(
      new Request(`http://localhost/repos/${repository.fullName}/issues/${thread}/comments`, {
        method: "POST",
        headers: { authorization: `token ${this.github.tokenOf(login)}`, "content-type": "application/json" },
        body: JSON.stringify({ body }),
      }),
    );
  }

  #process(kind: string, token: string, renew: (() => string) | null, account = APP): SimProcess {
    this.#processes += 1;
    const budgetFor = this.#budgetFor;
    const network = (from: SimProcess, request: Request, call: string) => this.#carry(from, request, call);
    const { simulation, log: lines } = this;
    return new SimProcess({
      name: `${kind} ${this.#processes}`,
      token,
      renew,
      simulation,
      network,
      contested: this.#contested,
      lines,
      isPatient: this.#dispatch.isPatient,
      looksFirst: account !== APP,
      ...(budgetFor === undefined ? {} : { budgetFor: (clock) => budgetFor({ kind, account }, clock) }),
    });
  }

  async #carry(from: SimProcess, request: Request, call: string): Promise<Reply | "lost"> {
    const number = this.calls.length;
    const fault = this.#faults.find(({ at }) => at === number)?.kind ?? null;
    this.calls.push({ number, call, by: from.name.split(" ")[0] ?? "", fault, at: this.simulation.elapsed });
    if (!from.name.startsWith("round")) this.#lookAfter();
    switch (fault) {
      case "5xx":
        return refusal(502, "Server Error");
      case "429":
        return refusal(429, "You have exceeded a secondary rate limit.", { "retry-after": "30" });
      case "401":
        return refusal(401, "Bad credentials");
      case "crash-before":
        this.#crash(from);
        return "lost";
      case "crash-after":
        await this.#perform(request);
        this.#crash(from);
        return "lost";
      case "lost":
        await this.#perform(request);
        return "lost";
      case null:
        return this.#perform(request);
    }
  }

  async #perform(request: Request): Promise<Reply> {
    const response = await this.github.app.fetch(request);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** A job's program dies with its whole runner as often as alone. */
  #crash(process: SimProcess): void {
    const machine = this.#jobs.machineOf.get(process);
    if (machine !== undefined && this.simulation.random() < 0.5) machine.destroy();
    process.root.kill();
  }

  #hear(event: GitHubEvent): void {
    if (event.name === "workflow_run") this.#jobs.fillRunners();
    if (this.hosting === "server") {
      if (HEARD.includes(event.name) || event.name === "workflow_run") this.#servers.hear(event);
    } else if (HEARD.includes(event.name) && event.tokenKind === "user" && event.actor.type === "User") {
      const { name, payload, repository } = event;
      this.actions.start({ repository, name: `dispatch hears ${name}`, event: name, inputs: {}, payload });
    }
  }

  #serverProcess(): SimProcess {
    const account = this.github.addUser(APP, { type: "Bot" });
    const issue = () => this.github.issueToken({ account, kind: "installation", permissions: PERMISSIONS });
    return this.#process("server", issue(), issue);
  }

  #jobProcess(kind: string, repository: Repository): SimProcess {
    const account = this.github.addUser(JOB, { type: "Bot" });
    return this.#process(
      kind,
      this.github.issueToken({ account, kind: "job", repository, permissions: PERMISSIONS }),
      null,
      `${JOB} in ${repository.fullName}`,
    );
  }

  /** A round from now on, once something has happened; without anything new there is no further one. */
  #lookAfter(): void {
    if (this.#isRoundDue) return;
    this.#isRoundDue = true;
    this.simulation.after(this.hosting === "server" ? ROUND_MS : SCHEDULE_MS, () => this.#round());
  }

  #round(): void {
    this.#isRoundDue = false;
    this.#rounds += 1;
    for (const repository of this.github.repositories()) this.#roundOf(repository);
  }

  #roundOf(repository: Repository): void {
    const name = `round ${this.#rounds}`;
    const process = this.hosting === "server" ? this.#servers.first?.part(name) : this.#jobProcess("round", repository);
    if (process === undefined || !process.isAlive) return this.#lookAfter();
    process.onDeath(() => this.#lookAfter());
    const scope = { thread: null, thorough: this.hosting === "action" || this.#rounds % 2 === 1 };
    void this.#dispatch.reconcile(scope, this.#dispatch.thread(process, repository)).catch((error: unknown) => {
      process.log.warning(String(error));
      this.#lookAfter();
    });
  }
}

export interface Program {
  /** server, handler, run, post, settle or round */
  readonly kind: string;
  /** With whom it shares GitHub's limits. */
  readonly account: string;
}

export interface WorldOptions {
  readonly simulation: Simulation;
  readonly hosting: Hosting;
  readonly script: WorkerScript;
  readonly faults?: readonly Fault[];
  readonly dispatch?: Dispatch;
  readonly repositories?: readonly string[];
  /** How many jobs GitHub runs at a time; by default all. */
  readonly runners?: number;
  /** The limits of one program's account; a trial may watch them. */
  readonly budgetFor?: (program: Program, clock: Clock) => GitHubBudget;
  /** How many servers there are, each of which gets every delivery. */
  readonly servers?: number;
  /** Calls at which somebody else may come first, where orders are chosen. */
  readonly contested?: RegExp;
}

function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const all = new Headers({ "content-type": "application/json; charset=utf-8", ...headers });
  return { status, headers: all, text: JSON.stringify({ message }) };
}
