import type { Clock } from "./ports.ts";

/** Wakes one waiting loop. Rings while nobody waits are kept, and many count as one. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or after `ms`. */
  async wait(ms: number, clock: Clock): Promise<void> {
    if (!this.#rung) {
      const timer = new AbortController();
      const rung = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([rung, clock.sleep(ms, timer.signal)]);
      timer.abort();
      this.#wake = null;
    }
    this.#rung = false;
  }
}
