import { describe, it } from "vitest";
import { githubLabels } from "../../src/adapters/github-labels.ts";
import { api, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

describe("labels", () => {
  const labels = githubLabels(testAccess());

  it("are put on, again after trouble", async () => {
    api().post(`${repo}/issues/1/labels`).replyWithError("socket hang up");
    api()
      .post(`${repo}/issues/1/labels`, { labels: ["dispatch: waiting"] })
      .reply(200, []);
    await labels.add(1, "dispatch: waiting");
  });

  it.each([200, 404])("are off after a %i", async (status) => {
    api().delete(`${repo}/issues/1/labels/dispatch%3A%20waiting`).reply(status, []);
    await labels.remove(1, "dispatch: waiting");
  });
});
