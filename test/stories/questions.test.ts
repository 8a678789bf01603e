import { expect } from "vitest";
import { manyTempers, type Row, tellRows } from "./rows.ts";
import { HELLO, type World } from "./world.ts";

const ASKING = "/dispatch use opus to choose\n\n- Look around\n- Which colour?";

async function question(world: World, thread: number) {
  return world.comment(thread, "<!-- dispatch:question");
}

async function done(world: World, thread: number): Promise<void> {
  const result = await world.comment(thread, "<!-- dispatch:result");
  expect(result.body).toContain("✅");
}

async function answer(world: World, thread: number): Promise<string> {
  return world.taskFile(thread, await world.task(thread), "ipc/001.answer");
}

const ROWS: readonly Row[] = [
  {
    row: "1. a question is a comment that mentions the requester, names the task, how long it waits, and how to answer",
    async tell(world, thread) {
      await world.say(thread, ASKING, "hubot");
      const { body } = await question(world, thread);
      expect(body).toContain("@hubot");
      expect(body).toContain("“Choose”");
      expect(body).toMatch(/waits \*\*\d+ minutes\*\*/);
      expect(body).toMatch(/Just reply here/);
      expect(body).toContain("/dispatch answer");
      expect(await world.labels(thread)).toContain("dispatch: waiting");
      await world.say(thread, "Blue", "hubot");
      await done(world, thread);
    },
  },
  {
    row: "1. a short list at its end becomes tick-boxes",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use opus to add a /options endpoint");
      const asked = await question(world, thread);
      const labels = Array.from(asked.body.matchAll(/^- \[ \] (.*?) <!--/gm), ([, label]) => label ?? "");
      expect(labels).toHaveLength(3);
      await world.tick(asked.id, labels[1] ?? "", "hubot");
      await done(world, thread);
      const after = await world.reread(asked);
      expect(after.body).toContain("**hubot** answered");
      expect(after.body).not.toContain("- [ ]");
    },
  },
  {
    row: "2. a plain reply counts from the requester; others quote the question",
    async tell(world, thread) {
      await world.say(thread, ASKING);
      await question(world, thread);
      await world.say(thread, "Red, I would say.", "hubot");
      await world.say(thread, "> Which colour?\n\nGreen.", "hubot");
      await done(world, thread);
      expect(await answer(world, thread)).toBe("Green.\n");
    },
  },
  {
    row: "2. an edit of the answer does not change it",
    async tell(world, thread) {
      await world.say(thread, ASKING);
      await question(world, thread);
      const said = await world.say(thread, "Blue");
      await world.eventually("the answer", () => answer(world, thread));
      await world.edit(said, "Purple");
      await done(world, thread);
      expect(await answer(world, thread)).toBe("Blue\n");
    },
  },
  {
    row: "2. not an answer: talk to others, commands of other bots, only quoted text",
    async tell(world, thread) {
      await world.say(thread, ASKING);
      await question(world, thread);
      await world.say(thread, "@octocat what do you think?");
      await world.say(thread, "/approve");
      await world.say(thread, "> Which colour?");
      await world.say(thread, "Yellow\n\nOn Tue, Nov 24, 2026 at 9:15 AM hubot wrote:\n> Which colour?");
      await done(world, thread);
      expect(await answer(world, thread)).toBe("Yellow\n");
    },
  },
  {
    row: "2. with several open, an unquoted reply gets “which one?” as boxes, and a tick says it",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use curious-1 to choose\n\n- Choose both");
      await world.eventually("both questions", async () => {
        const asked = (await world.comments(thread)).filter(({ body }) => body.startsWith("<!-- dispatch:question"));
        return asked.length === 2;
      });
      await world.say(thread, "8080");
      const which = await world.comment(thread, "Which question is that for?");
      await world.tick(which.id, "Which port", "hubot");
      await world.becomes(which, "**hubot** chose the question");
      await world.say(thread, "> Which colour should the button have?\n\nBlue");
      await done(world, thread);
      expect(await world.file(`dispatch/${await world.task(thread)}`, "answers.txt")).toBe("8080\nBlue\n");
    },
  },
  {
    row: "3. exactly one answer is taken; a later one becomes a note, and says so",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use slow-1 to choose\n\n- Which colour?\n- Paint\n- Dry\n- Look\n- Sign");
      const asked = await question(world, thread);
      await world.say(thread, "Blue");
      await world.becomes(asked, "**mona** answered");
      const id = await world.task(thread);
      await world.say(thread, `/dispatch answer ${id} 001 Rather green`, "hubot");
      const late = await world.comment(thread, "the first one counts");
      expect(late.body).toContain(id);
      await done(world, thread);
      expect(await answer(world, thread)).toBe("Blue\n");
      expect(await world.taskFile(thread, id, "plan.md")).toContain("> **Note from hubot:** Rather green");
    },
  },
  {
    row: "6. a question whose comment is gone is shown again",
    async tell(world, thread) {
      await world.say(thread, ASKING);
      const asked = await question(world, thread);
      await world.as("mona").issues.deleteComment({ ...HELLO, comment_id: asked.id });
      // So long the run could still be about to ask.
      await new Promise((resolve) => setTimeout(resolve, 10_500));
      await world.say(thread, "/dispatch status");
      const again = await world.eventually("the question", async () =>
        (await world.comments(thread)).find(
          ({ body, id }) => body.startsWith("<!-- dispatch:question") && id !== asked.id,
        ),
      );
      expect(again.body).toContain("Which colour?");
      await world.say(thread, "Blue");
      await done(world, thread);
      await world.becomes(again, "**mona** answered");
    },
  },
];

tellRows("questions", ROWS);

tellRows(
  "questions that nobody answers in time",
  [
    {
      row: "4. and 5. the task is parked, says so, and an answer starts a run that goes on",
      async tell(world, thread) {
        await world.say(thread, ASKING);
        const asked = await question(world, thread);
        await world.becomes(asked, "welcome any time", 60_000);
        const id = await world.task(thread);
        await world.eventually("the end of the run", async () =>
          (await world.runsOf(thread)).every(({ status }) => status === "completed"),
        );
        expect(await world.taskFile(thread, id, "context.md")).toMatch(/\S/);
        expect(await world.taskFile(thread, id, "plan.md")).toMatch(/- \[\?\] Which colour\?/);
        await world.say(thread, "Blue");
        await done(world, thread);
        expect(await world.runsOf(thread)).toHaveLength(2);
        expect(await world.subjects(`dispatch/${id}`)).toEqual(["Look around", "Which colour?"]);
      },
    },
    {
      row: "the step that waits can be skipped by a box",
      async tell(world, thread) {
        await world.say(thread, `${ASKING}\n- Clean up`);
        const asked = await question(world, thread);
        await world.becomes(asked, "welcome any time", 60_000);
        const status = await world.comment(thread, "<!-- dispatch:status");
        await world.becomes(status, "Skip the step that waits");
        await world.tick(status.id, "Skip the step that waits", "hubot");
        await done(world, thread);
        const plan = await world.taskFile(thread, await world.task(thread), "plan.md");
        expect(plan).toContain("- [x] ~~Which colour?~~");
        await world.eventually(
          "the label to go",
          async () => !(await world.labels(thread)).includes("dispatch: waiting"),
        );
      },
    },
  ],
  { config: manyTempers("answer_timeout: 3s\n") },
);
