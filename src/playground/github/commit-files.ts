import { type Commit, readCommit, writeCommit } from "./git-objects.ts";
import { editTree, type TreeChange } from "./git-trees.ts";
import { moveRef } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { botSigner, signer } from "./signers.ts";
import type { Actor, World } from "./world.ts";

export interface FilesCommit {
  readonly repository: Repository;
  /** Short: `main`. */
  readonly branch: string;
  /** Null: the branch must not exist yet. */
  readonly expectedHead: string | null;
  readonly message: string;
  readonly additions: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly deletions: readonly string[];
}

/** One commit on top of the expected head, signed as GitHub signs; "stale" when the branch has moved on. */
export async function commitFiles(world: World, actor: Actor, spec: FilesCommit): Promise<Commit | "stale"> {
  const { repository, expectedHead, message } = spec;
  const { git } = repository;
  const head = expectedHead === null ? null : await readCommit(git, expectedHead);
  const removed: TreeChange[] = spec.deletions.map((path) => ({ path, mode: "100644", oid: null }));
  const added = await Promise.all(
    spec.additions.map(async ({ path, contents }): Promise<TreeChange> => {
      return { path, mode: "100644", oid: await git.write("blob", contents) };
    }),
  );
  const commit = {
    tree: await editTree(git, head?.tree ?? null, [...removed, ...added]),
    parents: expectedHead === null ? [] : [expectedHead],
    author: signer(actor.account, world.stamp()),
    committer: botSigner(world.stamp()),
    message,
    signed: true,
  };
  const oid = await writeCommit(git, commit);
  const name = `refs/heads/${spec.branch}`;
  const moved = await moveRef(world, actor, { repository, name, before: expectedHead, after: oid });
  return moved === "stale" ? "stale" : { ...commit, oid };
}
