/** So many requests a piece of work makes in its turn: enough to accept a task and to start its run, not enough for a round over all. */
const TURN = 24;

interface Lane<T> {
  /** Whoever has the lowest comes first. */
  place: number;
  /** Requests that are left of the turn. */
  left: number;
  readonly queue: T[];
}

/**
 * Requests that wait, in the order of the pieces of work they belong to: the one that was begun first is finished first, so that a crowd
 * of a thousand is served one after the other, and not all of it late. A piece of work that has had its turn goes to the end of the row.
 */
export class Lanes<T extends object> implements Iterable<T> {
  readonly #known = new WeakMap<object, Lane<T>>();
  /** Those with somebody in them, by place. */
  readonly #row: Lane<T>[] = [];
  readonly #laneOf = new WeakMap<T, Lane<T>>();
  #lastPlace = 0;

  get isEmpty(): boolean {
    return this.#row.length === 0;
  }

  add(of: object, waiting: T): void {
    const lane = this.#lane(of);
    lane.queue.push(waiting);
    this.#laneOf.set(waiting, lane);
    if (lane.queue.length === 1) this.#enter(lane);
  }

  /** One of `of` did not have to wait. */
  served(of: object): void {
    this.#count(this.#lane(of));
  }

  /** It is its turn. */
  remove(waiting: T): void {
    const lane = this.#laneOf.get(waiting);
    if (lane === undefined) return;
    lane.queue.splice(lane.queue.indexOf(waiting), 1);
    this.#row.splice(this.#row.indexOf(lane), 1);
    this.#count(lane);
    if (lane.queue.length > 0) this.#enter(lane);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const { queue } of this.#row) yield* queue;
  }

  #lane(of: object): Lane<T> {
    const known = this.#known.get(of);
    if (known !== undefined) return known;
    const lane = { place: this.#next(), left: TURN, queue: [] };
    this.#known.set(of, lane);
    return lane;
  }

  #count(lane: Lane<T>): void {
    lane.left -= 1;
    if (lane.left > 0) return;
    lane.left = TURN;
    lane.place = this.#next();
  }

  #enter(lane: Lane<T>): void {
    const behind = this.#row.findLastIndex(({ place }) => place < lane.place);
    this.#row.splice(behind + 1, 0, lane);
  }

  #next(): number {
    this.#lastPlace += 1;
    return this.#lastPlace;
  }
}
