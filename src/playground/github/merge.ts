import { ApiError } from "./errors.ts";
import { mergeBase } from "./git-history.ts";
import { readCommit, writeCommit } from "./git-objects.ts";
import type { GitStore } from "./git-store.ts";
import { editTree, type TreeChange, walkTree } from "./git-trees.ts";
import type { PullIssue } from "./json/pulls.ts";
import { markMerged } from "./pulls.ts";
import { moveRef } from "./refs.ts";
import { botSigner, signer } from "./signers.ts";
import type { Actor, World } from "./world.ts";

/** Merges file by file: a file that both sides changed differently is a conflict. */
export async function mergePull(
  world: World,
  actor: Actor,
  issue: PullIssue,
  { title, message }: { title: string | undefined; message: string },
): Promise<string> {
  const { repository, pull } = issue;
  const name = `refs/heads/${pull.baseRef}`;
  const before = (await repository.git.ref(name)) ?? pull.baseSha;
  const tree = await mergeTrees(repository.git, before, pull.headSha);
  const headline =
    title ??
    `Merge pull request #${issue.number} from ${pull.headRepository?.owner.login ?? issue.user.login}/${pull.headRef}`;
  const after = await writeCommit(repository.git, {
    tree,
    parents: [before, pull.headSha],
    author: signer(actor.account, world.stamp()),
    committer: botSigner(world.stamp()),
    message: message === "" ? `${headline}\n\n${issue.title}` : `${headline}\n\n${message}`,
    signed: true,
  });
  pull.baseSha = before;
  if ((await moveRef(world, actor, { repository, name, before, after })) === "stale") {
    throw new ApiError(409, "Base branch was modified. Review and try the merge again.");
  }
  await markMerged(world, actor, issue, after);
  return after;
}

async function mergeTrees(store: GitStore, base: string, head: string): Promise<string> {
  const origin = await mergeBase(store, base, head);
  const [from, ours, theirs] = await Promise.all([origin, base, head].map((oid) => filesOf(store, oid)));
  const baseTree = (await readCommit(store, base))?.tree ?? null;
  const changes: TreeChange[] = [];
  for (const path of new Set([...(from?.keys() ?? []), ...(theirs?.keys() ?? [])])) {
    const [was, mine, new_] = [from?.get(path), ours?.get(path), theirs?.get(path)];
    if (new_?.oid === was?.oid || new_?.oid === mine?.oid) continue;
    if (mine?.oid !== was?.oid) throw new ApiError(405, "Merge conflict");
    changes.push({ path, mode: new_?.mode ?? "100644", oid: new_?.oid ?? null });
  }
  return editTree(store, baseTree, changes);
}

async function filesOf(store: GitStore, commit: string | null) {
  const tree = commit === null ? undefined : (await readCommit(store, commit))?.tree;
  const entries = tree === undefined ? [] : await walkTree(store, tree);
  return new Map(entries.filter(({ mode }) => mode !== "040000").map((entry) => [entry.path, entry]));
}
