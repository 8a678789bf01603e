import type { OwnRepository } from "./git-own-repository.ts";

/** The work branch of the remote, at two moments. */
export interface Whereabouts {
  /** As our last push, or the checkout, left it; null when it was not there. */
  readonly known: string | null;
  /** As it stands now. */
  readonly present: string | null;
}

/** Whether somebody has taken commits out of the branch, or made others of them. */
export async function isRewritten(own: OwnRepository, { known, present }: Whereabouts): Promise<boolean> {
  return known !== null && present !== null && !(await own.isAncestor(known, present));
}

/** The head as it can be pushed: on top of what the remote holds. Null when the two conflict. */
export async function joinWith(
  own: OwnRepository,
  head: string,
  where: Whereabouts & { readonly mayReplace: boolean },
): Promise<string | null> {
  const { known, present, mayReplace } = where;
  const onto = present ?? known;
  if (onto === null) return head;
  // Before anything else: an older commit of the branch is an ancestor of ours, and all that was removed since is in between.
  if (await isRewritten(own, where)) return replayOurs(own, head, { known, onto });
  if (await own.isAncestor(onto, head)) return head;
  const rebased = await own.rebase(head, await sinceWhen(own, head, onto), onto);
  if (rebased !== null || !mayReplace || onto !== known || (await own.get("source")) !== onto) return rebased;
  // Nobody else has pushed, so it is the worker who has rewritten its own commits: the result counts, as one more commit.
  return commitTree(own, head, onto);
}

/**
 * Puts our own commits, and nobody else's, on top of another history: those that the remote has had already and lacks now, by content,
 * and those that are new. Null when they do not fit there.
 */
export async function replayOurs(
  own: OwnRepository,
  head: string,
  { known, onto }: { readonly known: string | null; readonly onto: string },
): Promise<string | null> {
  const pushed = (await own.remembered())?.stretches ?? [];
  // Whoever only squashes or rewords commits leaves their content as it is.
  const isComplete = known !== null && (await treeOf(own, known)) === (await treeOf(own, onto));
  const fresh = { after: await sinceWhen(own, head, known ?? onto), until: head };
  let tip = onto;
  for (const stretch of isComplete ? [fresh] : [...pushed, fresh]) {
    const since = await own.lackingAfter(stretch, onto);
    const next = since === null ? tip : await own.rebase(stretch.until, since, tip);
    if (next === null) return null;
    tip = next;
  }
  return tip;
}

/** The commit of the workspace's history after which nothing has been pushed yet. */
export async function sinceWhen(own: OwnRepository, head: string, otherwise: string): Promise<string> {
  const source = await own.get("source");
  return source !== null && (await own.isAncestor(source, head)) ? source : otherwise;
}

async function treeOf(own: OwnRepository, sha: string): Promise<string> {
  return (await own.git(["rev-parse", `${sha}^{tree}`])).stdout.trim();
}

async function commitTree(own: OwnRepository, head: string, parent: string): Promise<string> {
  const format = "%an%n%ae%n%ad%n%cn%n%ce%n%B";
  const { stdout } = await own.git(["show", "-s", "--date=raw", `--format=${format}`, head]);
  const [name = "", email = "", date = "", committer = "", committerEmail = "", ...message] = stdout.split("\n");
  const commit = await own.git(["commit-tree", `${head}^{tree}`, "-p", parent, "-F", "-"], {
    input: `${message.join("\n").trim()}\n`,
    env: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: committer,
      GIT_COMMITTER_EMAIL: committerEmail,
    },
  });
  return commit.stdout.trim();
}
