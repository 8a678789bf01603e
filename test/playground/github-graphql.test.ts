import { graphql as graphqlClient } from "@octokit/graphql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HELLO, type Playground, startPlayground } from "./github-fixture.ts";

let playground: Playground;
beforeEach(async () => {
  playground = await startPlayground();
});
afterEach(() => playground.end());

// biome-ignore lint: replies are read as tests need them.
type Reply = any;

const ask = (query: string, variables: Record<string, unknown> = {}, login = "mona"): Promise<Reply> =>
  playground.as(login).graphql(query, variables);

const errorsOf = async (asking: Promise<unknown>): Promise<Reply> => {
  const error = await asking.then(
    () => null,
    (reason: Reply) => reason,
  );
  return error?.errors;
};

const COMMIT = `mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } ref { name } } }`;
const commit = (expectedHeadOid: string, fileChanges: object, login = "mona") => {
  const branch = { repositoryNameWithOwner: "octo-org/hello", branchName: "main" };
  const message = { headline: "Change", body: "Why" };
  return ask(COMMIT, { input: { branch, expectedHeadOid, message, fileChanges } }, login);
};
const base64 = (text: string) => Buffer.from(text).toString("base64");
const head = async () => (await playground.repository.git.ref("refs/heads/main")) ?? "";

describe("createCommitOnBranch", () => {
  it("adds and removes files in one signed commit", async () => {
    const additions = [{ path: "a/b.txt", contents: base64("b") }];
    const { createCommitOnBranch } = await commit(await head(), { additions, deletions: [{ path: "src/index.js" }] });
    expect(createCommitOnBranch.commit.oid).toBe(await head());
    const rest = playground.as("mona");
    const made = await rest.repos.getCommit({ ...HELLO, ref: "main" });
    expect(made.data.commit).toMatchObject({ message: "Change\n\nWhy", verification: { verified: true } });
    expect(made.data.files?.map(({ filename, status }) => `${status} ${filename}`)).toEqual([
      "added a/b.txt",
      "removed src/index.js",
    ]);
  });

  it("is refused as stale once the branch has moved", async () => {
    const old = await head();
    await commit(old, { additions: [{ path: "a", contents: base64("1") }] });
    const errors = await errorsOf(commit(old, { additions: [{ path: "a", contents: base64("2") }] }));
    expect(errors).toMatchObject([{ type: "STALE_DATA", path: ["createCommitOnBranch"] }]);
    expect(errors[0].message).toBe(`Expected branch to point to "${old}" but it did not. Pull and try again.`);
  });

  it("loses nothing of 20 writers at once", async () => {
    let stale = 0;
    const write = async (nth: number): Promise<void> => {
      for (;;) {
        const query = `{ repository(owner: "octo-org", name: "hello") { ref(qualifiedName: "refs/heads/main") { target { oid } } } }`;
        const { repository } = await ask(query);
        const change = { additions: [{ path: `files/${nth}.txt`, contents: base64(`${nth}`) }] };
        const errors = await errorsOf(commit(repository.ref.target.oid, change));
        if (errors === undefined) return;
        expect(errors[0].type).toBe("STALE_DATA");
        stale += 1;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, nth) => write(nth)));
    const { data } = await playground.as("mona").repos.getContent({ ...HELLO, path: "files" });
    expect(data).toHaveLength(20);
    const commits = await playground.as("mona").repos.listCommits({ ...HELLO, per_page: 100 });
    expect(commits.data).toHaveLength(21);
    expect(stale).toBeGreaterThan(0);
  });

  it("is refused to those who may not write", async () => {
    const errors = await errorsOf(commit(await head(), { additions: [] }, "stranger"));
    expect(errors).toMatchObject([{ type: "NOT_FOUND" }]);
    const { github, repository } = playground;
    const account = github.addUser("github-actions[bot]", { type: "Bot" });
    const token = github.issueToken({ account, kind: "job", repository, permissions: { contents: "read" } });
    const branch = { repositoryNameWithOwner: "octo-org/hello", branchName: "main" };
    const input = { branch, expectedHeadOid: await head(), message: { headline: "x" } };
    const asJob = graphqlClient.defaults({
      baseUrl: `${playground.address.url}/api`,
      headers: { authorization: `token ${token}` },
    });
    expect(await errorsOf(asJob(COMMIT, { input }))).toMatchObject([{ type: "FORBIDDEN" }]);
  });
});

