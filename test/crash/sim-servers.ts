import { Deliveries } from "../../src/app/deliveries.ts";
import type { GitHubEvent } from "../../src/playground/github/local-github.ts";
import { type Dispatch, handleBy } from "./dispatch.ts";
import type { SimProcess } from "./sim-process.ts";
import type { Simulation } from "./simulation.ts";

const RESTART_MS = 3_000;
const REDELIVER_MS = 30_000;
const ANSWER_WITHIN_MS = 9_000;
const MOST_DELIVERIES = 20;

interface Delivery {
  readonly id: number;
  readonly event: GitHubEvent;
  tries: number;
}

interface Place {
  readonly process: SimProcess;
  /** What it has handled since it was started. */
  readonly deliveries: Deliveries;
}

/** Servers that hear every event, die, and are started again; and GitHub's log, which has what failed delivered again. */
export class SimServers {
  /** Deliveries that are not delivered again, and have not been handled (yet). */
  readonly #unheard = new Set<GitHubEvent>();
  readonly #places: Place[] = [];
  readonly #simulation: Simulation;
  readonly #dispatch: Dispatch;
  readonly #start: () => SimProcess;
  readonly #restarted: () => void;
  #deliveries = 0;
  #handlings = 0;

  constructor(options: {
    readonly simulation: Simulation;
    readonly dispatch: Dispatch;
    readonly count: number;
    readonly start: () => SimProcess;
    /** A server that has died is there again. */
    readonly restarted: () => void;
  }) {
    this.#simulation = options.simulation;
    this.#dispatch = options.dispatch;
    this.#start = options.start;
    this.#restarted = options.restarted;
    for (let place = 0; place < options.count; place += 1) this.#begin(place);
  }

  /** What has failed for good: nobody will hear of it again. */
  get unheard(): readonly GitHubEvent[] {
    return [...this.#unheard];
  }

  /** The one that looks after what has stopped halfway. */
  get first(): SimProcess | undefined {
    return this.#places[0]?.process;
  }

  hear(event: GitHubEvent): void {
    this.#deliveries += 1;
    this.#deliver({ id: this.#deliveries, event, tries: 0 });
  }

  #begin(place: number): void {
    const process = this.#start();
    this.#places[place] = { process, deliveries: new Deliveries() };
    process.onDeath(() =>
      this.#simulation.after(RESTART_MS, () => {
        this.#begin(place);
        this.#restarted();
      }),
    );
  }

  /** Every server gets it: one would do, but a delivery may come twice. */
  #deliver(delivery: Delivery): void {
    delivery.tries += 1;
    this.#simulation.after(this.#simulation.latency(), () => {
      for (const place of this.#places) this.#attempt(delivery, place);
    });
  }

  #attempt(delivery: Delivery, { process, deliveries }: Place): void {
    let isAnswered = false;
    const answer = (status: number) => {
      if (isAnswered) return;
      isAnswered = true;
      if (status === 200) return;
      // GitHub's log has it as failed; the server has it delivered again.
      const pause = REDELIVER_MS * delivery.tries;
      if (delivery.tries < MOST_DELIVERIES) this.#simulation.after(pause, () => this.#deliver(delivery));
      else this.#unheard.add(delivery.event);
    };
    if (!process.isAlive) return answer(502);
    process.onDeath(() => answer(502));
    this.#simulation.after(ANSWER_WITHIN_MS, () => answer(503));
    if (this.#dispatch.acknowledges === "first") answer(200);
    this.#handlings += 1;
    const part = () => process.part(`server ${this.#handlings}`);
    deliveries
      .handle(String(delivery.id), () => handleBy(this.#dispatch, part(), delivery.event))
      .then(
        () => {
          answer(200);
          // Late, but done.
          this.#unheard.delete(delivery.event);
        },
        (error: unknown) => {
          process.log.warning(String(error));
          answer(500);
        },
      );
  }
}
