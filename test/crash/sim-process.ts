import { Octokit } from "@octokit/core";
import { BackgroundWork } from "../../src/adapters/background-work.ts";
import type { GitHubApi } from "../../src/adapters/github-api.ts";
import { GitHubBudget } from "../../src/adapters/github-budget.ts";
import { governed } from "../../src/adapters/github-client.ts";
import { authorized, type TokenSource } from "../../src/adapters/github-token.ts";
import { TokenRefused } from "../../src/core/problem.ts";
import type { Clock, Log } from "../../src/flows/ports.ts";
import { nameOfCall } from "./call-name.ts";
import type { Simulation } from "./simulation.ts";

export type Reply = Pick<Response, "status" | "headers"> & { readonly text: string };

/** Carries a request to GitHub. What it does before and after the effect is up to the trial. */
export type Network = (from: SimProcess, request: Request, call: string) => Promise<Reply | "lost">;

export interface ProcessOptions {
  readonly name: string;
  readonly token: string;
  /** Another token, for a program that can have one. */
  readonly renew: (() => string) | null;
  readonly simulation: Simulation;
  readonly network: Network;
  /** Calls whose place among those of others makes a difference. */
  readonly contested: RegExp;
  readonly lines: string[];
  /** False: a request that fails is sent again, whatever it was, as stock clients do. */
  readonly isPatient: boolean;
  /** Watches what it sends and how long that waits; by default nobody does. */
  readonly budgetFor?: (clock: Clock) => GitHubBudget;
  /** Asks how much is left of the hour before anything else, as jobs do. */
  readonly looksFirst: boolean;
}

/** A program that can die between any two things it does: from then on nothing of it goes on, and no reply reaches it. */
export class SimProcess {
  /** The process itself, or what it is a part of. */
  readonly root: SimProcess;
  readonly name: string;
  readonly api: GitHubApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly background: BackgroundWork;
  readonly budget: GitHubBudget;
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #contested: RegExp;
  readonly #options: ProcessOptions;
  #isAlive = true;
  readonly #deaths: (() => void)[] = [];

  constructor(options: ProcessOptions, root?: SimProcess) {
    this.root = root ?? this;
    this.#options = options;
    root?.onDeath(() => this.kill());
    const { name, token, renew, simulation, network, contested, lines, isPatient, looksFirst } = options;
    this.name = name;
    this.#simulation = simulation;
    this.#network = network;
    this.#contested = contested;
    this.log = {
      info: () => undefined,
      warning: (message) => void (this.#isAlive && lines.push(`${name}: ${message}`)),
    };
    this.clock = {
      now: () => new Date(simulation.now()),
      random: simulation.random,
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
    this.background = new BackgroundWork(this.log);
    this.budget = root?.budget ?? options.budgetFor?.(this.clock) ?? new GitHubBudget(this.clock);
    const plain = new Octokit({
      baseUrl: "http://localhost/api/v3",
      log: { debug() {}, info() {}, warn() {}, error() {} },
      request: {
        fetch: (url: string, init: RequestInit) => (isPatient ? this.#fetch(url, init) : this.#insist(url, init)),
      },
      ...(isPatient ? {} : { auth: token }),
    });
    const own = authorized(plain, tokensFrom(token, renew));
    this.api = isPatient ? governed(own, this.budget, this.clock, { looksFirst }) : plain;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** One of the things that it does at the same time. It lives and dies with the whole. */
  part(name: string): SimProcess {
    return new SimProcess({ ...this.#options, name }, this.root);
  }

  kill(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    for (const tell of this.#deaths) tell();
  }

  onDeath(tell: () => void): void {
    this.#deaths.push(tell);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        forget();
        signal?.removeEventListener("abort", wake);
        if (this.#isAlive) resolve();
      };
      const forget = this.#simulation.after(ms, wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** One step that reaches beyond this program, with the time that it takes. */
  reach<T>(act: () => Promise<T>, isContested = false): Promise<T> {
    const { random } = this.#simulation;
    return new Promise((resolve, reject) => {
      this.#simulation.after(
        this.#simulation.latency(),
        async () => {
          // Of a request that was under way when its sender died, nobody knows whether it arrived.
          if (!this.#isAlive && random() < 0.5) return;
          const done = await act().then(
            (value) => () => resolve(value),
            (error: unknown) => () => reject(error),
          );
          if (this.#isAlive) done();
        },
        { caller: this.name, isContested },
      );
    });
  }

  /** Three more tries, at growing distances. */
  async #insist(url: string, init: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const response = await this.#fetch(url, init).catch((error: unknown) => error);
      const isLast = tries > 3;
      if (response instanceof Error) {
        if (isLast) throw response;
      } else {
        const answered = response as Response; // the catch above gives back errors only
        if (isLast || answered.status < 500) return answered;
      }
      await this.sleep(1_000 * tries ** 2);
    }
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    // Octokit's deadline runs in real time, of which there is none here.
    const { signal: _, ...rest } = init;
    const request = new Request(url, rest);
    const call = nameOfCall(request.method, new URL(url).pathname, typeof init.body === "string" ? init.body : "");
    const reply = await this.reach(async () => this.#network(this, request, call), this.#contested.test(call));
    if (reply === "lost") throw new TypeError("fetch failed");
    const { status, headers, text } = reply;
    // All that Octokit looks at; a whole Response would be read by turns of the real event loop.
    return {
      status,
      headers,
      url,
      ok: status < 300,
      text: async () => text,
      json: async () => JSON.parse(text),
    } as unknown as Response;
  }
}

function tokensFrom(first: string, renew: (() => string) | null): TokenSource {
  let token = first;
  return {
    present: async () => token,
    renew: async () => {
      if (renew === null) throw new TokenRefused();
      token = renew();
      return token;
    },
  };
}
