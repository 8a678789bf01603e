import { z } from "zod";
import { type Api, actorOf } from "../api.ts";
import { ApiError, invalid, notFound } from "../errors.ts";
import { diffTrees } from "../git-diff.ts";
import { isRefName } from "../git-disk.ts";
import { commitsBetween, history, historyOf, mergeBase } from "../git-history.ts";
import { type Commit, readCommit } from "../git-objects.ts";
import { resolveCommit } from "../git-revisions.ts";
import { accountJson, type Schemas } from "../json/accounts.ts";
import { commitJson, diffJson } from "../json/git.ts";
import { fullRepositoryJson, repositoryPage, repositoryUrl } from "../json/repositories.ts";
import { pullsOf } from "../pulls.ts";
import { moveRef, shareCommit } from "../refs.ts";
import type { Repository } from "../repository.ts";
import { atLeast, legacyRole, needWrite, roleOf } from "../rights.ts";
import type { World } from "../world.ts";
import { needCommits } from "./git.ts";
import { paginate, readBody, repositoryOf } from "./request.ts";

export function repositoryRoutes({ app, world }: Api): void {
  app.get("/repos/:owner/:repo", (c) => c.json(fullRepositoryJson(world, repositoryOf(world, c), c.get("caller"))));

  app.get("/repos/:owner/:repo/collaborators/:login/permission", (c) => {
    const repository = repositoryOf(world, c);
    const { account } = actorOf(c);
    const caller = c.get("caller");
    const byPermissions = caller.kind === "token" && caller.info.permissions !== undefined;
    if (!byPermissions && !atLeast(roleOf(repository, account), "write")) {
      throw new ApiError(403, "Must have push access to view collaborator permission.");
    }
    const person = world.accounts.find(c.req.param("login"));
    if (person === undefined) throw new ApiError(404, `${c.req.param("login")} is not a user`);
    const role = roleOf(repository, person);
    const permission = legacyRole(repository, role);
    const roleName = role ?? permission;
    const permissions = {
      admin: atLeast(role, "admin"),
      maintain: atLeast(role, "maintain"),
      push: atLeast(role, "write"),
      triage: atLeast(role, "triage"),
      pull: permission !== "none",
    };
    const user = { ...accountJson(world, person), permissions, role_name: roleName };
    return c.json({ permission, role_name: roleName, user } satisfies Schemas["repository-collaborator-permission"]);
  });

  app.get("/repos/:owner/:repo/branches", async (c) => {
    const repository = repositoryOf(world, c);
    const refs = paginate(world, c, await repository.git.refs("refs/heads/"));
    const url = repositoryUrl(world, repository);
    const branches = refs.map(({ name, oid }) => ({
      name: name.replace("refs/heads/", ""),
      commit: { sha: oid, url: `${url}/commits/${oid}` },
      protected: false,
    }));
    return c.json(branches satisfies Schemas["short-branch"][]);
  });

  app.get("/repos/:owner/:repo/branches/:branch{.+}", async (c) =>
    c.json(await branchJson(world, repositoryOf(world, c), c.req.param("branch"))),
  );

  // Pull requests for the branch follow it to its new name; those from it are closed.
  app.post("/repos/:owner/:repo/branches/:branch{.+}/rename", async (c) => {
    const repository = repositoryOf(world, c);
    needWrite(c.get("caller"), repository, "contents");
    const old = c.req.param("branch");
    const { new_name: name } = await readBody(c, z.object({ new_name: z.string() }));
    const oid = await repository.git.ref(`refs/heads/${old}`);
    if (oid === null) throw new ApiError(404, "Branch not found");
    const move = { repository, name: `refs/heads/${name}`, before: null, after: oid };
    if (!isRefName(move.name)) throw invalid(`${name} is not a valid branch name.`);
    if ((await moveRef(world, actorOf(c), move)) === "stale") throw invalid(`Branch ${name} already exists.`);
    if (repository.defaultBranch === old) repository.defaultBranch = name;
    for (const { state, pull } of pullsOf(repository)) {
      if (state === "open" && pull.baseRef === old) pull.baseRef = name;
    }
    await moveRef(world, actorOf(c), { repository, name: `refs/heads/${old}`, before: oid, after: null });
    return c.json(await branchJson(world, repository, name), 201);
  });

  commitRoutes({ app, world });
}

