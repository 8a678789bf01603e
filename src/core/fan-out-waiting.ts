import { matching } from "./command-control.ts";
import type { ListedRequest } from "./fan-out-list.ts";
import {
  isInTurn,
  isThenAlone,
  type Order,
  opensWithThen,
  type Reference,
  readOrders,
  readSteps,
} from "./fan-out-order.ts";
import { ambiguous, inACircle, noSuchPart, noSuchTask } from "./fan-out-problem.ts";

/** What must be done before a task begins. */
export type Dependency =
  /** A task of the same comment, by its place among them from 0. */
  | { readonly kind: "part"; readonly index: number }
  /** A task of an earlier comment. */
  | { readonly kind: "task"; readonly id: string };

/** What one command asks for: a list's items, or a single one. */
export interface Block extends ListedRequest {
  readonly isList: boolean;
  /** "then:" between the command before and this one. */
  readonly then: string;
}

/** Where a sentence stands, and so what its numbers count. */
interface Place {
  /** The parts of the same command. */
  readonly own: readonly number[];
  /** The part that the sentence is in; null in words for all. */
  readonly part: number | null;
  /** The parts that a number stands for; null where it stands for nothing. */
  readonly numbered: (number: number) => readonly number[] | null;
  /** Whether there is anything to count at all. */
  readonly counts: boolean;
}

/**
 * For each part of a comment, in order, what it waits for.
 * @throws Problem "no-such-part", "no-such-task", "ambiguous-task", "dependency-cycle"
 */
export function dependencies(blocks: readonly Block[], taskIds: readonly string[]): readonly (readonly Dependency[])[] {
  const waiting = new Waiting(blocks, taskIds);
  waiting.read();
  refuseCycles(waiting.parts);
  return waiting.parts.map(({ parts, tasks }) => [
    ...[...parts].toSorted((a, b) => a - b).map((index) => ({ kind: "part", index }) as const),
    ...[...tasks].map((id) => ({ kind: "task", id }) as const),
  ]);
}

interface Waits {
  readonly parts: Set<number>;
  readonly tasks: Set<string>;
}

class Waiting {
  readonly parts: readonly Waits[];
  readonly #blocks: readonly Block[];
  readonly #taskIds: readonly string[];
  /** The parts of each block. */
  readonly #members: readonly (readonly number[])[];

  constructor(blocks: readonly Block[], taskIds: readonly string[]) {
    let next = 0;
    this.#blocks = blocks;
    this.#taskIds = taskIds;
    this.#members = blocks.map(({ items }) => items.map(() => next++));
    this.parts = Array.from({ length: next }, () => ({ parts: new Set<number>(), tasks: new Set<string>() }));
  }

  read(): void {
    for (const [at, block] of this.#blocks.entries()) {
      const own = this.#members[at] ?? [];
      this.#readThen(block, at, own);
      for (const [index, { text, between }] of block.items.entries()) {
        const part = own[index];
        if (part === undefined) continue;
        this.#obey(readOrders(text), this.#placeIn(at, part));
        this.#obey(readOrders(between), this.#placeIn(at, null));
      }
      this.#readRemark(block.opening, at, false);
      // Below the last of several commands, words for all may be about any of them.
      this.#readRemark(block.closing, at, !block.isList);
    }
  }

