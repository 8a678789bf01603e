import { describe, expect, it } from "vitest";
import { githubConfigProposals } from "../../src/adapters/github-config-proposals.ts";
import { api, graphql, graphqlRefusal, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const repository = { server: "https://github.com", owner: "octo-org", repo: "hello" };
const proposals = () => githubConfigProposals({ ...testAccess(), repository });

interface State {
  readonly main?: string | null;
  readonly branch?: { readonly head: string; readonly text: string | null } | null;
  readonly pulls?: readonly object[];
}

const target = (oid: string, text: string | null) => ({
  __typename: "Commit",
  oid,
  file: ({ path }: { path: string }) =>
    path === ".github/dispatch.yml" && text !== null
      ? { object: { __typename: "Blob", oid: "b1", text, isTruncated: false } }
      : null,
});

/** What the repository looks like for the next look. */
function state({ main = "default: opus\n", branch = null, pulls = [] }: State = {}) {
  return graphql({
    repository: {
      defaultBranchRef: { name: "trunk", target: target("m1", main) },
      ref: ({ qualifiedName }: { qualifiedName: string }) =>
        qualifiedName === "refs/heads/dispatch/config" && branch !== null
          ? { target: target(branch.head, branch.text) }
          : null,
      pullRequests: ({ headRefName }: { headRefName: string }) => ({
        nodes: headRefName === "dispatch/config" ? pulls : [],
      }),
    },
  });
}

const pull = (more: object = {}) => ({
  number: 5,
  url: "https://github.com/octo-org/hello/pull/5",
  title: "Change the Dispatch config",
  body: "Before",
  state: "OPEN",
  baseRefName: "trunk",
  headRefOid: "c1",
  isCrossRepository: false,
  ...more,
});

const change = {
  text: "default: sonnet\n",
  message: "Dispatch config: sonnet\n\n- more",
  title: "Change the Dispatch config",
  body: (present: string | null) => (present === null ? "First" : `${present}, then`),
};

const refAsked = () => api().post(`${repo}/git/refs`, { ref: "refs/heads/dispatch/config", sha: "m1" });
const committed = () => graphql({ createCommitOnBranch: { commit: { oid: "c9" } } });
const pullAsked = () =>
  api().post(`${repo}/pulls`, {
    head: "dispatch/config",
    base: "trunk",
    title: change.title,
    body: "First",
    draft: false,
  });
const opened = { number: 6, html_url: "https://github.com/octo-org/hello/pull/6", node_id: "PR_6", draft: false };

describe("the text that the next change starts from", () => {
  it.each<[string, State, string | null]>([
    ["the default branch's", {}, "default: opus\n"],
    ["none", { main: null }, null],
    ["the open proposal's", { branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull()] }, "keep: 1\n"],
    [
      "the default branch's when the proposal was merged",
      { branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull({ state: "MERGED" })] },
      "default: opus\n",
    ],
    [
      "the default branch's when the proposal was turned down",
      { branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull({ state: "CLOSED" })] },
      "default: opus\n",
    ],
    [
      "the branch's, where GitHub has not let us open its pull request",
      { branch: { head: "c2", text: "keep: 1\n" }, pulls: [pull({ state: "CLOSED", headRefOid: "c1" })] },
      "keep: 1\n",
    ],
    [
      "not that of a fork with a branch of the same name",
      { pulls: [pull({ isCrossRepository: true })] },
      "default: opus\n",
    ],
  ])("is %s", async (_, present, text) => {
    state(present);
    expect(await proposals().read()).toEqual({ text });
  });

  it("is asked for in vain before the first commit", async () => {
    graphql({ repository: { defaultBranchRef: null, ref: () => null, pullRequests: { nodes: [] } } });
    await expect(proposals().read()).rejects.toMatchObject({
      code: "config-proposal-refused",
      nextStep: expect.stringContaining("first commit"),
    });
  });
});

