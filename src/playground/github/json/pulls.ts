import type { Issue, Pull, Repository, Review, ReviewComment } from "../repository.ts";
import { association } from "../rights.ts";
import type { World } from "../world.ts";
import { accountJson, type Schemas } from "./accounts.ts";
import { issueJson, issuePage, rollup } from "./issues.ts";
import { repositoryJson, repositoryUrl } from "./repositories.ts";

export type PullIssue = Issue & { readonly pull: Pull };

export function isPull(issue: Issue): issue is PullIssue {
  return issue.pull !== null;
}

function pullUrl(world: World, issue: Issue): string {
  return `${repositoryUrl(world, issue.repository)}/pulls/${issue.number}`;
}

export function pullJson(world: World, issue: PullIssue) {
  const { repository, pull } = issue;
  const url = pullUrl(world, issue);
  const { html_url, labels, assignee, assignees, user, url: issueUrl, state } = issueJson(world, issue);
  const statuses = `${repositoryUrl(world, repository)}/statuses/${pull.headSha}`;
  return {
    url,
    id: pull.id,
    node_id: issue.nodeId,
    html_url,
    diff_url: `${html_url}.diff`,
    patch_url: `${html_url}.patch`,
    issue_url: issueUrl,
    number: issue.number,
    state,
    locked: issue.locked,
    title: issue.title,
    user,
    body: issue.body === "" ? null : issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    assignee,
    assignees,
    requested_reviewers: [],
    requested_teams: [],
    labels: labels.map((label) => ({ ...label, description: label.description ?? "" })),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(world, repository)}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statuses,
    head: side(world, pull.headRepository, pull.headRef, pull.headSha, issue),
    base: { ...side(world, repository, pull.baseRef, pull.baseSha, issue), repo: repositoryJson(world, repository) },
    _links: {
      self: { href: url },
      html: { href: html_url },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repositoryUrl(world, repository)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(repository, issue.user),
    auto_merge: null,
    active_lock_reason: null,
  };
}

// The published types say that a head always has a repository; in truth it is null once the fork is deleted.
function side(world: World, repository: Repository | null, ref: string, sha: string, issue: PullIssue) {
  const owner = repository?.owner ?? issue.user;
  const repo = repository === null ? null : repositoryJson(world, repository);
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: accountJson(world, owner),
    repo: repo as NonNullable<typeof repo>,
  };
}

export interface PullSize {
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly files: number;
}

export function fullPullJson(world: World, issue: PullIssue, size: PullSize) {
  const { pull } = issue;
  return {
    ...pullJson(world, issue),
    merged: pull.mergedAt !== null,
    mergeable: pull.mergedAt === null ? true : null,
    rebaseable: null,
    mergeable_state: pull.draft ? "draft" : "clean",
    merged_by: pull.mergedBy === null ? null : accountJson(world, pull.mergedBy),
    comments: issue.comments.length,
    review_comments: pull.reviewComments.length,
    maintainer_can_modify: false,
    commits: size.commits,
    additions: size.additions,
    deletions: size.deletions,
    changed_files: size.files,
  } satisfies Schemas["pull-request"];
}

export function reviewPage(world: World, review: Review): string {
  return `${issuePage(world, review.issue)}#pullrequestreview-${review.id}`;
}

export function reviewJson(world: World, review: Review) {
  const html = reviewPage(world, review);
  const pull = pullUrl(world, review.issue);
  return {
    id: review.id,
    node_id: review.nodeId,
    user: accountJson(world, review.user),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pull,
    author_association: association(review.issue.repository, review.user),
    _links: { html: { href: html }, pull_request: { href: pull } },
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commitId,
  } satisfies Schemas["pull-request-review"];
}

export function reviewCommentPage(world: World, comment: ReviewComment): string {
  return `${issuePage(world, comment.issue)}#discussion_r${comment.id}`;
}

export function reviewCommentJson(world: World, comment: ReviewComment) {
  const url = `${repositoryUrl(world, comment.issue.repository)}/pulls/comments/${comment.id}`;
  const html = reviewCommentPage(world, comment);
  const pull = pullUrl(world, comment.issue);
  return {
    url,
    pull_request_review_id: comment.review?.id ?? null,
    id: comment.id,
    node_id: comment.nodeId,
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitId,
    original_commit_id: comment.commitId,
    user: accountJson(world, comment.user),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pull,
    author_association: association(comment.issue.repository, comment.user),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pull } },
    reactions: rollup(comment, `${url}/reactions`),
    start_line: comment.startLine,
    original_start_line: comment.startLine,
    start_side: comment.startLine === null ? null : comment.side,
    ...(comment.line === null ? {} : { line: comment.line, original_line: comment.line }),
    side: comment.side,
    position: 1,
    original_position: 1,
    subject_type: comment.line === null ? ("file" as const) : ("line" as const),
    ...(comment.inReplyTo === null ? {} : { in_reply_to_id: comment.inReplyTo }),
  } satisfies Schemas["pull-request-review-comment"];
}
