import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OwnAccess } from "../../src/adapters/github-api.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { githubConversations } from "../../src/adapters/github-conversation.ts";
import { githubLabels } from "../../src/adapters/github-labels.ts";
import { githubPermissions } from "../../src/adapters/github-permissions.ts";
import { githubPullRequests } from "../../src/adapters/github-pull-requests.ts";
import { githubReactions } from "../../src/adapters/github-reactions.ts";
import { githubReviewThreads } from "../../src/adapters/github-review-threads.ts";
import { githubRuns } from "../../src/adapters/github-runs.ts";
import { githubTaskBranches } from "../../src/adapters/github-task-branch.ts";
import { githubTaskIndex } from "../../src/adapters/github-task-index.ts";
import { type Playground, startPlayground } from "../playground/github-fixture.ts";

// What the adapters do, told by the local GitHub instead of by recorded replies.

let playground: Playground;
let access: OwnAccess;
let issue: number;

beforeAll(async () => {
  playground = await startPlayground({ git: "memory" });
  // Waits are as short as they can be; the order of things is what counts here.
  const clock = { now: () => new Date(), random: Math.random, sleep: () => pause(1) };
  access = { api: playground.as("hubot"), owner: "octo-org", repo: "hello", clock, self: ["hubot"] };
});

beforeEach(async () => {
  const api = playground.as("mona");
  const made = await api.rest.issues.create({
    owner: "octo-org",
    repo: "hello",
    title: "Login fails",
    body: "It does.",
  });
  issue = made.data.number;
});

afterAll(() => playground.end());

const files = {
  "task.yaml": "askedAt: 2026-11-20T12:00:00Z\n",
  "plan.md": "# Fix\n- [ ] one\n",
  "ipc/001.question": "Which?\n",
};
const lost = (method: string, path: RegExp) =>
  playground.github.faults.order({ match: { method, path }, times: 1, then: "drop-after-effect" });

