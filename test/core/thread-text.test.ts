import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/core/config.ts";
import { readTick } from "../../src/core/control.ts";
import { readMark } from "../../src/core/marker.ts";
import { Problem } from "../../src/core/problem.ts";
import { readQuestion } from "../../src/core/question.ts";
import { type QuestionState, renderQuestion } from "../../src/core/question-comment.ts";
import type { ResultView } from "../../src/core/result-comment.ts";
import type { TaskState } from "../../src/core/task.ts";
import {
  renderCleanedUp,
  renderHelp,
  renderLateAnswer,
  renderOpenedIssue,
  renderProblem,
  renderPullRequest,
  renderRefusal,
  renderResult,
  renderTasksStatus,
  renderUnclear,
  renderWarmUp,
  resolvesIssue,
} from "../../src/core/thread-text.ts";
import { actions } from "./github-reader.ts";
import { CANCELLED, DONE, FAILED, ID, PLAN_URL, REF, REPOSITORY, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const MARK = "<!-- dispatch:reply 5 7k2q0 -->";
const WAITING = sampleTask({ kind: "waiting", run: RUN, questions: ["001"] });
const QUESTION = readQuestion("001", "Should `/health` need a login, @hubot?\n\n- Yes, like the rest\n- No\n");

describe("a question", () => {
  const text = (state: QuestionState, question = QUESTION, task = WAITING) =>
    renderQuestion({ task, ref: REF, question, planUrl: PLAN_URL, state });

  it("calls the requester and says which task, how long and how to answer", () => {
    const body = text({ kind: "waiting" });
    expect(readMark(body)).toEqual({ kind: "question", ref: REF, question: "001" });
    expect(body).toContain("@mona, the worker needs to know:\n\n> Should `/health` need a login, `@hubot`?");
    expect(body).toContain("“Add a /health endpoint”");
    expect(body).toContain("waits **10 minutes**");
    expect(body).toContain("Tick a box below");
    expect(body).toContain(`/dispatch answer ${ID} 001`);
    expect(new Set(actions(body).filter((action) => action.startsWith("mention")))).toEqual(
      new Set(["mention: @mona, the worker needs to know:"]),
    );
  });

  it("has an option's box at the end for each option", () => {
    const body = text({ kind: "waiting" });
    expect(body.split("\n").slice(-2).join("\n")).toMatch(/^- \[ \] Yes, like the rest <!--.*\n- \[ \] No <!--.*$/);
    const ticked = body.replace("- [ ] No", "- [x] No");
    expect(readTick(body, ticked)).toEqual({ kind: "option", ref: REF, question: "001", index: 1 });
  });

  it("without options asks for a reply", () => {
    const body = text({ kind: "waiting" }, readQuestion("001", "Which port?"));
    expect(body).toContain("Just reply here.");
    expect(body).not.toContain("- [ ]");
  });

  it("welcomes the answer any time once parked", () => {
    const body = text({ kind: "parked" });
    expect(body).toContain("the task is parked and the runner free again");
    expect(body).toContain("The answer is welcome any time");
    expect(body).toContain("- [ ] Yes");
  });

  it.each([
    { task: WAITING, retry: true },
    { task: { ...WAITING, cleaned: true }, retry: false },
  ])(
    "has no boxes once its task has ended, and speaks of a retry where there can be one: $retry",
    ({ task, retry }) => {
      const body = text({ kind: "over" }, QUESTION, task);
      expect(body).toContain("The task has ended without an answer.");
      expect(body.includes(`/dispatch retry ${ID}`)).toBe(retry);
      expect(body).not.toContain("- [ ]");
    },
  );

  it("shows who answered and the answer as it was understood, without boxes", () => {
    const body = text({ kind: "answered", by: "hubot", text: "No\n\n<b>and</b> @mona knows why\n" });
    expect(body).toContain("**hubot** answered:\n\n> No\n>\n> &lt;b>and&lt;/b> `@mona` knows why");
    expect(body).not.toContain("- [ ]");
    expect(actions(body).filter((action) => action.startsWith("mention"))).toEqual([]);
  });

  it("that is too long is cut with a link", () => {
    const body = text({ kind: "waiting" }, readQuestion("001", "why? ".repeat(20_000)));
    expect(body.length).toBeLessThan(60_000);
    expect(body).toContain(`[read it whole](${PLAN_URL.replace("plan.md", "ipc/001.question")})`);
  });
});

describe("a result", () => {
  const FACTS = {
    usage: { tokensIn: 1, tokensOut: 1, costUsd: 0.42 },
    elapsedMs: 372_000,
    summary: { commits: 4, files: ["a", "b", "c"], insertions: 40, deletions: 2 },
  };
  const result = (more: Partial<ResultView> = {}) =>
    renderResult({
      task: sampleTask(DONE),
      ref: REF,
      plan: SAMPLE_PLAN,
      output: null,
      facts: FACTS,
      repository: REPOSITORY,
      ...more,
    });

  it("calls the requester, links the pull request and gives the figures", () => {
    const body = result({ output: "## What changed\n\nSee #4 and `GET /health`." });
    expect(readMark(body)).toEqual({ kind: "result", ref: REF, attempt: 1 });
    expect(body).toContain("### ✅ Add a /health endpoint\n\n@mona this is done.");
    expect(body).toContain("**➡️ Pull request: [#12](https://github.com/octo-org/hello/pull/12)**");
    expect(body).toContain("## What changed\n\nSee `#4` and `GET /health`.");
    expect(body).toContain("2 of 5 steps · 3 files changed, +40 −2 · 6 min · $0.42 · opus");
    expect(body).not.toContain("- [ ]");
  });

  it("cuts a long report with a link to the whole", () => {
    const body = result({ output: "`x` < y @mona\n".repeat(9_000) });
    expect(body.length).toBeLessThan(60_000);
    expect(body).toContain(`[Read the whole report](${PLAN_URL.replace("plan.md", "output.md")})`);
    expect(result({ output: "short" })).not.toContain("whole report");
  });

  it("offers the prefilled pull request with the reason and the setting", () => {
    const task = sampleTask(DONE, { pullRequest: null });
    const reason = "GitHub Actions is not permitted to create or approve pull requests.";
    const body = result({ task, facts: { ...FACTS, compare: { url: "https://github.com/c?expand=1", reason } } });
    expect(body).toContain("**➡️ [Open the pull request](https://github.com/c?expand=1)**");
    expect(body).toContain(reason);
    expect(body).toContain("“Allow GitHub Actions to create and approve pull requests”");
    const wanted = result({ task, facts: { ...FACTS, compare: { url: "https://github.com/c", reason: null } } });
    expect(wanted).not.toContain("[!NOTE]");
  });

  it("says that nothing was changed", () => {
    const task = sampleTask(DONE, { pullRequest: null });
    const summary = { commits: 0, files: [], insertions: 0, deletions: 0 };
    expect(result({ task, facts: { summary } })).toContain("No files were changed.");
  });

  it("names the branch of the pull request that it worked on", () => {
    const work = { base: "main", branch: "feature", onPullRequest: true };
    expect(result({ task: sampleTask(DONE, { pullRequest: null, work }) })).toContain(
      "on this pull request's branch, `feature`",
    );
  });

  it("of a failure says why and what to do, and offers to retry", () => {
    const body = result({ task: sampleTask(FAILED), facts: {} });
    expect(body).toContain("@mona this could not be finished.");
    expect(body).toContain("> The model's provider did not accept the key.".slice(2));
    expect(body).toContain("**What to do:** Renew the repository secret");
    expect(body).toContain("2 of 5 steps are done");
    expect(readTick(body, body.replace("- [ ]", "- [x]"))).toEqual({
      kind: "retry",
      ref: REF,
      model: null,
      makeDefault: false,
    });
  });

  it("of a cancelled task says who cancelled it", () => {
    expect(result({ task: sampleTask(CANCELLED), facts: {} })).toContain("@mona this was cancelled by **hubot**.");
  });

  it("lets a failure's words do nothing", () => {
    const state = {
      ...FAILED,
      outcome: { kind: "failed", cause: "item-error", sentence: "@hubot <b> #77\n```", nextStep: "x" },
    } as const;
    const body = result({ task: sampleTask(state), facts: {} });
    expect(actions(body).filter((action) => /hubot|<b>|#77/.test(action))).toEqual([]);
    expect(body.split("\n").at(-1)).toContain("dispatch:do retry");
  });
});

describe("a reply", () => {
  it("to a problem says what is wrong and what to do", () => {
    expect(renderProblem(MARK, new Problem("unknown-model", 'No model is called "@gpt".', "Try `opus`."))).toBe(
      `${MARK}\n> [!WARNING]\n> No model is called "\`@gpt\`".\n>\n> **What to do:** Try \`opus\`.`,
    );
  });

  it("to a stranger says why and what next, without calling anybody", () => {
    const body = renderRefusal(MARK, "stranger");
    expect(body).toContain("**stranger**");
    expect(body).toContain("write access");
    expect(body).not.toContain("@");
  });

  it("with help names every command", () => {
    const body = renderHelp(MARK);
    const verbs = "<task> plan status note answer approve cancel retry skip config doctor cleanup help";
    for (const verb of verbs.split(" ")) expect(body).toContain(`\`/dispatch ${verb}`);
    expect(body).not.toMatch(/^\/dispatch/m);
  });

  it("to a name that fits nothing says so", () => {
    expect(renderUnclear(MARK, "@mona")).toBe(
      `${MARK}\nNo task of this conversation is called “\`@mona\`”. \`/dispatch status\` lists them.`,
    );
  });

  it("to a warm-up says what is loaded, and that the default is known from now on", () => {
    const config = readConfig(
      "default: fast\nbackends: { claude: { command: claude -p } }\nmodels: { fast: { backend: claude }, slow: { backend: claude } }\naliases: { reviewer: { model: fast, prompt: Be strict. } }\n",
    );
    expect(renderWarmUp(MARK, config, { configFrom: "repository", setup: null })).toBe(`${MARK}
### 👋 Ready when you are

What would you like me to dispatch? Tasks go to **fast** unless you name another model, and from now on I do not ask you about that in this conversation.

| model | runs on |
|---|---|
| \`fast\` (default) | claude |
| \`slow\` | claude |

**Aliases:** \`reviewer\` (fast)

As set up in \`.github/dispatch.yml\`.

Try \`/dispatch use slow to add tests for the parser\`, or \`/dispatch help\`.`);
  });

  it.each<{ configFrom: "repository" | "organisation" | null; setup: string | null; says: string }>([
    { configFrom: "repository", setup: "found", says: "As set up in `.github/dispatch.yml`." },
    { configFrom: "organisation", setup: null, says: "the organisation's `.github` repository" },
    { configFrom: null, setup: "found", says: "the models that `/dispatch doctor` has found" },
    { configFrom: null, setup: null, says: "the built-in settings" },
  ])("to a warm-up says where that comes from: $configFrom, $setup", ({ says, ...from }) => {
    const body = renderWarmUp(MARK, readConfig(null), from);
    expect(body).toContain(says);
    expect(body).toContain("Tasks go to **opus**");
    expect(body).toContain("| `sonnet` | claude |");
  });

  it("to a warm-up cuts a long list", () => {
    const models = Array.from({ length: 50 }, (_, index) => `model-${index}: { backend: claude }`);
    const config = readConfig(`models: { ${models.join(", ")} }\n`);
    const body = renderWarmUp(MARK, config, { configFrom: "repository", setup: null });
    expect(body).toContain("| `model-29` | claude |\n\n… and 20 more.");
  });

  it("to a cleanup says what is gone", () => {
    expect(renderCleanedUp(MARK, ["a-1", "b-2"])).toContain("🧹 Cleaned up `a-1`, `b-2`. Results, pull requests");
    const many = Array.from({ length: 25 }, (_, index) => `t-${index}`);
    expect(renderCleanedUp(MARK, many)).toContain("`t-19` and 5 more.");
    expect(renderCleanedUp(MARK, [])).toContain("There is nothing to clean up");
  });

  it("to a late answer says that the first one counts", () => {
    expect(renderLateAnswer(MARK, REF)).toContain("the first one counts");
  });
});

describe("the status of a conversation", () => {
  const row = {
    task: WAITING,
    plan: SAMPLE_PLAN.source,
    planUrl: PLAN_URL,
    movedAt: "2026-11-20T11:58:00Z",
    questions: ["Which port?"],
  };

  it("shows each step of the only task, its question, age and links", () => {
    const body = renderTasksStatus(MARK, [row], "2026-11-20T12:00:00Z");
    expect(body).toContain("**❓ Add a /health endpoint** (`add-health-endpoint-7k2q`)");
    expect(body).toContain("asked by **mona** 2 h ago · last heard of 2 min ago ·");
    expect(body).toContain("[Question](https://github.com/octo-org/hello/issues/1#issuecomment-9)");
    expect(body).toContain("**Open question:**\n> Which port?");
    expect(body).toContain(`[Run](${RUN.url})`);
    expect(body).toContain("- ✅ Add the route");
    expect(body).not.toContain("<details>");
  });

  it("does not say when it last heard of what has ended, or of what it does not know", () => {
    const known = renderTasksStatus(MARK, [{ ...row, task: sampleTask(DONE) }], "2026-11-20T12:00:00Z");
    const unknown = renderTasksStatus(MARK, [{ ...row, movedAt: null }], "2026-11-20T12:00:00Z");
    expect(`${known}${unknown}`).not.toContain("heard of");
  });

  it.each<[TaskState, string]>([
    [
      { kind: "confirming", since: "", run: null },
      "**🤔 Add a /health endpoint** (`add-health-endpoint-7k2q`)\n\nWhich model? ·",
    ],
    [
      { kind: "held", since: "" },
      "**⏳ Add a /health endpoint** (`add-health-endpoint-7k2q`)\n\nWaiting for other tasks ·",
    ],
    [{ kind: "planned", since: "", run: null, shown: null }, "Waiting for approval ·"],
    [{ kind: "queued", since: "" }, "Starting ·"],
    [{ kind: "running", run: RUN }, "**🔄 Add a /health endpoint** (`add-health-endpoint-7k2q`)\n\nWorking ·"],
    [{ kind: "cancelling", run: RUN, by: "mona" }, "Cancelling ·"],
    [{ kind: "parked", run: RUN, questions: ["001"] }, "Parked until answered ·"],
    [DONE, "Done ·"],
    [FAILED, "Not finished ·"],
    [CANCELLED, "Cancelled ·"],
  ])("names the state $kind", (state, words) => {
    expect(renderTasksStatus(MARK, [{ ...row, task: sampleTask(state) }], "2026-11-20T12:00:00Z")).toContain(words);
  });

  it("folds the steps of several, newest first", () => {
    const older = { ...row, task: sampleTask(DONE, { title: "Older" }) };
    const body = renderTasksStatus(MARK, [older, row], "2026-11-20T12:00:00Z");
    expect(body.indexOf("Older")).toBeGreaterThan(body.indexOf("Add a /health"));
    expect(body.match(/<details>/g)).toHaveLength(2);
  });

  it("stays within a comment, however many tasks there are", () => {
    const plan = `# T\n${"- [ ] step with many words in it\n".repeat(100)}`;
    const body = renderTasksStatus(
      MARK,
      Array.from({ length: 200 }, () => ({ ...row, plan })),
      "2026-11-20T12:00:00Z",
    );
    expect(body.length).toBeLessThan(60_000);
    expect(body).toContain("… and 170 older.");
  });

  it("of a conversation without tasks says how to start one", () => {
    expect(renderTasksStatus(MARK, [], "2026-11-20T12:00:00Z")).toContain("no task in this conversation yet");
  });
});

describe("the issue of a task without a thread", () => {
  it("calls who started it and links the run; an automation is called by nobody", () => {
    const mark = `<!-- dispatch:status run/${ID} -->`;
    expect(renderOpenedIssue(mark, sampleTask(WAITING.state))).toContain("@mona started the task");
    const bot = sampleTask(WAITING.state, { requester: { login: "github-actions[bot]", id: 2 } });
    expect(renderOpenedIssue(mark, bot)).not.toContain("@");
  });
});

describe("a pull request", () => {
  const pull = (closes: boolean, output: string | null = null) =>
    renderPullRequest({
      task: sampleTask(DONE, { title: "Fixes #9 for @hubot" }),
      ref: REF,
      repository: REPOSITORY,
      output,
      closes,
    });

  it("closes the issue only when that was asked", () => {
    expect(pull(true).body).toMatch(/^Closes #1\n/);
    expect(pull(false).body).not.toContain("Closes");
  });

  it("has a title that mentions and closes nothing", () => {
    expect(pull(false).title).toBe("Fixes 9 for hubot");
  });

  it("says who asked for it where, and holds the report", () => {
    const { body } = pull(false, "Done, @hubot. Fixes #7.");
    expect(body).toContain("Done, `@hubot`. Fixes `#7`.");
    expect(body).toContain("by **mona** in #1, made with `opus`");
  });

  it.each([
    ["fix this issue", true],
    ["use opus to resolve this", true],
    ["please fix the bug, and add tests", true],
    ["implement #1", true],
    ["fix #2", false],
    ["fix this function in app.py", false],
    ["investigate the issue", false],
    ["add a /health endpoint", false],
  ])("of %j resolves the issue: %j", (request, closes) => {
    expect(resolvesIssue(request, 1)).toBe(closes);
  });
});
