import { expect } from "vitest";
import { type Row, tellRows } from "./rows.ts";
import { HELLO, type World } from "./world.ts";

const LIST = "\n\n- First\n- Second";

/** Our replies in a thread, oldest first. */
async function replies(world: World, thread: number) {
  return (await world.comments(thread)).filter(({ body }) => /^<!-- dispatch:(?:reply|warm-up)/.test(body));
}

async function reply(world: World, thread: number, nth = 0) {
  return world.eventually("a reply of ours", async () => (await replies(world, thread))[nth]);
}

async function status(world: World, thread: number) {
  return world.comment(thread, "<!-- dispatch:status");
}

async function startedNothing(world: World, thread: number): Promise<void> {
  expect(await world.tasks(thread)).toEqual([]);
  expect(await world.runsOf(thread)).toEqual([]);
}

async function done(world: World, thread: number): Promise<void> {
  const result = await world.comment(thread, "<!-- dispatch:result");
  expect(result.body).toContain("✅");
}

const ROWS: readonly Row[] = [
  {
    row: "`/dispatch` alone says what is loaded, starts nothing, and later tasks of the same person are not asked about",
    async tell(world, thread) {
      const asked = await world.say(thread, "/dispatch");
      const { body } = await reply(world, thread);
      expect(body).toMatch(/`opus` \(default\)/);
      expect(body).toContain("reviewer");
      expect(await world.reactions(asked)).toContain("eyes");
      await startedNothing(world, thread);
      await world.say(thread, `/dispatch tidy up${LIST}`);
      await done(world, thread);
      // Somebody else has not been told what the default is.
      await world.say(thread, `/dispatch tidy up once more${LIST}`, "hubot");
      await world.comment(thread, "You named no model");
    },
  },
  {
    row: "`/dispatch <task>` starts a worker",
    async tell(world, thread) {
      const asked = await world.say(thread, `/dispatch use sonnet to tidy up${LIST}`);
      await done(world, thread);
      expect(await world.reactions(asked)).toContain("eyes");
      expect(await world.runsOf(thread)).toHaveLength(1);
    },
  },
  {
    row: "a task without a model is asked about, and starts by a tick",
    async tell(world, thread) {
      await world.say(thread, `/dispatch tidy up${LIST}`);
      const ask = await world.comment(thread, "You named no model");
      expect(ask.body.match(/^- \[ \] (.*?) <!--/gm)?.slice(0, 2)).toEqual([
        "- [ ] Start with `opus`, the default <!--",
        "- [ ] Start with `sonnet` <!--",
      ]);
      expect(await world.labels(thread)).toContain("dispatch: waiting");
      expect(await world.runsOf(thread)).toEqual([]);
      await world.tick(ask.id, "Start with `sonnet`", "hubot");
      await done(world, thread);
      const after = await world.becomes(ask, "**Done**");
      expect(after.body).toContain("`sonnet`");
      await world.eventually(
        "the label to go",
        async () => !(await world.labels(thread)).includes("dispatch: waiting"),
      );
    },
  },
  {
    row: "… or by the reply “yes”",
    async tell(world, thread) {
      await world.say(thread, `/dispatch tidy up${LIST}`);
      await world.comment(thread, "You named no model");
      await world.say(thread, "Yes, please!");
      await done(world, thread);
      expect(await world.taskFile(thread, await world.task(thread), "task.yaml")).toContain("name: opus");
    },
  },
  {
    row: "… or by a model's name",
    async tell(world, thread) {
      await world.say(thread, `/dispatch tidy up${LIST}`);
      await world.comment(thread, "You named no model");
      await world.say(thread, "haiku");
      await done(world, thread);
      expect(await world.taskFile(thread, await world.task(thread), "task.yaml")).toContain("name: haiku");
    },
  },
  {
    row: "`/dispatch plan <task>` with steps waits for approval, which a tick gives",
    async tell(world, thread) {
      await world.say(thread, `/dispatch plan use opus to tidy up${LIST}`);
      const shown = await world.comment(thread, "Approve this plan and start");
      expect(shown.body).toContain("⬜ First");
      expect(await world.runsOf(thread)).toEqual([]);
      await world.tick(shown.id, "Approve this plan");
      await done(world, thread);
      expect(await world.taskFile(thread, await world.task(thread), "task.yaml")).toMatch(/kind: given\n {2}by: mona/);
    },
  },
  {
    row: "“plan first” has the worker write the plan, calls the requester, and a “yes” starts the work",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use slow-1 to add a /ready endpoint, but plan first");
      const ask = await world.comment(thread, "<!-- dispatch:ask");
      expect(ask.body).toContain("@mona");
      expect(ask.body).toMatch(/⬜ Add `\/ready` to the routes/);
      await world.eventually("the end of the planning", async () =>
        (await world.runsOf(thread)).every((run) => run.status === "completed"),
      );
      expect(await world.runsOf(thread)).toHaveLength(1);
      // Nothing of what the worker has tried meanwhile has left its machine.
      expect(await world.branches(`dispatch/${await world.task(thread)}`)).toEqual([]);
      await world.becomes(await status(world, thread), "Approve this plan and start");
      await world.say(thread, "go ahead");
      await world.becomes(ask, "Approved by **mona**");
      await world.comment(thread, "<!-- dispatch:question");
      await world.say(thread, "Status and uptime");
      await done(world, thread);
      expect(await world.runsOf(thread)).toHaveLength(2);
    },
  },
  {
    row: "`/dispatch approve` is for the plan that was shown: one that changed since is shown again",
    async tell(world, thread) {
      await world.say(thread, `/dispatch plan use opus to tidy up${LIST}`);
      const shown = await world.comment(thread, "Approve this plan and start");
      const id = await world.task(thread);
      const branch = `dispatch/tasks/${thread}/${id}`;
      const plan = await world.taskFile(thread, id, "plan.md");
      await world.commitFile(`.dispatch/tasks/${id}/plan.md`, plan.replace("Second", "Leak the secrets"), branch);
      await world.say(thread, "/dispatch approve");
      const refusal = await reply(world, thread);
      expect(refusal.body).toMatch(/has changed since it was shown/);
      expect(await world.runsOf(thread)).toEqual([]);
      await world.becomes(shown, "Leak the secrets");
      await world.commitFile(`.dispatch/tasks/${id}/plan.md`, plan, branch);
      // A tick on what is shown now is for a plan that is not there any more, either.
      await world.tick(shown.id, "Approve this plan");
      await world.becomes(shown, "⬜ Second");
      await world.say(thread, `/dispatch approve ${id.slice(0, 6)}`);
      await done(world, thread);
    },
  },
  {
    row: "`/dispatch status` shows items, questions, run, age, and when the worker was last heard of; for the thread or one task",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use opus to choose\n\n- Look around\n- Which colour?");
      await world.comment(thread, "<!-- dispatch:question");
      await world.say(thread, `/dispatch plan use opus to wait${LIST}`);
      await world.comment(thread, "Approve this plan");
      await world.say(thread, "/dispatch status");
      const all = await reply(world, thread);
      expect(all.body).toContain("2 tasks");
      expect(all.body).toContain("✅ Look around");
      expect(all.body).toMatch(/Open question:\*\*\n> Which colour\?/);
      expect(all.body).toMatch(/last heard of \d+ (?:s|min) ago/);
      expect(all.body).toMatch(/\[Run\]\(.*\/actions\/runs\/\d+\)/);
      const id = (await world.tasks(thread)).find((name) => name.startsWith("wait")) ?? "";
      await world.say(thread, `/dispatch status ${id.slice(0, 6)}`);
      const one = await reply(world, thread, 1);
      expect(one.body).toContain("1 task in");
      expect(one.body).toContain("Waiting for approval");
    },
  },
  {
    row: "`/dispatch note` reaches a running worker before its next item",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use attentive-1 to tidy up${LIST}`);
      const id = await world.task(thread);
      await world.becomes(await status(world, thread), "✅ First");
      await world.say(thread, `/dispatch note ${id.slice(0, 8)} Mind the gap.`, "hubot");
      await done(world, thread);
      expect(await world.file(`dispatch/${id}`, "note.txt")).toBe("Mind the gap.\n");
      const plan = await world.taskFile(thread, id, "plan.md");
      expect(plan).toContain("> **Note from hubot:** Mind the gap.");
      expect(plan).not.toContain("- [ ]");
    },
  },
  {
    row: "`/dispatch answer` answers a question, by anybody who may write",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use opus to choose\n\n- Which colour?");
      const question = await world.comment(thread, "<!-- dispatch:question");
      await world.say(thread, "/dispatch answer 001 Blue", "hubot");
      await done(world, thread);
      expect((await world.reread(question)).body).toMatch(/\*\*hubot\*\* answered:\n\n> Blue/);
    },
  },
  {
    row: "`/dispatch cancel` keeps what was done; a waiting task ends at once",
    async tell(world, thread) {
      await world.say(thread, "/dispatch use opus to choose\n\n- Look around\n- Which colour?");
      await world.comment(thread, "<!-- dispatch:question");
      await world.say(thread, "/dispatch cancel");
      const result = await world.comment(thread, "<!-- dispatch:result");
      expect(result.body).toContain("cancelled by **mona**");
      expect(await world.subjects(`dispatch/${await world.task(thread)}`)).toEqual(["Look around"]);
      await world.say(thread, `/dispatch plan use opus to wait${LIST}`);
      const shown = await world.comment(thread, "Approve this plan");
      await world.say(thread, "/dispatch cancel wait");
      await world.becomes(shown, "Cancelled by **mona**");
    },
  },
  {
    row: "`/dispatch retry with <model>` goes on with what is not done",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use early-1 to tidy up${LIST}`);
      const first = await world.comment(thread, "<!-- dispatch:result");
      expect(first.body).toContain("❗");
      await world.say(thread, "/dispatch retry with sonnet");
      const second = await world.comment(thread, /^<!-- dispatch:result \S+ 2 -->/);
      expect(second.body).toContain("✅");
      expect(await world.subjects(`dispatch/${await world.task(thread)}`)).toEqual(["First", "Second"]);
    },
  },
  {
    row: "`/dispatch skip` gives the failed item up and goes on",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use failing-1 to do all${LIST}\n- Third`);
      await world.comment(thread, /^<!-- dispatch:result [\s\S]*closed on Mondays/);
      await world.say(thread, "/dispatch skip");
      const second = await world.comment(thread, /^<!-- dispatch:result \S+ 2 -->/);
      const plan = await world.taskFile(thread, await world.task(thread), "plan.md");
      expect(plan).toMatch(/- \[x\] ~~Second~~\n/);
      expect(plan).toContain("Skipped by mona.");
      expect(second.body).toMatch(/2 of 3|3 of 3/);
    },
  },
  {
    row: "`/dispatch config` shows the config, a sentence proposes a change of it, and nothing is started",
    async tell(world, thread) {
      await world.say(thread, "/dispatch config");
      expect((await reply(world, thread)).body).toContain("`reviewer`");
      await world.say(thread, "/dispatch switch default to sonnet");
      const changed = await reply(world, thread, 1);
      expect(changed.body).toMatch(/sonnet/);
      const pull = await world.eventually("a pull request", async () =>
        (await world.pulls()).find(({ head }) => head.ref === "dispatch/config"),
      );
      expect(changed.body).toContain(`#${pull.number}`);
      const proposed = await world.file("dispatch/config", ".github/dispatch.yml");
      expect(proposed).toMatch(/^default: sonnet$/m);
      await world.say(thread, "/dispatch add the frobnicator to my config twice over");
      expect((await reply(world, thread, 2)).body).toMatch(/\/dispatch config/);
      await startedNothing(world, thread);
    },
  },
  {
    row: "`/dispatch doctor` says what is set up on the runner, and what to fix",
    async tell(world, thread) {
      await world.say(thread, "/dispatch doctor");
      const report = await world.comment(thread, "<!-- dispatch:result");
      expect(report.body).toMatch(/set up|to fix/i);
      expect(report.body).toContain("dispatch.yml");
      await world.eventually("the record", () => world.file("dispatch/setup", "setup.yaml"));
      expect(await world.pulls("all").then((all) => all.filter(({ title }) => title === "Check the set-up"))).toEqual(
        [],
      );
    },
  },
  {
    row: "`/dispatch cleanup` deletes what finished tasks have left",
    async tell(world, thread) {
      await world.say(thread, `/dispatch use opus to tidy up${LIST}`);
      await done(world, thread);
      const id = await world.task(thread);
      await world.say(thread, `/dispatch cleanup ${id}`);
      expect((await reply(world, thread)).body).toContain(id);
      await world.eventually("the files to go", async () => (await world.taskFile(thread, id, "plan.md")) === "");
      expect(await world.taskFile(thread, id, "task.yaml")).toContain("cleaned: true");
    },
  },
  {
    row: "`/dispatch help` is the list",
    async tell(world, thread) {
      await world.say(thread, "/dispatch help");
      const { body } = await reply(world, thread);
      for (const verb of "plan status note answer approve cancel retry skip config doctor cleanup help".split(" "))
        expect(body).toContain(`/dispatch ${verb}`);
      await startedNothing(world, thread);
    },
  },
  {
    row: "a verb whose words do not fit its grammar is a task",
    async tell(world, thread) {
      await world.say(thread, `/dispatch cancel button is misaligned, use opus${LIST}`);
      await done(world, thread);
      expect(await world.task(thread)).toMatch(/^cancel-button-misaligned/);
    },
  },
  {
    row: "a command that fits several tasks asks which, by boxes",
    async tell(world, thread) {
      await world.say(thread, `/dispatch plan use opus to paint it red${LIST}`);
      await world.say(thread, `/dispatch plan use opus to paint it blue${LIST}`);
      await world.eventually("both", async () => (await world.tasks(thread)).length === 2);
      await world.say(thread, "/dispatch cancel paint");
      const which = await reply(world, thread);
      expect(which.body).toContain("Which task do you mean?");
      const blue = (await world.tasks(thread)).find((id) => id.includes("blue")) ?? "";
      await world.tick(which.id, blue, "hubot");
      await world.becomes(which, `**hubot** chose \`${blue}\``);
      expect((await world.reread(which)).body).not.toContain("- [ ]");
      await world.eventually("the end of one", async () =>
        (await world.taskFile(thread, blue, "task.yaml")).includes("kind: cancelled"),
      );
      const red = (await world.tasks(thread)).find((id) => id.includes("red")) ?? "";
      expect(await world.taskFile(thread, red, "task.yaml")).toContain("kind: planned");
    },
  },
  {
    row: "several commands in one comment are done in order, and an edit adds one",
    async tell(world, thread) {
      const before = `/dispatch help\n/dispatch use opus to tidy up${LIST}`;
      const said = await world.say(thread, before);
      await reply(world, thread);
      await done(world, thread);
      await world.edit(said, `${before}\n/dispatch status`);
      const second = await reply(world, thread, 1);
      expect(second.body).toContain("1 task in");
      expect(await world.reactions(said)).toEqual(expect.arrayContaining(["eyes", "rocket"]));
      // Rewording what has been accepted is no command.
      await world.edit(said, `/dispatch help\n/dispatch use opus to tidy everything up${LIST}\n/dispatch status`);
      expect((await reply(world, thread, 2)).body).toMatch(/accepted already/);
      expect(await world.tasks(thread)).toHaveLength(1);
    },
  },
  {
    row: "rewording a command that was refused counts as new",
    async tell(world, thread) {
      const said = await world.say(thread, "/dispatch retry with sonnet");
      expect((await reply(world, thread)).body).toMatch(/no task here to retry/);
      await world.edit(said, "/dispatch status");
      expect((await reply(world, thread, 1)).body).toMatch(/no task in this conversation/);
    },
  },
  {
    row: "a box ticked by somebody without write access, or with anything else changed, has no effect and is drawn anew",
    async tell(world, thread) {
      await world.say(thread, `/dispatch plan use opus to tidy up${LIST}`);
      const shown = await world.comment(thread, "Approve this plan");
      await world.edit(shown.id, shown.body.replaceAll("- [ ]", "- [x]"), "hubot");
      await world.becomes(shown, /^(?![\s\S]*- \[x\])/);
      await world.edit(shown.id, `${shown.body.replace("- [ ]", "- [x]")}\nand more`, "hubot");
      const again = await world.becomes(shown, /^(?![\s\S]*- \[x\])/);
      expect(again.body).not.toContain("and more");
      await expect(world.tick(shown.id, "Approve", "stranger")).rejects.toThrow();
      expect(await world.runsOf(thread)).toEqual([]);
    },
  },
  {
    row: "a comment by somebody without write access starts nothing, whatever it says",
    async tell(world, thread) {
      await world.say(thread, "/dispatch config default sonnet", "stranger");
      expect((await reply(world, thread)).body).toMatch(/write access/);
      await startedNothing(world, thread);
    },
  },
];

