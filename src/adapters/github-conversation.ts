import { z } from "zod";
import type { Conversation, PullHead, Remark } from "../core/conversation.ts";
import type { Thread } from "../core/task.ts";
import type { Conversations } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { Blob, FILE_TEXT, textOf } from "./github-task-files.ts";

// HEAD is the default branch, whatever the pull request holds. `closed` rather than `state`: its type is the same for both.
const READ = `
query Conversation($owner: String!, $repo: String!, $number: Int!, $withTopic: Boolean!) {
  repository(owner: $owner, name: $repo) {
    defaultBranchRef { name }
    config: object(expression: "HEAD:.github/dispatch.yml") { __typename ...FileText }
    setup: object(expression: "refs/heads/dispatch/setup:setup.yaml") { __typename ...FileText }
    topic: issueOrPullRequest(number: $number) @include(if: $withTopic) {
      ... on Issue { title body lastEditedAt closed author { ...Author } comments(last: 100) { nodes { ...Said } } }
      ... on PullRequest {
        title body lastEditedAt closed author { ...Author }
        headRefName headRefOid baseRefName isCrossRepository
        comments(last: 100) { nodes { ...Said } }
        reviews(last: 50) { nodes { ...SaidInReview } }
        reviewThreads(last: 50) { nodes { comments(last: 50) { nodes { ...SaidOnLine } } } }
      }
    }
  }
}
fragment Author on Actor { __typename login }
fragment Said on IssueComment { author { ...Author } body createdAt lastEditedAt }
fragment SaidInReview on PullRequestReview { author { ...Author } body createdAt lastEditedAt }
fragment SaidOnLine on PullRequestReviewComment {
  author { ...Author } body createdAt lastEditedAt path line originalLine diffHunk
}
${FILE_TEXT}`;

const Author = z.object({ __typename: z.string(), login: z.string() }).nullable();
const Said = z.object({
  author: Author,
  body: z.string(),
  createdAt: z.string(),
  lastEditedAt: z.string().nullable(),
});
const SaidOnLine = Said.extend({
  path: z.string(),
  line: z.number().nullish(),
  originalLine: z.number().nullish(),
  diffHunk: z.string(),
});
type SaidOnLine = z.infer<typeof SaidOnLine>;

/** A connection, of which GitHub leaves out (as null) what the token may not see. */
function nodes<T extends z.ZodType>(schema: T) {
  return z
    .object({ nodes: z.array(schema.nullable()).nullable() })
    .nullish()
    .transform((connection) => (connection?.nodes ?? []).filter((node) => node !== null));
}

const Topic = z.object({
  title: z.string(),
  body: z.string(),
  lastEditedAt: z.string().nullable(),
  closed: z.boolean(),
  author: Author,
  comments: nodes(Said),
});
const PullTopic = Topic.extend({
  headRefName: z.string(),
  headRefOid: z.string(),
  baseRefName: z.string(),
  isCrossRepository: z.boolean(),
  reviews: nodes(Said),
  reviewThreads: nodes(z.object({ comments: nodes(SaidOnLine) })),
});
type PullTopic = z.infer<typeof PullTopic>;

const FileObject = z.union([Blob, z.object({ __typename: z.enum(["Tree", "Commit", "Tag"]) })]).nullable();

const Read = z.object({
  repository: z.object({
    defaultBranchRef: z.object({ name: z.string() }).nullable(),
    config: FileObject,
    setup: FileObject,
    topic: z.union([PullTopic, Topic]).nullish(),
  }),
});

export function githubConversations(given: GitHubAccess): Conversations {
  const access = checkedAccess(given);
  return { read: (thread) => read(thread, access) };
}

async function read(thread: Thread | null, access: GitHubAccess): Promise<Conversation> {
  const { api, owner, repo } = access;
  const variables = { owner, repo, number: thread?.number ?? 1, withTopic: thread !== null };
  const reply = await call((once) => api.graphql<unknown>(READ, { ...variables, ...once }), access);
  const { defaultBranchRef, config, setup, topic } = Read.parse(reply).repository;
  return {
    // A repository without commits has none; a task cannot be accepted there, and its own refusal says so.
    defaultBranch: defaultBranchRef?.name ?? "main",
    ...(await configOf(await fileText(config, access), access)),
    setup: await fileText(setup, access),
    topic: topic ? topicOf(topic) : null,
  };
}

async function fileText(file: z.infer<typeof FileObject>, access: GitHubAccess): Promise<string | null> {
  return file?.__typename === "Blob" ? textOf(file, access) : null;
}

async function configOf(
  own: string | null,
  access: GitHubAccess,
): Promise<Pick<Conversation, "config" | "configFrom">> {
  if (own !== null) return { config: own, configFrom: "repository" };
  const shared = access.repo.toLowerCase() === ".github" ? null : await organisationConfig(access);
  return { config: shared, configFrom: shared === null ? null : "organisation" };
}

/** Nobody waits long for a file that most owners do not have. */
const FALLBACK_MS = 5_000;

/** Null also where it cannot be seen: most tokens reach one repository only, and doctor says whether ours does. */
async function organisationConfig({ api, owner, clock }: GitHubAccess): Promise<string | null> {
  const file = { owner, repo: ".github", path: ".github/dispatch.yml" };
  try {
    const { data } = await call(
      (once) => api.request("GET /repos/{owner}/{repo}/contents/{path}", { ...file, ...once }),
      { clock, deadlineMs: FALLBACK_MS },
    );
    return !Array.isArray(data) && "content" in data ? Buffer.from(data.content, "base64").toString("utf8") : null;
  } catch {
    return null;
  }
}

function topicOf(topic: z.infer<typeof Topic> | PullTopic): Conversation["topic"] {
  const pull = "headRefName" in topic ? topic : null;
  const remarks = [
    ...topic.comments.map((said) => remark(said, null)),
    // A review that only holds line comments has an empty body.
    ...(pull?.reviews ?? []).filter(({ body }) => body !== "").map((said) => remark(said, null)),
    ...(pull?.reviewThreads ?? []).flatMap(({ comments }) => comments.map((said) => remark(said, placeOf(said)))),
  ];
  return {
    title: topic.title,
    body: topic.body,
    editedAt: topic.lastEditedAt,
    author: loginOf(topic.author),
    open: !topic.closed,
    pull: pull === null ? null : pullHead(pull),
    remarks: remarks.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt)),
  };
}

function pullHead(pull: PullTopic): PullHead {
  return {
    branch: pull.headRefName,
    sha: pull.headRefOid,
    base: pull.baseRefName,
    fork: pull.isCrossRepository,
  };
}

function remark({ author, body, createdAt, lastEditedAt }: z.infer<typeof Said>, place: Remark["place"]): Remark {
  return { author: loginOf(author), body, createdAt, editedAt: lastEditedAt, place };
}

function placeOf({ path, line, originalLine, diffHunk }: SaidOnLine): Remark["place"] {
  // Only the original line is left when the code below the comment has changed since.
  return { path, line: line ?? originalLine ?? null, diffHunk };
}

/** As events and REST spell it; GraphQL leaves out a bot's suffix. A deleted account is GitHub's "ghost". */
function loginOf(author: z.infer<typeof Author>): string {
  if (author === null) return "ghost";
  return author.__typename === "Bot" && !author.login.endsWith("[bot]") ? `${author.login}[bot]` : author.login;
}
