import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { preflight } from "../../src/adapters/worker-preflight.ts";
import type { WorkerSpec } from "../../src/core/task.ts";

const home = mkdtempSync(join(tmpdir(), "preflight-"));
afterAll(() => rmSync(home, { recursive: true }));

/** PATH with these fake CLIs, and what a shell script needs. */
function path(...clis: readonly string[]): string {
  return [...clis.map((name) => join(import.meta.dirname, "../fixtures/clis", name)), "/usr/bin", "/bin"].join(
    delimiter,
  );
}

const cursor: WorkerSpec = {
  name: "grok-4",
  model: "grok-4",
  backend: "cursor",
  kind: "cursor",
  command: 'agent -p --force --workspace "$(pwd)"',
  role: null,
};
const claude: WorkerSpec = {
  ...cursor,
  name: "opus",
  model: "opus",
  backend: "claude",
  kind: "claude",
  command: "claude -p",
};
const key = { CURSOR_API_KEY: "crsr_0123456789abcdef" };

describe("a model of Cursor's", () => {
  it.each<[string, Partial<WorkerSpec>, string]>([
    ["that is listed", {}, "cursor"],
    ["that is listed in other letters", { model: "GROK-4" }, "cursor"],
    ["that the command names itself", { model: "grok-9", command: "agent -p --model grok-4" }, "cursor"],
    ["that is not said", { model: null }, "cursor"],
    ["where the listing is rubbish", { model: "grok-9" }, "rubbish"],
    ["where the listing fails", { model: "grok-9" }, "failing"],
  ])("%s may start", async (_, more, cli) => {
    expect(await preflight({ ...cursor, ...more }, { HOME: home, PATH: path(cli), ...key })).toBeNull();
  });

  it("that is not listed is not available, and what is is named", async () => {
    const spec = { ...cursor, model: "grok-9", name: "grok-9" };
    expect(await preflight(spec, { HOME: home, PATH: path("cursor"), ...key })).toMatchObject({
      code: "unknown-model",
      message: "Model `grok-9` isn't available.",
      nextStep: expect.stringMatching(/^Use one of: gpt-5\.3-codex, grok-4, composer-1, auto\. /),
    });
  });
});

describe("what to do next", () => {
  it("is to install the CLI, or to use one that can work already", async () => {
    const problem = await preflight(claude, { HOME: home, PATH: path("cursor", "codex"), ...key });
    expect(problem).toMatchObject({ code: "cli-missing" });
    expect(problem?.nextStep).toContain("`- run: npm install --global @anthropic-ai/claude-code`");
    expect(problem?.nextStep).toContain("Or use a model of Cursor's CLI, which can work here already.");
  });

  it.each([
    ["to add the secret and hand it over", {}, "and hand it to Dispatch's step"],
    [
      "to add the secret, which the workflow hands over",
      { ANTHROPIC_API_KEY: "" },
      "the workflow hands it over already",
    ],
    [
      "about the secret that the workflow hands over",
      { CLAUDE_CODE_OAUTH_TOKEN: "" },
      "secret `CLAUDE_CODE_OAUTH_TOKEN` (",
    ],
  ])("is %s", async (_, environment, words) => {
    const problem = await preflight(claude, { HOME: home, PATH: path("claude"), ...environment });
    expect(problem).toMatchObject({ code: "secret-missing" });
    expect(problem?.nextStep).toContain(words);
    expect(problem?.nextStep).toContain("Settings → Secrets and variables → Actions");
  });

  it("names the workflow's file for a program of one's own", async () => {
    const spec: WorkerSpec = { ...claude, kind: "generic", backend: "mine", command: "no-such-agent run" };
    const problem = await preflight(spec, { HOME: home, PATH: path() });
    expect(problem?.nextStep).toContain("`.github/workflows/dispatch.yml`");
  });
});
