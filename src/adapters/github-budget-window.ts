/** How much was spent within the last so many milliseconds. */
export class SlidingWindow {
  readonly #ms: number;
  readonly #most: number;
  readonly #spent: { readonly at: number; readonly points: number }[] = [];
  #total = 0;

  constructor(limits: { readonly ms: number; readonly most: number }) {
    this.#ms = limits.ms;
    this.#most = limits.most;
  }

  spend(points: number, now: number): void {
    this.#spent.push({ at: now, points });
    this.#total += points;
  }

  total(now: number): number {
    this.#forget(now);
    return this.#total;
  }

  /** From 0 (nothing spent) to 1 (all of it). */
  fullness(now: number): number {
    return this.total(now) / this.#most;
  }

  /** Milliseconds until so much more fits in; 0 for at once. */
  untilFits(points: number, now: number): number {
    this.#forget(now);
    let excess = this.#total + points - this.#most;
    for (const spending of this.#spent) {
      if (excess <= 0) break;
      excess -= spending.points;
      if (excess <= 0) return spending.at + this.#ms - now;
    }
    return 0;
  }

  #forget(now: number): void {
    let old = 0;
    for (const { at, points } of this.#spent) {
      if (at + this.#ms > now) break;
      this.#total -= points;
      old += 1;
    }
    if (old > 0) this.#spent.splice(0, old);
  }
}
