import { describe, expect, it } from "vitest";
import { githubLabels } from "../../src/adapters/github-labels.ts";
import { api, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

describe("labels", () => {
  const labels = githubLabels(testAccess());

  it("are put on, again after trouble", async () => {
    api().post(`${repo}/issues/1/labels`).replyWithError("socket hang up");
    api()
      .post(`${repo}/issues/1/labels`, { labels: ["dispatch: waiting"] })
      .reply(200, [{ name: "dispatch: waiting" }]);
    await labels.add(1, "dispatch: waiting");
  });

  it.each([
    { found: "it", labels: [{ name: "bug" }, { name: "dispatch: waiting" }], has: true },
    { found: "others", labels: [{ name: "bug" }], has: false },
    { found: "none", labels: [], has: false },
  ])("are looked for: where $found is found, the answer is $has", async ({ labels: present, has }) => {
    api().get(`${repo}/issues/1/labels`).query(true).reply(200, present);
    expect(await githubLabels(testAccess()).has(1, "dispatch: waiting")).toBe(has);
  });

  it("are not missed where the conversation is gone", async () => {
    api().get(`${repo}/issues/1/labels`).query(true).reply(410, { message: "This issue was deleted" });
    expect(await githubLabels(testAccess()).has(1, "dispatch: waiting")).toBe(true);
  });

  it.each([200, 404, 410])("are off after a %i", async (status) => {
    api().delete(`${repo}/issues/1/labels/dispatch%3A%20waiting`).reply(status, []);
    await labels.remove(1, "dispatch: waiting");
  });
});
