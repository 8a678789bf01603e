import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTick } from "../../src/core/control.ts";
import { readMark } from "../../src/core/marker.ts";
import { firstPlan, type Plan, parsePlan, withSkipped } from "../../src/core/plan.ts";
import { renderStatus, type StatusView } from "../../src/core/status-comment.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { actions } from "./github-reader.ts";
import { CANCELLED, DONE, FAILED, ID, PLAN_URL, REF, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const LINKS = { run: RUN.url, plan: PLAN_URL, pullRequest: "https://github.com/octo-org/hello/pull/12" };
const RUNNING: TaskState = { kind: "running", run: RUN };
const CONFIRMING: TaskState = { kind: "confirming", since: "2026-11-20T10:00:00Z", run: null };
const HELD: TaskState = { kind: "held", since: "2026-11-20T10:00:00Z" };
const PLANNED: TaskState = {
  kind: "planned",
  since: "2026-11-20T10:00:00Z",
  run: null,
  shown: "c0ffee".padEnd(40, "0"),
};
const QUEUED: TaskState = { kind: "queued", since: "2026-11-20T10:00:00Z" };
const PROVISIONAL = firstPlan({ title: "Add", request: "add it", taskFolder: `.dispatch/tasks/${ID}` });

/** The link to our own pull request is a reference that is meant. */
const NO_PULL = { view: { links: { ...LINKS, pullRequest: null } }, task: { pullRequest: null } };

function status(state: TaskState, more: Partial<StatusView> = {}, task: Partial<Task> = {}): string {
  return renderStatus({
    task: sampleTask(state, task),
    plan: SAMPLE_PLAN,
    now: "2026-11-20T10:04:10Z",
    doing: null,
    usage: null,
    warnings: [],
    links: LINKS,
    ...more,
  });
}

describe("the status comment", () => {
  it("shows a running task at a glance", () => {
    const usage = { tokensIn: 100_000, tokensOut: 5_000, costUsd: 0.4234 };
    expect(status(RUNNING, { doing: "Editing `src/server.ts`", usage, warnings: ["GitHub is slow."] })).toBe(
      `<!-- dispatch:status 1/${ID} -->
### 🔄 Add a /health endpoint

**Working** · \`opus\` · asked by **mona** · 4 min · $0.42

\`████░░░░░░\` **2 of 5**

- ✅ Read how routes are set up in \`src/server.ts\`
- ✅ Add the route
- 🔄 **Test it**
- ⬜ Describe it in the README
- ⬜ Write a summary

**Now:** Editing \`src/server.ts\`

<details><summary>⚠️ 1 warning</summary>

- GitHub is slow.

</details>

[Run](${RUN.url}) · [Plan](${PLAN_URL}) · [Pull request #12](https://github.com/octo-org/hello/pull/12)

- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`,
    );
  });

  it.each<[string, TaskState, string, readonly string[]]>([
    [
      "confirming",
      CONFIRMING,
      "### 🤔 Add a /health endpoint\n\n**Which model?** · asked by **mona**",
      ["model", "model", "cancel"],
    ],
    ["held", HELD, "This starts by itself as soon as `fix-login-abcd` and `tidy-up-efgh` are done.", ["cancel"]],
    ["planned", PLANNED, "nothing starts before somebody approves it", ["approve", "cancel"]],
    ["planned and not shown yet", { ...PLANNED, shown: null }, "**Waiting for approval** ·", ["cancel"]],
    ["queued", QUEUED, "### ⏳ Add a /health endpoint\n\n**Starting** ·", ["cancel"]],
    ["running", RUNNING, "### 🔄 Add a /health endpoint\n\n**Working** ·", ["cancel"]],
    [
      "waiting",
      { kind: "waiting", run: RUN, questions: ["001"] },
      "[see the question](https://github.com/octo-org/hello/issues/1#issuecomment-9)",
      ["cancel"],
    ],
    ["cancelling", { kind: "cancelling", run: RUN, by: "hubot" }, "**hubot** cancelled this.", []],
    ["parked", { kind: "parked", run: RUN, questions: ["001"] }, "welcome any time", ["skip", "cancel"]],
    ["done", DONE, "### ✅ Add a /health endpoint\n\n**Done** ·", []],
    [
      "failed",
      FAILED,
      "did not accept the key.\n>\n> **What to do:** Renew the repository secret",
      ["retry", "retry", "retry-default", "config"],
    ],
    ["cancelled", CANCELLED, "Cancelled by **hubot**.", ["retry"]],
  ])("says what is the matter when %s, and offers what fits", (_, state, words, offered) => {
    const body = status(state, {}, { after: ["fix-login-abcd", "tidy-up-efgh"] });
    expect(body).toContain(words);
    expect(readMark(body)).toEqual({ kind: "status", ref: REF });
    // The boxes are the last lines, so that what is drawn above moves none of them.
    const boxes = body.split("\n").slice(offered.length === 0 ? body.length : -offered.length);
    expect(boxes.map((line) => /<!-- dispatch:do (\S+) /.exec(line)?.[1])).toEqual(offered);
    expect(body.match(/- \[ \]/g) ?? []).toHaveLength(offered.length);
    for (const box of boxes) expect(readTick(body, body.replace(box, box.replace("[ ]", "[x]")))).not.toBeNull();
  });

  it.each<[string, TaskState, Partial<Task>, string]>([
    [
      "that waits for a model",
      CONFIRMING,
      {},
      `### 🤔 Add a /health endpoint

**Which model?** · asked by **mona** · 4 min

> [!IMPORTANT]
> You named no model. **Tick one below**, or reply with its name. A “yes” takes the default, \`opus\`.

_The plan appears here as soon as the worker has written it._

[Plan](${PLAN_URL})

- [ ] Start with \`opus\`, the default <!-- dispatch:do model 1/${ID} opus -->
- [ ] Start with \`sonnet\` <!-- dispatch:do model 1/${ID} sonnet -->
- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`,
    ],
    [
      "that waits for others",
      HELD,
      { after: ["fix-login-abcd"] },
      `### ⏳ Add a /health endpoint

**Waiting for other tasks** · \`opus\` · asked by **mona** · 4 min

> [!NOTE]
> This starts by itself as soon as \`fix-login-abcd\` is done.

_The plan appears here as soon as the worker has written it._

[Plan](${PLAN_URL})

- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`,
    ],
    [
      "that looks at the set-up",
      RUNNING,
      { phase: "check" },
      `### 🩺 Add a /health endpoint

**Looking at the set-up** · asked by **mona** · 4 min

_The plan appears here as soon as the worker has written it._

[Run](${RUN.url}) · [Plan](${PLAN_URL})

- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`,
    ],
    [
      "that writes its plan",
      RUNNING,
      { phase: "plan" },
      `### ✏️ Add a /health endpoint

**Planning** · \`opus\` · asked by **mona** · 4 min

_The plan appears here as soon as the worker has written it._

[Run](${RUN.url}) · [Plan](${PLAN_URL})

- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`,
    ],
  ])("of a task %s", (_, state, more, text) => {
    const run = "run" in state && state.run !== null ? RUN.url : null;
    const links = { run, plan: PLAN_URL, pullRequest: null };
    expect(status(state, { plan: PROVISIONAL, links }, { ...more, pullRequest: null })).toBe(
      `<!-- dispatch:status 1/${ID} -->\n${text}`,
    );
  });

  it("shows the plan that is to be approved, with its box", () => {
    const links = { run: null, plan: PLAN_URL, pullRequest: null };
    const plan = parsePlan("# T\n- [ ] Read\n- [ ] Write\n");
    expect(status(PLANNED, { plan, links }, { pullRequest: null })).toBe(`<!-- dispatch:status 1/${ID} -->
### 📋 Add a /health endpoint

**Waiting for approval** · \`opus\` · asked by **mona** · 4 min

> [!IMPORTANT]
> This is the plan, and nothing starts before somebody approves it. **Tick “Approve” below**, or reply “yes”.

\`░░░░░░░░░░\` **0 of 2**

- ⬜ Read
- ⬜ Write

[Plan](${PLAN_URL})

- [ ] Approve this plan and start <!-- dispatch:do approve 1/${ID} ${"c0ffee".padEnd(40, "0")} -->
- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`);
  });

  it("names no worker for what Dispatch does itself", () => {
    expect(status(RUNNING, {}, { kind: "doctor", phase: "check" })).not.toContain("`opus`");
    expect(status(DONE, {}, { kind: "doctor", phase: "work" })).not.toContain("`opus`");
    expect(status(FAILED, {}, { kind: "doctor" })).not.toContain("- [ ]");
  });

  it("shows what people have given up", () => {
    const plan =
      withSkipped(parsePlan("# T\n- [x] Read\n- [!] Deploy\n  no network\n- [ ] Test\n"), "hubot") ?? SAMPLE_PLAN;
    expect(status(RUNNING, { plan })).toContain("- ✅ Read\n- ⏭️ ~~Deploy~~\n- 🔄 **Test**");
  });

  it("mentions nobody: it is edited all the time", () => {
    for (const state of [CONFIRMING, HELD, PLANNED, QUEUED, RUNNING, DONE, FAILED, CANCELLED]) {
      expect(
        actions(status(state, NO_PULL.view, NO_PULL.task)).filter(
          (action) => !action.startsWith("HTML: <!--") && !action.startsWith("box"),
        ),
      ).toEqual([]);
    }
  });

  it("shows which step a question holds up", () => {
    expect(status({ kind: "waiting", run: RUN, questions: ["001"] })).toContain("- ❓ **Test it**");
    expect(status(QUEUED)).toContain("- ⬜ Test it");
    expect(status(FAILED)).toContain("- ⬜ Test it");
  });

  it("links every open question", () => {
    const comment = { kind: "comment", id: 10, author: "dispatch[bot]", url: "https://github.com/q2" } as const;
    const second = { askedAt: "2026-11-20T10:03:00Z", comment, answeredBy: null };
    const task = sampleTask({ kind: "waiting", run: RUN, questions: ["001", "002"] });
    const body = status(task.state, {}, { exchanges: { ...task.exchanges, "002": second } });
    expect(body).toContain(
      "[question 1](https://github.com/octo-org/hello/issues/1#issuecomment-9), [question 2](https://github.com/q2).",
    );
  });

  it("puts explanations beneath their items", () => {
    const plan = parsePlan(
      "# T\n- [?] Pick a port\n  Which one?\n\n  ```ts\n  listen(80)\n  ```\n- [!] Install\n  404 for <b>x</b>\n",
    );
    const body = status(RUNNING, { plan });
    expect(body).toContain(
      "- ❓ Pick a port\n  > Which one?\n  >\n  > ```ts\n  > listen(80)\n  > ```\n- ❗ Install\n  > 404 for &lt;b>x&lt;/b>",
    );
  });

  it("promises the plan while there is none, and says so when none came", () => {
    expect(status(QUEUED, { plan: PROVISIONAL })).toContain("_The plan appears here");
    expect(status(RUNNING, { plan: PROVISIONAL })).toContain("_The plan appears here");
    expect(status(FAILED, { plan: PROVISIONAL })).toContain("_No plan was written._");
    expect(status(RUNNING, { plan: PROVISIONAL })).not.toMatch(/0 of 1|output\.md/);
  });

  it("says when GitHub has no runner", () => {
    expect(status(QUEUED, { now: "2026-11-20T10:09:00Z" })).not.toContain("runner");
    expect(status(QUEUED, { now: "2026-11-20T10:11:00Z" })).toContain("has not given this task a runner yet");
  });

  it("stops counting when the task has ended", () => {
    expect(status(DONE, { now: "2026-12-24T10:00:00Z" })).toContain("asked by **mona** · 7 min");
  });

  it.each([
    [{ tokensIn: 1, tokensOut: 1, costUsd: 0.001 }, "under $0.01"],
    [{ tokensIn: 1, tokensOut: 1, costUsd: 12.5 }, "$12.50"],
    [{ tokensIn: 123_456, tokensOut: 0, costUsd: null }, "123k tokens"],
    [{ tokensIn: 0, tokensOut: 0, costUsd: null }, "4 min"],
    [{ tokensIn: 0, tokensOut: 0, costUsd: 0 }, "4 min"],
    [{ tokensIn: 123_456, tokensOut: 0, costUsd: 0 }, "123k tokens"],
  ])("says what %j costs", (usage, words) => {
    expect(status(RUNNING, { usage }).split("\n")[3]).toMatch(new RegExp(`${words.replace("$", "\\$")}$`));
  });

  it("shows notes folded away", () => {
    const plan = parsePlan(`${SAMPLE_PLAN.source}\n> **Note from hubot:** keep /status, @mona\n`);
    expect(status(RUNNING, { plan })).toContain("📝 1 note</summary>\n\n**hubot**:\n> keep /status, `@mona`");
  });

  it("cuts a long plan with a link, and never grows beyond 60,000 characters", () => {
    const steps = Array.from(
      { length: 100 },
      (_, i) => `- [ ] Step ${i} ${"<word> ".repeat(80)}\n  ${"@why ".repeat(300)}`,
    );
    const plan = parsePlan(`# T\n${steps.join("\n")}\n${"> **Note from hubot:** x\n\n".repeat(9)}`);
    const warnings = Array.from({ length: 100 }, () => "<w>".repeat(300));
    const body = status(FAILED, { plan, warnings });
    expect(body.length).toBeLessThan(60_000);
    expect(body).toMatch(/- … and \d+ more steps: \[the whole plan\]\(https:/);
    expect(body.split("\n").at(-1)).toContain("dispatch:do config remove opus");
  });

  it("lets nothing of a worker's act or swallow what stands below", () => {
    const words = fc.array(
      fc.constantFrom(
        "@mona ",
        "#1 ",
        "`",
        "```\n",
        "~~~\n",
        "</details>",
        "<b>",
        "\n",
        "  ",
        "- ",
        "> ",
        "\n- [ ] x",
        "[",
        "](",
      ),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(words, words, (item, explanation) => {
        const plan: Plan = {
          ...SAMPLE_PLAN,
          items: [{ marker: "error", text: item.join(""), explanation: explanation.join("").split("\n") }],
        };
        const task = { ...NO_PULL.task, title: item.join("") };
        const body = status(
          RUNNING,
          { plan, doing: item.join(""), warnings: [explanation.join("")], ...NO_PULL.view },
          task,
        );
        const ours = /^HTML: <!-- dispatch:(?:status|do)|^HTML: <\/?details>|^box: \[ \] Cancel/;
        expect(actions(body).filter((action) => !ours.test(action))).toEqual([]);
        expect(readTick(body, body.replace("- [ ] Cancel", "- [x] Cancel"))).not.toBeNull();
        expect(actions(body).filter((action) => action.startsWith("box"))).toHaveLength(3);
      }),
      { numRuns: 500 },
    );
  });
});
