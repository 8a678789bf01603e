import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Playground } from "../../src/playground/playground.ts";

const taken = createServer();
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "dispatch-port-"));
  // Others start playgrounds at the same time; what is left behind must be ours.
  vi.stubEnv("TMPDIR", temporary);
  await new Promise<void>((resolve) => {
    taken.listen(0, "127.0.0.1", resolve);
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  taken.close();
  await rm(temporary, { recursive: true });
});

it("a port that is in use is said, and nothing is left behind", async () => {
  const { port } = taken.address() as AddressInfo;
  await expect(Playground.start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(await readdir(temporary)).toEqual([]);
});
