import { EMPTY_TREE } from "./git-objects.ts";
import { runGit } from "./git-process.ts";
import type { GitStore } from "./git-store.ts";
import { walkTree } from "./git-trees.ts";

export interface FileDiff {
  readonly path: string;
  readonly previousPath: string | null;
  readonly status: "added" | "removed" | "modified" | "renamed";
  readonly additions: number;
  readonly deletions: number;
  /** From the first `@@`; null for binary files. */
  readonly patch: string | null;
  /** Null when removed. */
  readonly oid: string | null;
}

/** What differs between two trees (or commits), by path. */
export async function diffTrees(store: GitStore, base: string | null, head: string): Promise<readonly FileDiff[]> {
  const from = base ?? EMPTY_TREE;
  if (store.directory === null) return changedPaths(store, from, head);
  const args = [
    "diff-tree",
    "-r",
    "-p",
    "-M",
    "--no-color",
    "--full-index",
    "--no-ext-diff",
    "--src-prefix=a/",
    "--dst-prefix=b/",
  ];
  const quoting = ["-c", "core.quotePath=false"];
  const { stdout } = await runGit({ args: [...quoting, ...args, from, head], directory: store.directory });
  return stdout
    .toString()
    .split(/^(?=diff --git )/m)
    .filter((section) => section.startsWith("diff --git "))
    .map(readSection);
}

function readSection(section: string): FileDiff {
  const start = section.search(/^@@ /m);
  const head = start < 0 ? section : section.slice(0, start);
  const patch = start < 0 ? null : section.slice(start).replace(/\n$/, "");
  const lines = patch?.split("\n") ?? [];
  const value = (pattern: RegExp) => pattern.exec(head)?.[1] ?? null;
  const both = value(/^diff --git a\/(.*) b\//m) ?? "";
  const renamedFrom = value(/^rename from (.*)$/m);
  const removed = /^deleted file/m.test(head);
  return {
    path: value(/^rename to (.*)$/m) ?? value(/^\+\+\+ b\/(.*?)\t?$/m) ?? both,
    previousPath: renamedFrom,
    status: renamedFrom !== null ? "renamed" : removed ? "removed" : /^new file/m.test(head) ? "added" : "modified",
    additions: lines.filter((line) => line.startsWith("+")).length,
    deletions: lines.filter((line) => line.startsWith("-")).length,
    patch,
    oid: removed ? null : value(/^index [0-9a-f]{40}\.\.([0-9a-f]{40})/m),
  };
}

/** The same without patches, renames and counts, and without a process. */
export async function changedPaths(store: GitStore, base: string, head: string): Promise<readonly FileDiff[]> {
  const files = async (oid: string) => {
    const object = await store.object(oid);
    const tree = object?.type === "commit" ? (/^tree (\w+)/.exec(object.data.toString())?.[1] ?? EMPTY_TREE) : oid;
    const entries = (await walkTree(store, tree)).filter(({ mode }) => mode !== "040000");
    return new Map(entries.map(({ path, oid: file }) => [path, file]));
  };
  const [before, after] = [await files(base), await files(head)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => {
      const status = !before.has(path) ? "added" : !after.has(path) ? "removed" : "modified";
      return {
        path,
        previousPath: null,
        status,
        additions: 0,
        deletions: 0,
        patch: null,
        oid: after.get(path) ?? null,
      };
    });
}
