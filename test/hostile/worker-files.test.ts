import "../seed.ts";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { renderAsk } from "../../src/core/ask-comment.ts";
import { renderJobSummary } from "../../src/core/job-summary.ts";
import { logText } from "../../src/core/log-text.ts";
import { failureBy, outcomeOf } from "../../src/core/outcome.ts";
import { renderOverview } from "../../src/core/overview-comment.ts";
import { parkedFiles, questionFromPlan } from "../../src/core/parking.ts";
import { newlyDone, parsePlan } from "../../src/core/plan.ts";
import { renderPullRequest } from "../../src/core/pull-request-text.ts";
import { readQuestion } from "../../src/core/question.ts";
import { readReview } from "../../src/core/review.ts";
import { renderReview } from "../../src/core/review-text.ts";
import { commitLine } from "../../src/core/safe-text.ts";
import { renderStatus } from "../../src/core/status-comment.ts";
import { readTask, renderTask, type Task, type TaskFiles, type TaskState } from "../../src/core/task.ts";
import { renderQuestion, renderResult, renderTasksStatus } from "../../src/core/thread-text.ts";
import { readWorkerEvent } from "../../src/core/worker-event.ts";
import { foldWorkerFiles } from "../../src/core/worker-news.ts";
import { PLAN_URL, REF, REPOSITORY, RUN, sampleTask } from "../core/sample-task.ts";
import { IN_FULL } from "../stories/hostings.ts";
import { expectHarmless, expectPlain, expectQuiet, expectToFit } from "./harmless.ts";
import { HOSTILE_LINE, HOSTILE_TEXT } from "./hostile-text.ts";

/** How many workers' folders, and how many lines of their output. */
const FOLDERS = IN_FULL ? 25_000 : 150;
const LINES = IN_FULL ? 40_000 : 1_200;
/** To read a body as GitHub does costs more than anything else: so many of each folder's are, others with every folder. */
const READ = 3;

const AT = "2026-11-20T10:05:00Z";
const MARK = "<!-- dispatch:reply 5 abcd0 -->";
const RUNNING: TaskState = { kind: "running", run: RUN };

/** A plan as a worker may have left it: items, whatever stands between them, or no plan at all. */
const ITEM = fc
  .tuple(fc.constantFrom(" ", "x", "?", "!", "X", "-"), HOSTILE_LINE, fc.option(HOSTILE_TEXT, { nil: "", freq: 2 }))
  .map(([marker, text, below]) => `- [${marker}] ${text}\n  ${below}\n`);
const PLAN = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(HOSTILE_LINE, fc.array(ITEM, { maxLength: 4 })) },
  { weight: 1, arbitrary: fc.tuple(HOSTILE_TEXT, fc.constant([])) },
);
const QUESTION = fc
  .tuple(HOSTILE_TEXT, fc.array(HOSTILE_LINE, { maxLength: 4 }))
  .map(([text, options]) => [text, ...options.map((option) => `- ${option}`)].join("\n"));
const FINDING = fc.record({ path: HOSTILE_LINE, line: fc.nat(9), body: HOSTILE_TEXT, suggestion: HOSTILE_TEXT });

const FOLDER = fc.record({
  "plan.md": PLAN.map(([title, items]) => `# ${title}\n${items.join("")}`),
  "output.md": HOSTILE_TEXT,
  "context.md": HOSTILE_TEXT,
  "review.json": fc.oneof(
    HOSTILE_TEXT,
    fc
      .record({ summary: HOSTILE_TEXT, findings: fc.array(FINDING, { maxLength: 2 }) })
      .map((review) => JSON.stringify(review)),
  ),
  "ipc/001.question": QUESTION,
});

/** What people read of a task while it stands as its files say, and when it has ended in each way. */
function bodiesOf(
  files: TaskFiles,
  words: { readonly title: string; readonly doing: string; readonly warning: string },
): readonly string[] {
  const task: Task = { ...readTask(files), title: words.title };
  const plan = parsePlan(files["plan.md"] ?? "");
  const output = files["output.md"] ?? null;
  const status = (of: Task) =>
    renderStatus({
      task: of,
      plan,
      now: AT,
      doing: words.doing,
      usage: null,
      warnings: [words.warning],
      links: { run: RUN.url, plan: PLAN_URL, pullRequest: null },
    });
  const exit = { code: 1, signal: null, tail: words.warning };
  const outcomes = [{ kind: "done" } as const, outcomeOf({ plan, exit, cause: null }), failureBy("item-error", plan)];
  const endings = outcomes.map(
    (outcome): Task => ({ ...task, state: { kind: "finished", run: RUN, outcome, at: AT } }),
  );
  const facts = {
    elapsedMs: 1_000,
    warnings: [words.warning],
    summary: { commits: 1, files: [words.doing], insertions: 1, deletions: 0 },
  };
  const planned: Task = { ...task, state: { kind: "planned", since: AT, run: RUN, shown: "a".repeat(40) } };
  const row = { task, plan, planUrl: PLAN_URL };
  const question = readQuestion("001", files["ipc/001.question"] ?? "");
  const asked = { task, ref: REF, question, planUrl: PLAN_URL };
  return [
    status(task),
    status(planned),
    ...endings.flatMap((ended) => [
      status(ended),
      renderResult({ task: ended, ref: REF, plan, output, facts, repository: REPOSITORY }),
    ]),
    ...endings
      .slice(0, 1)
      .map((ended) => renderJobSummary({ task: ended, ref: REF, files, facts, repository: REPOSITORY })),
    renderAsk({ task: planned, plan, planUrl: PLAN_URL, setup: null }),
    renderOverview({
      thread: { kind: "issue", number: 1 },
      trigger: task.trigger,
      rows: [row, { ...row, task: planned }],
    }),
    renderQuestion({ ...asked, state: { kind: "waiting" } }),
    renderQuestion({ ...asked, state: { kind: "answered", by: "hubot", text: words.doing } }),
    renderTasksStatus(MARK, [{ ...row, plan: files["plan.md"] ?? "", movedAt: AT, questions: [question.text] }], AT),
    renderPullRequest({ task, ref: REF, repository: REPOSITORY, output, closes: true }).body,
    ...reviewOf(files, task),
  ];
}

