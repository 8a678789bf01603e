import { checkBody, editRemark, makeIssue, newRemark } from "./conversation.ts";
import { ApiError, invalid, validationFailed } from "./errors.ts";
import { type PullAction, type PullExtra, tellPull, tellReview, tellReviewComment } from "./events.ts";
import { diffTrees, type FileDiff } from "./git-diff.ts";
import { commitsBetween, mergeBase } from "./git-history.ts";
import type { Commit } from "./git-objects.ts";
import { isPull, type PullIssue, type PullSize } from "./json/pulls.ts";
import { shareCommit } from "./refs.ts";
import type { Pull, Repository, Review, ReviewComment, ReviewState } from "./repository.ts";
import type { Actor, World } from "./world.ts";

export interface NewPull {
  readonly repository: Repository;
  readonly headRepository: Repository;
  readonly headRef: string;
  readonly baseRef: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

export async function openPull(world: World, actor: Actor, spec: NewPull): Promise<PullIssue> {
  const { repository, headRepository, headRef, baseRef } = spec;
  const { settings } = repository;
  if (actor.tokenKind === "job" && !settings.allowActionsToCreatePullRequests) {
    throw new ApiError(403, "GitHub Actions is not permitted to create or approve pull requests.");
  }
  if (spec.draft && !settings.allowDrafts) throw invalid("Draft pull requests are not supported in this repository.");
  const invalidField = (field: string) => validationFailed({ resource: "PullRequest", field, code: "invalid" });
  const headSha = await headRepository.git.ref(`refs/heads/${headRef}`);
  if (headSha === null) throw invalidField("head");
  const baseSha = await repository.git.ref(`refs/heads/${baseRef}`);
  if (baseSha === null) throw invalidField("base");
  const headName = `${headRepository.owner.login}:${headRef}`;
  const custom = (message: string) => validationFailed({ resource: "PullRequest", code: "custom", message });
  if (findOpen(repository, headRepository, headRef, baseRef) !== undefined) {
    throw custom(`A pull request already exists for ${headName}.`);
  }
  await shareCommit(headRepository, repository, headSha);
  if ((await mergeBase(repository.git, baseSha, headSha)) === null) {
    throw custom(`The ${headRef} branch has no history in common with ${baseRef}`);
  }
  if ((await commitsBetween(repository.git, baseSha, headSha)).length === 0) {
    throw custom(`No commits between ${baseRef} and ${headRef}`);
  }
  const id = world.nextId();
  const pull: Pull = {
    id,
    nodeId: `PRI_${id}`,
    headRepository,
    headRef,
    headSha,
    baseRef,
    baseSha,
    draft: spec.draft,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    reviews: [],
    reviewComments: [],
  };
  const issue = makeIssue(world, actor, { repository, title: spec.title, body: spec.body, pull });
  if (!isPull(issue)) throw new Error("a pull request was lost");
  await repository.git.moveRef({ name: `refs/pull/${issue.number}/head`, next: headSha });
  await tell(world, actor, issue, "opened");
  return issue;
}

function findOpen(repository: Repository, head: Repository, ref: string, base: string): PullIssue | undefined {
  return pullsOf(repository).find(
    ({ state, pull }) =>
      state === "open" && pull.headRepository?.id === head.id && pull.headRef === ref && pull.baseRef === base,
  );
}

export function pullsOf(repository: Repository): readonly PullIssue[] {
  return [...repository.issues.values()].filter(isPull);
}

async function tell(
  world: World,
  actor: Actor,
  issue: PullIssue,
  action: PullAction,
  extra: PullExtra = {},
): Promise<void> {
  tellPull(world, actor, { issue, size: await pullSize(issue), action, extra });
}

/** Where the pull request left its base branch. */
async function forkPoint({ repository, pull }: PullIssue): Promise<string> {
  const base = (await repository.git.ref(`refs/heads/${pull.baseRef}`)) ?? pull.baseSha;
  if (pull.mergedAt !== null) return pull.baseSha;
  return (await mergeBase(repository.git, base, pull.headSha)) ?? pull.baseSha;
}

export async function pullCommits(issue: PullIssue): Promise<readonly Commit[]> {
  return commitsBetween(issue.repository.git, await forkPoint(issue), issue.pull.headSha);
}

export async function pullFiles(issue: PullIssue): Promise<readonly FileDiff[]> {
  return diffTrees(issue.repository.git, await forkPoint(issue), issue.pull.headSha);
}

export async function pullSize(issue: PullIssue): Promise<PullSize> {
  const [commits, files] = [await pullCommits(issue), await pullFiles(issue)];
  const sum = (count: (file: FileDiff) => number) => files.reduce((total, file) => total + count(file), 0);
  const [additions, deletions] = [sum((file) => file.additions), sum((file) => file.deletions)];
  return { commits: commits.length, additions, deletions, files: files.length };
}

/** The pull requests from a branch follow it; they close when it is deleted. */
export async function followHead(
  world: World,
  actor: Actor,
  move: { repository: Repository; branch: string; before: string | null; after: string | null },
): Promise<void> {
  const { repository, branch, before, after } = move;
  const hanging = world.repositories.flatMap(pullsOf).filter(({ state, pull }) => {
    return state === "open" && pull.headRepository?.id === repository.id && pull.headRef === branch;
  });
  for (const issue of hanging) {
    issue.updatedAt = world.stamp();
    if (after === null) {
      issue.state = "closed";
      issue.closedAt = issue.updatedAt;
      issue.closedBy = actor.account;
      await tell(world, actor, issue, "closed");
      continue;
    }
    await shareCommit(repository, issue.repository, after);
    issue.pull.headSha = after;
    await issue.repository.git.moveRef({ name: `refs/pull/${issue.number}/head`, next: after });
    await tell(world, actor, issue, "synchronize", { before: before ?? after, after });
  }
}

export async function setDraft(world: World, actor: Actor, issue: PullIssue, draft: boolean): Promise<void> {
  if (issue.pull.draft === draft) return;
  if (draft && !issue.repository.settings.allowDrafts) {
    throw invalid("Draft pull requests are not supported in this repository.");
  }
  issue.pull.draft = draft;
  issue.updatedAt = world.stamp();
  await tell(world, actor, issue, draft ? "converted_to_draft" : "ready_for_review");
}

export async function markMerged(world: World, actor: Actor, issue: PullIssue, sha: string): Promise<void> {
  const at = world.stamp();
  issue.pull.mergedAt = at;
  issue.pull.mergedBy = actor.account;
  issue.pull.mergeCommitSha = sha;
  issue.state = "closed";
  issue.closedAt = at;
  issue.closedBy = actor.account;
  await tell(world, actor, issue, "closed");
}

export interface NewReviewComment {
  readonly path: string;
  readonly line: number | null;
  readonly startLine: number | null;
  readonly side: "LEFT" | "RIGHT";
  readonly body: string;
  readonly inReplyTo: ReviewComment | null;
}

export interface NewReview {
  readonly body: string;
  readonly state: ReviewState;
  readonly comments: readonly NewReviewComment[];
}

export async function addReview(world: World, actor: Actor, issue: PullIssue, spec: NewReview): Promise<Review> {
  checkBody("PullRequestReview", spec.body, { mayBeEmpty: true });
  const hunks = await Promise.all(spec.comments.map((comment) => hunkFor(issue, comment)));
  const review: Review = {
    ...newRemark(world, actor, "PRR", spec.body),
    issue,
    state: spec.state,
    commitId: issue.pull.headSha,
    submittedAt: spec.state === "PENDING" ? null : world.stamp(),
  };
  issue.pull.reviews.push(review);
  issue.updatedAt = review.createdAt;
  world.nodes.set(review.nodeId, { kind: "review", review });
  const comments = spec.comments.map((comment, nth) =>
    makeReviewComment(world, actor, issue, review, comment, hunks[nth] ?? ""),
  );
  if (spec.state !== "PENDING") {
    tellReview(world, actor, issue, review, "submitted");
    for (const comment of comments) tellReviewComment(world, actor, issue, comment, "created");
  }
  return review;
}

/** A single comment on a line is a review of its own, as on GitHub. */
export async function addReviewComment(
  world: World,
  actor: Actor,
  issue: PullIssue,
  spec: NewReviewComment,
): Promise<ReviewComment> {
  checkBody("PullRequestReviewComment", spec.body);
  await addReview(world, actor, issue, { body: "", state: "COMMENTED", comments: [spec] });
  const comment = issue.pull.reviewComments.at(-1);
  if (comment === undefined) throw new Error("a review comment was lost");
  return comment;
}

function makeReviewComment(
  world: World,
  actor: Actor,
  issue: PullIssue,
  review: Review,
  { inReplyTo, ...spec }: NewReviewComment,
  diffHunk: string,
): ReviewComment {
  checkBody("PullRequestReviewComment", spec.body);
  const comment: ReviewComment = {
    ...newRemark(world, actor, "PRRC", spec.body),
    ...spec,
    issue,
    review,
    diffHunk,
    commitId: issue.pull.headSha,
    inReplyTo: inReplyTo === null ? null : (inReplyTo.inReplyTo ?? inReplyTo.id),
  };
  issue.pull.reviewComments.push(comment);
  world.nodes.set(comment.nodeId, { kind: "review-comment", comment });
  return comment;
}

export function editReviewComment(
  world: World,
  actor: Actor,
  issue: PullIssue,
  comment: ReviewComment,
  body: string,
): void {
  checkBody("PullRequestReviewComment", body);
  const changes = editRemark(world, comment, body);
  if (changes !== null) tellReviewComment(world, actor, issue, comment, "edited", changes);
}

/** The diff around the commented line. Lines outside the diff cannot be commented. */
async function hunkFor(issue: PullIssue, { path, line, inReplyTo }: NewReviewComment): Promise<string> {
  if (inReplyTo !== null) return inReplyTo.diffHunk;
  const file = (await pullFiles(issue)).find((candidate) => candidate.path === path);
  const refuse = (field: string, message: string) =>
    validationFailed({
      resource: "PullRequestReviewComment",
      code: "custom",
      field: `pull_request_review_thread.${field}`,
      message,
    });
  if (file === undefined) throw refuse("path", "pull_request_review_thread.path is invalid");
  if (line === null || file.patch === null) return file.patch ?? "";
  for (const hunk of file.patch.split(/^(?=@@ )/m)) {
    const [, start = "0", count = "1"] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(hunk) ?? [];
    if (line >= Number(start) && line < Number(start) + Number(count)) return untilLine(hunk, line - Number(start));
  }
  throw refuse("line", "pull_request_review_thread.line must be part of the diff");
}

function untilLine(hunk: string, offset: number): string {
  const [head = "", ...lines] = hunk.replace(/\n$/, "").split("\n");
  let left = offset;
  const end = lines.findIndex((line) => !line.startsWith("-") && left-- === 0);
  return [head, ...lines.slice(0, end + 1)].join("\n");
}
