import { z } from "zod";
import type { Trigger } from "../core/task.ts";
import type { ReactionContent, Reactions } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { isGone, isLocked } from "./github-closed-thread.ts";
import { hasGraphqlType } from "./github-error.ts";

/**
 * Reactions on whatever held the command. GitHub answers 201 to the first one and 200 to one that is there already. After a lost
 * reply the repeat is "again" although the first was ours: whoever reads that looks before replying, so nothing is said twice.
 */
export function githubReactions(given: GitHubAccess): Reactions {
  const access = checkedAccess(given);
  return {
    async add(to, content) {
      try {
        return await react(to, content, access);
      } catch (error) {
        // Whoever has deleted the command has not taken it back: that is what a cancel is for.
        if (isGone(error) || isLocked(error) || hasGraphqlType(error, "NOT_FOUND")) return "again";
        throw error;
      }
    },
  };
}

type Added = "first" | "again";

async function react(to: Trigger, content: ReactionContent, access: GitHubAccess): Promise<Added> {
  switch (to.kind) {
    case "comment":
      return toComment(to.id, content, access);
    case "issue":
      return toIssue(to.id, content, access);
    case "review-comment":
      return toReviewComment(to.id, content, access);
    case "review":
      return toReview(to, content, access);
    // A workflow run cannot be reacted to, and nobody else acts on it.
    case "workflow":
      return "first";
  }
}

async function toComment(id: number, content: ReactionContent, access: GitHubAccess): Promise<Added> {
  const { api, owner, repo } = access;
  const route = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
  const { status } = await call(
    (once) => api.request(route, { owner, repo, comment_id: id, content, ...once }),
    access,
  );
  return firstness(status);
}

async function toIssue(number: number, content: ReactionContent, access: GitHubAccess): Promise<Added> {
  const { api, owner, repo } = access;
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/reactions";
  const { status } = await call(
    (once) => api.request(route, { owner, repo, issue_number: number, content, ...once }),
    access,
  );
  return firstness(status);
}

async function toReviewComment(id: number, content: ReactionContent, access: GitHubAccess): Promise<Added> {
  const { api, owner, repo } = access;
  const route = "POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions";
  const { status } = await call(
    (once) => api.request(route, { owner, repo, comment_id: id, content, ...once }),
    access,
  );
  return firstness(status);
}

function firstness(status: number): Added {
  return status === 201 ? "first" : "again";
}

const GRAPHQL_CONTENT = {
  eyes: "EYES",
  rocket: "ROCKET",
  confused: "CONFUSED",
  "+1": "THUMBS_UP",
  "-1": "THUMBS_DOWN",
} as const satisfies Record<ReactionContent, string>;

const MINE = `
query ReviewReactions($id: ID!) {
  node(id: $id) { ... on PullRequestReview { reactionGroups { content viewerHasReacted } } }
}`;
const Mine = z.object({
  node: z.object({
    reactionGroups: z.array(z.object({ content: z.string(), viewerHasReacted: z.boolean() })).nullish(),
  }),
});

const ADD = `
mutation ReactToReview($id: ID!, $content: ReactionContent!) {
  addReaction(input: { subjectId: $id, content: $content }) { reaction { id } }
}`;

/**
 * REST knows no reactions to reviews, and GraphQL does not tell the first from a repeated one, so we look before. Two handlers
 * within the same half second may both be told "first"; that costs a twin reply, which the next look finds.
 */
async function toReview(to: Trigger, reaction: ReactionContent, access: GitHubAccess): Promise<Added> {
  const { api } = access;
  const id = await reviewNodeId(to, access);
  const content = GRAPHQL_CONTENT[reaction];
  const { node } = Mine.parse(await call((once) => api.graphql<unknown>(MINE, { id, ...once }), access));
  if (node.reactionGroups?.some((group) => group.content === content && group.viewerHasReacted)) return "again";
  await call((once) => api.graphql<unknown>(ADD, { id, content, ...once }), access);
  return "first";
}

async function reviewNodeId(to: Trigger, access: GitHubAccess): Promise<string> {
  const { api, owner, repo } = access;
  const number = /\/pull\/(\d+)/.exec(to.url)?.[1];
  if (number === undefined) throw new Error(`Not the address of a review: ${JSON.stringify(to.url)}`);
  const parameters = { owner, repo, pull_number: Number(number), review_id: to.id };
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}";
  const { data } = await call((once) => api.request(route, { ...parameters, ...once }), access);
  return data.node_id;
}
