import nock from "nock";
import { describe, expect, it } from "vitest";
import { githubConversations } from "../../src/adapters/github-conversation.ts";
import { api, graphql, repo, testAccess, testClock, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const conversations = githubConversations(testAccess());
const mona = { __typename: "User", login: "mona" };
const hubot = { __typename: "User", login: "hubot" };
const app = { __typename: "Bot", login: "dispatch" };

function said(author: object | null, body: string, at: string, editedAt: string | null = null) {
  return { author, body, createdAt: `2026-11-20T${at}Z`, lastEditedAt: editedAt };
}

const config = { __typename: "Blob", oid: "b1", text: "default: opus\n", isTruncated: false };
const setup = { __typename: "Blob", oid: "b2", text: "version: 1\n", isTruncated: false };

/** The file of the owner's repository `.github`, which is looked for where the repository has none. */
const shared = () => api().get("/repos/octo-org/.github/contents/.github%2Fdispatch.yml");

function repository(topic: object | null, more: object = {}) {
  return {
    repository: {
      defaultBranchRef: { name: "trunk" },
      object: ({ expression }: { expression: string }) => (expression === "HEAD:.github/dispatch.yml" ? config : null),
      issueOrPullRequest: ({ number }: { number: number }) => (number === 2 ? topic : null),
      ...more,
    },
  };
}

describe("an issue", () => {
  it("is read with the config and the default branch in one request", async () => {
    const { asked } = graphql(
      repository({
        __typename: "Issue",
        title: "Login fails",
        body: "It does.",
        editedAt: null,
        closed: false,
        author: mona,
        comments: {
          nodes: [
            said(hubot, "Same here", "10:00:00", "2026-11-20T10:05:00Z"),
            said(app, "On it", "10:01:00"),
            said(null, "?", "10:02:00"),
          ],
        },
      }),
    );
    expect(await conversations.read({ kind: "issue", number: 2 })).toEqual({
      defaultBranch: "trunk",
      config: "default: opus\n",
      configFrom: "repository",
      setup: null,
      topic: {
        title: "Login fails",
        body: "It does.",
        editedAt: null,
        author: "mona",
        open: true,
        pull: null,
        remarks: [
          {
            author: "hubot",
            body: "Same here",
            createdAt: "2026-11-20T10:00:00Z",
            editedAt: "2026-11-20T10:05:00Z",
            place: null,
          },
          { author: "dispatch[bot]", body: "On it", createdAt: "2026-11-20T10:01:00Z", editedAt: null, place: null },
          { author: "ghost", body: "?", createdAt: "2026-11-20T10:02:00Z", editedAt: null, place: null },
        ],
      },
    });
    expect(asked).toHaveLength(1);
  });
});

describe("a pull request", () => {
  const pull = {
    __typename: "PullRequest",
    title: "Add login",
    body: "",
    closed: true,
    author: hubot,
    headRefName: "login",
    headRefOid: "c9",
    baseRefName: "trunk",
    isCrossRepository: true,
    comments: { nodes: [said(mona, "Nice", "12:00:00")] },
    reviews: { nodes: [said(mona, "", "11:00:00"), said(mona, "Two remarks", "11:00:01")] },
    reviewThreads: {
      nodes: [
        {
          comments: {
            nodes: [
              { ...said(mona, "Why?", "11:30:00"), path: "a.ts", line: 3, originalLine: 3, diffHunk: "@@ -1 +1 @@" },
              {
                ...said(hubot, "Because", "13:00:00"),
                path: "a.ts",
                line: null,
                originalLine: 5,
                diffHunk: "@@ -2 +2 @@",
              },
            ],
          },
        },
      ],
    },
  };

  it("has its head, and all that was said in the order of time, line comments with their place", async () => {
    graphql(repository(pull));
    const { topic } = await conversations.read({ kind: "pull", number: 2 });
    expect(topic).toMatchObject({ open: false, pull: { branch: "login", sha: "c9", base: "trunk", fork: true } });
    expect(topic?.remarks.map(({ body, place }) => ({ body, place }))).toEqual([
      { body: "Two remarks", place: null },
      { body: "Why?", place: { path: "a.ts", line: 3, diffHunk: "@@ -1 +1 @@" } },
      { body: "Nice", place: null },
      { body: "Because", place: { path: "a.ts", line: 5, diffHunk: "@@ -2 +2 @@" } },
    ]);
  });
});

describe("the repository alone", () => {
  it("is read for a task without a thread", async () => {
    graphql(repository(null));
    expect(await conversations.read(null)).toEqual({
      defaultBranch: "trunk",
      config: "default: opus\n",
      configFrom: "repository",
      setup: null,
      topic: null,
    });
  });

  it.each([
    { what: "no config", object: () => null },
    { what: "a folder of that name", object: () => ({ __typename: "Tree" }) },
  ])("has no config where there is $what", async ({ object }) => {
    graphql(repository(null, { object }));
    shared().reply(404, { message: "Not Found" });
    expect(await conversations.read(null)).toMatchObject({ config: null, configFrom: null });
  });

  it("comes with what doctor has found", async () => {
    const object = ({ expression }: { expression: string }) =>
      expression === "refs/heads/dispatch/setup:setup.yaml" ? setup : config;
    graphql(repository(null, { object }));
    expect(await conversations.read(null)).toMatchObject({ config: "default: opus\n", setup: "version: 1\n" });
  });

  it("does not take a config that looks binary for none", async () => {
    const object = ({ expression }: { expression: string }) =>
      expression.startsWith("HEAD:") ? { ...config, text: null } : null;
    graphql(repository(null, { object }));
    api()
      .get(`${repo}/git/blobs/b1`)
      .reply(200, { content: Buffer.from("\0default").toString("base64") });
    expect((await conversations.read(null)).config).toBe("\0default");
  });

  it("names a default branch even before the first commit", async () => {
    graphql(repository(null, { defaultBranchRef: null, object: () => null }));
    shared().reply(404, {});
    expect((await conversations.read(null)).defaultBranch).toBe("main");
  });
});

describe("the organisation's config", () => {
  const none = () => graphql(repository(null, { object: () => null }));

  it("counts where the repository has none", async () => {
    none();
    shared().reply(200, { content: Buffer.from("default: sonnet\n").toString("base64") });
    expect(await conversations.read(null)).toMatchObject({ config: "default: sonnet\n", configFrom: "organisation" });
  });

  it.each([
    ["not there", 404, { message: "Not Found" }],
    ["not to be seen", 403, { message: "Resource not accessible by integration" }],
    ["a folder", 200, [{ type: "file" }]],
  ])("is none where it is %s", async (_, status, body) => {
    none();
    shared().reply(status, body);
    expect(await conversations.read(null)).toMatchObject({ config: null, configFrom: null });
  });

  it("holds nobody up for long while GitHub has trouble", async () => {
    none();
    shared().times(10).reply(502, {});
    const clock = testClock();
    expect(await githubConversations(testAccess(clock)).read(null)).toMatchObject({ config: null });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(5_000);
    nock.cleanAll();
  });

  it("is not looked for by the repository that holds it", async () => {
    none();
    const own = githubConversations({ ...testAccess(), repo: ".github" });
    expect(await own.read(null)).toMatchObject({ config: null, configFrom: null });
  });
});
