import { describe, expect, it } from "vitest";
import { askControls, askNews, choices, renderAsk } from "../../src/core/ask-comment.ts";
import { readTick } from "../../src/core/control.ts";
import { readMark } from "../../src/core/marker.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { actions } from "./github-reader.ts";
import { CANCELLED, DONE, ID, PLAN_URL, REF, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const SINCE = "2026-11-20T10:00:00Z";
const COMMIT = "c0ffee".padEnd(40, "0");
const CONFIRMING: TaskState = { kind: "confirming", since: SINCE, run: null };
const CONFIRMING_AFTER_RUN: TaskState = { ...CONFIRMING, run: RUN };
const PLANNED: TaskState = { kind: "planned", since: SINCE, run: RUN, shown: COMMIT };
const UNSHOWN: TaskState = { kind: "planned", since: SINCE, run: RUN, shown: null };
const QUEUED: TaskState = { kind: "queued", since: SINCE };
const ASKED = { id: 7, author: "dispatch[bot]", url: "https://github.com/octo-org/hello/issues/1#issuecomment-7" };
const SETUP = "| CLI | |\n|---|---|\n| Claude Code | ready |";

const withNames = (names: readonly string[]) => ({ ...sampleTask(QUEUED).settings, names: [...names] });

describe("what a task asks in its status comment", () => {
  it("which model, with the default that a yes takes", () => {
    expect(askNews(sampleTask(CONFIRMING))).toBe(
      "> [!IMPORTANT]\n> You named no model. **Tick one below**, or reply with its name. A “yes” takes the default, `opus`.",
    );
    expect(askControls(sampleTask(CONFIRMING))).toEqual([
      `- [ ] Start with \`opus\`, the default <!-- dispatch:do model 1/${ID} opus -->`,
      `- [ ] Start with \`sonnet\` <!-- dispatch:do model 1/${ID} sonnet -->`,
    ]);
  });

  it("promises no default where none was set", () => {
    const task = sampleTask(CONFIRMING, { settings: withNames(["sonnet", "opus"]) });
    expect(askNews(task)).not.toContain("default");
    expect(askControls(task).join()).not.toContain("default");
  });

  it("promises no default where the choice makes one", () => {
    expect(askNews(sampleTask(CONFIRMING_AFTER_RUN))).not.toContain("default");
    expect(askControls(sampleTask(CONFIRMING_AFTER_RUN)).join()).not.toContain("default");
  });

  it("whether the plan that was shown is right", () => {
    expect(askNews(sampleTask(PLANNED))).toBe(
      "> [!IMPORTANT]\n> This is the plan, and nothing starts before somebody approves it. **Tick “Approve” below**, or reply “yes”.",
    );
    expect(askControls(sampleTask(PLANNED))).toEqual([
      `- [ ] Approve this plan and start <!-- dispatch:do approve 1/${ID} ${COMMIT} -->`,
    ]);
  });

  it("for no approval of a plan that nobody has been shown", () => {
    expect(askControls(sampleTask(UNSHOWN))).toEqual([]);
  });

  it.each<TaskState>([
    { kind: "held", since: SINCE },
    QUEUED,
    { kind: "running", run: RUN },
    { kind: "waiting", run: RUN, questions: ["001"] },
    { kind: "cancelling", run: RUN, by: "mona" },
    { kind: "parked", run: RUN, questions: ["001"] },
    DONE,
  ])("nothing when $kind", (state) => {
    expect(askNews(sampleTask(state))).toBeNull();
    expect(askControls(sampleTask(state))).toEqual([]);
  });

  it.each([
    { names: ["opus", "sonnet"], offered: ["opus", "sonnet"] },
    { names: [], offered: ["opus"] },
    { names: "abcdefgh".split(""), offered: "abcdef".split("") },
  ])("offers of $names: $offered", ({ names, offered }) => {
    expect(choices(sampleTask(CONFIRMING, { settings: withNames(names) }))).toEqual(offered);
  });
});

describe("the comment that calls the requester", () => {
  const ask = (state: TaskState, more: Partial<Task> = {}, setup: string | null = null) =>
    renderAsk({ task: sampleTask(state, { askComment: ASKED, ...more }), plan: SAMPLE_PLAN, planUrl: PLAN_URL, setup });

  it("shows a plan and asks for its approval", () => {
    expect(ask(PLANNED, { approval: { kind: "wanted" } })).toBe(
      `<!-- dispatch:ask 1/${ID} 1 -->
### 📋 A plan for “Add a /health endpoint”

@mona, nothing starts before you approve it:

- ✅ Read how routes are set up in \`src/server.ts\`
- ✅ Add the route
- ⬜ Test it
- ⬜ Describe it in the README
- ⬜ Write a summary

Tick the box, or reply “yes”. To change the plan, cancel and write the command anew.

- [ ] Approve this plan and start <!-- dispatch:do approve 1/${ID} ${COMMIT} -->`,
    );
  });

  it("says who has approved it, and calls nobody any more", () => {
    const approval = { kind: "given", by: "hubot", commit: COMMIT } as const;
    const body = ask(QUEUED, { approval, attempt: 2 });
    expect(body).toContain(`<!-- dispatch:ask 1/${ID} 1 -->\n### 📋 The plan for “Add a /health endpoint”\n\n`);
    expect(body).toContain("✅ Approved by **hubot**.\n\n- ✅ Read how");
    expect(body).not.toMatch(/@|- \[ \]|Tick/);
  });

  it("shows what was found on the runner and asks for a model", () => {
    expect(ask(CONFIRMING_AFTER_RUN, {}, SETUP)).toBe(
      `<!-- dispatch:ask 1/${ID} 1 -->
### 👋 First time here: which model should work?

@mona, this repository has no config yet.

${SETUP}

**Tick the model to use.** It becomes the default, I propose a config with all of this as a pull request, and your task starts right away.

- [ ] Start with \`opus\` <!-- dispatch:do model 1/${ID} opus -->
- [ ] Start with \`sonnet\` <!-- dispatch:do model 1/${ID} sonnet -->`,
    );
  });

  it("says who chose which model", () => {
    const body = ask(QUEUED, { confirmedBy: "hubot", attempt: 2 }, SETUP);
    expect(body).toContain("✅ **hubot** chose `opus`.");
    expect(body).not.toMatch(/- \[ \]|Tick/);
  });

  it("says that it was cancelled instead", () => {
    expect(ask(CANCELLED, { approval: { kind: "wanted" } })).toContain("This was cancelled instead.");
    expect(ask(CANCELLED, {}, SETUP)).toContain("This was cancelled instead.");
    expect(ask(CANCELLED, {}, SETUP)).not.toContain("- [ ]");
  });

  it("keeps its mark while the task goes on to its next attempt", () => {
    const mark = { kind: "ask", ref: REF, attempt: 2 };
    expect(readMark(ask(PLANNED, { attempt: 2 }))).toEqual(mark);
    expect(readMark(ask(QUEUED, { attempt: 3, approval: { kind: "given", by: "mona", commit: COMMIT } }))).toEqual(
      mark,
    );
  });

  it("has a box that is for the plan as it was shown", () => {
    const body = ask(PLANNED);
    expect(readTick(body, body.replace("[ ]", "[x]"))).toEqual({ kind: "approve", ref: REF, commit: COMMIT });
  });

  it("lets a title do nothing", () => {
    const mentions = actions(ask(PLANNED, { title: "@hubot <b> #77 `" })).filter((one) => /hubot|<b>|#77/.test(one));
    expect(mentions).toEqual([]);
  });
});