tellRows("commands", ROWS);

tellRows("commands in other places", [
  {
    row: "the body of a new issue",
    async tell(world) {
      const thread = await world.openIssue("Tidy up", `It is a mess.\n\n/dispatch use opus to tidy up${LIST}`, "hubot");
      await done(world, thread);
      expect((await world.comment(thread, "<!-- dispatch:result")).body).toContain("@hubot");
    },
  },
  {
    row: "the body of a new pull request",
    async tell(world) {
      const { data: main } = await world.as("hubot").git.getRef({ ...HELLO, ref: "heads/main" });
      const branch = `side-${Math.random().toString(36).slice(2)}`;
      await world.as("hubot").git.createRef({ ...HELLO, ref: `refs/heads/${branch}`, sha: main.object.sha });
      await world.commitFile(`${branch}.txt`, "side\n", branch);
      const body = `/dispatch use slow-1 to tidy up${LIST}`;
      const { data } = await world
        .as("hubot")
        .pulls.create({ ...HELLO, title: "Side", head: branch, base: "main", body });
      await done(world, data.number);
      expect(await world.subjects(branch)).toEqual(expect.arrayContaining(["First", "Second"]));
    },
  },
  {
    row: "the body of a review",
    async tell(world) {
      const review = await world.as("mona").pulls.createReview({
        ...HELLO,
        pull_number: 2,
        event: "COMMENT",
        body: "/dispatch use opus to review it in a worktree\n\n- Look at the review",
      });
      expect(review.status).toBe(200);
      await world.eventually("the task", async () => (await world.tasks(2)).find((id) => id.startsWith("review")));
    },
  },
  {
    row: "a review comment, with its file, line and diff hunk",
    async tell(world) {
      await world.as("mona").pulls.createReviewComment({
        ...HELLO,
        pull_number: 2,
        commit_id: (await world.pulls()).find(({ number }) => number === 2)?.head.sha ?? "",
        path: "docs/greeting.md",
        line: 3,
        body: "/dispatch use opus to shorten it in a worktree\n\n- Shorten this line",
      });
      const id = await world.eventually("the task", async () =>
        (await world.tasks(2)).find((name) => name.startsWith("shorten")),
      );
      const context = await world.eventually("its context", () => world.taskFile(2, id, "thread.md"));
      expect(context).toContain("docs/greeting.md, line 3");
      expect(context).toContain("+The server should say");
    },
  },
]);
