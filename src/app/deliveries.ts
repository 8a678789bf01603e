/** More than a busy installation gets in the hour in which GitHub and we send again what was late. */
const MOST_KEPT = 20_000;

/**
 * Deliveries by their ids, each handled once for as long as this process lives: whoever brings one again waits for what goes on already,
 * or is told what has come of it. One that has failed is handled anew.
 */
export class Deliveries {
  /** Oldest first. */
  readonly #handled = new Map<string, Promise<void>>();

  handle(id: string, work: () => Promise<void>): Promise<void> {
    const known = this.#handled.get(id);
    if (known !== undefined) return known;
    const handling = work().catch((error: unknown) => {
      this.#handled.delete(id);
      throw error;
    });
    this.#handled.set(id, handling);
    for (const oldest of this.#handled.keys()) {
      if (this.#handled.size <= MOST_KEPT) break;
      this.#handled.delete(oldest);
    }
    return handling;
  }
}