describe("a task's branch", () => {
  const branches = () => githubTaskBranches(access);
  const ref = () => ({ thread: String(issue), id: "fix-login-7k2q" });

  it("is made once, by whoever is first", async () => {
    const all = await Promise.all([1, 2, 3].map(() => branches().create(ref(), files, "Accept the task")));
    expect(all.toSorted()).toEqual(["created", "exists", "exists"]);
    expect(await branches().read(ref())).toMatchObject({ ref: ref(), files });
    expect(await branches().create(ref(), files, "Accept the task")).toBe("exists");
  });

  it("holds one commit without parents, which CI leaves alone", async () => {
    await branches().create(ref(), files, "Accept the task");
    const sha = (await branches().read(ref()))?.head ?? "";
    const { data } = await playground
      .as("mona")
      .rest.git.getCommit({ owner: "octo-org", repo: "hello", commit_sha: sha });
    expect(data).toMatchObject({ message: "Accept the task [skip ci]", parents: [] });
  });

  it("moves by a commit that changes no file: a run that says it lives", async () => {
    await branches().create(ref(), files, "Accept the task");
    const before = (await branches().read(ref()))?.head ?? "";
    const beat = await branches().commit(ref(), before, { files: {}, message: "Still at work" });
    expect(beat).toEqual({ head: expect.not.stringMatching(before) });
    const all = await githubTaskIndex(access).all();
    expect(all.find((one) => one.ref.thread === ref().thread)).toMatchObject({
      ...(typeof beat === "string" ? {} : beat),
      ref: ref(),
      files,
      movedAt: expect.stringMatching(/^20/),
    });
  });

  it("is known again when only the reply was lost", async () => {
    lost("POST", /\/git\/refs$/);
    expect(await branches().create(ref(), { ...files, "request.md": "lost" }, "Accept the task")).toBe("created");
  });

  it("takes exactly one of many commits against the same head", async () => {
    await branches().create(ref(), files, "Accept the task");
    const head = (await branches().read(ref()))?.head ?? "";
    const change = (n: number) => ({
      files: { "plan.md": `${n}\n`, "ipc/001.question": null },
      message: `Commit ${n}`,
    });
    const all = await Promise.all([1, 2, 3, 4, 5].map((n) => branches().commit(ref(), head, change(n))));

    const winner = all.findIndex((result) => typeof result === "object");
    expect(all.filter((result) => result === "stale")).toHaveLength(4);
    const after = await branches().read(ref());
    expect(all[winner]).toEqual({ head: after?.head });
    expect(after?.files).toEqual({ "task.yaml": files["task.yaml"], "plan.md": `${winner + 1}\n` });
  });

  it("loses no commit of writers that read again when they are stale", async () => {
    await branches().create(ref(), { "plan.md": "" }, "Accept the task");
    const write = async (line: string): Promise<void> => {
      const now = await branches().read(ref());
      const change = { files: { "plan.md": `${now?.files["plan.md"]}${line}\n` }, message: line };
      if ((await branches().commit(ref(), now?.head ?? "", change)) === "stale") await write(line);
    };
    const lines = Array.from({ length: 8 }, (_, index) => `line ${index}`);
    await Promise.all(lines.map(write));
    expect((await branches().read(ref()))?.files["plan.md"]?.trim().split("\n").toSorted()).toEqual(lines);
  });

  it("is stale after a lost reply, and then holds the change", async () => {
    await branches().create(ref(), files, "Accept the task");
    const head = (await branches().read(ref()))?.head ?? "";
    playground.github.faults.order({ match: { graphql: /createCommitOnBranch/ }, times: 1, then: "drop-after-effect" });
    expect(await branches().commit(ref(), head, { files: { "plan.md": "new\n" }, message: "x" })).toBe("stale");
    expect((await branches().read(ref()))?.files["plan.md"]).toBe("new\n");
  });

  it("is polled for nothing while it does not move", async () => {
    await branches().create(ref(), files, "Accept the task");
    const polling = branches();
    const known = (await polling.read(ref()))?.head ?? "";
    expect(await polling.head(ref(), known)).toBe("same");
    expect(await polling.head(ref(), known)).toBe("same");
    expect(playground.github.calls.at(-1)).toMatchObject({ status: 304 });
    const moved = await polling.commit(ref(), known, { files: { "plan.md": "new\n" }, message: "x" });
    expect(await polling.head(ref(), known)).toEqual(moved);
  });

  it("can be gone", async () => {
    const none = { thread: String(issue), id: "never-made-0000" };
    expect(await branches().read(none)).toBeNull();
    expect(await branches().head(none, "x")).toBe("gone");
    expect(await branches().commit(none, "0".repeat(40), { files: {}, message: "x" })).toBe("gone");
  });

  it("keeps long and binary-looking text whole", async () => {
    const long = "ü".repeat(400_000);
    await branches().create(ref(), { "output.md": long, "context.md": "a\0b" }, "Accept the task");
    const read = await branches().read(ref());
    expect(read?.files["output.md"]?.length).toBe(long.length);
    expect(read?.files["context.md"]).toBe("a\0b");
  });

  it("is found by its thread and by its name", async () => {
    const index = githubTaskIndex(access);
    const older = { thread: String(issue), id: `zeta-${issue}-0000` };
    const newer = { thread: String(issue), id: `alpha-${issue}-0000` };
    await branches().create(newer, { ...files, "task.yaml": "askedAt: 2026-11-20T13:00:00Z\n" }, "x");
    await branches().create(older, files, "x");
    const found = await index.ofThread(String(issue));
    expect(found.map((snapshot) => snapshot.ref)).toEqual([older, newer]);
    const movedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/);
    expect(found[0]).toEqual({ ...(await branches().read(older)), movedAt });
    expect(await index.find(`zeta-${issue}`)).toEqual(older);
  });

  it("is read as it stood at an earlier commit, and is gone once removed", async () => {
    await branches().create(ref(), files, "x");
    const { head = "" } = (await branches().read(ref())) ?? {};
    await branches().commit(ref(), head, { files: { "plan.md": "# Now\n" }, message: "Change the plan" });
    expect(await branches().fileAt(ref(), head, "plan.md")).toBe(files["plan.md"]);
    expect(await branches().fileAt(ref(), head, "output.md")).toBeNull();
    expect(await branches().fileAt(ref(), "0".repeat(40), "plan.md")).toBeNull();
    await branches().remove(ref());
    expect(await branches().read(ref())).toBeNull();
    await branches().remove(ref());
  });

  it("says what is in the way of it", async () => {
    const crowded = await playground.github.addRepository({
      owner: "octo-org",
      name: "crowded",
      files: { "README.md": "# Hi\n" },
      collaborators: { hubot: "write" },
    });
    const sha = (await crowded.git.ref("refs/heads/main")) ?? "";
    await crowded.git.moveRef({ name: "refs/heads/dispatch", next: sha, previous: null });
    await playground.github.addRepository({ owner: "octo-org", name: "empty", collaborators: { hubot: "write" } });
    const create = (repo: string) => githubTaskBranches({ ...access, repo }).create(ref(), files, "x");
    await expect(create("crowded")).rejects.toMatchObject({
      code: "task-branch-refused",
      nextStep: expect.stringContaining("branch `dispatch`"),
    });
    await expect(create("empty")).rejects.toMatchObject({
      code: "task-branch-refused",
      nextStep: expect.stringContaining("first commit"),
    });
  });
});

