import { isRefName } from "./git-disk.ts";
import { encodeObject } from "./git-objects.ts";
import type { GitObject, GitRef, GitStore } from "./git-store.ts";

/** A repository without disk or processes, for stories told by the thousand. It cannot be cloned. */
export class GitInMemory implements GitStore {
  readonly directory = null;
  readonly #objects = new Map<string, GitObject>();
  readonly #refs = new Map<string, string>();

  async object(oid: string): Promise<GitObject | null> {
    return this.#objects.get(oid) ?? null;
  }

  async write(type: GitObject["type"], data: Uint8Array): Promise<string> {
    const { oid } = encodeObject(type, data);
    if (!this.#objects.has(oid)) this.#objects.set(oid, { oid, type, data: Buffer.from(data) });
    return oid;
  }

  async ref(name: string): Promise<string | null> {
    return this.#refs.get(name) ?? null;
  }

  async refs(prefix: string): Promise<readonly GitRef[]> {
    const found = [...this.#refs].filter(([name]) => name.startsWith(prefix)).map(([name, oid]) => ({ name, oid }));
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async moveRef({ name, next, previous }: Parameters<GitStore["moveRef"]>[0]): Promise<boolean> {
    if (!isRefName(name)) return false;
    const present = this.#refs.get(name) ?? null;
    if (previous !== undefined && present !== previous) return false;
    if (next === null) return this.#refs.delete(name);
    if (!this.#objects.has(next) || this.#isInTheWay(name)) return false;
    this.#refs.set(name, next);
    return true;
  }

  async close(): Promise<void> {}

  // As on disk: `dispatch` and `dispatch/x` cannot both be branches.
  #isInTheWay(name: string): boolean {
    return [...this.#refs.keys()].some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`));
  }
}
