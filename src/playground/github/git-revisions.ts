import { type Commit, readCommit, readTree, type TreeEntry } from "./git-objects.ts";
import { entryAt } from "./git-trees.ts";
import type { Repository } from "./repository.ts";

/** The commit that a branch, tag, full ref or oid names; `HEAD` is the default branch. */
export async function resolveCommit({ git, defaultBranch }: Repository, name: string): Promise<Commit | null> {
  if (/^[0-9a-f]{40}$/.test(name)) {
    const commit = await readCommit(git, name);
    if (commit !== null) return commit;
  }
  const names =
    name === "HEAD"
      ? [`refs/heads/${defaultBranch}`]
      : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`, name];
  for (const candidate of names) {
    const oid = await git.ref(candidate);
    if (oid !== null) return readCommit(git, oid);
  }
  return null;
}

/** What a revision expression names: `main`, `HEAD:`, `refs/heads/main:docs/a.md`, an oid. */
export async function resolveExpression(
  repository: Repository,
  expression: string,
): Promise<TreeEntry | Commit | null> {
  const colon = expression.indexOf(":");
  if (colon >= 0) {
    const commit = await resolveCommit(repository, expression.slice(0, colon));
    return commit === null ? null : entryAt(repository.git, commit.tree, expression.slice(colon + 1));
  }
  const commit = await resolveCommit(repository, expression);
  if (commit !== null) return commit;
  if ((await readTree(repository.git, expression)) !== null) return { name: "", mode: "040000", oid: expression };
  const object = await repository.git.object(expression);
  return object?.type === "blob" ? { name: "", mode: "100644", oid: expression } : null;
}
