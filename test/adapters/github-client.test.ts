import { beforeEach, describe, expect, it } from "vitest";
import type { OwnAccess } from "../../src/adapters/github-api.ts";
import { GitHubBudget } from "../../src/adapters/github-budget.ts";
import { costOf, governed } from "../../src/adapters/github-client.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { githubConversations } from "../../src/adapters/github-conversation.ts";
import { githubTaskBranches } from "../../src/adapters/github-task-branch.ts";
import { authorized } from "../../src/adapters/github-token.ts";
import { SECONDARY_LIMITS } from "../../src/playground/github/rate-limits.ts";
import { GovernedGitHub } from "./governed-github.ts";

describe("what a request costs", () => {
  it.each([
    { request: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", cost: "core 1" },
    { request: "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", cost: "core 5" },
    { request: "DELETE /repos/{owner}/{repo}/git/refs/{ref}", cost: "core 5" },
    { request: "POST /repos/{owner}/{repo}/git/trees", cost: "core 5" },
    { request: "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", cost: "core 5" },
    { request: "POST /repos/{owner}/{repo}/issues/{issue_number}/labels", cost: "core 5" },
    { request: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", cost: "core 5 content" },
    { request: "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies", cost: "core 5 content" },
    { request: "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", cost: "core 5 content" },
    { request: "POST /repos/{owner}/{repo}/issues", cost: "core 5 content" },
    { request: "POST /repos/{owner}/{repo}/pulls", cost: "core 5 content" },
    { request: "POST /graphql", query: "\nquery Conversation($owner: String!) { … }", cost: "graphql 1" },
    { request: "POST /graphql", query: "\nmutation CommitToTask($input: …) { … }", cost: "graphql 5" },
  ])("$request $query: $cost", ({ request, query, cost }) => {
    const [method = "", url = ""] = request.split(" ");
    const { resource, points, content } = costOf({ method, url, ...(query === undefined ? {} : { query }) });
    expect(`${resource} ${points}${content ? " content" : ""}`).toBe(cost);
  });
});

let world: GovernedGitHub;
let budget: GitHubBudget;
let issue: number;

beforeEach(async () => {
  world = await GovernedGitHub.create();
  budget = new GitHubBudget(world.clock);
  const { data } = await world.client().request("POST /repos/{owner}/{repo}/issues", {
    owner: "octo-org",
    repo: "hello",
    title: "Login fails",
    headers: { authorization: `token ${world.github.tokenOf("mona")}` },
  });
  issue = data.number;
});

/** As a new client of the same account: a job's, whose token is its own and whose budget is its repository's. */
function access(how: { readonly looksFirst?: boolean; readonly by?: GitHubBudget } = {}): OwnAccess {
  const token = world.jobToken();
  const tokens = { present: async () => token, renew: () => Promise.reject(new Error("no other")) };
  const { by = budget, ...rest } = how;
  return world.access(governed(authorized(world.client(), tokens), by, world.clock, rest));
}

function calls(from = 0) {
  return world.github.calls.slice(from).filter(({ tokenKind }) => tokenKind === "job");
}

describe("the limits of an account", () => {
  it("are never exceeded by many at once: each reads and comments, and all come to their end", async () => {
    world.github.rateLimits.secondary = SECONDARY_LIMITS;
    const all = Array.from({ length: 150 }, async (_, nth) => {
      const own = access();
      await githubConversations(own).read(null);
      await githubComments(own).create(issue, `Comment ${nth}`);
    });
    await world.until(Promise.all(all));
    expect(world.github.rateLimits.exceeded).toEqual([]);
    const bodies = await githubComments(access()).since(issue, "2026-11-20T12:00:00Z");
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(150);
  });

  it("of an hour are waited for, and not a single request is refused meanwhile", async () => {
    world.github.rateLimits.limits.job = 100;
    const comments = githubComments(access());
    const before = calls().length;
    const all = Array.from({ length: 150 }, (_, nth) => comments.create(issue, `Comment ${nth}`));
    await world.until(Promise.all(all));
    expect(world.github.rateLimits.exceeded).toEqual([]);
    expect(calls(before)).toHaveLength(150);
    // 95 of the first hour, for a few are reserved, and the rest of the second.
    expect(world.clock.now().getTime()).toBeGreaterThan(Date.parse("2026-11-20T13:00:00Z"));
  });

  it("that others have used up are waited for, by the one reply that tells", async () => {
    const comments = githubComments(access());
    world.github.rateLimits.limits.job = 0;
    const posting = comments.create(issue, "After an hour");
    await world.clock.advance(3_500_000);
    expect(calls()).toHaveLength(1);
    world.github.rateLimits.limits.job = 1_000;
    await world.until(posting);
    // After so long a wait it looks first: somebody may have taken it for dead and written it.
    expect(calls().map(({ status }) => status)).toEqual([403, 200, 201]);
  });

  it("that others have used up are seen by whoever looks first, and not a single request is refused", async () => {
    world.github.rateLimits.limits.job = 0;
    const posting = githubComments(access({ looksFirst: true })).create(issue, "After an hour");
    await world.clock.advance(3_500_000);
    expect(calls().map(({ path }) => path)).toEqual(["/rate_limit"]);
    world.github.rateLimits.limits.job = 1_000;
    await world.until(posting);
    expect(world.github.rateLimits.exceeded).toEqual([]);
  });

  it("that other jobs use up beside it are seen in time, however long it was quiet", async () => {
    world.github.rateLimits.limits.job = 100;
    const own = githubComments(access({ looksFirst: true }));
    await world.until(own.create(issue, "At first"));
    const others = githubComments(access({ looksFirst: true, by: new GitHubBudget(world.clock) }));
    const theirs = Promise.all(Array.from({ length: 120 }, (_, nth) => others.create(issue, `Theirs ${nth}`)));
    await world.clock.advance(600_000);
    const before = calls().length;
    const again = own.create(issue, "And again");
    await world.clock.advance(60_000);
    expect(calls(before).map(({ path }) => path)).toContain("/rate_limit");
    await world.until(Promise.all([again, theirs]));
    expect(world.github.rateLimits.exceeded).toEqual([]);
  });

  it("are looked at once, and cannot keep anybody from working where they are off or cannot be had", async () => {
    world.github.rateLimits.off = true;
    const comments = githubComments(access({ looksFirst: true }));
    await Promise.all([comments.create(issue, "one"), comments.create(issue, "other")]);
    expect(calls().filter(({ path }) => path === "/rate_limit")).toMatchObject([{ status: 404 }]);
    expect(calls().filter(({ status }) => status === 201)).toHaveLength(2);
  });

  it("of GraphQL are another hour than REST's", async () => {
    const own = access();
    const conversations = githubConversations(own);
    await conversations.read(null);
    world.github.faults.order({
      match: { graphql: /Conversation/ },
      times: 1,
      then: {
        status: 200,
        body: { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded for installation." }] },
        headers: {
          "x-ratelimit-limit": "1000",
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(world.clock.now().getTime() / 1000 + 3_600),
        },
      },
    });
    const reading = conversations.read(null);
    await githubComments(own).create(issue, "REST goes on");
    const before = calls().length;
    await world.clock.advance(3_590_000);
    expect(calls()).toHaveLength(before);
    await world.until(reading);
    expect(calls()).toHaveLength(before + 2);
  });

  it("hit by somebody else keep everybody back for as long as GitHub says", async () => {
    const [one, other] = [githubComments(access()), githubComments(access())];
    world.github.faults.order({
      match: { method: "POST", path: /comments$/ },
      times: 1,
      then: { status: 403, headers: { "retry-after": "120" } },
    });
    const first = one.create(issue, "first");
    await world.clock.advance(0);
    const second = other.create(issue, "second");
    await world.clock.advance(119_000);
    expect(calls()).toHaveLength(1);
    await world.until(Promise.all([first, second]));
    // The first looks before it writes again: so long a wait may have made somebody take it for dead.
    expect(calls().map(({ status }) => status)).toEqual([403, 200, 201, 201]);
  });
});

describe("what can be left out", () => {
  it("is left out without a request when the hour is tight, and an edit that matters is not", async () => {
    world.github.rateLimits.limits.job = 10;
    const comments = githubComments(access());
    const { id } = await comments.create(issue, "Status: 0 of 5");
    for (let nth = 0; nth < 7; nth += 1) await comments.edit(id, `Status: ${nth} of 5`);
    const before = calls().length;
    expect(await comments.edit(id, "Status: 4 of 5", "cosmetic")).toBe("left-out");
    expect(calls()).toHaveLength(before);
    expect(await comments.edit(id, "Status: done")).toBe("edited");
  });

  it("a poll that finds no room counts as nothing new", async () => {
    const branches = githubTaskBranches(access());
    const ref = { thread: String(issue), id: "fix-login-7k2q" };
    await branches.create(ref, { "plan.md": "# Fix\n" }, "Accept the task");
    const head = (await branches.read(ref))?.head ?? "";
    expect(await branches.head(ref, head)).toBe("same");
    budget.refuse(60_000);
    const before = calls().length;
    expect(await branches.head(ref, "0".repeat(40))).toBe("same");
    expect(calls()).toHaveLength(before);
    await world.clock.advance(120_000);
    expect(await branches.head(ref, "0".repeat(40))).toEqual({ head });
  });

  it("is not asked for again when GitHub refuses it for now", async () => {
    const comments = githubComments(access());
    const { id } = await comments.create(issue, "Status");
    world.github.faults.order({ match: { method: "PATCH" }, times: 1, then: { status: 429 } });
    expect(await comments.edit(id, "Status: 1 of 5", "cosmetic")).toBe("left-out");
    expect(world.clock.sleeping).toBe(0);
  });
});
