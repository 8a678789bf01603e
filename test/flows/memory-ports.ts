import { threadClosed, type WhyClosed } from "../../src/core/closed-thread.ts";
import type { Source } from "../../src/core/control.ts";
import { type CommentRef, parseTaskRef, type TaskFiles, type TaskRef, taskBranch } from "../../src/core/task.ts";
import type {
  Change,
  Comments,
  Log,
  PostedComment,
  ReviewThreads,
  Snapshot,
  TaskBranches,
  TaskIndex,
  Written,
} from "../../src/flows/ports.ts";
import { NOW, turn } from "./memory-clock.ts";

export const BOT = "dispatch[bot]";
/** Their ids are their places, from 1. */
const PEOPLE = ["mona", "hubot", "octocat", "stranger"];

/** Task branches in memory. A commit takes place only on the head that it names, as on GitHub; each call takes a turn. */
export class MemoryBranches implements TaskBranches, TaskIndex {
  readonly #branches = new Map<string, { head: string; files: TaskFiles; messages: string[] }>();
  /** Every state of every branch by its commit, gone branches included. */
  readonly #commits = new Map<string, TaskFiles>();

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
    branch.head = this.#nextHead(branch.files);
    branch.messages.push(change.message);
    return { head: branch.head };
  }

  async head(ref: TaskRef, known: string): Promise<{ readonly head: string } | "same" | "gone"> {
    await turn();
    const branch = this.#branches.get(taskBranch(ref));
    if (branch === undefined) return "gone";
    return branch.head === known ? "same" : { head: branch.head };
  }

  async fileAt(_ref: TaskRef, commit: string, path: string): Promise<string | null> {
    await turn();
    return this.#commits.get(commit)?.[path] ?? null;
  }

  async remove(ref: TaskRef): Promise<void> {
    await turn();
    this.delete(ref);
  }

  /** When the branches last moved, as GitHub tells it. */
  movedAt = NOW;

  async ofThread(...threads: readonly string[]): Promise<readonly Snapshot[]> {
    return (await this.all()).filter(({ ref }) => threads.includes(ref.thread));
  }

  async all(): Promise<readonly Snapshot[]> {
    await turn();
    return [...this.#branches].flatMap(([name, { head, files }]) => {
      const ref = parseTaskRef(name);
      return ref === null ? [] : [{ ref, head, files, movedAt: this.movedAt }];
    });
  }

  async find(id: string): Promise<TaskRef | null> {
    await turn();
    return [...this.#branches.keys()].map(parseTaskRef).find((ref) => ref?.id === id) ?? null;
  }

  /** What a test starts from, without a turn. False when the branch is there already. */
  put(ref: TaskRef, files: TaskFiles, message = "Accept"): boolean {
    const name = taskBranch(ref);
    if (this.#branches.has(name)) return false;
    this.#branches.set(name, { head: this.#nextHead(files), files, messages: [message] });
    return true;
  }

  /** Somebody deletes the branch. */
  delete(ref: TaskRef): void {
    this.#branches.delete(taskBranch(ref));
  }

  headOf(ref: TaskRef): string {
    return this.#branches.get(taskBranch(ref))?.head ?? "";
  }

  files(ref: TaskRef): TaskFiles {
    return this.#branches.get(taskBranch(ref))?.files ?? {};
  }

  /** Messages of all commits, oldest first. */
  history(ref: TaskRef): readonly string[] {
    return this.#branches.get(taskBranch(ref))?.messages ?? [];
  }

  #nextHead(files: TaskFiles): string {
    const head = (this.#commits.size + 1).toString(16).padStart(40, "0");
    this.#commits.set(head, files);
    return head;
  }
}

/** The comments of one repository, in memory. */
export class MemoryComments implements Comments {
  readonly #comments: (PostedComment & { readonly thread: number })[] = [];
  #lastId = 100;
  /** Bodies of all edits, oldest first. */
  readonly edits: string[] = [];
  /** What else happens while a comment is edited. */
  onEdit: () => Promise<void> = async () => {};

  /** Conversations that take no words of ours. */
  readonly closed = new Map<number, WhyClosed>();

  create(thread: number, body: string): Promise<CommentRef> {
    const why = this.closed.get(thread);
    return why === undefined
      ? Promise.resolve(this.put(thread, body))
      : Promise.reject(threadClosed(thread, why, undefined));
  }

  async stands(id: number): Promise<boolean> {
    await turn();
    return this.ids.includes(id);
  }

  async edit(id: number, body: string): Promise<"edited" | "gone" | "closed"> {
    await turn();
    const at = this.#comments.findIndex((comment) => comment.id === id);
    const comment = this.#comments[at];
    if (comment === undefined) return "gone";
    if (this.closed.has(comment.thread)) return "closed";
    this.#comments[at] = { ...comment, body };
    this.edits.push(body);
    await this.onEdit();
    return "edited";
  }

  async remove(id: number): Promise<void> {
    await turn();
    const at = this.#comments.findIndex((comment) => comment.id === id);
    if (at >= 0) this.#comments.splice(at, 1);
  }

  async since(thread: number, moment: string): Promise<readonly PostedComment[]> {
    await turn();
    const why = this.closed.get(thread);
    if (why !== undefined && why !== "locked") throw threadClosed(thread, why, undefined);
    return this.#comments.filter(
      (comment) => comment.thread === thread && Date.parse(comment.createdAt) >= Date.parse(moment),
    );
  }

  async read({ id }: Source): Promise<Written | null> {
    await turn();
    const comment = this.#comments.find((one) => one.id === id);
    if (comment === undefined) return null;
    return { by: { login: comment.author, id: PEOPLE.indexOf(comment.author) + 1 }, body: comment.body, at: NOW };
  }

  /** What a test starts from. */
  put(thread: number, body: string, author = BOT): PostedComment & { readonly kind: "comment" } {
    this.#lastId += 1;
    const id = this.#lastId;
    const url = `https://github.com/octo-org/hello/issues/${thread}#issuecomment-${id}`;
    const comment = { id, author, url, body, createdAt: NOW, fromBot: author.endsWith("[bot]"), thread };
    this.#comments.push(comment);
    return { ...comment, kind: "comment" };
  }

  /** Bodies of the comments of a thread, oldest first. */
  bodies(thread = 1): readonly string[] {
    return this.#comments.filter((comment) => comment.thread === thread).map(({ body }) => body);
  }

  get ids(): readonly number[] {
    return this.#comments.map(({ id }) => id);
  }

  body(id: number): string | undefined {
    return this.#comments.find((comment) => comment.id === id)?.body;
  }
}

/** The comments at the lines of pull requests: another list, whose ids are those of the conversation's comments too. */
export class MemoryReviewThreads implements ReviewThreads {
  readonly comments = new MemoryComments();
  /** First comments of threads that have been deleted. */
  readonly gone = new Set<number>();

  async reply(pull: number, first: number, body: string): Promise<CommentRef | null> {
    return this.gone.has(first) ? null : this.comments.create(pull, body);
  }

  edit(id: number, body: string): Promise<"edited" | "gone" | "closed"> {
    return this.comments.edit(id, body);
  }

  remove(id: number): Promise<void> {
    return this.comments.remove(id);
  }

  stands(id: number): Promise<boolean> {
    return this.comments.stands(id);
  }

  since(pull: number, moment: string): Promise<readonly PostedComment[]> {
    return this.comments.since(pull, moment);
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
