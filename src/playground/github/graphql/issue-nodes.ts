import type * as Graph from "@octokit/graphql-schema";
import { commentPage, issuePage } from "../json/issues.ts";
import { type PullIssue, reviewCommentPage, reviewPage } from "../json/pulls.ts";
import { pullCommits, pullFiles } from "../pulls.ts";
import type {
  Issue,
  IssueComment,
  Label,
  Reaction,
  ReactionContent,
  Remark,
  Repository,
  Review,
  ReviewComment,
} from "../repository.ts";
import { association } from "../rights.ts";
import type { World } from "../world.ts";
import { connection, type Fields, type Paging } from "./frame.ts";
import { commitNode, objectNode, refNode } from "./git-nodes.ts";
import { actorNode, repositoryNode } from "./nodes.ts";

export const CONTENTS: Readonly<Record<ReactionContent, Graph.ReactionContent>> = {
  "+1": "THUMBS_UP",
  "-1": "THUMBS_DOWN",
  laugh: "LAUGH",
  confused: "CONFUSED",
  heart: "HEART",
  hooray: "HOORAY",
  rocket: "ROCKET",
  eyes: "EYES",
};

export function labelNode(label: Label) {
  const { id, name, color, description } = label;
  return {
    __typename: "Label",
    id: `LA_${id}`,
    name,
    color,
    description,
    isDefault: false,
  } satisfies Fields<Graph.Label>;
}

export function reactionNode(world: World, reaction: Reaction) {
  return {
    __typename: "Reaction",
    id: `REA_${reaction.id}`,
    databaseId: reaction.id,
    content: CONTENTS[reaction.content],
    createdAt: reaction.createdAt,
    user: () => (reaction.user.type === "User" ? actorNode(world, reaction.user) : null),
  } satisfies Fields<Graph.Reaction>;
}

/** What everything that people write has in common. */
function remarkFields(world: World, repository: Repository, remark: Remark) {
  return {
    id: remark.nodeId,
    databaseId: remark.id,
    fullDatabaseId: String(remark.id),
    body: remark.body,
    bodyText: remark.body,
    bodyHTML: async () => {
      const { renderMarkdown } = await import("../../page/markdown.ts");
      return renderMarkdown(remark.body, { owner: repository.owner.login, repo: repository.name });
    },
    author: () => actorNode(world, remark.user),
    authorAssociation: association(repository, remark.user),
    createdAt: remark.createdAt,
    publishedAt: remark.createdAt,
    updatedAt: remark.updatedAt,
    lastEditedAt: remark.editedAt,
    includesCreatedEdit: remark.editedAt !== null,
    createdViaEmail: false,
    repository: () => repositoryNode(world, repository),
    reactionGroups: () =>
      Object.entries(CONTENTS).map(([content, name]) => {
        const found = remark.reactions.filter((reaction) => reaction.content === content);
        const users = (paging: Paging) => connection("users", found, paging, ({ user }) => actorNode(world, user));
        return { content: name, users, reactors: users, viewerHasReacted: false };
      }),
    reactions: ({ content, ...paging }: Paging & { content?: string | null }) => {
      const found = remark.reactions.filter((reaction) => content == null || CONTENTS[reaction.content] === content);
      return connection("reactions", found, paging, (reaction) => reactionNode(world, reaction));
    },
  };
}

function conversationFields(world: World, issue: Issue) {
  const url = issuePage(world, issue);
  return {
    ...remarkFields(world, issue.repository, issue),
    number: issue.number,
    title: issue.title,
    closed: issue.state === "closed",
    closedAt: issue.closedAt,
    locked: issue.locked,
    url,
    resourcePath: new URL(url).pathname,
    labels: (paging: Paging) => connection("labels", issue.labels, paging, labelNode),
    comments: ({ orderBy, ...paging }: Paging & { orderBy?: { direction: string } | null }) => {
      const sorted = issue.comments.toSorted((a, b) => a.updatedAt.localeCompare(b.updatedAt));
      const comments = orderBy == null ? issue.comments : orderBy.direction === "DESC" ? sorted.reverse() : sorted;
      return connection("comments", comments, paging, (comment) => commentNode(world, comment));
    },
  };
}

export function issueNode(world: World, issue: Issue) {
  return {
    __typename: "Issue",
    ...conversationFields(world, issue),
    state: issue.state.toUpperCase(),
    stateReason: issue.stateReason?.toUpperCase() ?? null,
  } satisfies Fields<Graph.Issue> & { __typename: string };
}