function reviewOf(files: TaskFiles, task: Task): readonly string[] {
  const review = readReview(files["review.json"] ?? "");
  if (review === null) return [];
  const { findings } = review;
  const view = { task, ref: REF, review, repository: REPOSITORY };
  const { body, comments } = renderReview({ ...view, inline: findings, elsewhere: [] });
  const list = renderReview({ ...view, inline: [], elsewhere: findings });
  // A suggestion is code that one click commits: it stays as it is, in a block that it cannot end.
  return [body, list.body, ...comments.map((comment) => comment.body)];
}

let cases = 0;
let bodies = 0;
afterAll(() => console.info(`Hostile worker files: ${cases} cases, ${bodies} bodies; none got out.`));

it("whatever a worker leaves in its folder, its words do nothing on GitHub", () => {
  const before = {
    "task.yaml": renderTask({ ...sampleTask(RUNNING), pullRequest: null }),
    "plan.md": "# Plan\n\n- [ ] a\n",
  };
  fc.assert(
    fc.property(FOLDER, HOSTILE_LINE, HOSTILE_LINE, HOSTILE_TEXT, (folder, title, doing, warning) => {
      cases += 1;
      const news = foldWorkerFiles(before, folder, { at: AT, final: true });
      const files = { ...before, ...news.files };
      const all = bodiesOf(files, { title, doing, warning });
      for (const body of all) expectToFit(body);
      for (let nth = 0; nth < READ; nth += 1) {
        bodies += 1;
        expectHarmless(all[(cases * READ + nth) % all.length] ?? "");
      }
      for (const item of newlyDone(parsePlan(before["plan.md"]), news.plan)) expectPlain(commitLine(item.text, 200));
      expectPlain(
        renderPullRequest({ task: { ...news.task, title }, ref: REF, repository: REPOSITORY, output: null }).title,
      );
      questionFromPlan(files, AT);
      parkedFiles(files);
    }),
    { numRuns: FOLDERS },
  );
}, 600_000);

it("whatever a worker prints, it is news of ours at most, and no command to the runner", () => {
  const kinds = ["claude", "codex", "cursor", "generic"] as const;
  const event = fc.oneof(
    HOSTILE_TEXT,
    fc
      .record({
        type: fc.constant("result"),
        is_error: fc.boolean(),
        result: HOSTILE_TEXT,
        errors: fc.array(HOSTILE_TEXT, { maxLength: 2 }),
      })
      .map((value) => JSON.stringify(value)),
    fc
      .record({
        type: fc.constant("assistant"),
        message: fc.record({
          content: fc.array(
            fc.oneof(
              fc.record({ type: fc.constant("text"), text: HOSTILE_TEXT }),
              fc.record({
                type: fc.constant("tool_use"),
                name: HOSTILE_LINE,
                input: fc.record({ command: HOSTILE_TEXT, file_path: HOSTILE_LINE }),
              }),
            ),
            { maxLength: 2 },
          ),
        }),
      })
      .map((value) => JSON.stringify(value)),
    fc
      .record({
        type: fc.constant("item.completed"),
        item: fc.record({
          type: fc.constantFrom("agent_message", "command_execution"),
          text: HOSTILE_TEXT,
          command: HOSTILE_TEXT,
        }),
      })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...kinds), event, (kind, line) => {
      cases += 1;
      for (const news of readWorkerEvent(kind, line)) {
        if (news.kind === "doing" || news.kind === "message") expectQuiet(`│ ${news.text}`);
        if (news.kind === "doing") expect(news.text.length).toBeLessThanOrEqual(200);
        if (news.kind === "started") expect(news.session).toMatch(/^[\w.:-]{1,128}$/);
      }
      expectQuiet(line);
    }),
    { numRuns: LINES },
  );
}, 300_000);

it.each([
  ["::add-mask::e", "∶:add-mask::e"],
  ["  ::set-output name=a::b", "  ∶:set-output name=a::b"],
  ["fine\r\n::debug::x\r::debug::y", "fine\r\n∶:debug::x\r∶:debug::y"],
  ["│ ##[save-state name=task]1/x", "│ # #[save-state name=task]1/x"],
  ["std::vector<int> and a ## heading", "std::vector<int> and a ## heading"],
])("a log shows %j as %j", (text, shown) => {
  expectQuiet(text);
  expect(logText(text)).toBe(shown);
});
