import type { Comment, Commit, Issue, Review, ReviewComment } from "./github.ts";
import type { Remark } from "./remark.ts";

/** A review comment and the replies to it. */
export interface ReviewThread {
  readonly path: string;
  readonly line: number | null;
  readonly diffHunk: string;
  readonly side: string;
  /** The comment that replies go to. */
  readonly first: number;
  readonly remarks: readonly Remark[];
}

/** What happened in a conversation, oldest first. */
export type Entry =
  | { readonly kind: "remark"; readonly key: string; readonly at: string; readonly remark: Remark }
  | { readonly kind: "review-thread"; readonly key: string; readonly at: string; readonly thread: ReviewThread }
  | { readonly kind: "commit"; readonly key: string; readonly at: string; readonly commit: Commit };

export interface Conversation {
  readonly issue: Issue;
  readonly comments: readonly Comment[];
  readonly reviews: readonly Review[];
  readonly reviewComments: readonly ReviewComment[];
  readonly commits: readonly Commit[];
}

export function timelineOf(api: string, conversation: Conversation): readonly Entry[] {
  const { issue, comments, reviews, reviewComments, commits } = conversation;
  const entries: Entry[] = [
    ...comments.map((comment) => asEntry(commentRemark(api, comment))),
    ...reviews.flatMap((review) => (saysNothing(review) ? [] : [asEntry(reviewRemark(api, issue.number, review))])),
    ...reviewThreads(api, reviewComments).map((thread): Entry => {
      return { kind: "review-thread", key: `thread-${thread.first}`, at: thread.remarks[0]?.createdAt ?? "", thread };
    }),
    ...commits.map((commit): Entry => {
      const at = commit.commit.committer?.date ?? commit.commit.author?.date ?? "";
      return { kind: "commit", key: commit.sha, at, commit };
    }),
  ];
  return entries.toSorted((a, b) => a.at.localeCompare(b.at));
}

function asEntry(remark: Remark): Entry {
  return { kind: "remark", key: remark.anchor, at: remark.createdAt, remark };
}

/** A review that only carries review comments has no words of its own. */
function saysNothing({ body, state }: Review): boolean {
  return state === "PENDING" || (state === "COMMENTED" && body === "");
}

export function issueRemark(api: string, issue: Issue): Remark {
  return {
    anchor: `issue-${issue.id}`,
    path: `${api}/issues/${issue.number}`,
    method: "PATCH",
    deletable: false,
    user: issue.user,
    verb: "opened",
    createdAt: issue.created_at,
    editedAt: null,
    association: issue.author_association ?? "NONE",
    body: issue.body ?? "",
    html: issue.body_html ?? "",
    reactions: issue.reactions,
  };
}

function commentRemark(api: string, comment: Comment): Remark {
  return {
    anchor: `issuecomment-${comment.id}`,
    path: `${api}/issues/comments/${comment.id}`,
    method: "PATCH",
    deletable: true,
    user: comment.user,
    verb: "commented",
    createdAt: comment.created_at,
    editedAt: comment.updated_at === comment.created_at ? null : comment.updated_at,
    association: comment.author_association ?? "NONE",
    body: comment.body ?? "",
    html: comment.body_html ?? "",
    reactions: comment.reactions,
  };
}

const REVIEW_VERBS: Readonly<Record<string, string>> = {
  APPROVED: "approved these changes",
  CHANGES_REQUESTED: "requested changes",
  DISMISSED: "left a review, dismissed since",
};

function reviewRemark(api: string, number: number, review: Review): Remark {
  return {
    anchor: `pullrequestreview-${review.id}`,
    path: `${api}/pulls/${number}/reviews/${review.id}`,
    method: "PUT",
    deletable: false,
    user: review.user,
    verb: REVIEW_VERBS[review.state] ?? "reviewed",
    createdAt: review.submitted_at ?? "",
    editedAt: null,
    association: review.author_association,
    body: review.body,
    html: review.body_html ?? "",
    reactions: undefined,
  };
}

export function reviewThreads(api: string, comments: readonly ReviewComment[]): readonly ReviewThread[] {
  const starts = comments.filter(({ in_reply_to_id: to }) => to === undefined || !comments.some(({ id }) => id === to));
  return starts.map((start) => ({
    path: start.path,
    line: start.line ?? start.original_line ?? null,
    diffHunk: start.diff_hunk,
    side: start.side ?? "RIGHT",
    first: Number(start.id),
    remarks: comments
      .filter(({ id, in_reply_to_id: to }) => id === start.id || to === start.id)
      .map((each) => reviewCommentRemark(api, each)),
  }));
}

function reviewCommentRemark(api: string, comment: ReviewComment): Remark {
  return {
    anchor: `discussion_r${comment.id}`,
    path: `${api}/pulls/comments/${comment.id}`,
    method: "PATCH",
    deletable: true,
    user: comment.user,
    verb: "commented",
    createdAt: comment.created_at,
    editedAt: comment.updated_at === comment.created_at ? null : comment.updated_at,
    association: comment.author_association,
    body: comment.body,
    html: comment.body_html ?? "",
    reactions: comment.reactions,
  };
}
