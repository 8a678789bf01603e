import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GitHubAccess } from "../../src/adapters/github-api.ts";
import { githubSetupRecords } from "../../src/adapters/github-setup-records.ts";
import { setupProbe } from "../../src/adapters/setup-probe.ts";
import { readSetup } from "../../src/core/setup.ts";
import { checkSetUp } from "../../src/flows/check-setup.ts";
import { type Playground, startPlayground } from "../playground/github-fixture.ts";

// Doctor's look and record, told by the local GitHub instead of by recorded replies.

let playground: Playground;
let access: GitHubAccess;
let now = "2026-11-20T12:00:00.000Z";

beforeAll(async () => {
  playground = await startPlayground({ git: "memory" });
  const clock = { now: () => new Date(now), random: Math.random, sleep: () => pause(1) };
  access = { api: playground.as("hubot"), owner: "octo-org", repo: "hello", clock };
});
afterAll(() => playground.end());

const silent = { info: () => undefined, warning: () => undefined };
const check = () =>
  checkSetUp({
    probe: setupProbe({ access, environment: { PATH: "/nowhere" }, startedBy: null }),
    records: githubSetupRecords(access),
    log: silent,
  });

async function history() {
  const api = playground.as("mona");
  const { data } = await api.rest.repos.listCommits({ owner: "octo-org", repo: "hello", sha: "dispatch/setup" });
  return data.map(({ commit, parents }) => ({ message: commit.message, parents: parents.length }));
}

it("leaves one record, whoever looks at the same time", async () => {
  const setups = await Promise.all([check(), check(), check()]);
  expect(setups.map(({ recordRefused }) => recordRefused)).toEqual([null, null, null]);
  expect(await history()).toEqual([{ message: "Record what doctor has found [skip ci]", parents: 0 }]);
  const { data } = await playground.as("mona").rest.repos.getContent({
    owner: "octo-org",
    repo: "hello",
    path: "setup.yaml",
    ref: "dispatch/setup",
  });
  const text = "content" in data ? Buffer.from(data.content, "base64").toString("utf8") : null;
  expect(readSetup(text)).toEqual(setups[0]);
});

it("writes again only after a day", async () => {
  now = "2026-11-20T13:00:00.000Z";
  await check();
  expect(await history()).toHaveLength(1);
  now = "2026-11-21T13:00:00.000Z";
  await check();
  expect((await history()).map(({ parents }) => parents)).toEqual([1, 0]);
});
