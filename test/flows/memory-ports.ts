import { type CommentRef, type TaskFiles, type TaskRef, taskBranch } from "../../src/core/task.ts";
import type { Change, Clock, Comments, Log, PostedComment, Snapshot, TaskBranches } from "../../src/flows/ports.ts";

const NOW = "2026-11-20T12:00:00.000Z";
export const BOT = "dispatch[bot]";

/** What a call takes: others may come in between. */
function turn(): Promise<void> {
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

/** Task branches in memory. A commit takes place only on the head that it names, as on GitHub; each call takes a turn. */
export class MemoryBranches implements TaskBranches {
  readonly #branches = new Map<string, { head: string; files: TaskFiles; messages: string[] }>();
  #commits = 0;

  async read(ref: TaskRef): Promise<Snapshot | null> {
    await turn();
    const branch = this.#branches.get(taskBranch(ref));
    return branch === undefined ? null : { ref, head: branch.head, files: branch.files };
  }

  async create(ref: TaskRef, files: TaskFiles, message: string): Promise<"created" | "exists"> {
    await turn();
    return this.put(ref, files, message) ? "created" : "exists";
  }

  async commit(ref: TaskRef, head: string, change: Change): Promise<{ readonly head: string } | "stale" | "gone"> {
    await turn();
    const branch = this.#branches.get(taskBranch(ref));
    if (branch === undefined) return "gone";
    if (branch.head !== head) return "stale";
    const changed = Object.entries({ ...branch.files, ...change.files });
    branch.files = Object.fromEntries(changed.filter((entry): entry is [string, string] => entry[1] !== null));
    branch.head = this.#nextHead();
    branch.messages.push(change.message);
    return { head: branch.head };
  }

  async head(ref: TaskRef, known: string): Promise<{ readonly head: string } | "same" | "gone"> {
    await turn();
    const branch = this.#branches.get(taskBranch(ref));
    if (branch === undefined) return "gone";
    return branch.head === known ? "same" : { head: branch.head };
  }

  /** What a test starts from, without a turn. False when the branch is there already. */
  put(ref: TaskRef, files: TaskFiles, message = "Accept"): boolean {
    const name = taskBranch(ref);
    if (this.#branches.has(name)) return false;
    this.#branches.set(name, { head: this.#nextHead(), files, messages: [message] });
    return true;
  }

  /** Somebody deletes the branch. */
  delete(ref: TaskRef): void {
    this.#branches.delete(taskBranch(ref));
  }

  files(ref: TaskRef): TaskFiles {
    return this.#branches.get(taskBranch(ref))?.files ?? {};
  }

  /** Messages of all commits, oldest first. */
  history(ref: TaskRef): readonly string[] {
    return this.#branches.get(taskBranch(ref))?.messages ?? [];
  }

  #nextHead(): string {
    this.#commits += 1;
    return this.#commits.toString(16).padStart(40, "0");
  }
}

/** The comments of one repository, in memory. */
export class MemoryComments implements Comments {
  readonly #comments: (PostedComment & { readonly thread: number })[] = [];
  #lastId = 100;
  /** Bodies of all edits, oldest first. */
  readonly edits: string[] = [];

  create(thread: number, body: string): Promise<CommentRef> {
    return Promise.resolve(this.put(thread, body));
  }

  async edit(id: number, body: string): Promise<"edited" | "gone"> {
    await turn();
    const at = this.#comments.findIndex((comment) => comment.id === id);
    const comment = this.#comments[at];
    if (comment === undefined) return "gone";
    this.#comments[at] = { ...comment, body };
    this.edits.push(body);
    return "edited";
  }

  async remove(id: number): Promise<void> {
    await turn();
    const at = this.#comments.findIndex((comment) => comment.id === id);
    if (at >= 0) this.#comments.splice(at, 1);
  }

  async since(thread: number, moment: string): Promise<readonly PostedComment[]> {
    await turn();
    return this.#comments.filter(
      (comment) => comment.thread === thread && Date.parse(comment.createdAt) >= Date.parse(moment),
    );
  }

  /** What a test starts from. */
  put(thread: number, body: string, author = BOT): PostedComment {
    this.#lastId += 1;
    const id = this.#lastId;
    const url = `https://github.com/octo-org/hello/issues/${thread}#issuecomment-${id}`;
    const comment = { id, author, url, body, createdAt: NOW, fromBot: author.endsWith("[bot]"), thread };
    this.#comments.push(comment);
    return comment;
  }

  get ids(): readonly number[] {
    return this.#comments.map(({ id }) => id);
  }

  body(id: number): string | undefined {
    return this.#comments.find((comment) => comment.id === id)?.body;
  }
}

export class MemoryLog implements Log {
  readonly infos: string[] = [];
  readonly warnings: string[] = [];

  info(message: string): void {
    this.infos.push(message);
  }

  warning(message: string): void {
    this.warnings.push(message);
  }
}
