import { describe, expect, it } from "vitest";
import { githubLabels } from "../../src/adapters/github-labels.ts";
import { githubPermissions } from "../../src/adapters/github-permissions.ts";
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

describe("permissions", () => {
  const may = (login = "mona") => githubPermissions(testAccess()).mayWrite(login);
  const asked = () => api().get(`${repo}/collaborators/mona/permission`);

  it.each([
    { permission: "admin", role_name: "admin", yes: true },
    { permission: "write", role_name: "write", yes: true },
    { permission: "write", role_name: "maintain", yes: true },
    { permission: "write", role_name: "release-crew", yes: true },
    { permission: "read", role_name: "triage", yes: false },
    { permission: "read", role_name: "read", yes: false },
    { permission: "none", role_name: "none", yes: false },
    { permission: "owner", role_name: "admin", yes: false },
    { permission: undefined, role_name: "admin", yes: false },
  ])("$permission ($role_name) may write: $yes", async ({ permission, role_name, yes }) => {
    asked().reply(200, { permission, role_name, user: { login: "mona" } });
    expect(await may()).toBe(yes);
  });

  it.each([401, 403, 404, 410])("are a no after a %i", async (status) => {
    asked().reply(status, { message: "No" });
    expect(await may()).toBe(false);
  });

  it("are a no when GitHub cannot be reached at all", async () => {
    // Two tries, 400 and 800 ms apart, fit into a second.
    asked().times(2).reply(503);
    const impatient = githubPermissions({ ...testAccess(), deadlineMs: 1_000 });
    expect(await impatient.mayWrite("mona")).toBe(false);
  });

  it.each(["", "mona/../../x", "..", "a b"])("are a no for %j, without asking", async (login) => {
    expect(await may(login)).toBe(false);
  });
});
