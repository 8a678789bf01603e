import { z } from "zod";
import { type Api, type ApiContext, actorOf } from "../api.ts";
import { addLabels, editIssue, openIssue, removeLabel, setLabels } from "../conversation.ts";
import { ApiError, notFound } from "../errors.ts";
import { issueJson } from "../json/issues.ts";
import { labelJson } from "../json/repositories.ts";
import type { Issue, Repository } from "../repository.ts";
import { mayWrite, needEdit, needSay, needWrite } from "../rights.ts";
import type { World } from "../world.ts";
import { issueOf, paginate, readBody, repositoryOf, withHtml } from "./request.ts";

const LabelName = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);

const NewIssueBody = z.object({
  title: z.union([z.string(), z.number().transform(String)]),
  body: z.string().nullish(),
  labels: z.array(LabelName).optional(),
});

const IssuePatch = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]).optional(),
  state_reason: z.enum(["completed", "not_planned", "reopened"]).nullish(),
  labels: z.array(LabelName).optional(),
});

export function issueRoutes({ app, world }: Api): void {
  app.get("/repos/:owner/:repo/issues", async (c) => {
    const repository = repositoryOf(world, c);
    const issues = paginate(world, c, filterIssues(repository, c.req.query()));
    return c.json(await Promise.all(issues.map((issue) => show(world, c, issue))));
  });

  app.post("/repos/:owner/:repo/issues", async (c) => {
    const repository = repositoryOf(world, c);
    needSay(c.get("caller"), repository, "issues");
    if (!repository.settings.hasIssues) throw new ApiError(410, "Issues are disabled for this repo");
    const { title, body, labels = [] } = await readBody(c, NewIssueBody);
    // GitHub drops the labels of those who may not set any.
    const allowed = mayWrite(c.get("caller"), repository, "issues") ? labels : [];
    const issue = openIssue(world, actorOf(c), { repository, title, body: body ?? "", labels: allowed });
    return c.json(await show(world, c, issue), 201);
  });

  app.get("/repos/:owner/:repo/issues/:number{[0-9]+}", async (c) => c.json(await show(world, c, issueOf(world, c))));

  app.patch("/repos/:owner/:repo/issues/:number{[0-9]+}", async (c) => {
    const issue = issueOf(world, c);
    const { state_reason: stateReason, body, ...patch } = await readBody(c, IssuePatch);
    if (patch.labels !== undefined) needWrite(c.get("caller"), issue.repository, "issues", "pull_requests");
    needEdit(c.get("caller"), issue.repository, issue.user, "issues", "pull_requests");
    await editIssue(world, actorOf(c), issue, { ...patch, stateReason, body: body === null ? "" : body });
    return c.json(await show(world, c, issue));
  });

  const lock = "/repos/:owner/:repo/issues/:number{[0-9]+}/lock" as const;
  const setLocked = (c: ApiContext, locked: boolean) => {
    const issue = issueOf(world, c);
    needWrite(c.get("caller"), issue.repository, "issues", "pull_requests");
    issue.locked = locked;
    return c.body(null, 204);
  };
  app.put(lock, (c) => setLocked(c, true));
  app.delete(lock, (c) => setLocked(c, false));

  labelRoutes({ app, world });
}

function labelRoutes({ app, world }: Api): void {
  const ofIssue = (issue: Issue) => issue.labels.map((label) => labelJson(world, issue.repository, label));
  const Names = z.union([
    z.array(LabelName),
    z.object({ labels: z.array(LabelName) }).transform(({ labels }) => labels),
  ]);

  app.get("/repos/:owner/:repo/labels", (c) => {
    const repository = repositoryOf(world, c);
    const labels = paginate(world, c, [...repository.labels.values()]);
    return c.json(labels.map((label) => labelJson(world, repository, label)));
  });

  app.post("/repos/:owner/:repo/labels", async (c) => {
    const repository = repositoryOf(world, c);
    needWrite(c.get("caller"), repository, "issues");
    const shape = z.object({
      name: z.string(),
      color: z.string().default("ededed"),
      description: z.string().nullish(),
    });
    const { name, color, description = null } = await readBody(c, shape);
    if (repository.labels.has(name.toLowerCase())) {
      throw new ApiError(422, "Validation Failed", [{ resource: "Label", code: "already_exists", field: "name" }]);
    }
    const label = { id: world.nextId(), name, color, description };
    repository.labels.set(name.toLowerCase(), label);
    return c.json(labelJson(world, repository, label), 201);
  });

  app.delete("/repos/:owner/:repo/labels/:name{.+}", async (c) => {
    const repository = repositoryOf(world, c);
    needWrite(c.get("caller"), repository, "issues");
    const label = needFound(repository.labels.get(c.req.param("name").toLowerCase()));
    for (const issue of repository.issues.values())
      if (issue.labels.includes(label)) await removeLabel(world, actorOf(c), issue, label);
    repository.labels.delete(label.name.toLowerCase());
    return c.body(null, 204);
  });

  const path = "/repos/:owner/:repo/issues/:number{[0-9]+}/labels" as const;
  app.get(path, (c) => c.json(ofIssue(issueOf(world, c))));

  app.post(path, async (c) => {
    const issue = labelled(world, c);
    await addLabels(world, actorOf(c), issue, await readBody(c, Names));
    return c.json(ofIssue(issue));
  });

  app.put(path, async (c) => {
    const issue = labelled(world, c);
    await setLabels(world, actorOf(c), issue, await readBody(c, Names));
    return c.json(ofIssue(issue));
  });

  app.delete(path, async (c) => {
    await setLabels(world, actorOf(c), labelled(world, c), []);
    return c.body(null, 204);
  });

  app.delete(`${path}/:name{.+}`, async (c) => {
    const issue = labelled(world, c);
    const name = c.req.param("name").toLowerCase();
    const label = issue.labels.find((candidate) => candidate.name.toLowerCase() === name);
    if (label === undefined) throw new ApiError(404, "Label does not exist");
    await removeLabel(world, actorOf(c), issue, label);
    return c.json(ofIssue(issue));
  });
}

function labelled(world: World, c: ApiContext): Issue {
  const issue = issueOf(world, c);
  needWrite(c.get("caller"), issue.repository, "issues", ...(issue.pull === null ? [] : (["pull_requests"] as const)));
  return issue;
}

function show(world: World, c: ApiContext, issue: Issue) {
  return withHtml(c, issue.repository, issueJson(world, issue));
}

function filterIssues(repository: Repository, query: Record<string, string>): readonly Issue[] {
  const { state = "open", labels = "", since = "", creator, direction = "desc", sort = "created" } = query;
  const wanted = labels.split(",").filter((name) => name !== "");
  const found = [...repository.issues.values()].filter(
    (issue) =>
      issue.gone === null &&
      (state === "all" || issue.state === state) &&
      issue.updatedAt >= since &&
      (creator === undefined || issue.user.login.toLowerCase() === creator.toLowerCase()) &&
      wanted.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())),
  );
  const key = (issue: Issue) => (sort === "updated" ? issue.updatedAt : issue.createdAt);
  found.sort((a, b) => key(a).localeCompare(key(b)) || a.number - b.number);
  return direction === "asc" ? found : found.reverse();
}

/** @throws ApiError 404 */
export function needFound<Item>(item: Item | undefined | null): Item {
  if (item === undefined || item === null) throw notFound();
  return item;
}
