import type { TaskFiles, Work } from "../../src/core/task.ts";
import type {
  Checkout,
  CommitText,
  Pushed,
  TaskFolder,
  WorkerExit,
  WorkerPlace,
  WorkerProcess,
  Workers,
  WorkSummary,
} from "../../src/flows/machine-ports.ts";
import { commitFiles } from "../../src/playground/github/commit-files.ts";
import { readCommit } from "../../src/playground/github/git-objects.ts";
import type { LocalGitHub, Repository } from "../../src/playground/github/local-github.ts";
import type { SimProcess } from "./sim-process.ts";
import type { Simulation } from "./simulation.ts";

/** What a worker does once it has been started. It writes into the machine and sleeps by its own process. */
export type WorkerScript = (
  machine: SimMachine,
  prompt: string,
  place: WorkerPlace,
  worker: SimWorker,
) => Promise<number>;

/** The worker's own process: it dies with its machine, or by `stop`. */
interface SimWorker {
  readonly isAlive: () => boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

interface LocalCommit {
  readonly message: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A runner's disk and what lives on it. Programs may die and others go on with the same disk, until the machine itself is gone. */
export class SimMachine {
  readonly folder = new Map<string, string>();
  /** Changed in the workspace and not committed. */
  readonly workspace = new Map<string, string>();
  readonly #simulation: Simulation;
  readonly #repository: Repository;
  readonly #github: LocalGitHub;
  readonly #script: WorkerScript;
  readonly #onWorker: () => void;
  #commits: LocalCommit[] = [];
  #branch: string | null = null;
  #base: string | null = null;
  readonly #listeners = new Set<() => void>();
  #isOn = true;
  #workers = 0;

  constructor(options: {
    readonly simulation: Simulation;
    readonly github: LocalGitHub;
    readonly repository: Repository;
    readonly script: WorkerScript;
    readonly onWorker: () => void;
  }) {
    this.#simulation = options.simulation;
    this.#github = options.github;
    this.#repository = options.repository;
    this.#script = options.script;
    this.#onWorker = options.onWorker;
  }

  get hasWorker(): boolean {
    return this.#isOn && this.#workers > 0;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The power goes: nothing on it lives or is read again. */
  destroy(): void {
    this.#isOn = false;
  }

  write(path: string, text: string): void {
    this.folder.set(path, text);
    for (const tell of this.#listeners) tell();
  }

  taskFolder(process: SimProcess): TaskFolder {
    return {
      directory: "/workspace/.dispatch",
      read: async () => ({ files: Object.fromEntries(this.folder), warnings: [] }),
      write: async (files: TaskFiles) => {
        for (const [path, text] of Object.entries(files)) this.folder.set(path, text);
      },
      edit: async (path, change) => {
        const text = change(this.folder.get(path) ?? "");
        if (text !== null) this.folder.set(path, text);
      },
      changes: (signal) => this.#changes(process, signal),
    };
  }

  async *#changes(process: SimProcess, signal: AbortSignal): AsyncGenerator<void> {
    let isChanged = false;
    let wake = () => {};
    const listen = () => {
      isChanged = true;
      this.#simulation.after(25, () => wake());
    };
    this.#listeners.add(listen);
    process.onDeath(() => this.#listeners.delete(listen));
    try {
      while (!signal.aborted) {
        if (!isChanged) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
        }
        if (signal.aborted) return;
        // Nothing of a dead process goes on.
        if (!process.isAlive) await new Promise(() => undefined);
        if (!isChanged) continue;
        isChanged = false;
        yield;
      }
    } finally {
      this.#listeners.delete(listen);
    }
  }

  workers(_process: SimProcess): Workers {
    return {
      preflight: async () => null,
      start: (command, place) => this.#start(command.stdin ?? command.args.join("\n"), place),
      endLeftBehind: async () => this.sweep(),
    };
  }

  #start(prompt: string, place: WorkerPlace): WorkerProcess {
    let lives = true;
    this.#workers += 1;
    this.#onWorker();
    const sleep = (ms: number) =>
      new Promise<void>((resolve) => {
        this.#simulation.after(ms, () => {
          if (lives && this.#isOn) resolve();
        });
      });
    let end: (exit: WorkerExit) => void = () => undefined;
    const ended = new Promise<WorkerExit>((resolve) => {
      end = resolve;
    });
    const finish = (code: number | null, signal: string | null) => {
      if (!lives) return;
      lives = false;
      this.#workers -= 1;
      this.#simulation.after(1, () => end({ code, signal, tail: "" }));
    };
    this.#stopWorker = () => finish(null, "SIGKILL");
    const worker: SimWorker = { isAlive: () => lives && this.#isOn, sleep };
    void this.#script(this, prompt, place, worker).then((code) => finish(code, null));
    return {
      ended,
      stop: async () => finish(null, "SIGTERM"),
    };
  }