  #readRemark(words: string, at: number, isForAll: boolean): void {
    const place = this.#placeIn(at, null, isForAll);
    this.#obey([...readOrders(words), ...(place.counts ? readSteps(words) : [])], place);
    if (isInTurn(words)) this.#chain(place.own);
  }

  /** "then" where a command, an item or a line between them begins. */
  #readThen({ items, opening, isList, then }: Block, at: number, own: readonly number[]): void {
    const before = this.#members[at - 1] ?? [];
    const earlier = this.#members.slice(0, at).flat();
    const said = isThenAlone(then) ? "previous" : opensWithThen(isList ? opening : (items[0]?.text ?? ""));
    if (said !== "no") for (const part of own) this.#wait(part, said === "all" ? earlier : before);
    if (!isList) return;
    let group: readonly number[] = [];
    let start = 0;
    for (const [index, { text, between }] of items.entries()) {
      const part = own[index];
      if (part === undefined) continue;
      if (index > 0 && isThenAlone(between)) [group, start] = [own.slice(start, index), index];
      this.#wait(part, group);
      const opens = index === 0 && said === "no" && opening === "" ? opensWithThen(text) : "no";
      const how = index === 0 ? opens : opensWithThen(text);
      if (how === "previous") this.#wait(part, index === 0 ? before : own.slice(index - 1, index));
      if (how === "all") this.#wait(part, [...earlier, ...own.slice(0, index)]);
    }
  }

  #chain(parts: readonly number[]): void {
    for (const [index, part] of parts.entries()) if (index > 0) this.#wait(part, parts.slice(index - 1, index));
  }

  #placeIn(at: number, part: number | null, isForAll = false): Place {
    const block = this.#blocks[at];
    const own = isForAll ? [...this.parts.keys()] : (this.#members[at] ?? []);
    const labels = block?.items.map(({ label }) => label) ?? [];
    const areLabels = labels.every((label) => label !== null) && new Set(labels).size === labels.length;
    const inList = block?.isList === true;
    return {
      own,
      part,
      counts: inList || this.#blocks.length > 1,
      numbered: (number) => {
        if (!inList) return this.#members[number - 1] ?? null;
        const found = own[areLabels ? labels.indexOf(number) : number - 1];
        return found === undefined ? null : [found];
      },
    };
  }

  #obey(orders: readonly Order[], place: Place): void {
    for (const order of orders) {
      const after = this.#resolve(order.after, place);
      const subjects = this.#resolve(order.subjects, place).parts;
      const itself = place.part === null ? [] : [place.part];
      const first = order.after.length === 0 ? itself : after.parts;
      const later = order.subjects.length === 0 ? itself : subjects;
      // "4 and 5 after all the others" do not wait for each other, and what comes before the others is none of them.
      const waiting = order.subjects.some(isOthers) ? later.filter((part) => !first.includes(part)) : later;
      const others = order.after.some(isOthers) ? first.filter((part) => !later.includes(part)) : first;
      for (const part of waiting) this.#wait(part, others);
      // "after fix-login, do all of these"
      const all = order.subjects.length === 0 && place.part === null ? place.own : waiting;
      for (const part of all) for (const id of after.tasks) this.parts[part]?.tasks.add(id);
    }
  }

  /** Nothing waits for itself. */
  #wait(part: number, others: readonly number[]): void {
    for (const other of others) if (other !== part) this.parts[part]?.parts.add(other);
  }

  #resolve(
    references: readonly Reference[],
    place: Place,
  ): { readonly parts: readonly number[]; readonly tasks: readonly string[] } {
    const parts: number[] = [];
    const tasks: string[] = [];
    for (const reference of references) {
      if (reference.kind === "name") tasks.push(...this.#named(reference));
      else if (place.counts) parts.push(...this.#counted(reference, place));
    }
    return { parts, tasks };
  }

  #counted(reference: Exclude<Reference, { kind: "name" }>, { own, part, numbered }: Place): readonly number[] {
    if (reference.kind === "number") {
      const found = numbered(reference.number);
      if (found !== null) return found;
      // A larger number counts something else: "after 404, try again".
      if (reference.number > Math.max(20, 2 * this.parts.length)) return [];
      throw noSuchPart(reference.number, this.parts.length);
    }
    const all = own.length > 1 ? own : [...this.parts.keys()];
    switch (reference.place) {
      case "last":
        return all.slice(-1);
      case "others":
        return part === null ? all : all.filter((each) => each !== part);
      case "earlier":
        return part === null ? [] : all.filter((each) => each < part);
      case "previous":
        return part === null ? [] : all.filter((each) => each < part).slice(-1);
    }
  }

  #named({ name, sure }: Extract<Reference, { kind: "name" }>): readonly string[] {
    const found = matching(name, this.#taskIds);
    if (found.length > 1) throw ambiguous(name, found);
    if (found.length === 0 && sure) throw noSuchTask(name);
    return found;
  }
}

function isOthers(reference: Reference): boolean {
  return reference.kind === "place" && reference.place === "others";
}

/** @throws Problem "dependency-cycle" */
function refuseCycles(parts: readonly Waits[]): void {
  const left = new Set(parts.keys());
  for (let more = true; more; ) {
    const free = [...left].filter((part) => ![...(parts[part]?.parts ?? [])].some((other) => left.has(other)));
    for (const part of free) left.delete(part);
    more = free.length > 0;
  }
  if (left.size === 0) return;
  throw inACircle(circleIn(parts, left).map((part) => part + 1));
}

/** Among parts of which none can start, those that wait in a circle. */
function circleIn(parts: readonly Waits[], left: ReadonlySet<number>): readonly number[] {
  const way: number[] = [];
  for (let at = [...left][0]; at !== undefined; ) {
    const seen = way.indexOf(at);
    if (seen >= 0) return way.slice(seen).toSorted((a, b) => a - b);
    way.push(at);
    at = [...(parts[at]?.parts ?? [])].find((other) => left.has(other));
  }
  return way;
}
