import { expect } from "vitest";
import { manyTempers, type Row, tellRows } from "./rows.ts";
import type { World } from "./world.ts";

const LIST = "\n\n- First\n- Second";

function result(world: World, thread: number, attempt = 1) {
  return world.comment(thread, new RegExp(`^<!-- dispatch:result \\S+ ${attempt} -->`));
}

const ROWS: readonly Row[] = [
  {
    row: "all items ticked: the result calls the requester and holds the report and the pull request",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use opus to write it up\n\n- Look\n- Write a summary to output.md", "hubot");
      const { body } = await result(world, thread);
      expect(body).toContain("@hubot this is done.");
      expect(body).toContain("What was done:");
      expect(body).toMatch(/Pull request: \[#\d+\]/);
      expect(body).not.toContain("- [ ]");
    },
  },
  {
    row: "`[!]`: the item and its reason, with boxes to retry, skip, or take another model",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use failing-1 to do both${LIST}`);
      const failed = await result(world, thread);
      expect(failed.body).toContain("could not do “Second”: The registry of the second thing is closed on Mondays.");
      const boxes = Array.from(failed.body.matchAll(/^- \[ \] (.*?) <!--/gm), ([, label]) => label);
      expect(boxes).toEqual(
        expect.arrayContaining(["Retry what is left", "Skip this step, and go on with the rest", "Retry with `opus`"]),
      );
      await world.tick(failed.id, "Skip this step");
      expect((await result(world, thread, 2)).body).toContain("✅");
      await world.becomes(failed, "Skipped by **mona**");
    },
  },
  {
    row: "ended with open items: which are done and which not; a box retries the rest",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use early-1 to do both${LIST}`);
      const early = await result(world, thread);
      expect(early.body).toMatch(/1 of 2/);
      expect(early.body).toContain("✅ First");
      expect(early.body).toContain("⬜ Second");
      await world.tick(early.id, "Retry what is left", "hubot");
      expect((await result(world, thread, 2)).body).toContain("✅");
      await world.becomes(early, "Retried by **hubot**");
      expect(await world.subjects(`dispatch/${await world.task(thread)}`)).toEqual(["First", "Second"]);
    },
  },
  {
    row: "a refused key: the cause in words, other models as boxes, “and make it the default”, and the broken one can be removed",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use refused-1 to do both${LIST}`);
      const refused = await result(world, thread);
      expect(refused.body).toMatch(/did not accept the key/);
      await world.tick(refused.id, "Remove `refused-1` from the config");
      const removed = await world.becomes(refused, /Proposed by \*\*mona\*\*/);
      expect(removed.body).toContain("Retry with `sonnet`");
      await world.tick(refused.id, "Retry with `sonnet`, and make it the default");
      expect((await result(world, thread, 2)).body).toContain("✅");
      const proposed = await world.eventually("the default", async () => {
        const text = await world.file("dispatch/config", ".github/dispatch.yml");
        return text?.includes("default: sonnet") && text;
      });
      expect(proposed).not.toContain("refused-1");
    },
  },
  {
    row: "a missing CLI: how to install it, and what else there is",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use absent-1 to do both${LIST}`);
      const { body } = await result(world, thread);
      expect(body).toContain("`no-such-cli`");
      expect(body).toMatch(/Install `no-such-cli`/);
      expect(body).toContain("Retry with `opus`");
    },
  },
  {
    row: "plan untouched: a green run with nothing done is a failure",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use idle-1 to do something");
      const { body } = await result(world, thread);
      expect(body).toMatch(/without doing anything/);
      expect((await world.branches("dispatch/")).includes(`dispatch/${await world.task(thread)}`)).toBe(false);
    },
  },
  {
    row: "cancelled by a box: what was saved and where, and a box to retry",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use opus to choose\n\n- Look around\n- Which colour?");
      await world.comment(thread, "<!-- dispatch:question");
      const status = await world.comment(thread, "<!-- dispatch:status");
      await world.tick(status.id, "Cancel this task", "hubot");
      const cancelled = await result(world, thread);
      expect(cancelled.body).toContain("cancelled by **hubot**");
      expect(cancelled.body).toMatch(/Pull request: \[#\d+\]|branch `dispatch\//);
      expect(cancelled.body).toContain("Retry what is left");
    },
  },
  {
    row: "a model that is nowhere to be had: the sentence, and no work",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use grok-99 to do both");
      const reply = await world.comment(thread, "<!-- dispatch:reply");
      expect(reply.body).toMatch(/Model `grok-99` isn't available/);
      expect(await world.tasks(thread)).toEqual([]);
    },
  },
];

tellRows("endings", ROWS);

tellRows(
  "endings with a time limit",
  [
    {
      row: "timed out: what was saved and where, and a box to retry",
      async tell(world, thread) {
        await world.say(
          thread,
          `/dispatch use slow-1 to do all${LIST}\n- Third\n- Fourth\n- Fifth\n- Sixth\n- Seventh\n- Eighth`,
        );
        const late = await result(world, thread);
        expect(late.body).toMatch(/time limit/);
        expect(late.body).toMatch(/Pull request: \[#\d+\]/);
        await world.tick(late.id, "Retry what is left");
        await world.becomes(late, "Retried by **mona**");
      },
    },
  ],
  { config: manyTempers("timeout: 6s\n") },
);
