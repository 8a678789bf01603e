import { describe, expect, it } from "vitest";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { githubIssues } from "../../src/adapters/github-issues.ts";
import { api, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const comments = () => githubComments(testAccess());
const MARK = "<!-- dispatch:status 1/fix-login-7k2q -->";
const BODY = `${MARK}\nQueued`;

function comment(given: { id: number; body?: string; login?: string; type?: string; at?: string }) {
  const { id, body = BODY, login = "dispatch[bot]", type = "Bot", at = "2026-11-20T12:00:00Z" } = given;
  return {
    id,
    body,
    html_url: `https://github.com/octo-org/hello/issues/1#issuecomment-${id}`,
    created_at: at,
    user: { login, type },
  };
}

function since(moment = "2026-11-20T11:59:00Z", page = 1) {
  return api().get(`${repo}/issues/1/comments`).query({ since: moment, per_page: 100, page });
}

describe("create", () => {
  it("posts and names the comment", async () => {
    api()
      .post(`${repo}/issues/1/comments`, { body: BODY })
      .reply(201, comment({ id: 7 }));
    expect(await comments().create(1, BODY)).toMatchObject({
      id: 7,
      author: "dispatch[bot]",
      url: "https://github.com/octo-org/hello/issues/1#issuecomment-7",
    });
  });

  it.each([
    { lost: "a 502", fail: (scope: ReturnType<typeof post>) => scope.reply(502, "") },
    { lost: "a broken connection", fail: (scope: ReturnType<typeof post>) => scope.replyWithError("socket hang up") },
    {
      lost: "half a reply",
      fail: (scope: ReturnType<typeof post>) => scope.reply(201, '{"id":', { "content-type": "application/json" }),
    },
  ])("takes the comment that $lost left behind, even when it has been edited", async ({ fail }) => {
    fail(post());
    since().reply(200, [
      comment({ id: 6, body: "Me too", login: "mona" }),
      comment({ id: 7, body: `${MARK}\nRunning` }),
    ]);
    expect(await comments().create(1, BODY)).toMatchObject({ id: 7 });
  });

  it.each([
    { what: "somebody else's with our mark", present: comment({ id: 6, login: "stranger", type: "User" }) },
    { what: "ours with another mark", present: comment({ id: 6, body: "<!-- dispatch:status 1/other-1111 -->" }) },
    { what: "one from before", present: comment({ id: 6, at: "2026-11-20T11:58:59Z" }) },
  ])("posts again when only $what is there", async ({ present }) => {
    post().reply(502, "");
    since().reply(200, [present]);
    post().reply(201, comment({ id: 7 }));
    expect(await comments().create(1, BODY)).toMatchObject({ id: 7 });
  });

  it("lets a refusal rise", async () => {
    post().reply(403, { message: "Resource not accessible by integration" });
    await expect(comments().create(1, BODY)).rejects.toMatchObject({ status: 403 });
  });

  it.each([
    { status: 403, message: "Unable to create comment because issue is locked.", says: "#1 is locked" },
    { status: 410, message: "This issue was deleted", says: "#1 has been deleted" },
    { status: 404, message: "Not Found", says: "#1 has been deleted" },
  ])("says of a conversation why it takes none, after one try ($status)", async ({ status, message, says }) => {
    post().reply(status, { message });
    await expect(comments().create(1, BODY)).rejects.toMatchObject({
      code: "thread-closed",
      message: expect.stringContaining(says),
    });
  });

  function post() {
    return api().post(`${repo}/issues/1/comments`);
  }
});

describe("since", () => {
  it("counts the whole second of the moment, and leaves out what was only edited since", async () => {
    since("2026-11-20T12:00:05Z").reply(200, [
      comment({ id: 1, at: "2026-11-20T11:00:00Z" }),
      comment({ id: 2, at: "2026-11-20T12:00:05Z", login: "mona", type: "User", body: "yes" }),
    ]);
    expect(await comments().since(1, "2026-11-20T12:00:05.700Z")).toEqual([
      {
        id: 2,
        author: "mona",
        url: "https://github.com/octo-org/hello/issues/1#issuecomment-2",
        body: "yes",
        createdAt: "2026-11-20T12:00:05Z",
        fromBot: false,
      },
    ]);
  });

  it("reads every page", async () => {
    const many = Array.from({ length: 100 }, (_, index) => comment({ id: index + 1 }));
    since("2026-11-20T12:00:00Z").reply(200, many);
    since("2026-11-20T12:00:00Z", 2).reply(200, [comment({ id: 101 })]);
    const all = await comments().since(1, "2026-11-20T12:00:00Z");
    expect(all.map(({ id }) => id)).toEqual([...many.map(({ id }) => id), 101]);
  });

  it("names the author of a deleted account", async () => {
    since("2026-11-20T12:00:00Z").reply(200, [{ ...comment({ id: 1 }), user: null }]);
    expect(await comments().since(1, "2026-11-20T12:00:00Z")).toMatchObject([{ author: "ghost", fromBot: false }]);
  });
});

describe("edit and remove", () => {
  it("edits, again after trouble", async () => {
    api().patch(`${repo}/issues/comments/7`).reply(502, "");
    api()
      .patch(`${repo}/issues/comments/7`, { body: "Done" })
      .reply(200, comment({ id: 7 }));
    expect(await comments().edit(7, "Done")).toBe("edited");
  });

  it("says that a deleted comment is gone", async () => {
    api().patch(`${repo}/issues/comments/7`).reply(404, { message: "Not Found" });
    expect(await comments().edit(7, "Done")).toBe("gone");
  });

  it("says that a locked conversation takes no edit, after one try", async () => {
    api().patch(`${repo}/issues/comments/7`).reply(403, { message: "Issue is locked." });
    expect(await comments().edit(7, "Done")).toBe("closed");
  });

  it.each([204, 404])("is content when removing answers %i", async (status) => {
    api().delete(`${repo}/issues/comments/7`).reply(status);
    await comments().remove(7);
  });
});

describe("read", () => {
  const posted = {
    id: 7,
    body: "/dispatch cancel",
    created_at: "2026-11-20T12:00:00Z",
    user: { login: "mona", id: 1, type: "User" },
  };
  const written = { by: { login: "mona", id: 1 }, body: "/dispatch cancel", at: "2026-11-20T12:00:00Z" };

  it.each([
    { source: { kind: "comment", id: 7 }, path: "issues/comments/7" },
    { source: { kind: "review-comment", id: 7 }, path: "pulls/comments/7" },
    { source: { kind: "issue", id: 7 }, path: "issues/7" },
  ] as const)("finds what somebody wrote in a $source.kind", async ({ source, path }) => {
    api().get(`${repo}/${path}`).reply(200, posted);
    expect(await comments().read(source)).toEqual(written);
  });

  it.each([404, 410])("says that it is gone (%i)", async (status) => {
    api().get(`${repo}/issues/comments/7`).reply(status, { message: "Gone" });
    expect(await comments().read({ kind: "comment", id: 7 })).toBeNull();
  });

  it.each(["review", "workflow"] as const)("does not look for a %s, which has no address of its own", async (kind) => {
    expect(await comments().read({ kind, id: 7 })).toBeNull();
  });

  it("knows nobody behind a deleted account, and no words in an empty issue", async () => {
    api()
      .get(`${repo}/issues/7`)
      .reply(200, { ...posted, body: null, user: null });
    expect(await comments().read({ kind: "issue", id: 7 })).toEqual({
      ...written,
      by: { login: "ghost", id: 0 },
      body: "",
    });
  });

  it("asks again after trouble, and lets a refusal rise", async () => {
    api().get(`${repo}/issues/comments/7`).reply(502, "");
    api().get(`${repo}/issues/comments/7`).reply(200, posted);
    expect(await comments().read({ kind: "comment", id: 7 })).toEqual(written);
    api().get(`${repo}/issues/comments/7`).reply(403, { message: "Resource not accessible by integration" });
    await expect(comments().read({ kind: "comment", id: 7 })).rejects.toMatchObject({ status: 403 });
  });
});

describe("stands", () => {
  it("costs nothing while nothing has changed, and sees that the comment is gone", async () => {
    const port = comments();
    api()
      .get(`${repo}/issues/comments/7`)
      .reply(200, comment({ id: 7 }), { etag: '"a"' });
    api().get(`${repo}/issues/comments/7`).matchHeader("if-none-match", '"a"').reply(304);
    api().get(`${repo}/issues/comments/7`).matchHeader("if-none-match", '"a"').reply(404, { message: "Not Found" });
    expect([await port.stands(7), await port.stands(7), await port.stands(7)]).toEqual([true, true, false]);
  });

  it("takes for granted what the limits leave no room to look at", async () => {
    api().get(`${repo}/issues/comments/7`).reply(429, { message: "You have exceeded a secondary rate limit." });
    expect(await comments().stands(7)).toBe(true);
  });
});

describe("issues", () => {
  const issues = () => githubIssues(testAccess());
  const issue = {
    number: 9,
    title: "Fix",
    body: BODY,
    created_at: "2026-11-20T12:00:00Z",
    user: { login: "dispatch[bot]" },
  };

  it("opens one", async () => {
    api().post(`${repo}/issues`, { title: "Fix", body: BODY }).reply(201, issue);
    expect(await issues().open("Fix", BODY)).toEqual({ kind: "issue", number: 9 });
  });

  it("finds the one that a lost reply left behind", async () => {
    api().post(`${repo}/issues`).replyWithError("socket hang up");
    api()
      .get(`${repo}/issues`)
      .query(true)
      .reply(200, [{ ...issue, number: 8, user: { login: "mona" } }, issue]);
    expect(await issues().open("Fix", BODY)).toEqual({ kind: "issue", number: 9 });
  });

  it("says that issues are off", async () => {
    api().post(`${repo}/issues`).reply(410, { message: "Issues are disabled for this repo" });
    await expect(issues().open("Fix", BODY)).rejects.toMatchObject({ code: "issues-off" });
  });
});
