import { describe, expect, it } from "vitest";
import { githubReviews } from "../../src/adapters/github-reviews.ts";
import { api, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const reviews = githubReviews(testAccess());
const MARK = "<!-- dispatch:review 2/tidy-7k2q 1 -->";
const REVIEW = {
  body: `${MARK}\nTwo things.`,
  comments: [
    { path: "a.js", line: 3, startLine: null, body: "This." },
    { path: "a.js", line: 9, startLine: 7, body: "That." },
  ],
};
const OURS = { id: 1, user: { login: "dispatch[bot]" }, body: `${MARK}\nTwo things.` };

function listed(...found: object[]) {
  api().get(`${repo}/pulls/2/reviews`).query({ page: 1, per_page: 100 }).reply(200, found);
}

const asked = () =>
  api().post(`${repo}/pulls/2/reviews`, {
    event: "COMMENT",
    body: REVIEW.body,
    comments: [
      { path: "a.js", line: 3, side: "RIGHT", body: "This." },
      { path: "a.js", line: 9, side: "RIGHT", start_line: 7, start_side: "RIGHT", body: "That." },
    ],
  });

describe("a review", () => {
  it("is posted in one call", async () => {
    listed();
    asked().reply(200, OURS);
    expect(await reviews.post(2, REVIEW)).toBe("posted");
  });

  it("is posted once", async () => {
    listed({ ...OURS, id: 7, body: "LGTM" }, OURS);
    expect(await reviews.post(2, REVIEW)).toBe("there");
  });

  it.each([
    { what: "somebody else's", found: { ...OURS, user: { login: "mona" } } },
    { what: "of another attempt", found: { ...OURS, body: `${MARK.replace(" 1 ", " 2 ")}\nTwo things.` } },
    { what: "of nobody any more", found: { ...OURS, user: null } },
  ])("does not take one that is $what for its own", async ({ found }) => {
    listed(found);
    asked().reply(200, OURS);
    expect(await reviews.post(2, REVIEW)).toBe("posted");
  });

  it("is looked for when the reply was lost, before it is posted again", async () => {
    listed();
    asked().replyWithError("socket hang up");
    listed(OURS);
    expect(await reviews.post(2, REVIEW)).toBe("posted");
  });

  it("is refused where GitHub does not take a line", async () => {
    listed();
    asked().reply(422, { message: "Unprocessable Entity", errors: ["Line could not be resolved"] });
    expect(await reviews.post(2, REVIEW)).toBe("refused");
  });

  it("without comments has no line that could be at fault", async () => {
    listed();
    api().post(`${repo}/pulls/2/reviews`).reply(422, { message: "Unprocessable Entity" });
    await expect(reviews.post(2, { ...REVIEW, comments: [] })).rejects.toMatchObject({ status: 422 });
  });
});

describe("the files of a pull request", () => {
  it("are read page by page, with their patches", async () => {
    const page = Array.from({ length: 100 }, (_, nth) => ({ filename: `${nth}.js`, patch: "@@ -1 +1 @@" }));
    api().get(`${repo}/pulls/2/files`).query({ page: 1, per_page: 100 }).reply(200, page);
    api()
      .get(`${repo}/pulls/2/files`)
      .query({ page: 2, per_page: 100 })
      .reply(200, [{ filename: "logo.png" }]);
    const files = await reviews.changedFiles(2);
    expect(files).toHaveLength(101);
    expect(files[0]).toEqual({ path: "0.js", patch: "@@ -1 +1 @@" });
    expect(files.at(-1)).toEqual({ path: "logo.png", patch: null });
  });
});
