import { Octokit } from "@octokit/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { tokensOfApp } from "../../src/action/app-key.ts";
import type { GitHubApi } from "../../src/adapters/github-api.ts";
import { appTokens } from "../../src/adapters/github-app-token.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { githubTaskBranches } from "../../src/adapters/github-task-branch.ts";
import { authorized, type TokenSource } from "../../src/adapters/github-token.ts";
import { openIssue } from "../../src/playground/github/conversation.ts";
import type { App } from "../../src/playground/github/local-github.ts";
import { API, GovernedGitHub } from "./governed-github.ts";

const REPOSITORY = { server: "http://localhost", owner: "octo-org", repo: "hello" };

let world: GovernedGitHub;
let app: App;
let issue: number;
let minted: string[];

beforeEach(async () => {
  world = await GovernedGitHub.create();
  app = world.github.addApp({ slug: "dispatch-app" });
  minted = [];
  const actor = { account: world.github.addUser("mona"), tokenKind: "user" as const };
  issue = openIssue(world.github.world, actor, { repository: world.repository, title: "Login fails", body: "" }).number;
});

function source(): TokenSource {
  const tokens = appTokens(app, { api: world.client(), clock: world.clock });
  return tokens.of({ installation: app.installationId, onToken: (token) => minted.push(token) });
}

function commenting(api: GitHubApi) {
  return githubComments({ ...world.access(api), self: ["dispatch-app[bot]"] });
}

const statuses = () => world.github.calls.filter(({ tokenKind }) => tokenKind !== "app").map(({ status }) => status);

describe("a token that GitHub does not accept any more", () => {
  it.each([
    { why: "taken back", end: async () => world.github.revokeToken(minted.at(-1) ?? "") },
    { why: "expired", end: () => world.clock.advance(3_600_001) },
  ])("because it was $why is replaced, and the comment posted once", async ({ end }) => {
    const comments = commenting(authorized(world.client(), source()));
    await comments.create(issue, "before");
    await end();
    await comments.create(issue, "after");
    expect(minted).toHaveLength(2);
    expect(statuses()).toEqual([201, 401, 201]);
    const bodies = (await comments.since(issue, "2026-11-20T12:00:00Z")).map(({ body }) => body);
    expect(bodies).toEqual(["before", "after"]);
  });

  it("is replaced once for all requests that it was refused in", async () => {
    const tokens = source();
    const comments = commenting(authorized(world.client(), tokens));
    world.github.revokeToken(await tokens.present());
    await Promise.all(["A", "B", "C"].map((body) => comments.create(issue, body)));
    expect(minted).toHaveLength(2);
    expect(await comments.since(issue, "2026-11-20T12:00:00Z")).toHaveLength(3);
  });

  it("is replaced only once for each request: then the refusal is the answer", async () => {
    const comments = commenting(authorized(world.client(), source()));
    world.github.faults.order({ match: { method: "POST", path: /comments$/ }, times: 5, then: { status: 401 } });
    await expect(comments.create(issue, "never")).rejects.toMatchObject({ status: 401 });
    expect(statuses()).toEqual([401, 401]);
  });

  it("takes its ETags with it: with another token nothing is known to be the same", async () => {
    const tokens = source();
    const branches = githubTaskBranches(world.access(authorized(world.client(), tokens)));
    const ref = { thread: String(issue), id: "fix-login-7k2q" };
    await branches.create(ref, { "plan.md": "# Fix\n" }, "Accept the task");
    const head = (await branches.read(ref))?.head ?? "";
    await branches.head(ref, head);
    await branches.head(ref, head);
    world.github.revokeToken(await tokens.present());
    expect(await branches.head(ref, head)).toBe("same");
    expect(await branches.head(ref, head)).toBe("same");
    expect(statuses().slice(-5)).toEqual([200, 304, 401, 200, 304]);
  });
});

describe("an App's tokens in a job", () => {
  const tokensFor = (key: { appId: number | string; privateKey: string }) =>
    tokensOfApp(key, REPOSITORY, { api: world.client(), clock: world.clock, onToken: (token) => minted.push(token) });

  it("are for this repository alone, and write in the App's name", async () => {
    await world.github.addRepository({ owner: "octo-org", name: "other", private: true });
    const tokens = await tokensFor(app);
    expect(tokens.login).toBe("dispatch-app[bot]");
    const api = authorized(world.client(), tokens);
    expect((await commenting(api).create(issue, "Hello")).author).toBe("dispatch-app[bot]");
    await expect(api.request("GET /repos/{owner}/{repo}", { owner: "octo-org", repo: "other" })).rejects.toMatchObject({
      status: 404,
    });
    expect(minted).toEqual([await tokens.present()]);
  });

  it.each([10, -10])("are got on a machine, too, whose clock is wrong by %i minutes", async (minutes) => {
    const wrong = () => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + minutes * 60_000 });
    };
    const fetch = async (url: string, init: RequestInit) => {
      vi.useRealTimers();
      const reply = await world.github.app.fetch(new Request(url, init), {});
      const { body, status } = reply;
      const dated = { ...Object.fromEntries(reply.headers), date: new Date().toUTCString() };
      wrong();
      return new Response(body, { status, headers: dated });
    };
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const api = new Octokit({ baseUrl: API, log: quiet, request: { fetch } });
    wrong();
    try {
      const tokens = await tokensOfApp(app, REPOSITORY, { api, clock: world.clock, onToken: () => undefined });
      expect(await tokens.present()).toMatch(/^ghs_/);
    } finally {
      vi.useRealTimers();
    }
    const all = world.github.calls.map(({ status }) => status);
    expect(all).toEqual([401, 200, 401, 201]);
  });

  it.each([
    { what: "a key that is none", key: () => ({ ...app, privateKey: "-----BEGIN nothing" }), code: "app-key-invalid" },
    {
      what: "another App's key",
      key: () => ({ ...app, privateKey: world.github.addApp({ slug: "other-app" }).privateKey }),
      code: "app-refused",
    },
    { what: "an App that is none", key: () => ({ ...app, appId: 99 }), code: "app-refused" },
  ])("are refused in words for $what", async ({ key, code }) => {
    await expect(tokensFor(key())).rejects.toMatchObject({ code });
  });

  it("are refused in words where the App may less than a run needs", async () => {
    world.github.faults.order({
      match: { path: /access_tokens$/ },
      times: 1,
      then: {
        status: 422,
        body: { message: "The permissions requested are not granted to this installation." },
      },
    });
    await expect(tokensFor(app)).rejects.toMatchObject({
      code: "app-refused",
      message: expect.stringContaining("not granted"),
      nextStep: expect.stringContaining("actions, contents, issues and pull requests"),
    });
  });
});
