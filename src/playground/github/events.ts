import type { components } from "@octokit/openapi-webhooks-types";
import { accountJson } from "./json/accounts.ts";
import { commentJson, issueJson } from "./json/issues.ts";
import { fullPullJson, type PullIssue, type PullSize, pullJson, reviewCommentJson, reviewJson } from "./json/pulls.ts";
import { labelJson, repositoryJson } from "./json/repositories.ts";
import type { Issue, IssueComment, Label, Repository, Review, ReviewComment } from "./repository.ts";
import type { Actor, World } from "./world.ts";

type Hooks = components["schemas"];

/** Sends an event of this repository; `repository` and `sender` are added to the payload. */
export function tell(
  world: World,
  actor: Actor,
  event: { name: string; action?: string; payload: Readonly<Record<string, unknown>>; repository: Repository },
): void {
  const { name, action, repository } = event;
  const frame = { ...(action === undefined ? {} : { action }), ...base(world, actor, repository) };
  const { account, tokenKind } = actor;
  const rest = action === undefined ? {} : { action };
  world.emit({ name, ...rest, payload: { ...event.payload, ...frame }, repository, actor: account, tokenKind });
}

function base(world: World, actor: Actor, repository: Repository) {
  const { owner } = repository;
  const organization = { login: owner.login, id: owner.id, node_id: owner.nodeId };
  return {
    repository: repositoryJson(world, repository),
    ...(owner.type === "Organization" ? { organization } : {}),
    sender: accountJson(world, actor.account),
  };
}

// What a payload must hold besides its frame, held against GitHub's own types.
type Inside<Hook> = Omit<
  Hook,
  "repository" | "sender" | "action" | "changes" | "organization" | "installation" | "enterprise"
>;
// The published types allow nobody to be assigned to an issue.
type Unassigned<Hook extends { issue: object }> = Omit<Inside<Hook>, "issue"> & {
  readonly issue: Omit<Hook["issue"], "assignee" | "assignees">;
};

export type Edit = { readonly body?: { readonly from: string }; readonly title?: { readonly from: string } };

export function tellComment(
  world: World,
  actor: Actor,
  comment: IssueComment,
  action: "created" | "edited" | "deleted",
  changes: Edit = {},
): void {
  const { issue } = comment;
  const payload = {
    issue: issueJson(world, issue),
    comment: commentJson(world, comment),
    ...(action === "edited" ? { changes } : {}),
  };
  payload satisfies Unassigned<Hooks["webhook-issue-comment-created"]>;
  tell(world, actor, { name: "issue_comment", action, payload, repository: issue.repository });
}

export type IssueAction = "opened" | "edited" | "closed" | "reopened" | "labeled" | "unlabeled";

/** For an issue as for a pull request: each tells by its own event. */
export function tellIssue(
  world: World,
  actor: Actor,
  issue: Issue,
  action: IssueAction,
  extra: { readonly label?: Label; readonly changes?: Edit } = {},
): void {
  const { repository } = issue;
  const label = extra.label === undefined ? {} : { label: labelJson(world, repository, extra.label) };
  const payload = {
    issue: issueJson(world, issue),
    ...label,
    ...(action === "edited" ? { changes: extra.changes ?? {} } : {}),
  };
  payload satisfies Unassigned<Hooks["webhook-issues-opened"]>;
  tell(world, actor, { name: "issues", action, payload, repository });
}

export type PullAction = IssueAction | "synchronize" | "ready_for_review" | "converted_to_draft";

export interface PullExtra {
  readonly label?: Label;
  readonly changes?: Edit;
  readonly before?: string;
  readonly after?: string;
}

export function tellPull(
  world: World,
  actor: Actor,
  told: { readonly issue: PullIssue; readonly size: PullSize; readonly action: PullAction; readonly extra?: PullExtra },
): void {
  const { issue, size, action, extra = {} } = told;
  const { label, ...rest } = extra;
  const payload = {
    number: issue.number,
    pull_request: fullPullJson(world, issue, size),
    ...(label === undefined ? {} : { label: labelJson(world, issue.repository, label) }),
    ...rest,
  };
  payload satisfies Inside<Hooks["webhook-pull-request-opened"]>;
  tell(world, actor, { name: "pull_request", action, payload, repository: issue.repository });
}

export function tellReview(
  world: World,
  actor: Actor,
  issue: PullIssue,
  review: Review,
  action: "submitted" | "edited" | "dismissed",
  changes: Edit = {},
): void {
  const { body, state, ...rest } = reviewJson(world, review);
  const payload = {
    pull_request: pullJson(world, issue),
    // The REST API shouts the state, the event whispers it.
    review: { ...rest, submitted_at: review.submittedAt, body: body === "" ? null : body, state: state.toLowerCase() },
    ...(action === "edited" ? { changes } : {}),
  };
  payload.review satisfies Hooks["webhooks_review"];
  tell(world, actor, { name: "pull_request_review", action, payload, repository: issue.repository });
}

export function tellReviewComment(
  world: World,
  actor: Actor,
  issue: PullIssue,
  comment: ReviewComment,
  action: "created" | "edited" | "deleted",
  changes: Edit = {},
): void {
  const payload = {
    pull_request: pullJson(world, issue),
    comment: { ...reviewCommentJson(world, comment), line: comment.line, original_line: comment.line },
    ...(action === "edited" ? { changes } : {}),
  };
  payload.comment satisfies Omit<Hooks["webhooks_review_comment"], "original_line" | "pull_request_review_id">;
  tell(world, actor, { name: "pull_request_review_comment", action, payload, repository: issue.repository });
}
