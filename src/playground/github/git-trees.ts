import { EMPTY_TREE, type FileMode, readTree, type TreeEntry, writeTree } from "./git-objects.ts";
import type { GitStore } from "./git-store.ts";

export interface TreeChange {
  readonly path: string;
  readonly mode: FileMode;
  /** Null removes. */
  readonly oid: string | null;
}

/** The tree with these changes made; folders come and go with their files. */
export async function editTree(store: GitStore, base: string | null, changes: readonly TreeChange[]): Promise<string> {
  const entries = new Map(
    (base === null ? [] : ((await readTree(store, base)) ?? [])).map((entry) => [entry.name, entry]),
  );
  const inFolders = new Map<string, TreeChange[]>();
  for (const change of changes) {
    const slash = change.path.indexOf("/");
    if (slash < 0) {
      if (change.oid === null) entries.delete(change.path);
      else entries.set(change.path, { name: change.path, mode: change.mode, oid: change.oid });
      continue;
    }
    const folder = change.path.slice(0, slash);
    inFolders.set(folder, [...(inFolders.get(folder) ?? []), { ...change, path: change.path.slice(slash + 1) }]);
  }
  for (const [folder, inside] of inFolders) {
    const present = entries.get(folder);
    const oid = await editTree(store, present?.mode === "040000" ? present.oid : null, inside);
    if (oid === EMPTY_TREE) entries.delete(folder);
    else entries.set(folder, { name: folder, mode: "040000", oid });
  }
  return writeTree(store, [...entries.values()]);
}

/** What stands at a path of a tree; the empty path is the tree itself. */
export async function entryAt(store: GitStore, tree: string, path: string): Promise<TreeEntry | null> {
  const names = path.split("/").filter((name) => name !== "");
  let entry: TreeEntry = { name: "", mode: "040000", oid: tree };
  for (const name of names) {
    const inside = entry.mode === "040000" ? await readTree(store, entry.oid) : null;
    const next = inside?.find((candidate) => candidate.name === name);
    if (next === undefined) return null;
    entry = next;
  }
  return entry;
}

export interface PathEntry extends TreeEntry {
  readonly path: string;
}

/** All entries below a tree, folders before what is in them. */
export async function walkTree(store: GitStore, tree: string, prefix = ""): Promise<readonly PathEntry[]> {
  const found: PathEntry[] = [];
  for (const entry of (await readTree(store, tree)) ?? []) {
    found.push({ ...entry, path: prefix + entry.name });
    if (entry.mode === "040000") found.push(...(await walkTree(store, entry.oid, `${prefix}${entry.name}/`)));
  }
  return found;
}

export function entryType({ mode }: TreeEntry): "blob" | "tree" | "commit" {
  if (mode === "040000") return "tree";
  return mode === "160000" ? "commit" : "blob";
}
