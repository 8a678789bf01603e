/** Picks one of `count` (at least 2) things that may happen next. */
export type Choose = (count: number) => number;

/** Numbers from 0 to 1 that the seed alone decides (mulberry32). */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Entry {
  readonly at: number;
  readonly place: number;
  /** Whose call of the API it is; null for what is no call. */
  readonly caller: string | null;
  /** A call whose place among the calls of others makes a difference. */
  readonly isContested: boolean;
  readonly act: () => void | Promise<void>;
}

const START = Date.parse("2026-11-20T12:00:00.000Z");

/**
 * Simulated time. Nothing happens but by an entry of its agenda, one after the other, and the order is decided by the seed alone: by the
 * time that each entry is due, or, where `choose` is given, by its choice among the callers whose contested calls are under way.
 */
export class Simulation {
  readonly random: () => number;
  readonly #choose: Choose | null;
  readonly #agenda: Entry[] = [];
  #time = START;
  #entries = 0;
  /** How many entries have been carried out. */
  steps = 0;

  constructor({ seed, choose = null }: { readonly seed: number; readonly choose?: Choose | null }) {
    this.random = chanceFrom(seed);
    this.#choose = choose;
  }

  now(): number {
    return this.#time;
  }

  /** Milliseconds that a call takes. */
  latency(): number {
    return this.#choose === null ? 20 + 60 * this.random() : 0;
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.#time - START;
  }

  /** @returns takes it off the agenda again */
  after(
    ms: number,
    act: () => void | Promise<void>,
    { caller = null, isContested = false }: Partial<Pick<Entry, "caller" | "isContested">> = {},
  ): () => void {
    const entry: Entry = { at: this.#time + Math.max(0, ms), place: this.#entries, caller, isContested, act };
    this.#entries += 1;
    insert(this.#agenda, entry);
    return () => {
      const at = this.#agenda.indexOf(entry);
      if (at >= 0) this.#agenda.splice(at, 1);
    };
  }

  /**
   * Lets things happen until nothing is left to, or `isOver` says so, or `limitMs` of simulated time have passed.
   * @returns "late" in the last case
   */
  async run(limitMs: number, isOver: () => boolean = () => false): Promise<"over" | "idle" | "late"> {
    const end = this.#time + limitMs;
    await settled();
    for (;;) {
      if (isOver()) return "over";
      const entry = this.#take();
      if (entry === undefined) return "idle";
      if (entry.at > end) {
        insert(this.#agenda, entry);
        this.#time = end;
        return "late";
      }
      this.#time = Math.max(this.#time, entry.at);
      this.steps += 1;
      await entry.act();
      await settled();
    }
  }

  #take(): Entry | undefined {
    if (this.#choose === null) return this.#agenda.shift();
    const due = this.#agenda.find(({ caller, at }) => caller === null && at <= this.#time);
    // Calls take no time then, and time passes only when nobody can go on otherwise. What nobody contests goes at once.
    const calls = this.#agenda.filter(({ caller }) => caller !== null);
    const free = calls.find(({ isContested }) => !isContested);
    const firsts = [...new Map(calls.toReversed().map((call) => [call.caller, call])).values()].toReversed();
    const [only] = firsts;
    const contested = () => (firsts.length < 2 ? only : firsts[this.#choose?.(firsts.length) ?? 0]);
    const entry = due ?? free ?? contested() ?? this.#agenda[0];
    if (entry !== undefined) this.#agenda.splice(this.#agenda.indexOf(entry), 1);
    return entry;
  }
}

/** By time, and in their order where that is the same. */
function insert(agenda: Entry[], entry: Entry): void {
  let low = 0;
  let high = agenda.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = agenda[middle];
    const isEarlier =
      other !== undefined && (other.at < entry.at || (other.at === entry.at && other.place < entry.place));
    if (isEarlier) low = middle + 1;
    else high = middle;
  }
  agenda.splice(low, 0, entry);
}

/** Everything that follows from what has just happened, up to the next call or sleep, is done in promises alone. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Runs `trial` once for every sequence of choices that there is.
 * @param limit after so many the rest is left out
 * @returns how many there were
 */
export async function everyOrder(
  trial: (choose: Choose) => Promise<void>,
  limit = Number.POSITIVE_INFINITY,
): Promise<number> {
  let path: { choice: number; readonly count: number }[] = [];
  for (let count = 1; ; count += 1) {
    let depth = 0;
    await trial((options) => {
      const known = path[depth];
      depth += 1;
      if (known !== undefined) return known.choice;
      path.push({ choice: 0, count: options });
      return 0;
    });
    path = path.slice(0, depth);
    while (path.length > 0 && (path.at(-1)?.choice ?? 0) + 1 >= (path.at(-1)?.count ?? 0)) path.pop();
    const last = path.at(-1);
    if (last === undefined || count >= limit) return count;
    last.choice += 1;
  }
}
