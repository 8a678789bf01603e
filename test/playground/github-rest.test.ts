import type { Octokit } from "@octokit/rest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HELLO, type Playground, refusal, startPlayground } from "./github-fixture.ts";

let playground: Playground;
let mona: Octokit;
let stranger: Octokit;
beforeEach(async () => {
  playground = await startPlayground();
  mona = playground.as("mona");
  stranger = playground.as("stranger");
});
afterEach(() => playground.end());

const main = async () => (await mona.git.getRef({ ...HELLO, ref: "heads/main" })).data.object.sha;

describe("a conversation", () => {
  it("takes issues, comments and labels", async () => {
    const issue = await mona.issues.create({ ...HELLO, title: "Add /health", body: "Please" });
    expect(issue.data).toMatchObject({
      number: 1,
      state: "open",
      user: { login: "mona" },
      author_association: "COLLABORATOR",
    });
    const comment = await mona.issues.createComment({ ...HELLO, issue_number: 1, body: "/dispatch do it" });
    expect(comment.data.html_url).toBe(
      `${playground.address.url}/octo-org/hello/issues/1#issuecomment-${comment.data.id}`,
    );
    await mona.issues.addLabels({ ...HELLO, issue_number: 1, labels: ["dispatch: waiting"] });
    await mona.issues.update({ ...HELLO, issue_number: 1, state: "closed" });
    const { data } = await mona.issues.get({ ...HELLO, issue_number: 1 });
    expect(data).toMatchObject({
      state: "closed",
      state_reason: "completed",
      comments: 1,
      labels: [{ name: "dispatch: waiting" }],
    });
    await mona.issues.removeLabel({ ...HELLO, issue_number: 1, name: "dispatch: waiting" });
    expect(await refusal(mona.issues.removeLabel({ ...HELLO, issue_number: 1, name: "none" }))).toMatchObject({
      status: 404,
    });
  });

  it("answers 201 to the first reaction and 200 to a repeated one", async () => {
    await mona.issues.create({ ...HELLO, title: "T" });
    const { data } = await mona.issues.createComment({ ...HELLO, issue_number: 1, body: "hi" });
    const react = (by: Octokit) =>
      by.reactions.createForIssueComment({ ...HELLO, comment_id: data.id, content: "eyes" });
    expect((await react(mona)).status).toBe(201);
    expect((await react(mona)).status).toBe(200);
    expect((await react(stranger)).status).toBe(201);
    const list = await mona.reactions.listForIssueComment({ ...HELLO, comment_id: data.id });
    expect(list.data.map((reaction) => reaction.user?.login)).toEqual(["mona", "stranger"]);
  });

  it("pages long lists by the Link header", async () => {
    await mona.issues.create({ ...HELLO, title: "T" });
    for (let nth = 1; nth <= 7; nth++) await mona.issues.createComment({ ...HELLO, issue_number: 1, body: `${nth}` });
    const all = await mona.paginate(mona.issues.listComments, { ...HELLO, issue_number: 1, per_page: 3 });
    expect(all.map(({ body }) => body)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  it.each([
    { length: 65_536, status: 201 },
    { length: 65_537, status: 422 },
  ])("answers $status to a comment of $length characters", async ({ length, status }) => {
    await mona.issues.create({ ...HELLO, title: "T" });
    const posting = mona.issues.createComment({ ...HELLO, issue_number: 1, body: "é".repeat(length) });
    if (status === 201) return expect((await posting).status).toBe(201);
    const { errors, message } = await refusal(posting);
    expect(message).toBe("Validation Failed");
    expect(JSON.stringify(errors)).toContain("Body is too long (maximum is 65536 characters)");
  });

  it("renders comments where the media type asks for it", async () => {
    await mona.issues.create({ ...HELLO, title: "T", body: "**bold**" });
    const mediaType = { format: "full" };
    expect((await mona.issues.get({ ...HELLO, issue_number: 1, mediaType })).data.body_html).toContain(
      "<strong>bold</strong>",
    );
    expect((await mona.issues.get({ ...HELLO, issue_number: 1 })).data.body_html).toBeUndefined();
  });
});

describe("rights", () => {
  beforeEach(async () => {
    await mona.issues.create({ ...HELLO, title: "T", body: "b" });
  });

  it("lets a stranger talk and nothing else", async () => {
    const { data } = await stranger.issues.createComment({ ...HELLO, issue_number: 1, body: "hello" });
    expect(data.author_association).toBe("NONE");
    expect((await stranger.issues.create({ ...HELLO, title: "Mine", labels: ["x"] })).data.labels).toEqual([]);
    const { data: monas } = await mona.issues.createComment({ ...HELLO, issue_number: 1, body: "hers" });
    const refused: (() => Promise<unknown>)[] = [
      () => stranger.issues.addLabels({ ...HELLO, issue_number: 1, labels: ["x"] }),
      () => stranger.issues.updateComment({ ...HELLO, comment_id: monas.id, body: "mine" }),
      () => stranger.issues.update({ ...HELLO, issue_number: 1, state: "closed" }),
      () => stranger.repos.getCollaboratorPermissionLevel({ ...HELLO, username: "mona" }),
    ];
    for (const call of refused) expect((await refusal(call())).status).toBe(403);
    const sha = await main();
    expect((await refusal(stranger.git.createRef({ ...HELLO, ref: "refs/heads/x", sha }))).status).toBe(404);
  });

  it.each([
    { login: "mona", permission: "admin", role: "admin" },
    { login: "hubot", permission: "write", role: "write" },
    { login: "stranger", permission: "read", role: "read" },
  ])("tells that $login has $permission", async ({ login, permission, role }) => {
    const { data } = await mona.repos.getCollaboratorPermissionLevel({ ...HELLO, username: login });
    expect(data).toMatchObject({ permission, role_name: role });
  });

  it("knows nobody's permission who does not exist", async () => {
    const call = mona.repos.getCollaboratorPermissionLevel({ ...HELLO, username: "nobody" });
    expect((await refusal(call)).status).toBe(404);
  });

  it("refuses bad, expired and insufficient tokens in GitHub's words", async () => {
    expect(await refusal(playground.withToken("ghp_wrong").repos.get(HELLO))).toMatchObject({
      status: 401,
      message: "Bad credentials",
    });
    const { github, repository } = playground;
    const account = github.addUser("github-actions[bot]", { type: "Bot" });
    const old = github.issueToken({ account, kind: "job", repository, expiresAt: new Date(0) });
    expect((await refusal(playground.withToken(old).repos.get(HELLO))).status).toBe(401);
    const reader = github.issueToken({ account, kind: "job", repository, permissions: { contents: "read" } });
    const comment = playground.withToken(reader).issues.createComment({ ...HELLO, issue_number: 1, body: "x" });
    expect(await refusal(comment)).toMatchObject({ status: 403, message: "Resource not accessible by integration" });
  });
});

describe("git data", () => {
  it("publishes an orphan branch in three calls and refuses the second", async () => {
    const tree = await mona.git.createTree({
      ...HELLO,
      tree: [{ path: ".dispatch/tasks/a/plan.md", mode: "100644", type: "blob", content: "# Plan\n" }],
    });
    const commit = await mona.git.createCommit({ ...HELLO, message: "Accept", tree: tree.data.sha, parents: [] });
    const ref = "refs/heads/dispatch/tasks/1/a";
    expect((await mona.git.createRef({ ...HELLO, ref, sha: commit.data.sha })).status).toBe(201);
    const again = await refusal(mona.git.createRef({ ...HELLO, ref, sha: commit.data.sha }));
    expect(again).toMatchObject({ status: 422, message: "Reference already exists" });
    const inTheWay = await refusal(mona.git.createRef({ ...HELLO, ref: "refs/heads/dispatch", sha: commit.data.sha }));
    expect(inTheWay).toMatchObject({ status: 422, message: "Reference update failed" });
    const { data } = await mona.repos.getContent({
      ...HELLO,
      path: ".dispatch/tasks/a/plan.md",
      ref: "dispatch/tasks/1/a",
    });
    expect(data).toMatchObject({
      type: "file",
      encoding: "base64",
      content: Buffer.from("# Plan\n").toString("base64"),
    });
    const found = await mona.git.listMatchingRefs({ ...HELLO, ref: "heads/dispatch/tasks/1/" });
    expect(found.data.map((match) => match.ref)).toEqual([ref]);
  });

  it("moves a ref forward only", async () => {
    const base = await main();
    const parent = (await mona.git.getCommit({ ...HELLO, commit_sha: base })).data;
    const tree = await mona.git.createTree({
      ...HELLO,
      base_tree: parent.tree.sha,
      tree: [{ path: "new.txt", mode: "100644", content: "n" }],
    });
    const next = await mona.git.createCommit({ ...HELLO, message: "Next", tree: tree.data.sha, parents: [base] });
    await mona.git.updateRef({ ...HELLO, ref: "heads/main", sha: next.data.sha });
    const back = await refusal(mona.git.updateRef({ ...HELLO, ref: "heads/main", sha: base }));
    expect(back).toMatchObject({ status: 422, message: "Update is not a fast forward" });
    await mona.git.updateRef({ ...HELLO, ref: "heads/main", sha: base, force: true });
    const compared = await mona.repos.compareCommitsWithBasehead({ ...HELLO, basehead: `main...${next.data.sha}` });
    expect(compared.data).toMatchObject({
      status: "ahead",
      ahead_by: 1,
      files: [{ filename: "new.txt", status: "added" }],
    });
  });

  it("answers 304 to a known ETag, for free, and 200 once the ref has moved", async () => {
    const first = await mona.git.getRef({ ...HELLO, ref: "heads/main" });
    const ask = () =>
      mona.request("GET /repos/{owner}/{repo}/git/ref/{ref}", {
        ...HELLO,
        ref: "heads/main",
        headers: { "if-none-match": first.headers.etag },
      });
    const known = await ask().catch(
      (error: { status: number; response: { headers: Record<string, string> } }) => error,
    );
    expect(known.status).toBe(304);
    if ("response" in known) expect(known.response.headers["x-ratelimit-used"]).toBe(first.headers["x-ratelimit-used"]);
    await mona.repos.createOrUpdateFileContents({ ...HELLO, path: "a.txt", message: "m", content: "YQ==" });
    expect((await ask()).status).toBe(200);
  });

  it("answers 409 in a repository without commits", async () => {
    await playground.github.addRepository({ owner: "mona", name: "empty" });
    const empty = { owner: "mona", repo: "empty" };
    const calls = [
      () => mona.git.getRef({ ...empty, ref: "heads/main" }),
      () => mona.git.createTree({ ...empty, tree: [{ path: "a", mode: "100644", content: "a" }] }),
    ];
    for (const call of calls)
      expect(await refusal(call())).toMatchObject({ status: 409, message: "Git Repository is empty." });
  });

  it("refuses what a ruleset forbids, with GitHub's sentence", async () => {
    playground.repository.settings.rulesets.push({ pattern: "refs/heads/dispatch/**", refuse: ["create"] });
    const call = mona.git.createRef({ ...HELLO, ref: "refs/heads/dispatch/tasks/1/a", sha: await main() });
    const { status, message } = await refusal(call);
    expect(status).toBe(422);
    expect(message).toContain(
      "Repository rule violations found\n\nCannot create ref due to creations being restricted.",
    );
  });
});

describe("rate limits", () => {
  it("counts per token and refuses when the hour is used up", async () => {
    playground.github.rateLimits.limits.user = 2;
    await mona.repos.get(HELLO);
    const last = await mona.repos.get(HELLO);
    expect(last.headers["x-ratelimit-remaining"]).toBe("0");
    const refused = await refusal(mona.repos.get(HELLO));
    expect(refused.status).toBe(403);
    expect(refused.message).toContain("API rate limit exceeded");
    expect((await stranger.repos.get(HELLO)).status).toBe(200);
  });
});

describe("faults", () => {
  const comment = () => mona.issues.createComment({ ...HELLO, issue_number: 1, body: "x" });
  const count = async () => (await mona.issues.listComments({ ...HELLO, issue_number: 1 })).data.length;
  beforeEach(async () => {
    await mona.issues.create({ ...HELLO, title: "T" });
  });

  it.each([
    { then: { status: 500 }, comments: 0 },
    { then: { status: 429, headers: { "retry-after": "1" } }, comments: 0 },
    { then: "drop-before-effect", comments: 0 },
    { then: "drop-after-effect", comments: 1 },
  ] as const)("lets the next matching call suffer $then", async ({ then, comments }) => {
    playground.github.faults.order({ match: { method: "POST", path: /\/issues\/\d+\/comments$/ }, times: 1, then });
    await expect(comment()).rejects.toThrow();
    expect(await count()).toBe(comments);
    expect((await comment()).status).toBe(201);
    expect(playground.github.faults.pending).toBe(0);
  });

  it("takes orders over HTTP and writes every call down", async () => {
    const order = { match: { path: "/comments$", tokenKind: "user" }, then: { status: 503 } };
    await fetch(`${playground.address.url}/_playground/faults`, { method: "POST", body: JSON.stringify(order) });
    expect((await refusal(comment())).status).toBe(503);
    expect(playground.github.calls.at(-1)).toMatchObject({
      method: "POST",
      path: "/repos/octo-org/hello/issues/1/comments",
      status: 503,
      tokenKind: "user",
      login: "mona",
    });
  });
});

describe("a conversation that is closed", () => {
  const created = async () => (await mona.issues.create({ ...HELLO, title: "T", body: "b" })).data;

  it("answers 410 once it is deleted, and keeps its number", async () => {
    const { node_id: issueId } = await created();
    const mutation = "mutation ($issueId: ID!) { deleteIssue(input: { issueId: $issueId }) { clientMutationId } }";
    await playground.as("mona").graphql(mutation, { issueId });
    for (const call of [
      () => mona.issues.get({ ...HELLO, issue_number: 1 }),
      () => mona.issues.createComment({ ...HELLO, issue_number: 1, body: "x" }),
      () => mona.issues.addLabels({ ...HELLO, issue_number: 1, labels: ["x"] }),
    ])
      expect(await refusal(call())).toMatchObject({ status: 410, message: "This issue was deleted" });
    expect((await mona.issues.listForRepo({ ...HELLO, state: "all" })).data).toEqual([]);
    expect((await created()).number).toBe(2);
  });

  it("answers 301 with its new place once it is moved, and its comments are found there only", async () => {
    await playground.github.addRepository({ owner: "octo-org", name: "other", collaborators: { mona: "admin" } });
    const { node_id: issueId } = await created();
    const { data: comment } = await mona.issues.createComment({ ...HELLO, issue_number: 1, body: "Said" });
    const { data: other } = await mona.repos.get({ owner: "octo-org", repo: "other" });
    const mutation = `mutation ($issueId: ID!, $repositoryId: ID!) {
      transferIssue(input: { issueId: $issueId, repositoryId: $repositoryId }) { issue { number } }
    }`;
    await playground.as("mona").graphql(mutation, { issueId, repositoryId: other.node_id });
    const reply = await fetch(`${playground.address.api}/repos/octo-org/hello/issues/1/comments`, {
      redirect: "manual",
    });
    expect(reply.status).toBe(301);
    expect(reply.headers.get("location")).toBe(`${playground.address.api}/repos/octo-org/other/issues/1/comments`);
    expect((await refusal(mona.issues.getComment({ ...HELLO, comment_id: comment.id }))).status).toBe(404);
    const there = await mona.issues.listComments({ owner: "octo-org", repo: "other", issue_number: 1 });
    expect(there.data.map(({ id, body }) => ({ id, body }))).toEqual([{ id: comment.id, body: "Said" }]);
  });

  it("takes words only from people with write access while it is locked", async () => {
    await created();
    await mona.issues.lock({ ...HELLO, issue_number: 1 });
    expect((await mona.issues.get({ ...HELLO, issue_number: 1 })).data.locked).toBe(true);
    const say = (api: typeof mona) => api.issues.createComment({ ...HELLO, issue_number: 1, body: "x" });
    expect((await say(mona)).status).toBe(201);
    expect(await refusal(say(stranger))).toMatchObject({ status: 403, message: expect.stringContaining("is locked") });
    await mona.issues.unlock({ ...HELLO, issue_number: 1 });
    expect((await say(stranger)).status).toBe(201);
  });
});
