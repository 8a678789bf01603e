import { describe, expect, it } from "vitest";
import {
  budgetReached,
  causeOfExit,
  causeOfText,
  failureBy,
  jobTimeUsedUp,
  outcomeOf,
  outcomeOfPlan,
} from "../../src/core/outcome.ts";
import { firstPlan, parsePlan } from "../../src/core/plan.ts";
import { Cause } from "../../src/core/task.ts";

const CLEAN = { code: 0, signal: null, tail: "" };
const PROVISIONAL = firstPlan({ title: "Tidy up", request: "Tidy up", taskFolder: ".dispatch/tasks/a" });

function plan(...items: readonly string[]) {
  return parsePlan(`# Plan\n\n${items.join("\n")}\n`);
}

describe("what a task came to", () => {
  it.each([
    { what: "everything ticked", plan: plan("- [x] a", "- [x] b"), kind: "done" },
    { what: "nothing ticked", plan: plan("- [ ] a", "- [ ] b"), kind: "nothing-done" },
    { what: "some ticked", plan: plan("- [x] a", "- [ ] b"), kind: "items-left" },
    { what: "a provisional plan", plan: PROVISIONAL, kind: "nothing-done" },
    { what: "no plan at all", plan: parsePlan(""), kind: "nothing-done" },
    { what: "an error marked", plan: plan("- [x] a", "- [!] b", "- [ ] c"), kind: "item-error" },
    { what: "an error marked and all else ticked", plan: plan("- [x] a", "- [!] b"), kind: "item-error" },
  ])("a green exit with $what is $kind", ({ plan, kind }) => {
    const outcome = outcomeOf({ plan, exit: CLEAN, cause: null });
    expect(outcome.kind === "failed" ? outcome.cause : outcome.kind).toBe(kind);
  });

  it("is done when everything is ticked, however the CLI ended", () => {
    const exit = { code: 1, signal: null, tail: "API Error: 529 Overloaded" };
    expect(outcomeOf({ plan: plan("- [x] a"), exit, cause: "overloaded" })).toEqual({ kind: "done" });
  });

  it("tells the item and its reason", () => {
    const failed = plan("- [x] Build", "- [!] Deploy to staging", "  No network here.", "  Tried twice.");
    expect(outcomeOf({ plan: failed, exit: CLEAN, cause: null })).toMatchObject({
      sentence: "The worker could not do “Deploy to staging”: No network here. Tried twice.",
      nextStep: expect.stringMatching(/retry/),
    });
    expect(outcomeOf({ plan: plan("- [!] Deploy"), exit: CLEAN, cause: null })).toMatchObject({
      sentence: "The worker could not do “Deploy”.",
    });
  });

  it("believes the cause that the CLI named before the one that its output suggests", () => {
    const exit = { code: 1, signal: null, tail: "unexpected status 401 Unauthorized" };
    expect(outcomeOf({ plan: plan("- [ ] a"), exit, cause: "quota" })).toMatchObject({ cause: "quota" });
    expect(outcomeOf({ plan: plan("- [ ] a"), exit, cause: null })).toMatchObject({ cause: "auth" });
  });

  it.each([
    { exit: CLEAN, sentence: "1 of 2 items are done. The worker ended before the rest." },
    {
      exit: { code: 3, signal: null, tail: "" },
      sentence: "1 of 2 items are done. The worker ended before the rest (exit code 3).",
    },
    { exit: { code: null, signal: "SIGHUP", tail: "" }, sentence: "1 of 2 items are done. The worker was killed." },
    {
      exit: { code: 137, signal: null, tail: "Killed" },
      sentence: "1 of 2 items are done. The worker was killed, probably because the runner ran out of memory.",
    },
  ])("says how far it came: $sentence", ({ exit, sentence }) => {
    expect(outcomeOf({ plan: plan("- [x] a", "- [ ] b"), exit, cause: null })).toMatchObject({ sentence });
  });
});

/** What the CLIs print when they cannot go on, as measured against a scripted model server. */
const OUTPUTS = [
  { cli: "bash", code: 127, tail: "bash: line 1: claude: command not found", cause: "cli-missing" },
  { cli: "bash, in a pipe", code: 0, tail: "bash: line 1: agent: command not found\n", cause: "cli-missing" },
  { cli: "Codex", code: 2, tail: "error: unexpected argument '--full-auto' found", cause: "cli-outdated" },
  {
    cli: "Codex",
    code: 1,
    tail: '{"type":"turn.failed","error":{"message":"unexpected status 401 Unauthorized: Incorrect API key provided: dummy., url: …"}}',
    cause: "auth",
  },
  { cli: "Codex", code: 1, tail: "Missing environment variable: `OPENAI_API_KEY`.", cause: "secret-missing" },
  { cli: "Claude Code", code: 1, tail: "Not logged in · Please run /login", cause: "secret-missing" },
  { cli: "Claude Code", code: 1, tail: "Credit balance is too low", cause: "quota" },
  {
    cli: "Claude Code",
    code: 1,
    tail: "There's an issue with the selected model (opus-9). It may not exist or you may not have access to it.",
    cause: "model-unknown",
  },
  { cli: "Claude Code", code: 1, tail: "API Error: Repeated 529 Overloaded errors", cause: "overloaded" },
  { cli: "Claude Code", code: 143, tail: "", cause: null },
  {
    cli: "OpenCode",
    code: 1,
    tail: '{"type":"error","error":{"name":"APIError","data":{"message":"Incorrect API key provided: dummy.","statusCode":401}}}',
    cause: "auth",
  },
  { cli: "OpenAI's API", code: 1, tail: "429 You exceeded your current quota (insufficient_quota)", cause: "quota" },
  { cli: "Gemini", code: 173, tail: "Attempt 1 failed with status 429", cause: "overloaded" },
  { cli: "Gemini", code: 0, tail: "Loop detected, stopping execution", cause: null },
  {
    cli: "Copilot",
    code: 1,
    tail: '{"errorType":"authentication","message":"Authentication failed with provider at … (HTTP 401)."}',
    cause: "auth",
  },
  { cli: "any CLI", code: 1, tail: "connect ECONNREFUSED 127.0.0.1:8080", cause: "network" },
  { cli: "any CLI", code: 1, tail: "Segmentation fault", cause: null },
  { cli: "any CLI", code: 0, tail: "", cause: null },
] as const;