async function branchJson(
  world: World,
  repository: Repository,
  name: string,
): Promise<Schemas["branch-with-protection"]> {
  const commit = await resolveCommit(repository, `refs/heads/${name}`);
  if (commit === null) throw new ApiError(404, "Branch not found");
  const self = `${repositoryUrl(world, repository)}/branches/${name}`;
  return {
    name,
    commit: commitJson(world, repository, commit),
    _links: { self, html: `${repositoryPage(world, repository)}/tree/${name}` },
    protected: false,
    protection: { enabled: false },
    protection_url: `${self}/protection`,
  };
}

function commitRoutes({ app, world }: Api): void {
  app.get("/repos/:owner/:repo/commits", async (c) => {
    const repository = repositoryOf(world, c);
    await needCommits(repository);
    const start = await resolveCommit(repository, c.req.query("sha") ?? "HEAD");
    if (start === null) throw notFound();
    const path = c.req.query("path");
    const commits: Commit[] = [];
    const walk = path === undefined ? history(repository.git, start.oid) : historyOf(repository.git, start.oid, path);
    for await (const commit of walk) commits.push(commit);
    return c.json(paginate(world, c, commits).map((commit) => commitJson(world, repository, commit)));
  });

  app.get("/repos/:owner/:repo/commits/:ref{.+}", async (c) => {
    const repository = repositoryOf(world, c);
    const ref = c.req.param("ref");
    const commit = await resolveCommit(repository, ref);
    if (commit === null) throw new ApiError(422, `No commit found for SHA: ${ref}`);
    if (/vnd\.github(\.v3)?\.sha/.test(c.req.header("accept") ?? "")) return c.text(commit.oid);
    const parent = commit.parents[0] === undefined ? null : await readCommit(repository.git, commit.parents[0]);
    const diff = await diffTrees(repository.git, parent?.tree ?? null, commit.tree);
    const files = diff.map((file) => diffJson(world, repository, file, commit.oid));
    const [additions, deletions] = [sum(files, "additions"), sum(files, "deletions")];
    const stats = { additions, deletions, total: additions + deletions };
    return c.json({ ...commitJson(world, repository, commit), stats, files } satisfies Schemas["commit"]);
  });

  app.get("/repos/:owner/:repo/compare/:basehead{.+}", async (c) => {
    const repository = repositoryOf(world, c);
    const [base = "", head = ""] = c.req.param("basehead").split("...");
    const [from, to] = [await compared(world, repository, base), await compared(world, repository, head)];
    return c.json(await comparison(world, repository, { base, head, from, to }));
  });
}

/** One side of a comparison: a branch, tag or oid, or `owner:branch` of a fork. */
async function compared(world: World, repository: Repository, name: string): Promise<Commit> {
  const [owner, branch] = name.includes(":") ? name.split(":", 2) : [repository.owner.login, name];
  const family = world.repositories.filter(({ id, fork }) => id === repository.id || fork?.id === repository.id);
  const side = family.find((candidate) => candidate.owner.login.toLowerCase() === owner?.toLowerCase());
  const commit = side === undefined ? null : await resolveCommit(side, branch ?? "");
  if (side === undefined || commit === null) throw notFound();
  await shareCommit(side, repository, commit.oid);
  return commit;
}

async function comparison(
  world: World,
  repository: Repository,
  { base, head, from, to }: { base: string; head: string; from: Commit; to: Commit },
) {
  const { git } = repository;
  const shared = await mergeBase(git, from.oid, to.oid);
  const middle = shared === null ? null : await readCommit(git, shared);
  if (middle === null) throw new ApiError(404, `No common ancestor between ${base} and ${head}.`);
  const [ahead, behind] = [await commitsBetween(git, from.oid, to.oid), await commitsBetween(git, to.oid, from.oid)];
  const files = await diffTrees(git, middle.tree, to.tree);
  const status =
    ahead.length > 0 ? (behind.length > 0 ? "diverged" : "ahead") : behind.length > 0 ? "behind" : "identical";
  const page = `${repositoryPage(world, repository)}/compare/${base}...${head}`;
  return {
    url: `${repositoryUrl(world, repository)}/compare/${base}...${head}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commitJson(world, repository, from),
    merge_base_commit: commitJson(world, repository, middle),
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.map((commit) => commitJson(world, repository, commit)),
    files: files.map((file) => diffJson(world, repository, file, to.oid)),
  } satisfies Schemas["commit-comparison"];
}

function sum<Key extends string>(items: readonly Record<Key, number>[], key: Key): number {
  return items.reduce((total, item) => total + item[key], 0);
}
