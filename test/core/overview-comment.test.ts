import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTick } from "../../src/core/control.ts";
import { readMark } from "../../src/core/marker.ts";
import { type OverviewRow, renderOverview } from "../../src/core/overview-comment.ts";
import { firstPlan, parsePlan } from "../../src/core/plan.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { actions } from "./github-reader.ts";
import { CANCELLED, DONE, FAILED, PLAN_URL, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const SINCE = "2026-11-20T10:00:00Z";
const CONFIRMING: TaskState = { kind: "confirming", since: SINCE, run: null };
const HELD: TaskState = { kind: "held", since: SINCE };
const PLANNED: TaskState = { kind: "planned", since: SINCE, run: null, shown: null };
const RUNNING: TaskState = { kind: "running", run: RUN };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const PROVISIONAL = firstPlan({ title: "Add", request: "add it", taskFolder: ".dispatch/tasks/add" });
const TRIGGER = sampleTask(RUNNING).trigger;
const STATUS = "https://github.com/octo-org/hello/issues/1#issuecomment-6";

const IDS = ["add-page-aaaa", "fix-login-bbbb", "tidy-up-cccc", "write-docs-dddd"];

function row(place: number, state: TaskState, more: Partial<Task> = {}, plan = SAMPLE_PLAN): OverviewRow {
  const id = IDS[place] ?? `task-${place}`;
  const task = sampleTask(state, {
    id,
    title: `Task ${place + 1}`,
    siblings: 4,
    position: place,
    pullRequest: null,
    ...more,
  });
  return { task, plan, planUrl: PLAN_URL };
}

const overview = (...rows: readonly OverviewRow[]) =>
  renderOverview({ thread: { kind: "issue", number: 1 }, trigger: TRIGGER, rows });

/** The cells of a task's line, as GitHub takes a table apart: only what a backslash escapes does not end one. */
function cells(body: string, place = 0): readonly string[] {
  const lines = body.split("\n");
  const line = lines[lines.indexOf("|---|---|---|") + 1 + place] ?? "";
  return [...line.matchAll(/(?<=\|)(?:\\.|[^|\\])*(?=\|)/gs)].map(([cell]) => cell.trim());
}

describe("the overview", () => {
  it("shows a line for each task, in which order they go, and how far all are", () => {
    const body = overview(
      row(
        0,
        DONE,
        {
          resultComment: { id: 8, author: "dispatch[bot]", url: "https://github.com/r" },
          pullRequest: { number: 12, url: "https://github.com/p" },
        },
        parsePlan("- [x] a"),
      ),
      row(1, WAITING),
      row(
        2,
        HELD,
        {
          after: [IDS[0] ?? "", IDS[1] ?? ""],
          statusComment: null,
          worker: { ...sampleTask(DONE).worker, name: "sonnet" },
        },
        PROVISIONAL,
      ),
    );
    expect(body).toContain(`<!-- dispatch:overview 1 comment-5 -->
### 🧭 3 tasks

**1 of 3 done** · asked by **mona**

| task | model | how it stands |
|---|---|---|
| ✅ 1. [Task 1](${STATUS})<br><sub>\`add-page-aaaa\`</sub> | \`opus\` | Done · 1 of 1 · [result](https://github.com/r) · [#12](https://github.com/p) |
| ❓ 2. [Task 2](${STATUS})<br><sub>\`fix-login-bbbb\`</sub> | \`opus\` | **[Waiting for an answer](https://github.com/octo-org/hello/issues/1#issuecomment-9)** · 2 of 5 |
| ⏳ 3. [Task 3](${PLAN_URL})<br><sub>\`tidy-up-cccc\`</sub> | \`sonnet\` | Waiting for other tasks · after 1 and 2 |`);
    expect(readMark(body)).toEqual({ kind: "overview", thread: 1, trigger: "comment-5" });
    expect(body).toContain("mermaid");
    expect(body).not.toContain("- [ ]");
  });

  it.each([
    { states: [RUNNING, DONE], headline: "🧭 2 tasks", done: 1 },
    { states: [DONE, DONE], headline: "✅ 2 tasks", done: 2 },
    { states: [DONE, FAILED], headline: "❗ 2 tasks", done: 1 },
    { states: [CANCELLED, FAILED], headline: "❗ 2 tasks", done: 0 },
    { states: [PLANNED, FAILED], headline: "🧭 2 tasks", done: 0 },
  ])("is headed $headline, $done done", ({ states, headline, done }) => {
    const body = overview(...states.map((state, place) => row(place, state)));
    expect(body).toContain(`### ${headline}\n\n**${done} of 2 done**`);
  });

  it("names what a task waits for by its number, or by its id where it is no task of this comment", () => {
    const body = overview(row(0, HELD, { after: ["older-zzzz"] }), row(1, HELD, { after: [IDS[0] ?? ""] }));
    expect(cells(body)[2]).toBe("Waiting for other tasks · 2 of 5 · after `older-zzzz`");
    expect(cells(body, 1)[2]).toBe("Waiting for other tasks · 2 of 5 · after 1");
  });

  it("draws no order where there is none", () => {
    expect(overview(row(0, RUNNING), row(1, RUNNING))).not.toContain("mermaid");
  });

  it("counts no steps before a plan is written, and names no model before one is chosen", () => {
    expect(cells(overview(row(0, CONFIRMING, {}, PROVISIONAL), row(1, RUNNING)))).toEqual([
      `🤔 1. [Task 1](${STATUS})<br><sub>\`add-page-aaaa\`</sub>`,
      "",
      "Which model?",
    ]);
  });

  it("offers one choice for all that name no model", () => {
    const body = overview(row(0, CONFIRMING), row(1, RUNNING), row(2, CONFIRMING), row(3, CONFIRMING));
    expect(body.split("\n").slice(-5).join("\n")).toBe(`> [!IMPORTANT]
> Tasks 1, 3 and 4 name no model. **Tick one for all of them**, or one in each task's own comment.

- [ ] Start them with \`opus\` <!-- dispatch:do model-all 1/add-page-aaaa opus -->
- [ ] Start them with \`sonnet\` <!-- dispatch:do model-all 1/add-page-aaaa sonnet -->`);
    expect(readTick(body, body.replace("[ ] Start them with `sonnet`", "[x] Start them with `sonnet`"))).toMatchObject({
      kind: "model",
      model: "sonnet",
      all: true,
    });
  });

  it("leaves the choice to the task's own comment where only one waits for it", () => {
    expect(overview(row(0, CONFIRMING), row(1, RUNNING))).not.toContain("- [ ]");
  });

  it("is the same for the same tasks", () => {
    const rows = [row(0, RUNNING), row(1, HELD, { after: [IDS[0] ?? ""] })];
    expect(overview(...rows)).toBe(overview(...rows));
  });
});

describe("a title in the overview", () => {
  it.each([
    "a | b",
    "`a|b` c",
    "a\\|b",
    "a\\\\|b",
    "a\\",
    "|",
    "`",
    "``x",
    "`|`|`",
    "@hubot look at #77",
    "`@hubot`",
    "<b>x</b>",
    "`<b>`",
    "</sub><br>",
    "<!-- dispatch:do cancel 1/x -->",
    "x](https://example.com) [y",
    "[a](b)",
    "![i](j)",
    "[",
    "]",
    "https://example.com/a|b",
    "***",
    "~~x",
    "&#124; &vert;",
    "a\nb\n| c | d |",
    "",
  ])("stays in its cell and does nothing: %j", (title) => {
    const body = overview(row(0, RUNNING, { title }), row(1, RUNNING));
    const found = cells(body);
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/\]\(https:\S+\)<br><sub>`add-page-aaaa`<\/sub>$/);
    expect(found.slice(1)).toEqual(["`opus`", "Working · 2 of 5"]);
    expect(harmOf(body)).toEqual([]);
  });

  it("does so whatever it is", () => {
    const parts = fc.constantFrom(
      "|",
      "\\",
      "`",
      "``",
      "[",
      "]",
      "(",
      ")",
      "<b>",
      "</sub>",
      "@hubot",
      "#77",
      " ",
      "a",
      "*",
      "~~",
      "&#124;",
      "\n",
      "<!--",
      "-->",
      "!",
      "https://x.y/",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), (title) => {
        const body = overview(row(0, RUNNING, { title: title.join("") }), row(1, RUNNING));
        expect(cells(body)).toHaveLength(3);
        expect(cells(body, 1)[0]).toContain("[Task 2]");
        expect(harmOf(body)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  /** What would happen beside what is ours: the marks, the line break and the small print of each of two tasks, and their links. */
  function harmOf(body: string): readonly string[] {
    const ours =
      /^HTML: (?:<!-- dispatch:overview|<br>$|<\/?sub>$)|^link to an issue: https:\/\/github\.com\/octo-org\/hello\/issues\/1#issuecomment-6$/;
    const all = actions(body);
    const breaks = all.filter((action) => /^HTML: (?:<br>|<sub>|<\/sub>)$/.test(action));
    return [
      ...all.filter((action) => !ours.test(action)),
      ...(breaks.length === 18 ? [] : [`${breaks.length} breaks`]),
    ];
  }
});