describe("the cause in a CLI's last words", () => {
  it.each(OUTPUTS)("$cli, exit $code, $tail → $cause", ({ code, tail, cause }) => {
    expect(causeOfExit({ code, signal: null, tail })).toBe(cause);
  });

  it("is not taken from a green exit's output: workers talk about errors all day", () => {
    expect(causeOfExit({ ...CLEAN, tail: "Fixed the 401 Unauthorized of the login page" })).toBeNull();
  });

  it("is not taken from what a worker met on its way", () => {
    const tail = '{"type":"tool_result","content":"bash: line 1: jq: command not found"}';
    expect(causeOfExit({ ...CLEAN, tail })).toBeNull();
    expect(causeOfExit({ code: 1, signal: null, tail })).toBeNull();
  });

  it("is not taken from Codex's harmless warning about a model that is new to it", () => {
    expect(causeOfText("Model metadata for `gpt-5.4` not found. Defaulting to fallback metadata")).toBeNull();
    expect(causeOfText("The model `gpt-5.4` does not exist")).toBe("model-unknown");
  });

  it.each([
    { code: null, signal: "SIGKILL", tail: "", cause: "out-of-memory" },
    { code: 137, signal: null, tail: "", cause: "out-of-memory" },
    { code: 134, signal: null, tail: "FATAL ERROR: JavaScript heap out of memory", cause: "out-of-memory" },
    { code: null, signal: "SIGSEGV", tail: "", cause: "crashed" },
  ])("is the killing, by $signal $code, when nothing better is known", ({ cause, ...exit }) => {
    expect(causeOfExit(exit)).toBe(cause);
  });

  it("is what it said rather than how it ended", () => {
    expect(causeOfExit({ code: null, signal: "SIGTERM", tail: "429 rate_limit" })).toBe("overloaded");
  });
});

describe("what the plan alone decides", () => {
  it.each([
    { what: "everything done", of: plan("- [x] a"), decided: { kind: "done" } },
    { what: "a failed item", of: plan("- [!] a"), decided: { kind: "failed", cause: "item-error" } },
    { what: "open items", of: plan("- [x] a", "- [ ] b"), decided: null },
    { what: "nothing", of: parsePlan(""), decided: null },
  ])("of $what", ({ of, decided }) => {
    const outcome = outcomeOfPlan(of);
    if (decided === null) expect(outcome).toBeNull();
    else expect(outcome).toMatchObject(decided);
  });
});

describe("a run that has used up what it was given", () => {
  it.each([
    { spent: 5.004, budget: 5, sentence: "A run may cost $5.00, and this one has cost $5.00." },
    { spent: 0.75, budget: 0.5, sentence: "A run may cost $0.50, and this one has cost $0.75." },
    { spent: 0.00512, budget: 0.004, sentence: "A run may cost $0.004, and this one has cost $0.0051." },
  ])("says what it has cost: $sentence", ({ spent, budget, sentence }) => {
    expect(budgetReached(plan("- [x] a", "- [ ] b"), { spent, budget })).toMatchObject({
      cause: "budget",
      sentence: `1 of 2 items are done. ${sentence}`,
    });
  });

  it.each([
    [1, "Nothing is done yet. The job's time was used up."],
    [3, "Nothing is done yet. The job's time was used up in 3 runs, one after the other."],
  ])("says in how many runs: %d", (runs, sentence) => {
    expect(jobTimeUsedUp(plan("- [ ] a"), runs)).toMatchObject({ cause: "timeout", sentence });
  });
});

it.each(Cause.options)("a failure by %s says how far it came and what to do", (cause) => {
  const outcome = failureBy(cause, plan("- [x] a", "- [ ] b", "- [ ] c"));
  expect(outcome).toMatchObject({
    kind: "failed",
    cause,
    sentence: expect.stringMatching(/^1 of 3 items are done\. \S.*\.$/),
  });
  expect(outcome).toMatchObject({ nextStep: expect.stringMatching(/^[A-Z].*\.$/) });
  expect(failureBy(cause, PROVISIONAL)).toMatchObject({ sentence: expect.stringMatching(/^Nothing is done yet\. /) });
});
