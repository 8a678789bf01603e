import type { Issue, IssueComment, Reaction, Remark } from "../repository.ts";
import { REACTIONS } from "../repository.ts";
import { association } from "../rights.ts";
import type { World } from "../world.ts";
import { accountJson, type Schemas } from "./accounts.ts";
import { labelJson, repositoryPage, repositoryUrl } from "./repositories.ts";

export function issuePage(world: World, issue: Issue): string {
  return `${repositoryPage(world, issue.repository)}/${issue.pull === null ? "issues" : "pull"}/${issue.number}`;
}

export function commentPage(world: World, comment: IssueComment): string {
  return `${issuePage(world, comment.issue)}#issuecomment-${comment.id}`;
}

export function issueJson(world: World, issue: Issue) {
  const { repository, pull } = issue;
  const url = `${repositoryUrl(world, repository)}/issues/${issue.number}`;
  const page = issuePage(world, issue);
  const assignees = issue.assignees.map((account) => accountJson(world, account));
  return {
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    title: issue.title,
    user: accountJson(world, issue.user),
    labels: issue.labels.map((label) => labelJson(world, repository, label)),
    state: issue.state,
    locked: issue.locked,
    assignee: assignees[0] ?? null,
    assignees,
    milestone: null,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: issue.closedBy === null ? null : accountJson(world, issue.closedBy),
    author_association: association(repository, issue.user),
    active_lock_reason: null,
    body: issue.body === "" ? null : issue.body,
    reactions: rollup(issue, `${url}/reactions`),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: issue.stateReason,
    ...(pull === null
      ? {}
      : {
          draft: pull.draft,
          pull_request: {
            url: `${repositoryUrl(world, repository)}/pulls/${issue.number}`,
            html_url: page,
            diff_url: `${page}.diff`,
            patch_url: `${page}.patch`,
            merged_at: pull.mergedAt,
          },
        }),
  } satisfies Schemas["issue"];
}

export function commentJson(world: World, comment: IssueComment) {
  const repository = repositoryUrl(world, comment.issue.repository);
  const url = `${repository}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: commentPage(world, comment),
    issue_url: `${repository}/issues/${comment.issue.number}`,
    id: comment.id,
    node_id: comment.nodeId,
    user: accountJson(world, comment.user),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    body: comment.body,
    author_association: association(comment.issue.repository, comment.user),
    reactions: rollup(comment, `${url}/reactions`),
    performed_via_github_app: null,
  } satisfies Schemas["issue-comment"];
}

export function reactionJson(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: `REA_${reaction.id}`,
    user: accountJson(world, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  } satisfies Schemas["reaction"];
}

export function rollup({ reactions }: Pick<Remark, "reactions">, url: string): Schemas["reaction-rollup"] {
  const count = (content: string) => reactions.filter((reaction) => reaction.content === content).length;
  const counts = Object.fromEntries(REACTIONS.map((content) => [content, count(content)]));
  return { url, total_count: reactions.length, ...counts } as Schemas["reaction-rollup"];
}
