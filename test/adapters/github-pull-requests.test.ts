import { describe, expect, it } from "vitest";
import { githubPullRequests } from "../../src/adapters/github-pull-requests.ts";
import { api, graphql, graphqlRefusal, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const pulls = githubPullRequests(testAccess());
const draft = { branch: "dispatch/fix-login-7k2q", base: "main", title: "Fix login", body: "Closes #12", draft: true };
const opened = { number: 4, url: "https://github.com/octo-org/hello/pull/4", nodeId: "PR_4", draft: true };
const json = { number: 4, html_url: opened.url, node_id: "PR_4", draft: true, head: { ref: draft.branch } };

const asked = () =>
  api().post(`${repo}/pulls`, {
    head: draft.branch,
    base: "main",
    title: "Fix login",
    body: "Closes #12",
    draft: true,
  });

function listed(...found: object[]) {
  api()
    .get(`${repo}/pulls`)
    .query({ head: `octo-org:${draft.branch}`, state: "open" })
    .reply(200, found);
}

const refused = (message: string) => ({
  message: "Validation Failed",
  errors: [{ resource: "PullRequest", code: "custom", message }],
});

describe("open", () => {
  it("opens one", async () => {
    asked().reply(201, json);
    expect(await pulls.open(draft)).toEqual(opened);
  });

  it("returns the one that the branch has already", async () => {
    asked().reply(422, refused(`A pull request already exists for octo-org:${draft.branch}.`));
    listed({ ...json, number: 3, head: { ref: "other" } }, json);
    expect(await pulls.open(draft)).toEqual(opened);
  });

  it("finds the one that a lost reply left behind", async () => {
    asked().replyWithError("socket hang up");
    listed(json);
    expect(await pulls.open(draft)).toEqual(opened);
  });

  it("opens it again when the lost try has opened none", async () => {
    asked().reply(502, "");
    listed();
    asked().reply(201, json);
    expect(await pulls.open(draft)).toEqual(opened);
  });

  it.each([
    {
      status: 403,
      body: { message: "GitHub Actions is not permitted to create or approve pull requests." },
      code: "pull-request-refused",
      next: "Allow GitHub Actions to create and approve pull requests",
    },
    {
      status: 403,
      body: { message: "Resource not accessible by integration" },
      code: "pull-request-refused",
      next: "pull-requests: write",
    },
    {
      status: 422,
      body: refused("Draft pull requests are not supported in this repository."),
      code: "drafts-refused",
      next: "pull_request: ready",
    },
    {
      status: 422,
      body: refused("No commits between main and dispatch/fix-login-7k2q"),
      code: "pull-request-refused",
      next: "from the branch",
    },
    {
      status: 422,
      body: { message: "Validation Failed", errors: [{ resource: "PullRequest", field: "base", code: "invalid" }] },
      code: "base-missing",
      next: "another branch",
    },
  ])("says what to do when GitHub refuses: $code, $next", async ({ status, body, code, next }) => {
    asked().reply(status, body);
    await expect(pulls.open(draft)).rejects.toMatchObject({ code, nextStep: expect.stringContaining(next) });
  });

  it("repeats GitHub's words without its boilerplate", async () => {
    asked().reply(422, refused("No commits between main and x"));
    await expect(pulls.open(draft)).rejects.toThrow(
      /^GitHub refused to open the pull request: No commits between main and x$/,
    );
  });

  it("refuses a branch that is no branch", async () => {
    await expect(pulls.open({ ...draft, branch: "a..b" })).rejects.toThrow("Not the name of a branch");
  });
});

describe("title and body", () => {
  it("changes title and body, again after trouble", async () => {
    api().patch(`${repo}/pulls/4`).reply(502, "");
    api()
      .patch(`${repo}/pulls/4`, { title: "New", body: "Text" })
      .reply(200, { ...json, state: "open", merged: false });
    expect(await pulls.describe(4, { title: "New", body: "Text" })).toBe("open");
  });
});

it.each([
  { reply: { state: "open", merged: false }, state: "open" },
  { reply: { state: "closed", merged: false }, state: "closed" },
  { reply: { state: "closed", merged: true }, state: "merged" },
])("knows of a pull request that it is $state", async ({ reply, state }) => {
  api()
    .get(`${repo}/pulls/4`)
    .reply(200, { ...json, ...reply });
  expect(await pulls.stateOf(4)).toBe(state);
});

describe("markReady", () => {
  it("makes a draft ready", async () => {
    let id: unknown;
    graphql({
      markPullRequestReadyForReview: ({ input }: { input: { pullRequestId: string } }) => {
        id = input.pullRequestId;
        return { pullRequest: { isDraft: false } };
      },
    });
    await pulls.markReady(opened);
    expect(id).toBe("PR_4");
  });

  it("asks nothing for what is no draft", async () => {
    await pulls.markReady({ ...opened, draft: false });
  });

  it("is content when somebody else was faster", async () => {
    graphqlRefusal("UNPROCESSABLE", "Pull request is not in draft.");
    api()
      .get(`${repo}/pulls/4`)
      .reply(200, { ...json, draft: false });
    await pulls.markReady(opened);
  });

  it("lets a refusal rise while it is still a draft", async () => {
    graphqlRefusal("FORBIDDEN", "Resource not accessible by integration");
    api().get(`${repo}/pulls/4`).reply(200, json);
    await expect(pulls.markReady(opened)).rejects.toThrow("not accessible");
  });
});
