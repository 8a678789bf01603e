import { Problem } from "../../src/core/problem.ts";
import type { TaskFiles, Thread, Work } from "../../src/core/task.ts";
import type { Checkout, Pushed, TaskFolder, WorkerExit, Workers } from "../../src/flows/machine-ports.ts";
import type { PullRequest, PullRequestDraft, PullRequests, PullState } from "../../src/flows/ports.ts";
import type { RunPorts } from "../../src/flows/run-ports.ts";
import { turn } from "./memory-clock.ts";
import { MemoryThread } from "./memory-thread.ts";

const EXIT: WorkerExit = { code: 0, signal: null, tail: "" };

/** A work branch, as far as a flow sees it: what is saved is pushed, unless a test says what becomes of a push. */
class MemoryCheckout implements Checkout {
  readonly directory = "/checkout";
  /** Branches that the remote has. */
  readonly bases = new Set(["main"]);
  readonly prepared: Work[] = [];
  /** What each push was told of the pull request. */
  readonly pulls: PullState[] = [];
  pushes: readonly Pushed[] = [];
  #saved = 0;

  async prepare(work: Work): Promise<void> {
    await turn();
    if (!this.bases.has(work.base)) throw new Problem("base-missing", `There is no ${work.base}.`, "Make one.");
    this.prepared.push(work);
  }

  adopt = () => Promise.resolve(true);
  saved = () => Promise.resolve([]);
  bundle = () => Promise.resolve("/temp/dispatch-work.bundle");
  summary = async () => ({ commits: this.#saved, files: ["a.txt"], insertions: 1, deletions: 0 });

  async save(): Promise<boolean> {
    this.#saved += 1;
    return true;
  }

  async push(pull: PullState = "open"): Promise<Pushed> {
    await turn();
    this.pulls.push(pull);
    const [first, ...rest] = this.pushes;
    this.pushes = rest;
    return first ?? { kind: "pushed", head: "a".repeat(40) };
  }
}

class MemoryPullRequests implements PullRequests {
  readonly opened: PullRequestDraft[] = [];
  readonly ready: number[] = [];
  /** How the pull requests stand by now; "open" without a word. */
  readonly states = new Map<number, PullState>();
  readonly #bases: ReadonlySet<string>;

  constructor(bases: ReadonlySet<string>) {
    this.#bases = bases;
  }

  async open(draft: PullRequestDraft): Promise<PullRequest> {
    await turn();
    if (!this.#bases.has(draft.base)) throw new Problem("base-missing", `There is no ${draft.base}.`, "Make one.");
    this.opened.push(draft);
    const number = 10 + this.opened.length;
    return {
      number,
      url: `https://github.com/octo-org/hello/pull/${number}`,
      nodeId: `PR_${number}`,
      draft: draft.draft,
    };
  }

  async stateOf(number: number): Promise<PullState> {
    await turn();
    return this.states.get(number) ?? "open";
  }

  describe = (number: number) => this.stateOf(number);

  async markReady({ number }: PullRequest): Promise<void> {
    this.ready.push(number);
  }
}

class MemoryFolder implements TaskFolder {
  readonly directory = "/checkout/.dispatch";
  files: TaskFiles = {};
  #tell: () => void = () => {};

  read = async () => ({ files: this.files, warnings: [] });

  async write(files: TaskFiles): Promise<void> {
    this.files = { ...this.files, ...files };
  }

  async edit(path: string, change: (text: string) => string | null): Promise<void> {
    const text = change(this.files[path] ?? "");
    if (text !== null) await this.write({ [path]: text });
  }

  /** The worker writes. */
  async put(path: string, text: string): Promise<void> {
    await this.write({ [path]: text });
    this.#tell();
  }

  async *changes(signal: AbortSignal): AsyncIterable<void> {
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      if (!signal.aborted) yield;
    }
  }
}

class MemoryWorkers implements Workers {
  /** How many live at this moment. */
  alive = 0;
  #end: (exit: WorkerExit) => void = () => {};

  preflight = () => Promise.resolve(null);
  endLeftBehind = () => Promise.resolve();

  start() {
    this.alive += 1;
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    let lives = true;
    this.#end = (exit) => {
      if (lives) this.alive -= 1;
      lives = false;
      resolve(exit);
    };
    return { ended, stop: async () => this.end() };
  }

  /** The latest one ends. */
  end(exit: WorkerExit = EXIT): void {
    this.#end(exit);
  }
}

/** A run on a machine of its own, beside the thread, in memory. */
export class MemoryRun extends MemoryThread implements RunPorts {
  readonly checkout = new MemoryCheckout();
  readonly pullRequests = new MemoryPullRequests(this.checkout.bases);
  readonly folder = new MemoryFolder();
  readonly workers = new MemoryWorkers();
  readonly stopping = new AbortController();
  readonly stop = this.stopping.signal;
  readonly records = { write: () => Promise.resolve() };
  readonly issues = { open: (): Promise<Thread> => Promise.reject(new Error("Nobody asks here.")) };
  readonly probe = { look: () => Promise.reject(new Error("Nobody looks here.")) };
}
