import { describe, expect, it } from "vitest";
import { NotNow } from "../../src/adapters/github-budget.ts";
import { call } from "../../src/adapters/github-call.ts";
import { api, NOW, repo, testAccess, testClock, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const reset = String(Date.parse(NOW) / 1000 + 30);

function ask(clock = testClock(), deadlineMs?: number) {
  const { api: client } = testAccess();
  const patience = deadlineMs === undefined ? { clock } : { clock, deadlineMs };
  return call(
    (once) => client.request("GET /repos/{owner}/{repo}", { owner: "octo-org", repo: "hello", ...once }),
    patience,
  );
}

describe("trouble that passes", () => {
  it.each([
    { trouble: "a 500", status: 500, headers: {}, wait: 400 },
    { trouble: "a 502 with its own wait", status: 502, headers: { "retry-after": "7" }, wait: 7_000 },
    { trouble: "a 429 with its own wait", status: 429, headers: { "retry-after": "3" }, wait: 3_000 },
    { trouble: "a secondary limit", status: 403, headers: { "retry-after": "12" }, wait: 12_000 },
    {
      trouble: "a used-up budget",
      status: 403,
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
      wait: 31_000,
    },
  ])("waits and asks again after $trouble", async ({ status, headers, wait }) => {
    api().get(repo).reply(status, { message: "Not now" }, headers);
    api().get(repo).reply(200, { id: 1 });
    const clock = testClock();

    expect((await ask(clock)).data.id).toBe(1);
    expect(clock.slept).toEqual([wait]);
  });

  it("waits longer each time, up to ten seconds, and gives up with the last error at the deadline", async () => {
    api().get(repo).times(8).reply(503, { message: "Unavailable" });
    const clock = testClock();

    await expect(ask(clock, 40_000)).rejects.toMatchObject({ status: 503 });
    expect(clock.slept).toEqual([400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it("asks again when the connection breaks before the reply", async () => {
    api().get(repo).replyWithError("socket hang up");
    api().get(repo).reply(200, { id: 1 });
    expect((await ask()).data.id).toBe(1);
  });

  it("asks again when the reply breaks off half-way", async () => {
    api().get(repo).reply(200, '{"id": 1, "na', { "content-type": "application/json; charset=utf-8" });
    api().get(repo).reply(200, { id: 1 });
    expect((await ask()).data.id).toBe(1);
  });

  it("waits for a limit however long GitHub names, and has its patience for other trouble left", async () => {
    api().get(repo).reply(403, { message: "Not now" }, { "retry-after": "3600" });
    api().get(repo).reply(429, { message: "Not now" }, { "retry-after": "120" });
    api().get(repo).times(3).reply(502, { message: "Bad gateway" });
    api().get(repo).reply(200, { id: 1 });
    const clock = testClock();
    expect((await ask(clock)).data.id).toBe(1);
    expect(clock.slept).toEqual([3_600_000, 120_000, 1_600, 3_200, 6_400]);
  });

  it("gives up a limit that lasts longer than any job", async () => {
    api().get(repo).times(6).reply(429, { message: "Not now" }, { "retry-after": "3600" });
    await expect(ask()).rejects.toMatchObject({ status: 429 });
  });

  it("waits a minute where GitHub's hour is over by our clock but not by GitHub's", async () => {
    const past = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Number(reset) - 600) };
    api().get(repo).reply(403, { message: "API rate limit exceeded" }, past);
    api().get(repo).reply(200, { id: 1 });
    const clock = testClock();
    await ask(clock);
    expect(clock.slept).toEqual([60_000]);
  });

  it("does not wait for a limit that ends after a deadline of the caller's own", async () => {
    api().get(repo).reply(429, { message: "You have exceeded a secondary rate limit." }, { "retry-after": "120" });
    const clock = testClock();
    await expect(ask(clock, 90_000)).rejects.toMatchObject({ status: 429 });
    expect(clock.slept).toEqual([]);
  });

  it.each(["cosmetic", "poll"] as const)("leaves a %s call out where GitHub limits it", async (urgency) => {
    api().get(repo).reply(429, { message: "Not now" }, { "retry-after": "1" });
    const { api: client } = testAccess();
    const asking = call((once) => client.request(`GET ${repo}`, { ...once }), { clock: testClock(), urgency });
    await expect(asking).rejects.toBeInstanceOf(NotNow);
  });

  it("gives a call that only draws something up after ten seconds", async () => {
    api().get(repo).times(5).reply(503, { message: "Unavailable" });
    const { api: client } = testAccess();
    const clock = testClock();
    const asking = call((once) => client.request(`GET ${repo}`, { ...once }), { clock, urgency: "cosmetic" });
    await expect(asking).rejects.toMatchObject({ status: 503 });
    expect(clock.slept).toEqual([400, 800, 1600, 3200]);
  });
});

describe("GitHub's answers", () => {
  it.each([400, 401, 403, 404, 409, 410, 422])("takes a %i for an answer", async (status) => {
    api().get(repo).reply(status, { message: "No" });
    const clock = testClock();
    await expect(ask(clock)).rejects.toMatchObject({ status });
    expect(clock.slept).toEqual([]);
  });
});

describe("GraphQL", () => {
  const query = "query { viewer { login } }";
  const viewer = { data: { viewer: { login: "mona" } } };

  function askGraphql(clock = testClock()) {
    const { api: client } = testAccess();
    return call((once) => client.graphql(query, { ...once }), { clock });
  }

  it.each([
    {
      trouble: "a query that took too long",
      reply: {
        errors: [{ message: "Something went wrong while executing your query. This may be the result of a timeout." }],
      },
      wait: 400,
    },
    {
      trouble: "a used-up budget",
      reply: { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded" }] },
      wait: 31_000,
    },
    { trouble: "a reply that broke off", reply: '{"data": {"viewer', wait: 400 },
  ])("asks again after $trouble", async ({ reply, wait }) => {
    const headers = {
      "content-type": "application/json",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": reset,
    };
    api().post("/graphql").reply(200, reply, headers);
    api().post("/graphql").reply(200, viewer);
    const clock = testClock();

    expect(await askGraphql(clock)).toEqual(viewer.data);
    expect(clock.slept).toEqual([wait]);
  });

  it("takes a refusal for an answer", async () => {
    api()
      .post("/graphql")
      .reply(200, { data: null, errors: [{ type: "FORBIDDEN", message: "Resource not accessible by integration" }] });
    await expect(askGraphql()).rejects.toThrow("not accessible");
  });
});

describe("what must not be repeated blindly", () => {
  function post(look: () => Promise<string | null>, clock = testClock()) {
    const { api: client } = testAccess();
    return call((once) => client.request("POST /x", { ...once }), { clock }, look);
  }

  it("takes what it finds for the result of a try with unknown outcome", async () => {
    api().post("/x").reply(502, "");
    expect(await post(async () => "found")).toBe("found");
  });

  it("tries again when there is nothing to be found", async () => {
    api().post("/x").replyWithError("socket hang up");
    api().post("/x").reply(201, { id: 1 });
    expect(await post(async () => null)).toMatchObject({ data: { id: 1 } });
  });

  it("goes on looking, since what an unknown try did may show late", async () => {
    api().post("/x").reply(502, "");
    api().post("/x").reply(429, { message: "Slow down" }, { "retry-after": "1" });
    const looks = [null, "found"];
    const clock = testClock();
    expect(await post(async () => looks.shift() ?? null, clock)).toBe("found");
    expect(clock.slept).toEqual([400, 1000]);
  });

  it("does not look after a rate limit, which has done nothing", async () => {
    api().post("/x").reply(429, { message: "Slow down" }, { "retry-after": "1" });
    api().post("/x").reply(201, { id: 1 });
    expect(await post(() => Promise.reject(new Error("looked")))).toMatchObject({ data: { id: 1 } });
  });
});