describe("the conversation", () => {
  const body = (text: string) => `<!-- dispatch:status ${issue}/fix-login-7k2q -->\n${text}`;

  it("gets one comment although the reply was lost", async () => {
    const comments = githubComments(access);
    const before = new Date().toISOString();
    lost("POST", /\/comments$/);
    const posted = await comments.create(issue, body("Queued"));
    const present = await comments.since(issue, before);
    expect(present.map(({ id, author }) => ({ id, author }))).toEqual([{ id: posted.id, author: "hubot" }]);

    expect(await comments.edit(posted.id, body("Running"))).toBe("edited");
    await comments.remove(posted.id);
    await comments.remove(posted.id);
    expect(await comments.edit(posted.id, body("Done"))).toBe("gone");
  });

  it("is read with the config and the default branch", async () => {
    await githubComments(access).create(issue, body("Queued"));
    expect(await githubConversations(access).read({ kind: "issue", number: issue })).toMatchObject({
      defaultBranch: "main",
      config: null,
      topic: {
        title: "Login fails",
        author: "mona",
        open: true,
        pull: null,
        remarks: [{ author: "hubot", editedAt: null }],
      },
    });
  });

  it("takes a reaction once, and a label on and off", async () => {
    const reactions = githubReactions(access);
    const trigger = { kind: "issue", id: issue, url: "" } as const;
    expect(await reactions.add(trigger, "eyes")).toBe("first");
    expect(await reactions.add(trigger, "eyes")).toBe("again");
    const labels = githubLabels(access);
    await labels.add(issue, "dispatch: waiting");
    await labels.remove(issue, "dispatch: waiting");
    await labels.remove(issue, "dispatch: waiting");
  });

  it.each([
    { login: "mona", role: "admin" },
    { login: "hubot", role: "write" },
    { login: "stranger", role: "read" },
    { login: "nobody-at-all", role: "none" },
  ])("knows $login's role: $role", async ({ login, role }) => {
    expect(await githubPermissions(access).roleOf(login)).toBe(role);
  });
});

describe("the work", () => {
  it("cannot start without the workflow file", async () => {
    const ref = { thread: String(issue), id: "fix-login-7k2q" };
    await expect(githubRuns(access).start(ref, 1, "main")).rejects.toMatchObject({ code: "workflow-missing" });
    expect(await githubRuns(access).asked(new Date(0).toISOString())).toEqual(new Map());
  });

  it("ends in one pull request", async () => {
    const branch = `dispatch/fix-${issue}`;
    const octokit = playground.as("hubot");
    const place = { owner: "octo-org", repo: "hello" };
    const { data: main } = await octokit.rest.git.getRef({ ...place, ref: "heads/main" });
    await octokit.rest.git.createRef({ ...place, ref: `refs/heads/${branch}`, sha: main.object.sha });
    const content = Buffer.from("fixed").toString("base64");
    await octokit.rest.repos.createOrUpdateFileContents({ ...place, path: "fix.txt", message: "Fix", content, branch });

    const pulls = githubPullRequests(access);
    const draft = { branch, base: "main", title: "Fix login", body: `Closes #${issue}`, draft: true };
    lost("POST", /\/pulls$/);
    const opened = await pulls.open(draft);
    expect(opened.draft).toBe(true);
    expect(await pulls.open(draft)).toEqual(opened);

    await pulls.describe(opened.number, { title: "Fix the login", body: "Done" });
    await pulls.markReady(opened);
    const { data } = await octokit.rest.pulls.get({ ...place, pull_number: opened.number });
    expect(data).toMatchObject({ title: "Fix the login", body: "Done", draft: false });

    const read = await githubConversations(access).read({ kind: "pull", number: opened.number });
    expect(read.topic?.pull).toMatchObject({ branch, base: "main", sha: data.head.sha, fork: false });
  });

  it("is asked about in a review thread", async () => {
    const octokit = playground.as("hubot");
    const place = { owner: "octo-org", repo: "hello" };
    const branch = `dispatch/ask-${issue}`;
    const { data: main } = await octokit.rest.git.getRef({ ...place, ref: "heads/main" });
    await octokit.rest.git.createRef({ ...place, ref: `refs/heads/${branch}`, sha: main.object.sha });
    const file = { path: "ask.txt", message: "Ask", content: Buffer.from("ask").toString("base64"), branch };
    await octokit.rest.repos.createOrUpdateFileContents({ ...place, ...file });
    const opened = await octokit.rest.pulls.create({ ...place, head: branch, base: "main", title: "Ask" });
    const { number: pull_number, head } = opened.data;
    const line = { path: "ask.txt", line: 1, commit_id: head.sha, body: "/dispatch fix it" };
    const { data: first } = await octokit.rest.pulls.createReviewComment({ ...place, pull_number, ...line });

    const threads = githubReviewThreads(access);
    const question = (text: string) => `<!-- dispatch:question ${pull_number}/fix-login-7k2q 001 -->\n${text}`;
    lost("POST", /\/replies$/);
    const asked = await threads.reply(pull_number, first.id, question("Which?"));
    const replies = (await threads.since(pull_number, first.created_at)).filter(({ id }) => id !== first.id);
    expect(replies).toMatchObject([{ id: asked?.id, author: "hubot", body: question("Which?") }]);
    expect(await threads.edit(asked?.id ?? 0, question("Answered"))).toBe("edited");
    await octokit.rest.pulls.deleteReviewComment({ ...place, comment_id: first.id });
    expect(await threads.reply(pull_number, first.id, question("And now?"))).toBeNull();
  });
});