describe("queries", () => {
  it("read a conversation and the repository at once", async () => {
    const rest = playground.as("mona");
    await rest.issues.create({ ...HELLO, title: "T", body: "b" });
    const { data } = await rest.issues.createComment({ ...HELLO, issue_number: 1, body: "first" });
    const { bot } = playground.github.addApp({ slug: "dispatch-app" });
    const token = playground.github.issueToken({
      account: bot,
      kind: "installation",
      permissions: { issues: "write" },
    });
    await playground.withToken(token).issues.createComment({ ...HELLO, issue_number: 1, body: "second" });
    await rest.issues.updateComment({ ...HELLO, comment_id: data.id, body: "edited" });
    const reply = await ask(`{
      repository(owner: "octo-org", name: "hello") {
        defaultBranchRef { name target { oid ... on Commit { tree { entries { name type } } file(path: "src/index.js") { type object { ... on Blob { text } } } } } }
        readme: object(expression: "HEAD:README.md") { ... on Blob { text byteSize isBinary isTruncated } }
        folder: object(expression: "main:src") { ... on Tree { entries { name path type object { ... on Blob { byteSize } } } } }
        none: object(expression: "HEAD:nothing") { oid }
        issueOrPullRequest(number: 1) {
          ... on Issue { title state author { login __typename } comments(last: 5) { totalCount nodes { databaseId body lastEditedAt author { login __typename } } } }
        }
      }
      rateLimit { remaining resetAt }
    }`);
    expect(reply.repository).toMatchObject({
      defaultBranchRef: {
        name: "main",
        target: {
          tree: {
            entries: [
              { name: "README.md", type: "blob" },
              { name: "src", type: "tree" },
            ],
          },
          file: { type: "blob", object: { text: "one\ntwo\nthree\n" } },
        },
      },
      readme: { text: "# Hello\n", byteSize: 8, isBinary: false, isTruncated: false },
      folder: { entries: [{ name: "index.js", path: "src/index.js", type: "blob", object: { byteSize: 14 } }] },
      none: null,
      issueOrPullRequest: {
        title: "T",
        state: "OPEN",
        author: { login: "mona", __typename: "User" },
        comments: {
          totalCount: 2,
          nodes: [
            {
              databaseId: data.id,
              body: "edited",
              lastEditedAt: expect.any(String),
              author: { login: "mona", __typename: "User" },
            },
            { body: "second", lastEditedAt: null, author: { login: "dispatch-app", __typename: "Bot" } },
          ],
        },
      },
    });
    expect(reply.rateLimit.remaining).toBeLessThan(5_000);
  });

  it("list refs by prefix, page by page", async () => {
    const sha = await head();
    for (const name of ["1/a", "1/b", "2/c"]) {
      await playground.repository.git.moveRef({ name: `refs/heads/dispatch/tasks/${name}`, next: sha });
    }
    const query = `query ($after: String) { repository(owner: "octo-org", name: "hello") {
      refs(refPrefix: "refs/heads/dispatch/tasks/", first: 2, after: $after) { nodes { prefix name target { oid } } pageInfo { hasNextPage endCursor } } } }`;
    const first = (await ask(query)).repository.refs;
    const second = (await ask(query, { after: first.pageInfo.endCursor })).repository.refs;
    const names = [...first.nodes, ...second.nodes].map((ref: Reply) => ref.prefix + ref.name);
    expect(names).toEqual(["1/a", "1/b", "2/c"].map((name) => `refs/heads/dispatch/tasks/${name}`));
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  it.each([
    { why: "what is not there", query: `{ repository(owner: "octo-org", name: "none") { id } }`, type: "NOT_FOUND" },
    {
      why: "an issue that is not there",
      query: `{ repository(owner: "octo-org", name: "hello") { issue(number: 9) { id } } }`,
      type: "NOT_FOUND",
    },
    {
      why: "a list without a length",
      query: `{ repository(owner: "octo-org", name: "hello") { refs(refPrefix: "refs/heads/") { totalCount } } }`,
      type: "MISSING_PAGINATION_BOUNDARIES",
    },
    {
      why: "a field that GitHub does not have",
      query: `{ repository(owner: "octo-org", name: "hello") { nonsense } }`,
      type: undefined,
    },
  ])("answer $why with an error", async ({ query, type }) => {
    const errors = await errorsOf(ask(query));
    expect(errors).toHaveLength(1);
    expect(errors[0].type).toBe(type);
  });
});

describe("pull requests", () => {
  beforeEach(async () => {
    const rest = playground.as("mona");
    await rest.git.createRef({ ...HELLO, ref: "refs/heads/topic", sha: await head() });
    const content = base64("one\n2\nthree\nfour\n");
    const { data } = await rest.repos.getContent({ ...HELLO, path: "src/index.js" });
    const sha = "sha" in data ? data.sha : "";
    await rest.repos.createOrUpdateFileContents({
      ...HELLO,
      path: "src/index.js",
      branch: "topic",
      message: "2",
      content,
      sha,
    });
    await rest.pulls.create({ ...HELLO, title: "P", head: "topic", base: "main", draft: true });
  });

  it("show their threads with path, line and hunk, and become ready", async () => {
    const rest = playground.as("hubot");
    const spec = { ...HELLO, pull_number: 1, commit_id: "", path: "src/index.js" };
    const { data } = await rest.pulls.createReviewComment({ ...spec, line: 2, body: "/dispatch why 2?" });
    await rest.pulls.createReplyForReviewComment({ ...HELLO, pull_number: 1, comment_id: data.id, body: "because" });
    const query = `{ repository(owner: "octo-org", name: "hello") { pullRequest(number: 1) {
      id isDraft isCrossRepository headRefName baseRefName headRefOid headRepository { nameWithOwner }
      reviewThreads(first: 10) { nodes { path line comments(first: 10) { nodes { body diffHunk author { login } replyTo { databaseId } } } } } } } }`;
    const { pullRequest } = (await ask(query)).repository;
    expect(pullRequest).toMatchObject({
      isDraft: true,
      isCrossRepository: false,
      headRefName: "topic",
      baseRefName: "main",
      headRepository: { nameWithOwner: "octo-org/hello" },
      reviewThreads: {
        nodes: [
          {
            path: "src/index.js",
            line: 2,
            comments: {
              nodes: [
                { body: "/dispatch why 2?", author: { login: "hubot" }, replyTo: null },
                { body: "because", replyTo: { databaseId: data.id } },
              ],
            },
          },
        ],
      },
    });
    expect(pullRequest.reviewThreads.nodes[0].comments.nodes[0].diffHunk).toMatch(/^@@ .*\n one\n-two\n\+2$/);
    const ready = `mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }`;
    const made = await ask(ready, { id: pullRequest.id });
    expect(made.markPullRequestReadyForReview.pullRequest.isDraft).toBe(false);
  });

  it("take reactions and edits of comments by node id", async () => {
    const { data } = await playground.as("mona").issues.createComment({ ...HELLO, issue_number: 1, body: "x" });
    const reaction = await ask(
      `mutation ($id: ID!) { addReaction(input: { subjectId: $id, content: EYES }) { reaction { content user { login } } } }`,
      { id: data.node_id },
    );
    expect(reaction.addReaction.reaction).toEqual({ content: "EYES", user: { login: "mona" } });
    const edit = `mutation ($id: ID!) { updateIssueComment(input: { id: $id, body: "y" }) { issueComment { body } } }`;
    expect((await ask(edit, { id: data.node_id })).updateIssueComment.issueComment.body).toBe("y");
    expect(await errorsOf(ask(edit, { id: data.node_id }, "stranger"))).toMatchObject([{ type: "FORBIDDEN" }]);
  });
});
