import { setTimeout as pause } from "node:timers/promises";
import { mainSteps } from "../stories/processes.ts";
import type { World } from "../stories/world.ts";
import { type Blow, callsOf, orderBlow, type Side } from "./blow.ts";
import type { Dice } from "./soak-dice.ts";

/** Misfortunes by chance, and the supervisor that starts a dead server again. */
export class Misfortunes {
  /** How often each kind was ordered or dealt. */
  readonly dealt = new Map<string, number>();
  serverDeaths = 0;
  readonly #world: World;
  readonly #dice: Dice;
  readonly #over = new AbortController();
  #nr = 0;
  #supervisor: Promise<void> = Promise.resolve();

  constructor(world: World, dice: Dice) {
    this.#world = world;
    this.#dice = dice;
  }

  /** What systemd or Kubernetes does. */
  supervise(): void {
    this.#supervisor = this.#keepServerUp();
  }

  async #keepServerUp(): Promise<void> {
    const { server } = this.#world.playground;
    while (!this.#over.signal.aborted) {
      if (server?.pid === null) {
        this.serverDeaths += 1;
        await pause(this.#dice.for(`restart ${this.serverDeaths}`).between(0, 2_500));
        // One that is killed while it starts is started again in the next round.
        await server.start().catch(() => undefined);
      }
      await pause(200);
    }
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#supervisor;
  }

  /** From here on everything goes well. */
  calm(): void {
    this.#world.playground.github.faults.clear();
  }

  /** @param mayKillServer memory can only be measured of a server that lives for a while */
  async deal(mayKillServer: boolean): Promise<void> {
    const kind = this.#dice.weighted({
      call: 52,
      wait: 10,
      redeliver: 10,
      killServer: 14,
      killMain: 6,
      loseRun: 4,
      loseAll: 1,
    });
    this.#nr += 1;
    const dice = this.#dice.for(`misfortune ${this.#nr}`);
    const at = this.#dice.between(0, 12);
    const side = this.#dice.pick(["server", "runner"] as const);
    switch (kind) {
      case "call": {
        const blow = this.#dice.pick(["5xx", "lost", "dropped", "429", "401"] as const);
        this.#order(side, at, blow);
        return;
      }
      case "wait":
        this.#world.playground.github.faults.order({
          match: callsOf(side),
          after: at,
          times: 3,
          then: { waitMs: dice.between(500, 4_000) },
        });
        return this.#count(`${side} wait`);
      case "redeliver":
        return this.#redeliver(dice);
      case "killServer":
        if (mayKillServer) this.#order("server", at, this.#dice.pick(["kill-before", "kill-after"] as const));
        return;
      case "killMain": {
        const pid = dice.any(mainSteps(this.#world));
        if (pid === undefined) return;
        process.kill(pid, "SIGKILL");
        return this.#count("run killed");
      }
      case "loseRun": {
        const { actions, repository } = this.#world.playground;
        const run = dice.any(actions.runs(repository).filter(({ status }) => status === "in_progress"));
        if (run === undefined) return;
        run.kill();
        return this.#count("runner lost");
      }
      case "loseAll":
        this.#world.playground.actions.loseRunners();
        return this.#count("all runners lost");
    }
  }

  #order(side: Side, at: number, blow: Blow): void {
    orderBlow(this.#world, { match: callsOf(side), at, blow }, () => undefined);
    this.#count(`${side} ${blow}`);
  }

  /** GitHub delivers once more what has arrived, or has not. */
  #redeliver(dice: Dice): void {
    const { github } = this.#world.playground;
    const [app] = github.world.apps.all();
    if (app === undefined) return;
    const delivery = dice.any(github.world.webhooks.deliveries(app.appId).slice(0, 8));
    if (delivery === undefined) return;
    github.world.webhooks.redeliver(app, delivery);
    this.#count("redelivery");
  }

  #count(kind: string): void {
    this.dealt.set(kind, (this.dealt.get(kind) ?? 0) + 1);
  }
}
