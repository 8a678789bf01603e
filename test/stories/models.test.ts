import { join } from "node:path";
import { expect } from "vitest";
import { manyTempers, type Row, tellRows } from "./rows.ts";
import type { World } from "./world.ts";

const LIST = "\n\n- First\n- Second";
const CLIS = join(import.meta.dirname, "../fixtures/clis");
const WORKERS = join(import.meta.dirname, "../fixtures/workers");

async function proposed(world: World, what: string): Promise<string> {
  return world.eventually(`a proposal with ${what}`, async () => {
    const text = await world.file("dispatch/config", ".github/dispatch.yml");
    return text?.includes(what) && text;
  });
}

const ROWS: readonly Row[] = [
  {
    row: "a model of a known family that the config does not name is used, and proposed for the config",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use sonnet-4.6 to tidy up${LIST}`);
      const text = await proposed(world, "sonnet-4.6");
      expect(text).toMatch(/^ {2}sonnet-4\.6: \{ backend: claude \}$/m);
      // All else stands as it stood.
      expect(text).toContain("  attentive-1: { backend: attentive }\n");
      // It is used, whatever the config says: this runner only lacks the CLI.
      const result = await world.comment(thread, "<!-- dispatch:result");
      expect(result.body).toContain("Claude Code");
      expect(await world.taskFile(thread, await world.task(thread), "task.yaml")).toContain("model: sonnet-4.6");
    },
  },
  {
    row: "an alias works with its model, and its role goes before the task",
    async tell(world, thread) {
      await world.say(thread, `/dispatch have reviewer tidy up${LIST}`);
      const result = await world.comment(thread, "<!-- dispatch:result");
      expect(result.body).toContain("✅");
      const yaml = await world.taskFile(thread, await world.task(thread), "task.yaml");
      expect(yaml).toMatch(/worker:\n {2}name: reviewer\n {2}model: sonnet\n/);
      expect(yaml).toContain("role: You are a careful reviewer.");
    },
  },
  {
    row: "Codex's old flag is named by the run that fails, and a box mends it in the config",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use gpt-5.3-codex to tidy up${LIST}`);
      const failed = await world.comment(thread, "<!-- dispatch:result");
      expect(failed.body).toContain("--full-auto");
      await world.tick(failed.id, "Mend the command in the config");
      await world.becomes(failed, "Proposed by **mona**");
      const text = await proposed(world, "--dangerously-bypass-approvals-and-sandbox");
      expect(text).not.toContain("--full-auto");
    },
  },
  {
    row: "a model that Cursor does not list is not available: the run says so before any work, and what is",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use composer-99 to tidy up${LIST}`);
      const result = await world.comment(thread, "<!-- dispatch:result");
      expect(result.body).toMatch(/Model `composer-99` isn['’]t available/);
      expect(result.body).toContain("composer-1");
      expect(await world.branches(`dispatch/${await world.task(thread)}`)).toEqual([]);
    },
  },
];

tellRows("models", ROWS, {
  config: manyTempers().replace(
    "models:\n",
    `  codex: { command: codex exec --full-auto -C "$(pwd)" }
  cursor: { command: agent -p --force }
models:
  gpt-5.3-codex: { backend: codex }
  composer-99: { backend: cursor }
`,
  ),
  toolPath: [WORKERS, join(CLIS, "cursor"), join(CLIS, "codex")],
  secrets: { CURSOR_API_KEY: "not-a-real-key", OPENAI_API_KEY: "not-a-real-key" },
});

tellRows(
  "a config in the old format",
  [
    {
      row: "works as it did, and the way to the new one is shown and goes",
      async tell(world, thread) {
        await world.say(thread, `/dispatch use helper to tidy up${LIST}`);
        const result = await world.comment(thread, "<!-- dispatch:result");
        expect(result.body).toContain("✅");
        const status = await world.comment(thread, "<!-- dispatch:status");
        expect(status.body).toContain("/dispatch migrate my config");
        await world.say(thread, "/dispatch migrate my config");
        const reply = await world.comment(thread, "<!-- dispatch:reply");
        expect(reply.body).toMatch(/#\d+/);
        const text = await proposed(world, "backends:");
        expect(text).not.toMatch(/^agents:/m);
        expect(text).toContain("# Our worker.");
      },
    },
  ],
  {
    config: `default: helper
confirm_default: false
agents:
  # Our worker.
  helper:
    command: dispatch-demo-worker --pace-ms 40
`,
  },
);
