import { renderAsk } from "../../src/core/ask-comment.ts";
import { readConfig } from "../../src/core/config.ts";
import { renderConfig, renderConfigChanged, renderConfigForms } from "../../src/core/config-text.ts";
import { renderDoctorReport } from "../../src/core/doctor-report.ts";
import { runOf } from "../../src/core/lifecycle.ts";
import { renderMark } from "../../src/core/marker.ts";
import { budgetReached, failureBy, outcomeOf } from "../../src/core/outcome.ts";
import { renderOverview } from "../../src/core/overview-comment.ts";
import { firstPlan, parsePlan, renderPlan, withNote, withSkipped } from "../../src/core/plan.ts";
import { Problem } from "../../src/core/problem.ts";
import { pushRefused } from "../../src/core/push-refusal.ts";
import type { QuestionState } from "../../src/core/question-comment.ts";
import { renderSetupSummary } from "../../src/core/setup-summary.ts";
import { doingOrSilent } from "../../src/core/silence.ts";
import { renderStatus } from "../../src/core/status-comment.ts";
import { type Outcome, type Run, type Task, type TaskState, taskRef } from "../../src/core/task.ts";
import {
  renderCleanedUp,
  renderHelp,
  renderLateAnswer,
  renderOpenedIssue,
  renderProblem,
  renderQuestion,
  renderRefusal,
  renderResult,
  renderTasksStatus,
  renderUnclear,
  renderWarmUp,
  renderWhichDecision,
  renderWhichQuestion,
  renderWhichTask,
} from "../../src/core/thread-text.ts";
import { CLAUDE, CODEX, sampleSetup } from "../core/sample-setup.ts";
import { CANCELLED, DONE, ID, PLAN_URL, REF, REPOSITORY, RUN, SAMPLE_PLAN, sampleTask } from "../core/sample-task.ts";

/** Every state of every comment that people can meet, as Markdown. */
export interface Exhibit {
  /** Names the golden file. */
  readonly name: string;
  readonly body: string;
}

const SETUP = sampleSetup([CLAUDE, CODEX]);
const NOW = "2026-11-20T10:07:30Z";
const QUEUED: TaskState = { kind: "queued", since: "2026-11-20T10:07:00Z" };
const RUNNING: TaskState = { kind: "running", run: RUN };
const CONFIRMING: TaskState = { kind: "confirming", since: "2026-11-20T10:00:00Z", run: null };
const SHOWN = "a".repeat(40);
const PLANNED: TaskState = { kind: "planned", since: "2026-11-20T10:00:00Z", run: RUN, shown: SHOWN };
const PROVISIONAL = firstPlan({
  title: "Add a /health endpoint",
  request: "add it",
  taskFolder: `.dispatch/tasks/${ID}`,
});
const FRESH = parsePlan(renderPlan(SAMPLE_PLAN).replaceAll("[x]", "[ ]"));
const ALL_DONE = parsePlan(renderPlan(SAMPLE_PLAN).replaceAll("[ ]", "[x]"));
const ALMOST_DONE = parsePlan(renderPlan(ALL_DONE).replace("- [x] Test it", "- [!] Test it"));
const MET_AN_ERROR = parsePlan(
  renderPlan(SAMPLE_PLAN).replace("- [ ] Test it", "- [!] Test it\n  The test database does not answer on port 5432."),
);
const GREEN = { code: 0, signal: null, tail: "" };
const NAMES = ["opus", "sonnet", "haiku"];
const REPLY = renderMark({ kind: "reply", to: 5, key: "abcd0" });
const SOURCE = { kind: "comment", id: 5 } as const;

function task(state: TaskState, more: Partial<Task> = {}): Task {
  const sample = sampleTask(state, { pullRequest: null, ...more });
  return { ...sample, settings: { ...sample.settings, names: NAMES } };
}

/** Somebody has deleted the task's branch while its run worked. */
const BY_DELETION: TaskState = { kind: "finished", run: RUN, at: NOW, outcome: { kind: "cancelled", by: "" } };

function status(
  state: TaskState,
  more: Partial<Parameters<typeof renderStatus>[0]> = {},
  inTask: Partial<Task> = {},
): string {
  return renderStatus({
    task: task(state, inTask),
    plan: SAMPLE_PLAN,
    now: NOW,
    doing: null,
    usage: null,
    warnings: [],
    links: { run: runOf(state)?.url ?? null, plan: PLAN_URL, pullRequest: null },
    ...more,
  });
}