describe("a proposal", () => {
  it("begins a branch and a pull request", async () => {
    const at = proposals();
    state();
    await at.read();
    refAsked().reply(201, {});
    const { asked } = committed();
    pullAsked().reply(201, opened);
    expect(await at.propose(change)).toEqual({ number: 6, url: opened.html_url });
    expect(asked[0]?.variables["input"]).toEqual({
      branch: { repositoryNameWithOwner: "octo-org/hello", branchName: "dispatch/config" },
      message: { headline: "Dispatch config: sonnet", body: "- more" },
      expectedHeadOid: "m1",
      fileChanges: {
        additions: [{ path: ".github/dispatch.yml", contents: Buffer.from(change.text).toString("base64") }],
      },
    });
  });

  it("joins the one that is open", async () => {
    const at = proposals();
    state({ branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull()] });
    await at.read();
    const { asked } = committed();
    api().patch(`${repo}/pulls/5`, { title: change.title, body: "Before, then" }).reply(200, {});
    expect(await at.propose(change)).toEqual({ number: 5, url: pull().url });
    expect(asked[0]?.variables["input"]).toMatchObject({ expectedHeadOid: "c1" });
  });

  it("begins anew over a branch that was merged", async () => {
    const at = proposals();
    state({ branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull({ state: "MERGED" })] });
    await at.read();
    api().delete(`${repo}/git/refs/heads%2Fdispatch%2Fconfig`).reply(204);
    refAsked().reply(201, {});
    committed();
    pullAsked().reply(201, opened);
    expect(await at.propose(change)).toMatchObject({ number: 6 });
  });

  it("that was cut off after its commit gets its pull request", async () => {
    const at = proposals();
    state({ branch: { head: "c1", text: change.text } });
    await at.read();
    pullAsked().reply(201, opened);
    expect(await at.propose(change)).toMatchObject({ number: 6 });
  });

  it("that says nothing new changes nothing", async () => {
    const at = proposals();
    state({ branch: { head: "c1", text: change.text }, pulls: [pull()] });
    await at.read();
    expect(await at.propose({ ...change, body: (present) => present ?? "" })).toMatchObject({ number: 5 });
  });

  it.each([
    [403, "GitHub Actions is not permitted to create or approve pull requests."],
    [403, "Resource not accessible by integration"],
    [422, "Pull requests are disabled here"],
  ])("is pushed all the same where GitHub refuses the pull request: %d %s", async (status, message) => {
    const at = proposals();
    state();
    await at.read();
    refAsked().reply(201, {});
    committed();
    pullAsked().reply(status, { message });
    expect(await at.propose(change)).toEqual({
      number: null,
      url: "https://github.com/octo-org/hello/compare/trunk...dispatch/config?expand=1&title=Change+the+Dispatch+config",
    });
  });

  it.each([
    ["the branch", 422, "Repository rule violations found"],
    ["any writing", 403, "Resource not accessible by integration"],
  ])("tells GitHub's words where it refuses %s", async (_, status, message) => {
    const at = proposals();
    state();
    await at.read();
    refAsked().reply(status, { message });
    await expect(at.propose(change)).rejects.toMatchObject({
      code: "config-proposal-refused",
      message: expect.stringContaining(message),
      nextStep: expect.stringContaining("dispatch/**"),
    });
  });
});

describe("somebody else who is faster", () => {
  it.each([
    ["moved the branch on", "STALE_DATA", 'Expected branch to point to "m1"'],
    ["deleted it", "NOT_FOUND", "No such branch"],
  ])("%s: everything is read again", async (_, type, message) => {
    const at = proposals();
    state({ branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull()] });
    await at.read();
    graphqlRefusal(type, message);
    await expect(at.propose(change)).rejects.toMatchObject({ code: "config-proposal-stale" });
  });

  it("has begun the branch", async () => {
    const at = proposals();
    state();
    await at.read();
    refAsked().reply(422, { message: "Reference already exists" });
    graphqlRefusal("STALE_DATA", 'Expected branch to point to "m1"');
    await expect(at.propose(change)).rejects.toMatchObject({ code: "config-proposal-stale" });
  });

  it("in this very process cannot be built upon by mistake", async () => {
    const at = proposals();
    await expect(at.propose(change)).rejects.toMatchObject({ code: "config-proposal-stale" });
    state({ branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull()] });
    await at.read();
    state({ branch: { head: "c2", text: "keep: 2\n" }, pulls: [pull()] });
    await at.read();
    await expect(at.propose(change)).rejects.toMatchObject({ code: "config-proposal-stale" });
  });
});

it("survives a commit whose reply was lost", async () => {
  const at = proposals();
  state({ branch: { head: "c1", text: "keep: 1\n" }, pulls: [pull()] });
  await at.read();
  api().post("/graphql").reply(502, "");
  state({ branch: { head: "c2", text: change.text }, pulls: [pull()] });
  api().patch(`${repo}/pulls/5`).reply(200, {});
  expect(await at.propose(change)).toMatchObject({ number: 5 });
});
