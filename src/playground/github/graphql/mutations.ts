import type * as Graph from "@octokit/graphql-schema";
import { actorFor } from "../api.ts";
import { commitFiles } from "../commit-files.ts";
import { addComment, deleteComment, deleteIssue, editComment, react, transferIssue } from "../conversation.ts";
import { ApiError } from "../errors.ts";
import { isRefName } from "../git-disk.ts";
import { readCommit } from "../git-objects.ts";
import { entryAt } from "../git-trees.ts";
import { refNodeId } from "../json/git.ts";
import { isPull, type PullIssue } from "../json/pulls.ts";
import { setDraft } from "../pulls.ts";
import { moveRef } from "../refs.ts";
import type { Issue, ReactionContent, Remark, Repository } from "../repository.ts";
import { maySee, mayWrite, needEdit, needSay, needWrite } from "../rights.ts";
import type { Actor, Node } from "../world.ts";
import { type GraphContext, graphError, inGraph } from "./frame.ts";
import { commitNode, refNode } from "./git-nodes.ts";
import { CONTENTS, commentNode, pullNode, reactionNode } from "./issue-nodes.ts";
import { nodeOf } from "./nodes.ts";

type Input<Name> = { readonly input: Name };

/** The root of the mutations: what may be changed through GraphQL. */
export function mutations({ world, caller }: GraphContext) {
  const actor = () => actorFor(caller);
  const node = (id: string): Node => {
    const found = world.nodes.get(id);
    if (found === undefined || !maySee(caller, repositoryOf(found))) {
      throw graphError("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
    }
    return found;
  };
  const pull = (id: string): PullIssue => {
    const found = node(id);
    if (found.kind === "issue" && isPull(found.issue)) return found.issue;
    throw graphError("NOT_FOUND", `Could not resolve to PullRequest node with the global id of '${id}'.`);
  };
  const issue = (id: string): Issue => {
    const found = node(id);
    if (found.kind === "issue" && found.issue.pull === null) return found.issue;
    throw graphError("NOT_FOUND", `Could not resolve to Issue node with the global id of '${id}'.`);
  };
  const comment = (id: string) => {
    const found = node(id);
    if (found.kind === "comment") return found.comment;
    throw graphError("NOT_FOUND", `Could not resolve to IssueComment node with the global id of '${id}'.`);
  };
  const draft = async (id: string, wanted: boolean) => {
    const issue = pull(id);
    const { repository } = issue;
    needEdit(caller, repository, issue.user, "pull_requests");
    const bounded = caller.kind === "token" && caller.info.permissions !== undefined;
    if (bounded && !mayWrite(caller, repository, "contents"))
      throw new ApiError(403, "Resource not accessible by integration");
    await setDraft(world, actor(), issue, wanted);
    return { pullRequest: pullNode(world, issue) };
  };

  return {
    createCommitOnBranch: ({ input }: Input<Graph.CreateCommitOnBranchInput>) =>
      inGraph(() => createCommit({ world, caller }, actor(), input)),

    createRef: ({ input }: Input<Graph.CreateRefInput>) =>
      inGraph(async () => {
        const found = node(input.repositoryId);
        if (found.kind !== "repository") throw graphError("NOT_FOUND", "Could not resolve to a Repository.");
        const { repository } = found;
        needWrite(caller, repository, "contents");
        const exists = (await repository.git.ref(input.name)) !== null;
        if (exists) throw graphError("UNPROCESSABLE", `A ref named "${input.name}" already exists in the repository.`);
        if (!isRefName(input.name)) throw graphError("UNPROCESSABLE", `${input.name} is not a valid ref name.`);
        const move = { repository, name: input.name, before: null, after: input.oid };
        if ((await moveRef(world, actor(), move)) === "stale")
          throw graphError("UNPROCESSABLE", "Reference update failed");
        return { ref: refNode(world, repository, input.name, input.oid) };
      }),

    deleteRef: ({ input }: Input<Graph.DeleteRefInput>) =>
      inGraph(async () => {
        const { repository, name } = refOf({ world, caller }, input.refId);
        needWrite(caller, repository, "contents");
        const before = await repository.git.ref(name);
        if (before === null)
          throw graphError("NOT_FOUND", `Could not resolve to a node with the global id of '${input.refId}'`);
        await moveRef(world, actor(), { repository, name, before, after: null });
        return { clientMutationId: input.clientMutationId };
      }),

    addComment: ({ input }: Input<Graph.AddCommentInput>) =>
      inGraph(() => {
        const found = node(input.subjectId);
        if (found.kind !== "issue") throw graphError("UNPROCESSABLE", "Could not comment on this.");
        needSay(caller, found.issue.repository, "issues", "pull_requests");
        const added = addComment(world, actor(), found.issue, input.body);
        return { commentEdge: { cursor: "", node: commentNode(world, added) }, subject: nodeOf(world, found) };
      }),

    updateIssueComment: ({ input }: Input<Graph.UpdateIssueCommentInput>) =>
      inGraph(() => {
        const found = comment(input.id);
        needEdit(caller, found.issue.repository, found.user, "issues", "pull_requests");
        editComment(world, actor(), found, input.body);
        return { issueComment: commentNode(world, found) };
      }),

    deleteIssueComment: ({ input }: Input<Graph.DeleteIssueCommentInput>) =>
      inGraph(() => {
        const found = comment(input.id);
        needEdit(caller, found.issue.repository, found.user, "issues", "pull_requests");
        deleteComment(world, actor(), found);
        return { clientMutationId: input.clientMutationId };
      }),

    deleteIssue: ({ input }: Input<Graph.DeleteIssueInput>) =>
      inGraph(() => {
        const found = issue(input.issueId);
        needWrite(caller, found.repository, "issues");
        deleteIssue(world, found);
        return { clientMutationId: input.clientMutationId };
      }),

    transferIssue: ({ input }: Input<Graph.TransferIssueInput>) =>
      inGraph(() => {
        const found = issue(input.issueId);
        const to = node(input.repositoryId);
        if (to.kind !== "repository") throw graphError("NOT_FOUND", "Could not resolve to a Repository.");
        needWrite(caller, found.repository, "issues");
        needWrite(caller, to.repository, "issues");
        return { issue: nodeOf(world, { kind: "issue", issue: transferIssue(world, actor(), found, to.repository) }) };
      }),

    addReaction: ({ input }: Input<Graph.AddReactionInput>) =>
      inGraph(() => {
        const found = node(input.subjectId);
        needSay(caller, repositoryOf(found), "issues", "pull_requests");
        const { reaction } = react(world, actor(), remarkOf(found), contentOf(input.content));
        return { reaction: reactionNode(world, reaction), subject: nodeOf(world, found) };
      }),

    markPullRequestReadyForReview: ({ input }: Input<Graph.MarkPullRequestReadyForReviewInput>) =>
      inGraph(() => draft(input.pullRequestId, false)),

    convertPullRequestToDraft: ({ input }: Input<Graph.ConvertPullRequestToDraftInput>) =>
      inGraph(() => draft(input.pullRequestId, true)),
  };
}

async function createCommit({ world, caller }: GraphContext, actor: Actor, input: Graph.CreateCommitOnBranchInput) {
  const { repository, branch } = branchOf({ world, caller }, input.branch);
  needWrite(caller, repository, "contents");
  const name = `refs/heads/${branch}`;
  const stale = () =>
    graphError(
      "STALE_DATA",
      `Expected branch to point to "${input.expectedHeadOid}" but it did not. Pull and try again.`,
    );
  const head = await repository.git.ref(name);
  if (head === null) throw graphError("NOT_FOUND", `Branch "${branch}" could not be found.`);
  const commit = head === input.expectedHeadOid ? await readCommit(repository.git, head) : null;
  if (commit === null) throw stale();
  const deletions = (input.fileChanges?.deletions ?? []).map(({ path }) => path);
  for (const path of deletions) {
    if ((await entryAt(repository.git, commit.tree, path)) !== null) continue;
    throw graphError(
      "UNPROCESSABLE",
      `A path was requested for deletion which does not exist as of commit oid \`${head}\`: ${path}`,
    );
  }
  const additions = (input.fileChanges?.additions ?? []).map(({ path, contents }) => {
    if (/(^|\/)(\.{0,2}|\.git)(\/|$)/.test(path)) throw graphError("UNPROCESSABLE", `"${path}" is not a valid path.`);
    return { path, contents: Buffer.from(String(contents), "base64") };
  });
  const { headline, body } = input.message;
  const message = body == null || body === "" ? headline : `${headline}\n\n${body}`;
  const made = await commitFiles(world, actor, {
    repository,
    branch,
    expectedHead: head,
    message,
    additions,
    deletions,
  });
  if (made === "stale") throw stale();
  return { commit: commitNode(world, repository, made), ref: refNode(world, repository, name, made.oid) };
}

function branchOf(context: GraphContext, branch: Graph.CommittableBranch): { repository: Repository; branch: string } {
  if (branch.id != null) {
    const { repository, name } = refOf(context, branch.id);
    return { repository, branch: name.replace("refs/heads/", "") };
  }
  const [owner = "", name = ""] = (branch.repositoryNameWithOwner ?? "").split("/");
  const repository = context.world.find(owner, name);
  if (repository === undefined || !maySee(context.caller, repository)) {
    throw graphError("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
  }
  return { repository, branch: (branch.branchName ?? "").replace(/^refs\/heads\//, "") };
}

function refOf({ world }: GraphContext, id: string): { repository: Repository; name: string } {
  const [, number, name = ""] = /^(\d+):(.+)$/.exec(Buffer.from(id.replace(/^REF_/, ""), "base64url").toString()) ?? [];
  const repository = world.repositories.find((candidate) => String(candidate.id) === number);
  if (repository !== undefined && refNodeId(repository, name) === id) return { repository, name };
  throw graphError("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
}

function contentOf(name: Graph.ReactionContent): ReactionContent {
  const found = (Object.keys(CONTENTS) as ReactionContent[]).find((content) => CONTENTS[content] === name);
  if (found === undefined) throw graphError("UNPROCESSABLE", `${name} is not a reaction.`);
  return found;
}

export function repositoryOf(node: Node): Repository {
  switch (node.kind) {
    case "repository":
      return node.repository;
    case "issue":
      return node.issue.repository;
    case "comment":
    case "review-comment":
      return node.comment.issue.repository;
    case "review":
      return node.review.issue.repository;
  }
}

function remarkOf(node: Node): Remark {
  switch (node.kind) {
    case "repository":
      throw graphError("UNPROCESSABLE", "Could not add a reaction to this.");
    case "issue":
      return node.issue;
    case "comment":
    case "review-comment":
      return node.comment;
    case "review":
      return node.review;
  }
}