function ended(outcome: Outcome, run: Run | null = RUN): TaskState {
  return { kind: "finished", run, at: NOW, outcome };
}

function result(
  state: TaskState,
  more: Partial<Parameters<typeof renderResult>[0]> = {},
  inTask: Partial<Task> = {},
): string {
  return renderResult({
    task: task(state, inTask),
    ref: REF,
    plan: SAMPLE_PLAN,
    output: null,
    facts: {
      usage: { tokensIn: 48_000, tokensOut: 3_100, costUsd: 0.4234 },
      elapsedMs: 452_000,
      summary: { commits: 2, files: ["src/server.ts", "test/server.test.ts"], insertions: 41, deletions: 3 },
    },
    repository: REPOSITORY,
    ...more,
  });
}

const OPTIONS = {
  number: "001",
  text: "What should `/health` return?",
  options: ['Status 200 and the text "ok"', "Status 200 and JSON with the uptime"],
};

function question(state: QuestionState, options: readonly string[] = OPTIONS.options): string {
  return renderQuestion({ task: task(RUNNING), ref: REF, question: { ...OPTIONS, options }, planUrl: PLAN_URL, state });
}

function sibling(place: number, title: string, state: TaskState, more: Partial<Task> = {}): Task {
  const id = `${title.toLowerCase().replaceAll(" ", "-")}-7k2q`;
  return task(state, { id, title, position: place, siblings: 4, statusComment: null, exchanges: {}, ...more });
}

const BRICKS = sibling(
  0,
  "Lay the bricks",
  { ...DONE },
  { pullRequest: { number: 12, url: "https://github.com/octo-org/hello/pull/12" } },
);
const PAINT = sibling(1, "Mix the paint", RUNNING);
const YARD = sibling(2, "Sweep the yard", { kind: "parked", run: RUN, questions: ["001"] });
const WALL = sibling(3, "Paint the wall", { kind: "held", since: NOW }, { after: [BRICKS.id, PAINT.id] });

const rowOf = (one: Task) => ({ task: one, plan: one === BRICKS ? ALL_DONE : SAMPLE_PLAN, planUrl: PLAN_URL });
const overview = (...tasks: readonly Task[]) =>
  renderOverview({
    thread: { kind: "issue", number: 1 },
    trigger: { kind: "comment", id: 5, url: "https://github.com/octo-org/hello/issues/1#issuecomment-5" },
    rows: tasks.map(rowOf),
  });

const CONFIG = readConfig(`default: opus
models:
  opus: { backend: claude }
  sonnet: { backend: claude }
  gpt-5.3-codex: { backend: codex }
aliases:
  security-reviewer: { model: opus, prompt: You are a security-focused reviewer. }
answer_timeout: 2h
`);

const OPEN = {
  ref: REF,
  question: OPTIONS,
  requester: "mona",
  askedAt: NOW,
  commentUrl: "https://github.com/octo-org/hello/issues/1#issuecomment-9",
};

