import type { Background, Log } from "../flows/ports.ts";

/** Work that outlives the reply to GitHub. `settled` is awaited before the process ends, so that nothing is cut off. */
export class BackgroundWork implements Background {
  readonly #running = new Set<Promise<void>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  later(what: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#log.warning(`${what}: ${String(error)}`))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
