import type { Clock } from "../../src/flows/ports.ts";

export const NOW = "2026-11-20T12:00:00.000Z";

/** What a call takes: others may come in between. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything that waits for nothing but its turn go on. */
export async function turns(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await turn();
}

/** Time that stands still until a test moves it. Chance is always 1: the longest back-off. */
export class ManualClock implements Clock {
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  #time = Date.parse(NOW);

  /** How many sleep at this moment. None may be left when all is over. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  now(): Date {
    return new Date(this.#time);
  }

  random(): number {
    return 1;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#time + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
    });
  }

  /** Moves the time on and wakes, one moment after the other, whoever has slept long enough. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await turns();
    for (;;) {
      const [first] = [...this.#sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
      if (first === undefined) break;
      this.#time = Math.max(this.#time, first.until);
      first.wake();
      await turns();
    }
    this.#time = end;
  }
}

/** Time that passes only in `sleep`, and then at once. */
export class HurriedClock implements Clock {
  readonly slept: number[] = [];
  readonly #chance: number;

  constructor({ chance = 1 }: { readonly chance?: number } = {}) {
    this.#chance = chance;
  }

  now(): Date {
    return new Date(Date.parse(NOW) + this.slept.reduce((sum, ms) => sum + ms, 0));
  }

  random(): number {
    return this.#chance;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!signal?.aborted) this.slept.push(ms);
    await turn();
  }
}
