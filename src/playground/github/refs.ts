import type { components } from "@octokit/openapi-webhooks-types";
import { tell } from "./events.ts";
import { changedPaths } from "./git-diff.ts";
import { copyObjects, isAncestor } from "./git-history.ts";
import { type Commit, EMPTY_TREE, readCommit, ZERO_OID } from "./git-objects.ts";
import { repositoryPage } from "./json/repositories.ts";
import { followHead } from "./pulls.ts";
import type { Repository } from "./repository.ts";
import { contentViolation, newCommits, type RefMove, refViolation } from "./rules.ts";
import type { Actor, World } from "./world.ts";

/** Moves a ref if it still stands at `before`, and tells everybody. */
export async function moveRef(world: World, actor: Actor, move: RefMove): Promise<"moved" | "stale"> {
  const violation = refViolation(move) ?? (await contentViolation(actor, move));
  if (violation !== null) throw violation.error;
  const { repository, name, before, after } = move;
  if (!(await repository.git.moveRef({ name, next: after, previous: before }))) return "stale";
  await refMoved(world, actor, move);
  return "moved";
}

/** What follows when a ref has moved: events, and the pull requests that hang on it. */
export async function refMoved(world: World, actor: Actor, move: RefMove): Promise<void> {
  move.repository.pushedAt = world.stamp();
  await tellPush(world, actor, move);
  const branch = /^refs\/heads\/(.+)$/.exec(move.name)?.[1];
  if (branch === undefined) return;
  if (move.before === null) tellBranch(world, actor, move.repository, branch, "create");
  if (move.after === null) tellBranch(world, actor, move.repository, branch, "delete");
  await followHead(world, actor, { repository: move.repository, branch, before: move.before, after: move.after });
}

function tellBranch(
  world: World,
  actor: Actor,
  repository: Repository,
  branch: string,
  name: "create" | "delete",
): void {
  const created = { master_branch: repository.defaultBranch, description: null };
  const payload = { ref: branch, ref_type: "branch", pusher_type: "user", ...(name === "create" ? created : {}) };
  tell(world, actor, { name, payload, repository });
}

async function tellPush(world: World, actor: Actor, move: RefMove): Promise<void> {
  const { repository, name, before, after } = move;
  const fresh = after === null ? [] : (await newCommits(repository, before, after)).slice(-20);
  const commits = await Promise.all(fresh.map((commit) => pushedCommit(world, repository, commit)));
  const forced = before !== null && after !== null && !(await isAncestor(repository.git, before, after));
  const page = repositoryPage(world, repository);
  const payload = {
    ref: name,
    before: before ?? ZERO_OID,
    after: after ?? ZERO_OID,
    created: before === null,
    deleted: after === null,
    forced,
    base_ref: null,
    compare: `${page}/compare/${(before ?? ZERO_OID).slice(0, 12)}...${(after ?? ZERO_OID).slice(0, 12)}`,
    commits,
    head_commit: commits.at(-1) ?? null,
    pusher: { name: actor.account.login, email: null },
  } satisfies Omit<components["schemas"]["webhook-push"], "repository" | "sender">;
  tell(world, actor, { name: "push", payload, repository });
}

async function pushedCommit(world: World, repository: Repository, commit: Commit) {
  const parent = commit.parents[0] === undefined ? null : await readCommit(repository.git, commit.parents[0]);
  const files = await changedPaths(repository.git, parent?.tree ?? EMPTY_TREE, commit.tree);
  const paths = (status: string) => files.filter((file) => file.status === status).map((file) => file.path);
  return {
    id: commit.oid,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repositoryPage(world, repository)}/commit/${commit.oid}`,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
    added: paths("added"),
    removed: paths("removed"),
    modified: paths("modified"),
  };
}

/** Makes a commit of one repository known in another, as forks and pull requests need it. */
export async function shareCommit(from: Repository, to: Repository, oid: string): Promise<void> {
  if (from.id !== to.id) await copyObjects(from.git, to.git, oid);
}