export const EXHIBITS: readonly Exhibit[] = [
  { name: "status-confirming", body: status(CONFIRMING, { plan: PROVISIONAL }) },
  {
    name: "status-held",
    body: status({ kind: "held", since: NOW }, { plan: FRESH }, { after: ["lay-bricks-7k2q", "mix-paint-ab3d"] }),
  },
  { name: "status-planned", body: status(PLANNED, { plan: FRESH }) },
  { name: "status-queued", body: status(QUEUED, { plan: PROVISIONAL }) },
  {
    name: "status-queued-for-long",
    body: status({ kind: "queued", since: "2026-11-20T09:00:00Z" }, { plan: PROVISIONAL }),
  },
  { name: "status-going-on", body: status(QUEUED, {}, { continued: 1, attempt: 2 }) },
  { name: "status-checking", body: status(RUNNING, { plan: PROVISIONAL }, { phase: "check" }) },
  { name: "status-planning", body: status(RUNNING, { plan: PROVISIONAL }, { phase: "plan" }) },
  {
    name: "status-running",
    body: status(RUNNING, { doing: "Editing `src/server.ts`", usage: { tokensIn: 9, tokensOut: 9, costUsd: 0.21 } }),
  },
  {
    name: "status-running-with-notes",
    body: status(RUNNING, {
      plan: withNote(SAMPLE_PLAN, { from: "hubot", text: "The load balancer wants JSON." }),
      warnings: ["The worker unticked one step that was done; done it stays."],
    }),
  },
  {
    name: "status-silent",
    body: status(RUNNING, { doing: doingOrSilent("Running `npm test`", 12 * 60_000) }),
  },
  { name: "status-waiting", body: status({ kind: "waiting", run: RUN, questions: ["001"] }) },
  { name: "status-parked", body: status({ kind: "parked", run: RUN, questions: ["001"] }) },
  { name: "status-cancelling", body: status({ kind: "cancelling", run: RUN, by: "hubot" }) },
  { name: "status-done", body: status(DONE, { plan: ALL_DONE }) },
  { name: "status-done-with-skipped", body: status(DONE, { plan: withSkipped(ALMOST_DONE, "mona") ?? ALMOST_DONE }) },
  { name: "status-failed", body: status(ended(failureBy("auth", SAMPLE_PLAN))) },
  { name: "status-cancelled", body: status(CANCELLED) },
  { name: "status-deleted", body: status(BY_DELETION, {}, { cleaned: true }) },
  { name: "question-with-options", body: question({ kind: "waiting" }) },
  { name: "question-open", body: question({ kind: "waiting" }, []) },
  { name: "question-parked", body: question({ kind: "parked" }) },
  { name: "question-over", body: question({ kind: "over" }) },
  {
    name: "question-answered",
    body: question({ kind: "answered", by: "hubot", text: "Status 200 and JSON with the uptime" }),
  },
  {
    name: "ask-model",
    body: renderAsk({
      task: task({ kind: "confirming", since: NOW, run: RUN }),
      plan: PROVISIONAL,
      planUrl: PLAN_URL,
      setup: renderSetupSummary(SETUP),
    }),
  },
  {
    name: "ask-model-chosen",
    body: renderAsk({
      task: task(QUEUED, { confirmedBy: "hubot", attempt: 2, askComment: { id: 3, author: "dispatch[bot]", url: "" } }),
      plan: PROVISIONAL,
      planUrl: PLAN_URL,
      setup: renderSetupSummary(SETUP),
    }),
  },
  { name: "ask-plan", body: renderAsk({ task: task(PLANNED), plan: FRESH, planUrl: PLAN_URL, setup: null }) },
  {
    name: "ask-plan-approved",
    body: renderAsk({
      task: task(RUNNING, { approval: { kind: "given", by: "mona", commit: SHOWN } }),
      plan: SAMPLE_PLAN,
      planUrl: PLAN_URL,
      setup: null,
    }),
  },
  { name: "overview-working", body: overview(BRICKS, PAINT, YARD, WALL) },
  {
    name: "overview-confirming",
    body: overview(sibling(0, "Sweep the yard", CONFIRMING), sibling(1, "Mow the lawn", CONFIRMING)),
  },
  {
    name: "overview-done",
    body: overview(BRICKS, { ...PAINT, state: DONE }),
  },
  {
    name: "result-done",
    body: result(
      DONE,
      {
        plan: ALL_DONE,
        output: "`GET /health` now answers **200** with the uptime, has a test, and stands in the README.\n",
      },
      { pullRequest: { number: 12, url: "https://github.com/octo-org/hello/pull/12" } },
    ),
  },
  {
    name: "result-done-nothing-changed",
    body: result(DONE, { plan: ALL_DONE, facts: { summary: { commits: 0, files: [], insertions: 0, deletions: 0 } } }),
  },
  {
    name: "result-done-pull-request-refused",
    body: result(DONE, {
      plan: ALL_DONE,
      facts: {
        summary: { commits: 2, files: ["a"], insertions: 4, deletions: 0 },
        compare: {
          url: "https://github.com/octo-org/hello/compare/main...dispatch/add-health-endpoint-7k2q?expand=1",
          reason: "GitHub Actions is not permitted to create or approve pull requests.",
        },
      },
    }),
  },
  { name: "result-cancelled", body: result(CANCELLED) },
  { name: "result-deleted", body: result(BY_DELETION, {}, { cleaned: true }) },
  {
    name: "result-item-error",
    body: result(ended(outcomeOf({ plan: MET_AN_ERROR, exit: GREEN, cause: null })), { plan: MET_AN_ERROR }),
  },
  { name: "result-items-left", body: result(ended(outcomeOf({ plan: SAMPLE_PLAN, exit: GREEN, cause: null }))) },
  {
    name: "result-nothing-done",
    body: result(ended(outcomeOf({ plan: PROVISIONAL, exit: GREEN, cause: null })), { plan: PROVISIONAL, facts: {} }),
  },
  { name: "result-budget", body: result(ended(budgetReached(SAMPLE_PLAN, { spent: 2.1, budget: 2 }))) },
  {
    name: "result-push-refused",
    body: result(
      ended(
        pushRefused({
          sentence: "Repository rule violations found: Commits must have verified signatures.",
          branch: `dispatch/${ID}`,
        }),
      ),
    ),
  },
  ...(
    [
      "cli-missing",
      "cli-outdated",
      "secret-missing",
      "auth",
      "quota",
      "overloaded",
      "model-unknown",
      "network",
      "crashed",
      "timeout",
      "not-started",
      "run-died",
    ] as const
  ).map((cause) => ({ name: `result-${cause}`, body: result(ended(failureBy(cause, SAMPLE_PLAN))) })),
  {
    name: "result-dependency",
    body: result(ended(failureBy("dependency", FRESH), null), { plan: FRESH, facts: {} }),
  },
  {
    name: "reply-warm-up",
    body: renderWarmUp(renderMark({ kind: "warm-up", to: 5, key: "abcd0", by: 1 }), CONFIG, {
      configFrom: "repository",
      setup: null,
    }),
  },
  { name: "reply-warm-up-built-in", body: renderWarmUp(REPLY, readConfig(null), { configFrom: null, setup: null }) },
  { name: "reply-help", body: renderHelp(REPLY) },
  {
    name: "reply-status",
    body: renderTasksStatus(
      REPLY,
      [
        {
          task: task({ kind: "waiting", run: RUN, questions: ["001"] }),
          plan: renderPlan(SAMPLE_PLAN),
          planUrl: PLAN_URL,
          movedAt: "2026-11-20T10:06:50Z",
          questions: [OPTIONS.text],
        },
        {
          task: sibling(0, "Lay the bricks", DONE),
          plan: renderPlan(ALL_DONE),
          planUrl: PLAN_URL,
          movedAt: NOW,
          questions: [],
        },
      ],
      NOW,
    ),
  },
  { name: "reply-status-none", body: renderTasksStatus(REPLY, [], NOW) },
  { name: "reply-unclear", body: renderUnclear(REPLY, "paint") },
  {
    name: "reply-which-task",
    body: renderWhichTask(REPLY, { verb: "cancel", tasks: [PAINT, WALL], source: SOURCE, key: "abcd0" }),
  },
  {
    name: "reply-which-question",
    body: renderWhichQuestion(REPLY, {
      by: "mona",
      text: "8080",
      among: [OPEN, { ...OPEN, question: { ...OPTIONS, number: "002", text: "Which colour should the button have?" } }],
      source: SOURCE,
    }),
  },
  {
    name: "reply-which-decision",
    body: renderWhichDecision(REPLY, [
      { task: PAINT, control: { kind: "model", ref: taskRef(PAINT), model: "opus", all: false } },
      { task: WALL, control: { kind: "approve", ref: taskRef(WALL), commit: SHOWN } },
    ]),
  },
  { name: "reply-late-answer", body: renderLateAnswer(REPLY, REF) },
  { name: "reply-refusal", body: renderRefusal(REPLY, "stranger") },
  {
    name: "reply-problem",
    body: renderProblem(
      REPLY,
      new Problem(
        "plan-changed",
        "The plan of `x` has changed since it was shown to you, so nothing was started.",
        "The plan as it is now stands in the task's comment: look at it, and approve that one.",
      ),
    ),
  },
  { name: "reply-cleaned-up", body: renderCleanedUp(REPLY, [ID]) },
  { name: "reply-cleaned-up-nothing", body: renderCleanedUp(REPLY, []) },
  { name: "reply-config", body: renderConfig(REPLY, CONFIG, { configFrom: "repository", setup: null }) },
  { name: "reply-config-forms", body: renderConfigForms(REPLY, "add the frobnicator to my config twice over") },
  {
    name: "reply-config-changed",
    body: renderConfigChanged(REPLY, {
      said: ["`sonnet` is the default."],
      url: "https://github.com/octo-org/hello/pull/14",
      number: 14,
    }),
  },
  { name: "issue-opened", body: renderOpenedIssue(renderMark({ kind: "status", ref: REF }), task(RUNNING)) },
  { name: "report-doctor", body: renderDoctorReport(SETUP, CONFIG) },
];
