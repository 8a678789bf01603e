import type * as Graph from "@octokit/graphql-schema";
import type { Account } from "../accounts.ts";
import { readCommit } from "../git-objects.ts";
import { resolveExpression } from "../git-revisions.ts";
import { accountJson } from "../json/accounts.ts";
import { isPull } from "../json/pulls.ts";
import { repositoryPage } from "../json/repositories.ts";
import { pullsOf } from "../pulls.ts";
import type { Issue, Repository } from "../repository.ts";
import type { Node, World } from "../world.ts";
import { connection, type Fields, graphError, type Paging } from "./frame.ts";
import { commitNode, objectNode, refNode, treeNode } from "./git-nodes.ts";
import { commentNode, issueNode, labelNode, pullNode, reviewCommentNode, reviewNode } from "./issue-nodes.ts";

export function actorNode(world: World, account: Account) {
  const { avatar_url: avatarUrl, html_url: url } = accountJson(world, account);
  return {
    __typename: account.type,
    id: account.nodeId,
    databaseId: account.id,
    // GraphQL names bots without the suffix that REST gives them.
    login: account.login.replace(/\[bot\]$/, ""),
    name: account.name,
    avatarUrl,
    url,
    resourcePath: new URL(url).pathname,
  } satisfies Fields<Graph.User>;
}

interface RefsArguments extends Paging {
  readonly refPrefix: string;
  readonly query?: string | null;
  readonly orderBy?: { readonly field: "ALPHABETICAL" | "TAG_COMMIT_DATE"; readonly direction: "ASC" | "DESC" } | null;
  readonly direction?: "ASC" | "DESC" | null;
}

export function repositoryNode(world: World, repository: Repository) {
  const url = repositoryPage(world, repository);
  const branch = `refs/heads/${repository.defaultBranch}`;
  const numbered = (number: number, wanted: string, fits: (issue: Issue) => boolean) => {
    const found = repository.issues.get(number);
    const issue = found?.gone === null ? found : undefined;
    if (issue === undefined || !fits(issue)) {
      throw graphError("NOT_FOUND", `Could not resolve to ${wanted} with the number of ${number}.`);
    }
    return isPull(issue) ? pullNode(world, issue) : issueNode(world, issue);
  };
  const ref = async (name: string) => {
    const oid = await repository.git.ref(name);
    return oid === null ? null : refNode(world, repository, name, oid);
  };
  return {
    __typename: "Repository",
    id: repository.nodeId,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: repository.fullName,
    owner: () => actorNode(world, repository.owner),
    url,
    resourcePath: new URL(url).pathname,
    isPrivate: repository.private,
    isFork: repository.fork !== null,
    isArchived: repository.settings.archived,
    isEmpty: async () => (await repository.git.refs("refs/heads/")).length === 0,
    hasIssuesEnabled: repository.settings.hasIssues,
    createdAt: repository.createdAt,
    pushedAt: repository.pushedAt,
    defaultBranchRef: () => ref(branch),
    ref: ({ qualifiedName }: { qualifiedName: string }) => {
      return ref(qualifiedName.startsWith("refs/") ? qualifiedName : `refs/heads/${qualifiedName}`);
    },
    refs: (asked: RefsArguments) => refsOf(world, repository, asked),
    object: async ({ expression, oid }: { expression?: string | null; oid?: string | null }) => {
      const found = await resolveExpression(repository, oid ?? expression ?? "");
      if (found === null) return null;
      if ("tree" in found) return commitNode(world, repository, found);
      const path = /^[^:]*:(.*?)\/?$/.exec(expression ?? "")?.[1] ?? "";
      return found.mode === "040000"
        ? treeNode(world, repository, found.oid, path)
        : objectNode(world, repository, found.oid);
    },
    issue: ({ number }: { number: number }) => numbered(number, "an Issue", (issue) => issue.pull === null),
    pullRequest: ({ number }: { number: number }) => numbered(number, "a PullRequest", isPull),
    issueOrPullRequest: ({ number }: { number: number }) => numbered(number, "an issue or pull request", () => true),
    issues: ({ states, ...paging }: Paging & { states?: readonly string[] | null }) => {
      const issues = [...repository.issues.values()].filter((issue) => issue.pull === null);
      const found = issues.filter((issue) => states == null || states.includes(issue.state.toUpperCase()));
      return connection("issues", found, paging, (issue) => issueNode(world, issue));
    },
    pullRequests: (
      asked: Paging & { states?: readonly string[] | null; headRefName?: string | null; baseRefName?: string | null },
    ) => {
      const found = pullsOf(repository).filter(({ state, pull }) => {
        const present = pull.mergedAt === null ? state.toUpperCase() : "MERGED";
        if (asked.headRefName != null && pull.headRef !== asked.headRefName) return false;
        if (asked.baseRefName != null && pull.baseRef !== asked.baseRefName) return false;
        return asked.states == null || asked.states.includes(present);
      });
      return connection("pullRequests", found, asked, (issue) => pullNode(world, issue));
    },
    label: ({ name }: { name: string }) => {
      const label = repository.labels.get(name.toLowerCase());
      return label === undefined ? null : labelNode(label);
    },
    labels: (paging: Paging) => connection("labels", [...repository.labels.values()], paging, labelNode),
  } satisfies Fields<Graph.Repository>;
}

async function refsOf(world: World, repository: Repository, asked: RefsArguments) {
  const all = await repository.git.refs(asked.refPrefix);
  const query = asked.query?.toLowerCase() ?? "";
  const found = all.filter(({ name }) => name.slice(asked.refPrefix.length).toLowerCase().includes(query));
  const dated = await Promise.all(
    found.map(async (ref) => ({ ...ref, date: (await readCommit(repository.git, ref.oid))?.committer.date ?? "" })),
  );
  if (asked.orderBy?.field === "TAG_COMMIT_DATE") dated.sort((a, b) => a.date.localeCompare(b.date));
  const ordered = (asked.orderBy?.direction ?? asked.direction) === "DESC" ? dated.reverse() : dated;
  return connection("refs", ordered, asked, (ref) => refNode(world, repository, ref.name, ref.oid));
}

/** What a node id stands for. */
export function nodeOf(world: World, node: Node) {
  switch (node.kind) {
    case "repository":
      return repositoryNode(world, node.repository);
    case "issue":
      return isPull(node.issue) ? pullNode(world, node.issue) : issueNode(world, node.issue);
    case "comment":
      return commentNode(world, node.comment);
    case "review":
      return reviewNode(world, node.review);
    case "review-comment":
      return reviewCommentNode(world, node.comment);
  }
}
