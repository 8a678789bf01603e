import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LocalGitHub } from "../../src/playground/github/local-github.ts";
import { ServerProcess } from "../../src/playground/server-process.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures", "server");

let folder: string;
let github: LocalGitHub;
let server: ServerProcess;
const lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dispatch-server-"));
  github = await LocalGitHub.create({ dataDir: folder, git: "memory" });
});
afterEach(async () => {
  await server.stop();
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

function serverOf(script: string): ServerProcess {
  const app = github.addApp({ slug: "dispatch-app", webhookSecret: "a secret of some length" });
  return new ServerProcess({
    script: join(fixtures, script),
    node: [],
    app,
    address: github.address,
    onLine: (line) => lines.push(line),
  });
}

it("listens again on the same port after it was killed", async () => {
  server = serverOf("ready.mjs");
  await server.start();
  const { webhookUrl, pid } = server;
  expect(await (await fetch(webhookUrl)).json()).toEqual([
    "APP_ID",
    "GITHUB_API_URL",
    "GITHUB_SERVER_URL",
    "HOST",
    "LOG_LEVEL",
    "NODE_COMPILE_CACHE",
    "PATH",
    "PORT",
    "PRIVATE_KEY",
    "WEBHOOK_SECRET",
  ]);
  await server.kill("SIGKILL");
  expect(server.pid).toBeNull();
  await expect(fetch(webhookUrl)).rejects.toThrow("fetch failed");
  await server.start();
  expect(server.webhookUrl).toBe(webhookUrl);
  expect(server.pid).not.toBe(pid);
  expect((await fetch(webhookUrl)).ok).toBe(true);
  expect(lines).toContain("a line before");
});

it("says so when it ends before it listens", async () => {
  server = serverOf("missing.mjs");
  await expect(server.start()).rejects.toThrow("The server ended before it listened.");
});