  #stopWorker: () => void = () => undefined;

  /** What the runner sweeps up between the main step and the post step. */
  sweep(): void {
    this.#stopWorker();
  }

  checkout(process: SimProcess): Checkout {
    return {
      directory: "/workspace",
      prepare: (work) => process.reach(() => this.#prepare(work)),
      adopt: async () => this.#branch !== null,
      save: (text) => this.#save(text),
      push: () => process.reach(() => this.#push()),
      summary: () => this.#summary(),
      saved: async () => this.#saved(),
      bundle: async () => null,
    };
  }

  async #prepare(work: Work): Promise<void> {
    const branch = work.branch;
    this.#branch = branch;
    this.#base =
      (await this.#repository.git.ref(`refs/heads/${branch}`)) ??
      (await this.#repository.git.ref(`refs/heads/${work.base}`));
  }

  async #save({ message }: CommitText): Promise<boolean> {
    if (this.workspace.size === 0) return false;
    this.#commits.push({ message, files: Object.fromEntries(this.workspace) });
    this.workspace.clear();
    return true;
  }

  async #push(): Promise<Pushed> {
    const branch = this.#branch;
    if (branch === null || this.#commits.length === 0) return { kind: "nothing" };
    const { git } = this.#repository;
    const actor = { account: this.#github.addUser("github-actions[bot]", { type: "Bot" }), tokenKind: "job" as const };
    const name = `refs/heads/${branch}`;
    if ((await git.ref(name)) === null) await git.moveRef({ name, next: this.#base, previous: null });
    let head = (await git.ref(name)) ?? "";
    for (const { message, files } of this.#commits) {
      const additions = Object.entries(files).map(([path, text]) => ({ path, contents: Buffer.from(text) }));
      const made = await commitFiles(this.#github.world, actor, {
        repository: this.#repository,
        branch,
        expectedHead: head,
        message,
        additions,
        deletions: [],
      });
      if (made === "stale") throw new Error("Two machines push to one branch at once.");
      head = made.oid;
    }
    this.#commits = [];
    return { kind: "pushed", head };
  }

  async #saved(): Promise<readonly string[]> {
    const { git, defaultBranch } = this.#repository;
    const base = await git.ref(`refs/heads/${defaultBranch}`);
    const lines: string[] = [];
    for (
      let at = this.#branch === null ? null : await git.ref(`refs/heads/${this.#branch}`);
      at !== null && at !== base;
    ) {
      const commit = await readCommit(git, at);
      lines.push(...(commit?.message.split("\n") ?? []));
      at = commit?.parents[0] ?? null;
    }
    return lines;
  }

  async #summary(): Promise<WorkSummary> {
    const branch = this.#branch;
    const head = branch === null ? null : await this.#repository.git.ref(`refs/heads/${branch}`);
    const base = await this.#repository.git.ref(`refs/heads/${this.#repository.defaultBranch}`);
    let commits = 0;
    for (let at = head; at !== null && at !== base; commits += 1) {
      at = (await readCommit(this.#repository.git, at))?.parents[0] ?? null;
    }
    return { commits, files: [], insertions: commits, deletions: 0 };
  }
}
