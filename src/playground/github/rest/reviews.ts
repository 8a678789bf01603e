import { z } from "zod";
import { type Api, type ApiContext, actorOf } from "../api.ts";
import { editRemark } from "../conversation.ts";
import { ApiError, notFound, validationFailed } from "../errors.ts";
import { tellReview, tellReviewComment } from "../events.ts";
import { isPull, type PullIssue, reviewCommentJson, reviewJson } from "../json/pulls.ts";
import { addReview, addReviewComment, editReviewComment, type NewReviewComment } from "../pulls.ts";
import type { Review, ReviewComment, ReviewState } from "../repository.ts";
import { needEdit, needSay } from "../rights.ts";
import type { World } from "../world.ts";
import { needFound } from "./issues.ts";
import { paginate, pullOf, readBody, repositoryOf, withHtml } from "./request.ts";

const Line = {
  path: z.string(),
  body: z.string(),
  line: z.number().int().optional(),
  side: z.enum(["LEFT", "RIGHT"]).default("RIGHT"),
  start_line: z.number().int().nullish(),
};
const CommentBody = z.object(Line);
const NewCommentBody = z.object({ ...Line, path: z.string().optional(), in_reply_to: z.number().int().optional() });
const NewReviewBody = z.object({
  body: z.string().default(""),
  event: z.enum(["APPROVE", "REQUEST_CHANGES", "COMMENT"]).optional(),
  comments: z.array(CommentBody).default([]),
});
const Body = z.object({ body: z.string() });

const STATES: Readonly<Record<string, ReviewState>> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

function asComment(comment: z.infer<typeof CommentBody>): NewReviewComment {
  const { path, body, line = null, side, start_line: startLine = null } = comment;
  return { path, body, line, side, startLine, inReplyTo: null };
}

export function reviewRoutes({ app, world }: Api): void {
  const show = (c: ApiContext, review: Review) => withHtml(c, review.issue.repository, reviewJson(world, review));
  const all = "/repos/:owner/:repo/pulls/:number{[0-9]+}/reviews" as const;

  app.get(all, async (c) => {
    const reviews = paginate(world, c, pullOf(world, c).pull.reviews);
    return c.json(await Promise.all(reviews.map((review) => show(c, review))));
  });

  app.post(all, async (c) => {
    const issue = pullOf(world, c);
    needSay(c.get("caller"), issue.repository, "pull_requests");
    const { body, event, comments } = await readBody(c, NewReviewBody);
    const actor = actorOf(c);
    refuseReview(issue, actor.tokenKind, event, actor.account.id === issue.user.id, body);
    const state = event === undefined ? "PENDING" : (STATES[event] ?? "COMMENTED");
    const review = await addReview(world, actor, issue, { body, state, comments: comments.map(asComment) });
    return c.json(await show(c, review));
  });

  app.get(`${all}/:id{[0-9]+}`, async (c) => c.json(await show(c, reviewOf(world, c))));

  app.get(`${all}/:id{[0-9]+}/comments`, (c) => {
    const review = reviewOf(world, c);
    const comments = review.issue.pull?.reviewComments.filter((comment) => comment.review === review) ?? [];
    return c.json(paginate(world, c, comments).map((comment) => reviewCommentJson(world, comment)));
  });

  app.put(`${all}/:id{[0-9]+}`, async (c) => {
    const review = reviewOf(world, c);
    needEdit(c.get("caller"), review.issue.repository, review.user, "pull_requests");
    const changes = editRemark(world, review, (await readBody(c, Body)).body);
    if (changes !== null) tellReview(world, actorOf(c), pullOf(world, c), review, "edited", changes);
    return c.json(await show(c, review));
  });
}

function refuseReview(
  issue: PullIssue,
  tokenKind: string,
  event: string | undefined,
  own: boolean,
  body: string,
): void {
  if (event === "APPROVE" && tokenKind === "job" && !issue.repository.settings.allowActionsToCreatePullRequests) {
    throw new ApiError(422, "GitHub Actions is not permitted to approve pull requests.");
  }
  if (own && event === "APPROVE") throw validationFailed("Can not approve your own pull request");
  if (own && event === "REQUEST_CHANGES") throw validationFailed("Can not request changes on your own pull request");
  if (event === "REQUEST_CHANGES" && body === "") throw validationFailed("Review body can't be blank");
}

