import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toldBy } from "./hostings.ts";
import { World } from "./world.ts";

const README_ONLY = { "README.md": "# hello\n\nA smal server.\n" };
const CLIS = join(import.meta.dirname, "../fixtures/clis");

describe.each(toldBy("action"))("the first task of a repository without a config (%s)", (hosting) => {
  it("looks around, asks for the default, proposes a config, and goes on: one click", {
    timeout: 180_000,
  }, async () => {
    let clicks = 0;
    await using world = await World.start({
      hosting,
      config: null,
      sample: README_ONLY,
      secrets: { ANTHROPIC_API_KEY: "sk-ant-not-a-real-key" },
      toolPath: [join(CLIS, "first-run")],
    });
    await world.say(1, "/dispatch fix the typo");
    const ask = await world.comment(1, "<!-- dispatch:ask");
    expect(ask.body).toContain("@mona");
    expect(ask.body).toMatch(/Claude Code/);
    await world.tick(ask.id, "`sonnet`");
    clicks += 1;
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("✅");
    const pull = await world.eventually("the config's pull request", async () =>
      (await world.pulls()).find(({ head }) => head.ref === "dispatch/config"),
    );
    expect(pull.base.ref).toBe("main");
    const proposed = await world.file("dispatch/config", ".github/dispatch.yml");
    expect(proposed).toMatch(/^default: sonnet$/m);
    expect(clicks).toBeLessThanOrEqual(2);

    // What was found is remembered: the next one is asked at once, without a look.
    await world.say(1, "/dispatch fix the other typo");
    await world.comment(1, "You named no model");
    expect(await world.runsOf(1)).toHaveLength(2);
  });

  it("says how to install a CLI where there is none", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, config: null, sample: README_ONLY });
    await world.say(1, "/dispatch fix the typo");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toMatch(/npm install --global @anthropic-ai\/claude-code/);
  });
});

it("needs no config where the request names a model of a known family", { timeout: 180_000 }, async () => {
  await using world = await World.start({
    config: null,
    sample: README_ONLY,
    secrets: { ANTHROPIC_API_KEY: "sk-ant-not-a-real-key" },
    toolPath: [join(CLIS, "first-run")],
  });
  await world.say(1, "/dispatch use haiku to fix the typo");
  const result = await world.comment(1, "<!-- dispatch:result");
  expect(result.body).toContain("✅");
  expect(await world.runsOf(1)).toHaveLength(1);
});

it("a repository without commits gets one sentence", { timeout: 180_000 }, async () => {
  await using world = await World.start({ sample: null });
  await world.say(1, "/dispatch use opus to fix the typo");
  const reply = await world.comment(1, "<!-- dispatch:reply");
  expect(reply.body).toMatch(/Make a first commit on the default branch/);
  expect(await world.comments(1)).toHaveLength(2);
});
