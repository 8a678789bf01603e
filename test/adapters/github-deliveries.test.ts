import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { githubDeliveries } from "../../src/adapters/github-deliveries.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { redeliverMissed } from "../../src/flows/redeliver.ts";
import { MemoryLog } from "../flows/memory-ports.ts";
import { HELLO, type Playground, startPlayground, startReceiver } from "../playground/github-fixture.ts";

let playground: Playground;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let status: number;
let api: Octokit;

beforeEach(async () => {
  status = 500;
  playground = await startPlayground({ git: "memory" });
  receiver = await startReceiver(async () => status);
  const app = playground.github.addApp({ slug: "dispatch-app", webhookUrl: receiver.url });
  const auth = { appId: app.appId, privateKey: app.privateKey };
  api = new Octokit({ baseUrl: playground.address.api, authStrategy: createAppAuth, auth });
});

afterEach(async () => {
  await playground.end();
  await receiver.end();
});

const LATER_MS = 60_000;
const later = { ...systemClock, now: () => new Date(Date.now() + LATER_MS) };
const deliveries = () => githubDeliveries({ api, clock: systemClock });
const everything = () => deliveries().since(new Date(0).toISOString());

async function opened(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await playground.as("mona").issues.create({ ...HELLO, title: "T", body: "b" });
  await playground.github.webhooksSettled();
}

it("reads every page of the log, newest first, with what arrived and what did not", async () => {
  await opened(120);
  status = 200;
  await opened(1);
  const log = await everything();
  expect(log).toHaveLength(121);
  expect(log.map(({ ok }) => ok).filter(Boolean)).toHaveLength(1);
  expect(log[0]?.ok).toBe(true);
});

it("stops at the moment that was asked for", async () => {
  await opened(2);
  expect(await deliveries().since(new Date(Date.now() + LATER_MS).toISOString())).toEqual([]);
});

it("delivers again what never arrived, under its own name, and then no more", async () => {
  await opened(1);
  status = 200;
  const ports = { deliveries: deliveries(), clock: later, log: new MemoryLog() };
  await redeliverMissed(ports);
  await playground.github.webhooksSettled();
  await redeliverMissed(ports);
  await playground.github.webhooksSettled();
  const log = await everything();
  expect(log.map(({ ok }) => ok)).toEqual([true, false]);
  expect(new Set(log.map(({ guid }) => guid)).size).toBe(1);
});

it("by two servers at once is harmless", async () => {
  await opened(1);
  status = 200;
  const ports = { deliveries: deliveries(), clock: later, log: new MemoryLog() };
  await Promise.all([redeliverMissed(ports), redeliverMissed(ports)]);
  await playground.github.webhooksSettled();
  expect(new Set((await everything()).map(({ guid }) => guid)).size).toBe(1);
});

it("does not mind a delivery that has left the log", async () => {
  await deliveries().redeliver(999_999);
});