function reviewOf(world: World, c: ApiContext): Review {
  const id = Number(c.req.param("id"));
  return needFound(pullOf(world, c).pull.reviews.find((review) => review.id === id));
}

export function reviewCommentRoutes({ app, world }: Api): void {
  const show = (c: ApiContext, comment: ReviewComment) =>
    withHtml(c, comment.issue.repository, reviewCommentJson(world, comment));
  const ofPull = "/repos/:owner/:repo/pulls/:number{[0-9]+}/comments" as const;

  app.get(ofPull, async (c) => {
    const since = c.req.query("since") ?? "";
    const comments = pullOf(world, c).pull.reviewComments.filter((comment) => comment.updatedAt >= since);
    return c.json(await Promise.all(paginate(world, c, comments).map((comment) => show(c, comment))));
  });

  app.post(ofPull, async (c) => {
    const issue = pullOf(world, c);
    needSay(c.get("caller"), issue.repository, "pull_requests");
    const { in_reply_to: replyTo, path, ...spec } = await readBody(c, NewCommentBody);
    if (replyTo !== undefined) return c.json(await show(c, await reply(world, c, issue, replyTo, spec.body)), 201);
    if (path === undefined) throw new ApiError(422, 'Invalid request.\n\n"path" wasn\'t supplied.');
    const comment = await addReviewComment(world, actorOf(c), issue, asComment({ ...spec, path }));
    return c.json(await show(c, comment), 201);
  });

  app.post(`${ofPull}/:id{[0-9]+}/replies`, async (c) => {
    const issue = pullOf(world, c);
    needSay(c.get("caller"), issue.repository, "pull_requests");
    const { body } = await readBody(c, Body);
    const to = Number(c.req.param("id"));
    const first = issue.pull.reviewComments.find(({ id }) => id === to);
    // GitHub supports no replies to replies.
    if (first !== undefined && first.inReplyTo !== null) throw validationFailed("Can not reply to a reply");
    return c.json(await show(c, await reply(world, c, issue, to, body)), 201);
  });

  app.get("/repos/:owner/:repo/pulls/comments", async (c) => {
    const comments = [...repositoryOf(world, c).issues.values()].flatMap((issue) => issue.pull?.reviewComments ?? []);
    return c.json(await Promise.all(paginate(world, c, comments).map((comment) => show(c, comment))));
  });

  const one = "/repos/:owner/:repo/pulls/comments/:id{[0-9]+}" as const;
  app.get(one, async (c) => c.json(await show(c, commentOf(world, c).comment)));

  app.patch(one, async (c) => {
    const { issue, comment } = commentOf(world, c);
    needEdit(c.get("caller"), issue.repository, comment.user, "pull_requests");
    editReviewComment(world, actorOf(c), issue, comment, (await readBody(c, Body)).body);
    return c.json(await show(c, comment));
  });

  app.delete(one, (c) => {
    const { issue, comment } = commentOf(world, c);
    needEdit(c.get("caller"), issue.repository, comment.user, "pull_requests");
    issue.pull.reviewComments.splice(issue.pull.reviewComments.indexOf(comment), 1);
    tellReviewComment(world, actorOf(c), issue, comment, "deleted");
    return c.body(null, 204);
  });
}

function reply(world: World, c: ApiContext, issue: PullIssue, to: number, body: string): Promise<ReviewComment> {
  const first = needFound(issue.pull.reviewComments.find(({ id }) => id === to));
  const { path, line, startLine, side } = first;
  return addReviewComment(world, actorOf(c), issue, { path, line, startLine, side, body, inReplyTo: first });
}

function commentOf(world: World, c: ApiContext): { readonly issue: PullIssue; readonly comment: ReviewComment } {
  const id = Number(c.req.param("id"));
  for (const issue of repositoryOf(world, c).issues.values()) {
    const comment = isPull(issue) ? issue.pull.reviewComments.find((candidate) => candidate.id === id) : undefined;
    if (comment !== undefined && isPull(issue)) return { issue, comment };
  }
  throw notFound();
}
