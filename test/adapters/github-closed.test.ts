import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OwnAccess } from "../../src/adapters/github-api.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { githubLabels } from "../../src/adapters/github-labels.ts";
import { githubReactions } from "../../src/adapters/github-reactions.ts";
import { HELLO, type Playground, startPlayground } from "../playground/github-fixture.ts";

// Conversations that take no more words, told by the local GitHub: what the thread handler and the run find there.

const LABEL = "dispatch: waiting";
let playground: Playground;
let access: OwnAccess;
let issue: { number: number; node: string };

beforeAll(async () => {
  playground = await startPlayground({ git: "memory" });
  await playground.github.addRepository({ owner: "octo-org", name: "other", collaborators: { mona: "admin" } });
  const account = playground.github.addUser("github-actions[bot]", { type: "Bot" });
  const permissions = { issues: "write", pull_requests: "write" } as const;
  const { repository } = playground;
  const token = playground.github.issueToken({ account, kind: "job", repository, permissions });
  const clock = { now: () => new Date(), random: Math.random, sleep: () => pause(1) };
  access = { api: playground.withToken(token), ...HELLO, clock, self: ["github-actions[bot]"] };
});

beforeEach(async () => {
  const { data } = await mona().rest.issues.create({ ...HELLO, title: "Login fails", body: "It does." });
  issue = { number: data.number, node: data.node_id };
});

afterAll(() => playground.end());

const mona = () => playground.as("mona");
const posts = () => playground.github.calls.filter(({ method }) => method === "POST").length;
const lock = () => mona().rest.issues.lock({ ...HELLO, issue_number: issue.number });
const unlock = () => mona().rest.issues.unlock({ ...HELLO, issue_number: issue.number });
const remove = () =>
  mona().graphql("mutation ($issueId: ID!) { deleteIssue(input: { issueId: $issueId }) { clientMutationId } }", {
    issueId: issue.node,
  });
const transfer = async () => {
  const { data } = await mona().rest.repos.get({ owner: "octo-org", repo: "other" });
  await mona().graphql(
    `mutation ($issueId: ID!, $repositoryId: ID!) {
      transferIssue(input: { issueId: $issueId, repositoryId: $repositoryId }) { issue { number } }
    }`,
    { issueId: issue.node, repositoryId: data.node_id },
  );
};

describe("a conversation", () => {
  it.each([
    { what: "locked", close: lock, says: "is locked" },
    { what: "deleted", close: remove, says: "has been deleted" },
    { what: "moved", close: transfer, says: "moved to another repository" },
  ])("that is $what takes no comment, and is not asked twice", async ({ close, says }) => {
    await close();
    const before = posts();
    const posting = githubComments(access).create(issue.number, "Queued");
    await expect(posting).rejects.toMatchObject({ code: "thread-closed", message: expect.stringContaining(says) });
    expect(posts()).toBe(before + 1);
  });

  it("that is unlocked again takes comments again", async () => {
    await lock();
    await unlock();
    expect(await githubComments(access).create(issue.number, "Queued")).toMatchObject({
      author: "github-actions[bot]",
    });
  });

  it.each([
    { what: "deleted", close: remove },
    { what: "moved", close: transfer },
  ])("that is $what takes no label, lacks none, and loses none", async ({ close }) => {
    await close();
    const labels = githubLabels(access);
    await expect(labels.add(issue.number, LABEL)).rejects.toMatchObject({ code: "thread-closed" });
    await labels.remove(issue.number, LABEL);
  });

  it("shows that its label is off, on again, or deleted from the whole repository", async () => {
    const labels = githubLabels(access);
    expect(await labels.has(issue.number, LABEL)).toBe(false);
    await labels.add(issue.number, LABEL);
    expect(await labels.has(issue.number, LABEL)).toBe(true);
    await mona().rest.issues.deleteLabel({ ...HELLO, name: LABEL });
    expect(await labels.has(issue.number, LABEL)).toBe(false);
    await labels.add(issue.number, LABEL);
    expect(await labels.has(issue.number, LABEL)).toBe(true);
  });
});

describe("a reaction", () => {
  const react = (id: number) => githubReactions(access).add({ kind: "comment", id, url: "" }, "eyes");
  const command = async () =>
    (await mona().rest.issues.createComment({ ...HELLO, issue_number: issue.number, body: "/dispatch x" })).data.id;

  it("to a command that has been deleted is no failure, and makes nobody the first", async () => {
    const id = await command();
    await mona().rest.issues.deleteComment({ ...HELLO, comment_id: id });
    expect(await react(id)).toBe("again");
  });

  it("to a command in a locked conversation is no failure either", async () => {
    const id = await command();
    await lock();
    expect(await react(id)).toBe("again");
  });
});