export function pullNode(world: World, issue: PullIssue) {
  const { repository, pull } = issue;
  const branch = async (of: Repository | null, name: string) => {
    const oid = of === null ? null : await of.git.ref(`refs/heads/${name}`);
    return of === null || oid === null ? null : refNode(world, of, `refs/heads/${name}`, oid);
  };
  const sum = async (key: "additions" | "deletions") =>
    (await pullFiles(issue)).reduce((total, file) => total + file[key], 0);
  return {
    __typename: "PullRequest",
    ...conversationFields(world, issue),
    databaseId: pull.id,
    fullDatabaseId: String(pull.id),
    state: pull.mergedAt === null ? issue.state.toUpperCase() : "MERGED",
    isDraft: pull.draft,
    merged: pull.mergedAt !== null,
    mergedAt: pull.mergedAt,
    mergeable: "MERGEABLE",
    permalink: issuePage(world, issue),
    baseRefName: pull.baseRef,
    baseRefOid: pull.baseSha,
    baseRef: () => branch(repository, pull.baseRef),
    baseRepository: () => repositoryNode(world, repository),
    headRefName: pull.headRef,
    headRefOid: pull.headSha,
    headRef: () => branch(pull.headRepository, pull.headRef),
    headRepository: () => (pull.headRepository === null ? null : repositoryNode(world, pull.headRepository)),
    headRepositoryOwner: () => (pull.headRepository === null ? null : actorNode(world, pull.headRepository.owner)),
    isCrossRepository: pull.headRepository?.id !== repository.id,
    maintainerCanModify: false,
    additions: () => sum("additions"),
    deletions: () => sum("deletions"),
    changedFiles: async () => (await pullFiles(issue)).length,
    commits: async (paging: Paging) => {
      const show = (commit: Parameters<typeof commitNode>[2]) => ({
        commit: commitNode(world, repository, commit),
        id: `PRC_${commit.oid}`,
      });
      return connection("commits", await pullCommits(issue), paging, show);
    },
    reviews: (paging: Paging) => connection("reviews", pull.reviews, paging, (review) => reviewNode(world, review)),
    reviewThreads: (paging: Paging) =>
      connection("reviewThreads", threadsOf(issue), paging, (thread) => threadNode(world, issue, thread)),
  } satisfies Fields<Graph.PullRequest> & { __typename: string };
}

export function commentNode(world: World, comment: IssueComment) {
  const url = commentPage(world, comment);
  return {
    __typename: "IssueComment",
    ...remarkFields(world, comment.issue.repository, comment),
    url,
    resourcePath: new URL(url).pathname,
    isMinimized: false,
    issue: () => issueNode(world, comment.issue),
  } satisfies Fields<Graph.IssueComment> & { __typename: string };
}

export function reviewNode(world: World, review: Review) {
  const url = reviewPage(world, review);
  const comments = () => review.issue.pull?.reviewComments.filter((comment) => comment.review === review) ?? [];
  return {
    __typename: "PullRequestReview",
    ...remarkFields(world, review.issue.repository, review),
    state: review.state,
    submittedAt: review.submittedAt,
    url,
    resourcePath: new URL(url).pathname,
    commit: () => objectNode(world, review.issue.repository, review.commitId),
    comments: (paging: Paging) =>
      connection("comments", comments(), paging, (comment) => reviewCommentNode(world, comment)),
  } satisfies Fields<Graph.PullRequestReview> & { __typename: string };
}

export function reviewCommentNode(world: World, comment: ReviewComment): object {
  const url = reviewCommentPage(world, comment);
  const { path, line, startLine, diffHunk, issue } = comment;
  return {
    __typename: "PullRequestReviewComment",
    ...remarkFields(world, issue.repository, comment),
    path,
    line,
    startLine,
    diffHunk,
    originalLine: line,
    originalStartLine: startLine,
    draftedAt: comment.createdAt,
    outdated: false,
    position: 1,
    originalPosition: 1,
    isMinimized: false,
    subjectType: line === null ? "FILE" : "LINE",
    state: "SUBMITTED",
    url,
    resourcePath: new URL(url).pathname,
    commit: () => objectNode(world, issue.repository, comment.commitId),
    originalCommit: () => objectNode(world, issue.repository, comment.commitId),
    pullRequestReview: () => (comment.review === null ? null : reviewNode(world, comment.review)),
    replyTo: () => {
      const first = issue.pull?.reviewComments.find(({ id }) => id === comment.inReplyTo);
      return first === undefined ? null : reviewCommentNode(world, first);
    },
  } satisfies Fields<Graph.PullRequestReviewComment> & { __typename: string };
}

interface Thread {
  readonly first: ReviewComment;
  readonly comments: readonly ReviewComment[];
}

/** Comments with their replies, in the order in which the threads began. */
function threadsOf({ pull }: PullIssue): readonly Thread[] {
  const firsts = pull.reviewComments.filter(({ inReplyTo }) => inReplyTo === null);
  return firsts.map((first) => ({
    first,
    comments: pull.reviewComments.filter(({ id, inReplyTo }) => id === first.id || inReplyTo === first.id),
  }));
}

function threadNode(world: World, issue: PullIssue, { first, comments }: Thread) {
  return {
    __typename: "PullRequestReviewThread",
    id: `PRRT_${first.id}`,
    path: first.path,
    line: first.line,
    originalLine: first.line,
    startLine: first.startLine,
    originalStartLine: first.startLine,
    diffSide: first.side,
    startDiffSide: first.startLine === null ? null : first.side,
    subjectType: first.line === null ? "FILE" : "LINE",
    isCollapsed: false,
    isOutdated: false,
    isResolved: false,
    pullRequest: () => pullNode(world, issue),
    repository: () => repositoryNode(world, issue.repository),
    comments: (paging: Paging) =>
      connection("comments", comments, paging, (comment) => reviewCommentNode(world, comment)),
  } satisfies Fields<Graph.PullRequestReviewThread>;
}
