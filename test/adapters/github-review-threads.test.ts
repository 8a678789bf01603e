import { describe, expect, it } from "vitest";
import { githubReviewThreads } from "../../src/adapters/github-review-threads.ts";
import { api, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const threads = () => githubReviewThreads(testAccess());
const BODY = "<!-- dispatch:question 2/fix-login-7k2q 001 -->\nWhich port?";

function comment(given: { id: number; body?: string; login?: string; type?: string; at?: string }) {
  const { id, body = BODY, login = "dispatch[bot]", type = "Bot", at = "2026-11-20T12:00:00Z" } = given;
  const html_url = `https://github.com/octo-org/hello/pull/2#discussion_r${id}`;
  return { id, body, html_url, created_at: at, user: { login, type } };
}

const post = () => api().post(`${repo}/pulls/2/comments/5/replies`, { body: BODY });
const since = (moment: string) =>
  api().get(`${repo}/pulls/2/comments`).query({ since: moment, per_page: 100, page: 1 });

describe("a reply in a review thread", () => {
  it("is posted below its first comment", async () => {
    post().reply(201, comment({ id: 7 }));
    expect(await threads().reply(2, 5, BODY)).toMatchObject({
      id: 7,
      author: "dispatch[bot]",
      url: "https://github.com/octo-org/hello/pull/2#discussion_r7",
    });
  });

  it("is looked for when nobody knows whether it was posted", async () => {
    post().reply(502, "");
    since("2026-11-20T11:59:00Z").reply(200, [
      comment({ id: 6, login: "stranger", type: "User" }),
      comment({ id: 7, body: `${BODY}\nAnswered` }),
    ]);
    expect(await threads().reply(2, 5, BODY)).toMatchObject({ id: 7 });
  });

  it.each([404, 410])("is none where the thread is gone (%i)", async (status) => {
    post().reply(status, { message: "Not Found" });
    expect(await threads().reply(2, 5, BODY)).toBeNull();
  });

  it("lets a refusal rise", async () => {
    post().reply(403, { message: "Resource not accessible by integration" });
    await expect(threads().reply(2, 5, BODY)).rejects.toMatchObject({ status: 403 });
  });

  it("is edited, also when it is gone by then", async () => {
    api()
      .patch(`${repo}/pulls/comments/7`, { body: BODY })
      .reply(200, comment({ id: 7 }));
    expect(await threads().edit(7, BODY)).toBe("edited");
    api().patch(`${repo}/pulls/comments/7`).reply(404, { message: "Not Found" });
    expect(await threads().edit(7, BODY)).toBe("gone");
  });

  it("is found again among all that were written since", async () => {
    since("2026-11-20T12:00:00Z").reply(200, [
      comment({ id: 6, at: "2026-11-20T11:00:00Z" }),
      comment({ id: 7 }),
      { ...comment({ id: 8 }), user: null },
    ]);
    const found = await threads().since(2, "2026-11-20T12:00:00.500Z");
    expect(found).toMatchObject([
      { id: 7, author: "dispatch[bot]", body: BODY, fromBot: true },
      { id: 8, author: "ghost" },
    ]);
  });
});
