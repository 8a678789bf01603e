import { describe, expect, it } from "vitest";
import { githubReactions } from "../../src/adapters/github-reactions.ts";
import { api, graphql, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

describe("reactions", () => {
  const reactions = githubReactions(testAccess());
  const url = "https://github.com/octo-org/hello/pull/2#pullrequestreview-5";

  it.each([
    { kind: "comment", id: 7, path: "/issues/comments/7/reactions" },
    { kind: "issue", id: 12, path: "/issues/12/reactions" },
    { kind: "review-comment", id: 8, path: "/pulls/comments/8/reactions" },
  ] as const)("tell the first from a repeated one on a $kind", async ({ kind, id, path }) => {
    api().post(`${repo}${path}`, { content: "eyes" }).reply(201, { id: 1 });
    api().post(`${repo}${path}`, { content: "eyes" }).reply(200, { id: 1 });
    expect(await reactions.add({ kind, id, url }, "eyes")).toBe("first");
    expect(await reactions.add({ kind, id, url }, "eyes")).toBe("again");
  });

  function review(viewerHasReacted: boolean) {
    api().get(`${repo}/pulls/2/reviews/5`).reply(200, { id: 5, node_id: "PRR_5" });
    const reactionGroups = [
      { content: "EYES", viewerHasReacted: true },
      { content: "CONFUSED", viewerHasReacted },
    ];
    graphql({
      node: ({ id }: { id: string }) => (id === "PRR_5" ? { __typename: "PullRequestReview", reactionGroups } : null),
    });
  }

  it("go to a review by GraphQL", async () => {
    review(false);
    let added: unknown;
    graphql({
      addReaction: ({ input }: { input: unknown }) => {
        added = input;
        return { reaction: { id: "R_1" } };
      },
    });
    expect(await reactions.add({ kind: "review", id: 5, url }, "confused")).toBe("first");
    expect(added).toEqual({ subjectId: "PRR_5", content: "CONFUSED" });
  });

  it("are not repeated on a review", async () => {
    review(true);
    expect(await reactions.add({ kind: "review", id: 5, url }, "confused")).toBe("again");
  });

  it("have no place on a workflow run", async () => {
    expect(await reactions.add({ kind: "workflow", id: 1, url }, "eyes")).toBe("first");
  });
});
