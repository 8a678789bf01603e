import { describe, expect, it } from "vitest";
import { briefEnvironment, runBriefly } from "../../src/adapters/brief-command.ts";

const env = briefEnvironment({ PATH: process.env["PATH"] });
const sh = (script: string, timeoutMs = 5_000) => runBriefly("sh", ["-c", script], { env, timeoutMs });

describe("a program that is asked something", () => {
  it("answers", async () => {
    expect(await sh("echo out; echo err >&2; exit 3")).toEqual({
      kind: "ended",
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("gets no input to wait for", async () => {
    expect(await sh("cat; echo done")).toMatchObject({ stdout: "done\n" });
  });

  it("may be missing", async () => {
    expect(await runBriefly("/nowhere/agent", [], { env, timeoutMs: 1_000 })).toMatchObject({ kind: "not-started" });
  });

  it.each([
    ["hangs", "sleep 60"],
    ["does not want to end", "trap '' TERM INT; while :; do sleep 1; done"],
    ["prints for ever", "yes"],
  ])("is ended when it %s", async (_, script) => {
    const before = performance.now();
    expect(await sh(script, 300)).toEqual({ kind: "timed-out" });
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  it("is not waited for by what it leaves behind", async () => {
    const before = performance.now();
    expect(await sh("sleep 60 & echo here", 10_000)).toMatchObject({ kind: "ended", code: 0, stdout: "here\n" });
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it("may print much, of which the beginning is kept", async () => {
    const result = await sh("head -c 2000000 /dev/zero | tr '\\0' x");
    expect(result.kind === "ended" && result.stdout.length).toBe(256 * 1024);
  });
});

it("hands on what a program needs, and what is named", () => {
  const given = {
    PATH: "/bin",
    HOME: "/home/mona",
    https_proxy: "http://proxy",
    GITHUB_TOKEN: "t",
    A_KEY: "k",
    B_KEY: "k",
  };
  expect(briefEnvironment(given, ["A_KEY"])).toMatchObject({
    PATH: "/bin",
    HOME: "/home/mona",
    https_proxy: "http://proxy",
    A_KEY: "k",
  });
  expect(Object.keys(briefEnvironment(given, ["A_KEY"]))).not.toEqual(expect.arrayContaining(["GITHUB_TOKEN"]));
  expect(briefEnvironment(given, ["A_KEY"])).not.toHaveProperty("B_KEY");
});
