import { type Cost, GitHubBudget } from "../../src/adapters/github-budget.ts";
import type { Urgency } from "../../src/core/rate-budget.ts";
import type { Clock } from "../../src/flows/ports.ts";
import type { Program } from "./sim-world.ts";

/** What all programs together have sent, and how long it had to wait for its turn. */
export class LoadMeter {
  /** Requests that had to be made, with those that bring something up to date. */
  requests = 0;
  /** Looks that are free as long as nothing has changed. */
  polls = 0;
  /** Requests in the present minute, both kinds. */
  sinceSample = 0;
  /** The most requests of one account that were under way at one time. */
  mostAtOnce = 0;
  /** The longest time that a request which must be made has waited for its turn, and whose it was. */
  longestWait = { ms: 0, by: "" };
  readonly #underWay = new Map<string, number>();

  budgetFor(program: Program, clock: Clock): GitHubBudget {
    return new MeteredBudget(program, clock, this);
  }

  admitted(program: Program, urgency: Urgency, waitedMs: number): void {
    if (urgency === "poll") this.polls += 1;
    else this.requests += 1;
    this.sinceSample += 1;
    const underWay = (this.#underWay.get(program.account) ?? 0) + 1;
    this.#underWay.set(program.account, underWay);
    this.mostAtOnce = Math.max(this.mostAtOnce, underWay);
    if (waitedMs > this.longestWait.ms) this.longestWait = { ms: waitedMs, by: program.kind };
  }

  released({ account }: Program): void {
    this.#underWay.set(account, (this.#underWay.get(account) ?? 0) - 1);
  }
}

class MeteredBudget extends GitHubBudget {
  readonly #program: Program;
  readonly #now: () => number;
  readonly #meter: LoadMeter;

  constructor(program: Program, clock: Clock, meter: LoadMeter) {
    super(clock);
    this.#program = program;
    this.#now = () => clock.now().getTime();
    this.#meter = meter;
  }

  override async admit(cost: Cost, urgency: Urgency, lane: object): Promise<void> {
    const asked = this.#now();
    await super.admit(cost, urgency, lane);
    this.#meter.admitted(this.#program, urgency, this.#now() - asked);
  }

  override release(cost: Cost): void {
    this.#meter.released(this.#program);
    super.release(cost);
  }
}
