/** Work that is under way, by name. Whoever brings the same again waits for what goes on already. */
export class UnderWay<Result> {
  readonly #running = new Map<string, Promise<Result>>();

  join(name: string, work: () => Promise<Result>): Promise<Result> {
    const known = this.#running.get(name);
    if (known !== undefined) return known;
    const running = work().finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }
}
