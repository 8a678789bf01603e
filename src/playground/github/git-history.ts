import { type Commit, parseTree, readCommit } from "./git-objects.ts";
import type { GitStore } from "./git-store.ts";
import { entryAt } from "./git-trees.ts";

/** Commits from here backwards, newest first. */
export async function* history(store: GitStore, start: string): AsyncGenerator<Commit> {
  const seen = new Set<string>([start]);
  const first = await readCommit(store, start);
  const waiting = first === null ? [] : [first];
  for (let commit = waiting.shift(); commit !== undefined; commit = waiting.shift()) {
    yield commit;
    for (const parent of commit.parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      const next = await readCommit(store, parent);
      if (next === null) continue;
      const at = waiting.findIndex((other) => other.committer.date < next.committer.date);
      waiting.splice(at < 0 ? waiting.length : at, 0, next);
    }
  }
}

export async function isAncestor(store: GitStore, older: string, newer: string): Promise<boolean> {
  for await (const commit of history(store, newer)) if (commit.oid === older) return true;
  return false;
}

/** Commits that `head` has and `base` has not, oldest first. */
export async function commitsBetween(store: GitStore, base: string, head: string): Promise<readonly Commit[]> {
  const line = await straightLine(store, base, head);
  if (line !== null) return line;
  const known = new Set<string>();
  for await (const commit of history(store, base)) known.add(commit.oid);
  const found: Commit[] = [];
  for await (const commit of history(store, head)) if (!known.has(commit.oid)) found.push(commit);
  return found.reverse();
}

// Nearly every question is about a few commits on top of a branch: then the history below need not be read.
async function straightLine(store: GitStore, base: string, head: string): Promise<readonly Commit[] | null> {
  const found: Commit[] = [];
  for (let oid = head; found.length <= 50; ) {
    if (oid === base) return found.reverse();
    const commit = await readCommit(store, oid);
    const [parent, ...others] = commit?.parents ?? [];
    if (commit === null || parent === undefined || others.length > 0) return null;
    found.push(commit);
    oid = parent;
  }
  return null;
}

export async function mergeBase(store: GitStore, a: string, b: string): Promise<string | null> {
  if ((await straightLine(store, a, b)) !== null) return a;
  const known = new Set<string>();
  for await (const commit of history(store, a)) known.add(commit.oid);
  for await (const commit of history(store, b)) if (known.has(commit.oid)) return commit.oid;
  return null;
}

/** Commits that changed what stands at the path, newest first. */
export async function* historyOf(store: GitStore, start: string, path: string): AsyncGenerator<Commit> {
  const at = async (tree: string | undefined) => (tree === undefined ? null : await entryAt(store, tree, path));
  for await (const commit of history(store, start)) {
    const now = await at(commit.tree);
    const parents = await Promise.all(commit.parents.map(async (parent) => (await readCommit(store, parent))?.tree));
    const before = await Promise.all(parents.map(at));
    const same = before.some((entry) => entry?.oid === now?.oid);
    if (parents.length === 0 ? now !== null : !same) yield commit;
  }
}

/** Copies what hangs on an object from one repository into another. What is there already is taken to be complete. */
export async function copyObjects(from: GitStore, to: GitStore, oid: string): Promise<void> {
  if ((await to.object(oid)) !== null) return;
  const object = await from.object(oid);
  if (object === null) return;
  if (object.type === "commit") {
    const commit = await readCommit(from, oid);
    for (const needed of commit === null ? [] : [commit.tree, ...commit.parents]) await copyObjects(from, to, needed);
  }
  if (object.type === "tree") {
    for (const entry of parseTree(object.data)) if (entry.mode !== "160000") await copyObjects(from, to, entry.oid);
  }
  await to.write(object.type, object.data);
}
