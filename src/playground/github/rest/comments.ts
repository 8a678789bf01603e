import { z } from "zod";
import { type Api, type ApiContext, actorOf } from "../api.ts";
import { addComment, deleteComment, editComment, react } from "../conversation.ts";
import { notFound } from "../errors.ts";
import { commentJson, reactionJson } from "../json/issues.ts";
import { type Issue, type IssueComment, REACTIONS, type Remark, type ReviewComment } from "../repository.ts";
import { needEdit, needSay, needUnlocked } from "../rights.ts";
import type { World } from "../world.ts";
import { needFound } from "./issues.ts";
import { issueOf, paginate, readBody, repositoryOf, withHtml } from "./request.ts";

const Body = z.object({ body: z.string() });

export function commentRoutes({ app, world }: Api): void {
  const show = (c: ApiContext, comment: IssueComment) =>
    withHtml(c, comment.issue.repository, commentJson(world, comment));
  const list = async (c: ApiContext, comments: readonly IssueComment[]) => {
    const since = asStamp(c.req.query("since"));
    const found = comments.filter((comment) => comment.updatedAt >= since);
    return c.json(await Promise.all(paginate(world, c, found).map((comment) => show(c, comment))));
  };

  const ofIssue = "/repos/:owner/:repo/issues/:number{[0-9]+}/comments" as const;
  app.get(ofIssue, (c) => list(c, issueOf(world, c).comments));

  app.post(ofIssue, async (c) => {
    const issue = issueOf(world, c);
    needSay(c.get("caller"), issue.repository, "issues", ...(issue.pull === null ? [] : (["pull_requests"] as const)));
    needUnlocked(c.get("caller"), issue, "comment");
    const { body } = await readBody(c, Body);
    const comment = addComment(world, actorOf(c), issue, body);
    return c.json(await show(c, comment), 201);
  });

  app.get("/repos/:owner/:repo/issues/comments", (c) => {
    const { sort = "created", direction = "asc" } = c.req.query();
    const comments = [...repositoryOf(world, c).issues.values()].flatMap((issue) => issue.comments);
    const key = (comment: IssueComment) => (sort === "updated" ? comment.updatedAt : comment.createdAt);
    comments.sort((a, b) => key(a).localeCompare(key(b)) || a.id - b.id);
    return list(c, direction === "desc" ? comments.reverse() : comments);
  });

  const one = "/repos/:owner/:repo/issues/comments/:id{[0-9]+}" as const;
  app.get(one, async (c) => c.json(await show(c, commentOf(world, c))));

  app.patch(one, async (c) => {
    const comment = commentOf(world, c);
    needEdit(c.get("caller"), comment.issue.repository, comment.user, "issues", "pull_requests");
    const { body } = await readBody(c, Body);
    editComment(world, actorOf(c), comment, body);
    return c.json(await show(c, comment));
  });

  app.delete(one, (c) => {
    const comment = commentOf(world, c);
    needEdit(c.get("caller"), comment.issue.repository, comment.user, "issues", "pull_requests");
    deleteComment(world, actorOf(c), comment);
    return c.body(null, 204);
  });
}

/** Since when, to the second, as our own stamps are written. */
function asStamp(since: string | undefined): string {
  const time = Date.parse(since ?? "");
  return Number.isNaN(time) ? "" : new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function commentOf(world: World, c: ApiContext): IssueComment {
  const id = Number(c.req.param("id"));
  const comments = [...repositoryOf(world, c).issues.values()].flatMap((issue) => issue.comments);
  return needFound(comments.find((comment) => comment.id === id));
}

const TARGETS = {
  "/repos/:owner/:repo/issues/:number{[0-9]+}/reactions": "issue",
  "/repos/:owner/:repo/issues/comments/:id{[0-9]+}/reactions": "comment",
  "/repos/:owner/:repo/pulls/comments/:id{[0-9]+}/reactions": "review-comment",
} as const;

export function reactionRoutes({ app, world }: Api): void {
  for (const [path, kind] of Object.entries(TARGETS)) {
    const target = (c: ApiContext) => remarkOf(world, c, kind);

    app.get(path, (c) => {
      const content = c.req.query("content");
      const found = target(c).remark.reactions.filter(
        (reaction) => content === undefined || reaction.content === content,
      );
      return c.json(paginate(world, c, found).map((reaction) => reactionJson(world, reaction)));
    });

    app.post(path, async (c) => {
      const { remark, issue } = target(c);
      needSay(c.get("caller"), issue.repository, "issues", "pull_requests");
      needUnlocked(c.get("caller"), issue, "reaction");
      const { content } = await readBody(c, z.object({ content: z.enum(REACTIONS) }));
      const { reaction, first } = react(world, actorOf(c), remark, content);
      return c.json(reactionJson(world, reaction), first ? 201 : 200);
    });

    app.delete(`${path}/:reaction{[0-9]+}`, (c) => {
      const { remark } = target(c);
      const at = remark.reactions.findIndex(({ id }) => id === Number(c.req.param("reaction")));
      if (remark.reactions[at]?.user.id !== actorOf(c).account.id) throw notFound();
      remark.reactions.splice(at, 1);
      return c.body(null, 204);
    });
  }
}

function remarkOf(
  world: World,
  c: ApiContext,
  kind: (typeof TARGETS)[keyof typeof TARGETS],
): { readonly remark: Remark; readonly issue: Issue } {
  if (kind === "issue") {
    const issue = issueOf(world, c);
    return { remark: issue, issue };
  }
  const remark = kind === "comment" ? commentOf(world, c) : reviewCommentOf(world, c);
  return { remark, issue: remark.issue };
}

function reviewCommentOf(world: World, c: ApiContext): ReviewComment {
  const id = Number(c.req.param("id"));
  const comments = [...repositoryOf(world, c).issues.values()].flatMap((issue) => issue.pull?.reviewComments ?? []);
  return needFound(comments.find((comment) => comment.id === id));
}
