import { beforeEach, describe, expect, it } from "vitest";
import { SECONDARY_LIMITS } from "../../src/playground/github/rate-limits.ts";
import type { TokenInfo } from "../../src/playground/github/tokens.ts";
import { API, GovernedGitHub, PERMISSIONS } from "../adapters/governed-github.ts";

let world: GovernedGitHub;

beforeEach(async () => {
  world = await GovernedGitHub.create();
});

const HOUR = 3_600_000;
const REPOSITORY = "/repos/octo-org/hello";

async function ask(token: string, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const all = { ...headers, authorization: `token ${token}`, "content-type": "application/json" };
  return world.github.app.fetch(new Request(`${API}${path}`, { method, headers: all, ...sent }), {});
}

const used = async (token: string, path = REPOSITORY) =>
  (await ask(token, "GET", path)).headers.get("x-ratelimit-used");
const write = (token: string) => ask(token, "POST", `${REPOSITORY}/issues`, { title: "One more" });

function token(info: Partial<TokenInfo> & Pick<TokenInfo, "kind">): string {
  const account = world.github.addUser(info.kind === "job" ? "github-actions[bot]" : "an-app[bot]", { type: "Bot" });
  return world.github.issueToken({ account, permissions: PERMISSIONS, ...info });
}

describe("an hour's budget", () => {
  it("is one for all tokens of an installation, and another for another installation", async () => {
    const [first, second] = [token({ kind: "installation", appId: 1 }), token({ kind: "installation", appId: 1 })];
    expect([await used(first), await used(second)]).toEqual(["1", "2"]);
    expect(await used(token({ kind: "installation", appId: 2 }))).toBe("1");
  });

  it("is one for all jobs of a repository", async () => {
    const other = await world.github.addRepository({ owner: "octo-org", name: "other", files: { a: "a" } });
    expect(await used(world.jobToken())).toBe("1");
    expect(await used(world.jobToken())).toBe("2");
    expect(await used(token({ kind: "job", repository: other }), "/repos/octo-org/other")).toBe("1");
  });

  it("is GraphQL's own for GraphQL, which refuses with a reply like others", async () => {
    world.github.rateLimits.limits.job = 1;
    const job = world.jobToken();
    const query = { query: "query { viewer { login } }" };
    expect(await (await ask(job, "POST", "/graphql", query)).json()).toMatchObject({ data: {} });
    const refused = await ask(job, "POST", "/graphql", query);
    expect(refused.status).toBe(200);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(await refused.json()).toMatchObject({ errors: [{ type: "RATE_LIMITED" }] });
    expect(await used(job)).toBe("1");
  });

  it("is not charged for what has not changed, nor for asking about it", async () => {
    const job = world.jobToken();
    const etag = (await ask(job, "GET", REPOSITORY)).headers.get("etag") ?? "";
    const known = await ask(job, "GET", REPOSITORY, undefined, { "if-none-match": etag });
    expect([known.status, known.headers.get("x-ratelimit-used")]).toEqual([304, "1"]);
    expect(await (await ask(job, "GET", "/rate_limit")).json()).toMatchObject({ rate: { used: 1, limit: 1_000 } });
  });

  it("begins anew after an hour, and tells who has gone beyond it", async () => {
    world.github.rateLimits.limits.job = 1;
    const job = world.jobToken();
    await used(job);
    expect((await ask(job, "GET", REPOSITORY)).status).toBe(403);
    expect(world.github.rateLimits.exceeded).toMatchObject([{ whom: "jobs of octo-org/hello", limit: "primary" }]);
    await world.clock.advance(HOUR);
    expect(await used(job)).toBe("1");
  });
});

describe("a secondary limit", () => {
  beforeEach(() => {
    world.github.rateLimits.secondary = SECONDARY_LIMITS;
  });

  async function untilRefused(request: () => Promise<Response>): Promise<{ taken: number; refused: Response }> {
    for (let taken = 0; ; taken += 1) {
      const response = await request();
      if (response.status === 403) return { taken, refused: response };
    }
  }

  it("is 900 points a minute: 5 to write, 1 to read", async () => {
    const job = world.jobToken();
    for (let nth = 0; nth < 10; nth += 1) await ask(job, "PATCH", `${REPOSITORY}/issues/1`, {});
    const { taken, refused } = await untilRefused(() => ask(job, "GET", REPOSITORY));
    expect(taken).toBe(850);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("x-ratelimit-remaining")).not.toBe("0");
    expect(await refused.text()).toContain("You have exceeded a secondary rate limit. Please wait");
    expect(world.github.rateLimits.exceeded).toMatchObject([{ limit: "pointsPerMinute" }]);
    await world.clock.advance(60_000);
    expect((await ask(job, "GET", REPOSITORY)).status).toBe(200);
  });

  it("is 80 pieces of content a minute and 500 an hour, and does not keep others from reading", async () => {
    const job = world.jobToken();
    const { taken, refused } = await untilRefused(() => write(job));
    expect(taken).toBe(80);
    expect(await refused.text()).toContain("temporarily blocked from content creation");
    expect((await ask(job, "GET", REPOSITORY)).status).toBe(200);
    let made = taken;
    for (let minute = 1; minute < 8; minute += 1) {
      await world.clock.advance(60_000);
      made += (await untilRefused(() => write(job))).taken;
    }
    expect(made).toBe(500);
    expect(world.github.rateLimits.exceeded.at(-1)).toMatchObject({ limit: "contentPerHour" });
    await world.clock.advance(HOUR);
    expect((await write(job)).status).toBe(201);
  });

  it("is 100 requests at the same time", async () => {
    const job = world.jobToken();
    const all = await Promise.all(Array.from({ length: 110 }, () => ask(job, "GET", REPOSITORY)));
    expect(all.filter(({ status }) => status === 403)).toHaveLength(10);
    expect((await ask(job, "GET", REPOSITORY)).status).toBe(200);
  });

  it("is not there unless it is asked for", async () => {
    world.github.rateLimits.secondary = null;
    const job = world.jobToken();
    for (let nth = 0; nth < 100; nth += 1) expect((await write(job)).status).toBe(201);
  });
});
