import { z } from "zod";
import { type Api, type ApiContext, actorOf } from "../api.ts";
import { editIssue } from "../conversation.ts";
import { ApiError, invalid, notFound, validationFailed } from "../errors.ts";
import { commitJson, diffJson } from "../json/git.ts";
import { fullPullJson, type PullIssue, pullJson } from "../json/pulls.ts";
import { mergePull } from "../merge.ts";
import { openPull, pullCommits, pullFiles, pullSize, pullsOf } from "../pulls.ts";
import type { Repository } from "../repository.ts";
import { mayWrite, needEdit, needSay, needWrite } from "../rights.ts";
import type { World } from "../world.ts";
import { paginate, pullOf, readBody, repositoryOf, withHtml } from "./request.ts";

const NewPullBody = z.object({
  title: z.string(),
  head: z.string(),
  head_repo: z.string().optional(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
});

const PullPatch = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]).optional(),
  base: z.string().optional(),
});

export function pullRoutes({ app, world }: Api): void {
  app.get("/repos/:owner/:repo/pulls", async (c) => {
    const repository = repositoryOf(world, c);
    const pulls = paginate(world, c, filterPulls(repository, c.req.query()));
    return c.json(await Promise.all(pulls.map((issue) => withHtml(c, repository, pullJson(world, issue)))));
  });

  app.post("/repos/:owner/:repo/pulls", async (c) => {
    const repository = repositoryOf(world, c);
    needSay(c.get("caller"), repository, "pull_requests");
    const { title, body, draft, base: baseRef, ...spec } = await readBody(c, NewPullBody);
    const { headRepository, headRef } = readHead(world, repository, spec.head);
    const mayPush = mayWrite(c.get("caller"), headRepository, "contents");
    if (!mayPush && !mayWrite(c.get("caller"), repository, "pull_requests")) throw notFound();
    const issue = await openPull(world, actorOf(c), {
      repository,
      headRepository,
      headRef,
      baseRef,
      title,
      body: body ?? "",
      draft,
    });
    return c.json(await showFull(world, c, issue), 201);
  });

  const one = "/repos/:owner/:repo/pulls/:number{[0-9]+}" as const;
  app.get(one, async (c) => {
    const issue = pullOf(world, c);
    if (!/vnd\.github(\.v3)?\.(diff|patch)/.test(c.req.header("accept") ?? ""))
      return c.json(await showFull(world, c, issue));
    const files = await pullFiles(issue);
    return c.text(files.map((file) => `diff --git a/${file.path} b/${file.path}\n${file.patch ?? ""}\n`).join(""));
  });

  app.patch(one, async (c) => {
    const issue = pullOf(world, c);
    needEdit(c.get("caller"), issue.repository, issue.user, "pull_requests");
    const { base, body, ...patch } = await readBody(c, PullPatch);
    if (base !== undefined) await changeBase(issue, base);
    await editIssue(world, actorOf(c), issue, { ...patch, body: body === null ? "" : body });
    return c.json(await showFull(world, c, issue));
  });

  app.get(`${one}/files`, async (c) => {
    const issue = pullOf(world, c);
    const files = paginate(world, c, await pullFiles(issue));
    return c.json(files.map((file) => diffJson(world, issue.repository, file, issue.pull.headSha)));
  });

  app.get(`${one}/commits`, async (c) => {
    const issue = pullOf(world, c);
    const commits = paginate(world, c, await pullCommits(issue));
    return c.json(commits.map((commit) => commitJson(world, issue.repository, commit)));
  });

  app.get(`${one}/merge`, (c) => {
    if (pullOf(world, c).pull.mergedAt === null) throw notFound();
    return c.body(null, 204);
  });

  app.put(`${one}/merge`, async (c) => {
    const issue = pullOf(world, c);
    needWrite(c.get("caller"), issue.repository, "contents");
    if (issue.state === "closed" || issue.pull.draft) throw new ApiError(405, "Pull Request is not mergeable");
    const shape = z.object({
      commit_title: z.string().optional(),
      commit_message: z.string().default(""),
      sha: z.string().optional(),
    });
    const { commit_title: title, commit_message: message, sha: expected } = await readBody(c, shape);
    if (expected !== undefined && expected !== issue.pull.headSha) {
      throw new ApiError(409, "Head branch was modified. Review and try the merge again.");
    }
    const sha = await mergePull(world, actorOf(c), issue, { title, message });
    return c.json({ sha, merged: true, message: "Pull Request successfully merged" });
  });
}

async function showFull(world: World, c: ApiContext, issue: PullIssue) {
  return withHtml(c, issue.repository, fullPullJson(world, issue, await pullSize(issue)));
}

/** `branch`, or `owner:branch` of a fork. */
function readHead(world: World, repository: Repository, head: string): { headRepository: Repository; headRef: string } {
  const colon = head.indexOf(":");
  if (colon < 0) return { headRepository: repository, headRef: head };
  const [login, headRef] = [head.slice(0, colon).toLowerCase(), head.slice(colon + 1)];
  const family = world.repositories.filter(({ id, fork }) => id === repository.id || fork?.id === repository.id);
  const found = family.find(({ owner }) => owner.login.toLowerCase() === login);
  if (found === undefined) throw validationFailed({ resource: "PullRequest", field: "head", code: "invalid" });
  return { headRepository: found, headRef };
}

async function changeBase(issue: PullIssue, base: string): Promise<void> {
  const sha = await issue.repository.git.ref(`refs/heads/${base}`);
  if (sha === null) throw invalid("Validation Failed", `Proposed base branch '${base}' was not found`);
  issue.pull.baseRef = base;
  issue.pull.baseSha = sha;
}

function filterPulls(repository: Repository, query: Record<string, string>): readonly PullIssue[] {
  const { state = "open", head, base, sort = "created", direction = sort === "created" ? "desc" : "asc" } = query;
  const found = pullsOf(repository).filter(
    ({ pull, state: present, user }) =>
      (state === "all" || present === state) &&
      (base === undefined || pull.baseRef === base) &&
      // Without an owner the filter is ignored, as GitHub does.
      (head === undefined ||
        !head.includes(":") ||
        head === `${(pull.headRepository?.owner ?? user).login}:${pull.headRef}`),
  );
  const key = (issue: PullIssue) => (sort === "updated" ? issue.updatedAt : issue.createdAt);
  const sorted = found.toSorted((a, b) => key(a).localeCompare(key(b)) || a.number - b.number);
  return direction === "asc" ? sorted : sorted.reverse();
}
