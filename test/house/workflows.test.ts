import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseRunName, runName } from "../../src/core/task.ts";
import { asText, evaluate, type Json, truthy } from "../../src/playground/actions/expression.ts";
import { parseAction, parser } from "../../src/playground/actions/parser.ts";
import { resolve } from "../../src/playground/actions/template.ts";
import { readWorkflow, type Workflow } from "../../src/playground/actions/workflow.ts";

const root = join(import.meta.dirname, "../..");
const WITHOUT_SERVER = ".github/workflows/dispatch.yml";
const WITH_SERVER = "docs/dispatch-with-server.yml";
const files = [...globSync(".github/workflows/*.{yml,yaml}", { cwd: root }), WITH_SERVER];

const text = (file: string) => readFileSync(join(root, file), "utf8");

async function workflow(file: string): Promise<Workflow> {
  const read = await readWorkflow(file, text(file));
  if ("errors" in read) throw new Error(read.errors.join("\n"));
  return read;
}

/** What of a workflow file these tests look at. */
const Step = z.looseObject({
  uses: z.string().optional(),
  run: z.string().default(""),
  with: z.record(z.string(), z.unknown()).default({}),
});
const Job = z.looseObject({ permissions: z.record(z.string(), z.string()).optional(), steps: z.array(Step) });
const File = z.looseObject({ jobs: z.record(z.string(), Job), permissions: z.unknown() });
const Inputs = z.looseObject({ inputs: z.record(z.string(), z.unknown()) });
const Dispatched = z.looseObject({ on: z.looseObject({ workflow_dispatch: Inputs }) });

const jobs = files.flatMap((file) =>
  Object.entries(File.parse(parse(text(file))).jobs).map(([id, job]) => ({ file, id, job })),
);
const ourSteps = jobs.flatMap(({ file, id, job }) =>
  job.steps.filter(({ uses }) => uses?.startsWith("dispatch-dev/dispatch@")).map((step) => ({ file, id, step })),
);

describe("GitHub's own parser", () => {
  it("knows what is wrong", async () => {
    const wrong =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    if: needs.b.result && inputs.\n    steps: []\n";
    expect(await readWorkflow("wrong.yml", wrong)).toMatchObject({
      errors: expect.arrayContaining([expect.any(String)]),
    });
  });

  it.each(files)("takes %s", async (file) => {
    expect(await readWorkflow(file, text(file))).not.toHaveProperty("errors");
  });

  it("takes action.yml", () => {
    const { context } = parseAction(
      { name: "action.yml", content: text("action.yml") },
      new parser.NoOperationTraceWriter(),
    );
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  });
});

describe("every workflow", () => {
  it.each(files)("%s drops no run: a concurrency group keeps one that waits and cancels the others", (file) => {
    expect(text(file)).not.toMatch(/^\s*concurrency:/m);
  });

  it.each(files)("%s gives nothing to all jobs", (file) => {
    expect(File.parse(parse(text(file))).permissions).toEqual({});
  });

  it.each(jobs)("$file: job $id says what it may do", ({ job }) => {
    expect(Object.keys(job.permissions ?? {})).not.toEqual([]);
  });
});

describe("the ready-made workflows", () => {
  const action = Inputs.parse(parse(text("action.yml"))).inputs;

  it("use the action", () => {
    expect(ourSteps.map(({ file, id }) => `${basename(file)} ${id}`)).toEqual([
      "dispatch.yml thread",
      "dispatch.yml again",
      "dispatch.yml work",
      "dispatch.yml settle",
      "dispatch-with-server.yml work",
      "dispatch-with-server.yml settle",
    ]);
  });

  it.each(ourSteps)("$file: job $id hands over inputs that the action has", ({ step }) => {
    expect(Object.keys(step.with).filter((name) => !(name in action))).toEqual([]);
  });

  it.each([WITHOUT_SERVER, WITH_SERVER])("%s is asked for just what it hands over to work", (file) => {
    const asked = Object.keys(Dispatched.parse(parse(text(file))).on.workflow_dispatch.inputs);
    const work = ourSteps.find((step) => step.file === file && step.id === "work");
    expect(asked).toEqual(Object.keys(work?.step.with ?? {}));
    expect(asked).toEqual(expect.arrayContaining(["task", "attempt"]));
  });

  it.each([
    // Each of them may have a run to start: a new task's, the next one of a task whose time is used up, one that waits for another.
    { id: "thread" },
    { id: "work" },
    { id: "settle" },
  ])("give job $id the least that it can do with", ({ id }) => {
    const least = { actions: "write", contents: "write", issues: "write", "pull-requests": "write" };
    const found = jobs.filter((one) => one.id === id);
    expect(found.length).toBeGreaterThan(0);
    for (const { job } of found) expect(job.permissions).toEqual(least);
  });

  it("work and settle alike, with a server and without", () => {
    for (const id of ["work", "settle"]) {
      const [without, withServer] = jobs.filter((one) => one.id === id).map(({ job }) => ({ ...job, if: "" }));
      expect(withServer).toEqual(without);
    }
  });

  it.each([WITHOUT_SERVER, WITH_SERVER])("%s says its version, for doctor", (file) => {
    expect(text(file)).toMatch(/^# dispatch-workflow: \d+$/m);
  });

  it.each([WITHOUT_SERVER, WITH_SERVER])("%s keeps work that GitHub refuses, and only that", async (file) => {
    const job = (await workflow(file)).jobs.find(({ id }) => id === "work");
    const step = job?.steps.at(-1);
    const kept = (artifact: string, status: "success" | "failure" | "cancelled") => {
      const steps = { dispatch: { outputs: { artifact } } };
      const contexts = { github: {}, inputs: {}, needs: {}, vars: {}, steps };
      return truthy(evaluate(step?.condition ?? "", contexts, status));
    };
    const action = step?.does.kind === "uses" ? step.does.action : "";
    expect(action).toMatch(/^actions\/upload-artifact@[0-9a-f]{40}$/);
    expect([
      kept("/tmp/a.bundle", "failure"),
      kept("/tmp/a.bundle", "success"),
      kept("/tmp/a.bundle", "cancelled"),
    ]).toEqual([true, true, true]);
    expect(kept("", "failure")).toBe(false);
  });

  it("never put a person's words into a script", () => {
    for (const { job } of jobs) {
      for (const step of job.steps) expect(step.run).not.toContain("${{");
    }
  });
});

describe("a run's name", () => {
  const NO_INPUTS = { task: "", attempt: "", prompt: "", model: "", issue: "" };

  async function nameOf(file: string, inputs: Json, event = "workflow_dispatch"): Promise<string> {
    const name = resolve((await workflow(file)).runName, { github: { event_name: event }, inputs });
    // The parser keeps the white space around a block of text, which YAML's `>-` takes off.
    return asText(name).trim();
  }

  it.each([WITHOUT_SERVER, WITH_SERVER])("by %s leads back to the task", async (file) => {
    const ref = { thread: "1", id: "fix-7k2q" };
    const name = await nameOf(file, { ...NO_INPUTS, task: "1/fix-7k2q", attempt: "2" });
    expect(name).toBe(runName(ref, 2));
    const byHand = await nameOf(file, { ...NO_INPUTS, task: "1/fix-7k2q" });
    expect(parseRunName(byHand)).toEqual({ ref, attempt: 1 });
  });

  it.each([WITHOUT_SERVER, WITH_SERVER])("by %s may be that of a prompt, whatever its words", async (file) => {
    const name = await nameOf(file, { ...NO_INPUTS, prompt: "dispatch 1/fix-7k2q #1" });
    expect(name).toBe("dispatch from a prompt");
  });

  it("says which event it hears", async () => {
    expect(await nameOf(WITHOUT_SERVER, {}, "issue_comment")).toBe("dispatch hears issue_comment");
  });
});

describe("the job that hears", () => {
  const MONA = { login: "mona", type: "User" };
  const BOT = { login: "dispatch-app[bot]", type: "Bot" };
  const WAITING = [{ name: "bug" }, { name: "dispatch: waiting" }];
  const OURS = "<!-- dispatch:question 1/fix-7k2q 001 -->\n- [x] 8080";
  const issue = { number: 1, body: "It is broken", labels: [{ name: "bug" }] };
  const pull = { number: 2, body: "It is better", labels: [] as Json };

  const comment = (body: string, more: Record<string, Json> = {}) => ({
    name: "issue_comment",
    event: { action: "created", issue, comment: { body }, sender: MONA, ...more },
  });
  const issues = (body: string | null, more: Record<string, Json> = {}) => ({
    name: "issues",
    event: { action: "opened", issue: { ...issue, body }, sender: MONA, ...more },
  });
  const pullRequest = (body: string | null, more: Record<string, Json> = {}) => ({
    name: "pull_request_target",
    event: { action: "opened", pull_request: { ...pull, body }, sender: MONA, ...more },
  });
  const review = (body: string | null, more: Record<string, Json> = {}) => ({
    name: "pull_request_review",
    event: { action: "submitted", pull_request: pull, review: { body }, sender: MONA, ...more },
  });
  const reviewComment = (body: string, more: Record<string, Json> = {}) => ({
    name: "pull_request_review_comment",
    event: { action: "created", pull_request: pull, comment: { body }, sender: MONA, ...more },
  });
  const edited = { action: "edited", changes: { body: { from: "" } } };
  const waitingIssue = { issue: { ...issue, labels: WAITING } };
  const waitingPull = { pull_request: { ...pull, labels: WAITING } };

  const HEARD = [
    { what: "a command", ...comment("/dispatch use opus to fix it") },
    { what: "the command alone", ...comment("/dispatch") },
    { what: "a command in capitals", ...comment("/Dispatch fix it") },
    { what: "a command on a later line", ...comment("Hello,\n\n/dispatch fix it") },
    { what: "a command on a later line, as GitHub's page writes lines", ...comment("Hello,\r\n\r\n/dispatch fix it") },
    { what: "a command that an edit adds", ...comment("/dispatch fix it", edited) },
    { what: "an ordinary comment in an issue that waits", ...comment("8080", waitingIssue) },
    {
      what: "an ordinary comment in a pull request that waits",
      ...comment("8080", { issue: { ...issue, labels: WAITING, pull_request: {} } }),
    },
    { what: "a tick on a comment of ours", ...comment(OURS, edited) },
    { what: "a new issue with a command", ...issues("/dispatch fix it") },
    { what: "a new issue with a command on a later line", ...issues("It is broken.\r\n/dispatch fix it") },
    { what: "an issue to which an edit adds a command", ...issues("/dispatch fix it", edited) },
    { what: "a new pull request with a command", ...pullRequest("/dispatch review this") },
    {
      what: "a new pull request with a command on a later line",
      ...pullRequest("It is better.\n/dispatch review this"),
    },
    { what: "a review with a command", ...review("/dispatch fix it") },
    { what: "a review with a command on a later line", ...review("Nice.\r\n/dispatch fix it") },
    { what: "a review comment with a command", ...reviewComment("/dispatch fix it") },
    { what: "an ordinary review of a pull request that waits", ...review("8080", waitingPull) },
    { what: "an ordinary review comment in a pull request that waits", ...reviewComment("8080", waitingPull) },
    { what: "a tick on a review comment of ours", ...reviewComment(OURS, edited) },
    // Whether it may command is the config's to say.
    { what: "a command by a bot", ...comment("/dispatch fix it", { sender: BOT }) },
    { what: "a command by a bot on a later line", ...comment("Nightly failed.\n/dispatch fix it", { sender: BOT }) },
    { what: "a command by a bot in an issue", ...issues("Nightly failed.\n/dispatch fix it", { sender: BOT }) },
    { what: "a command by a bot in a pull request", ...pullRequest("/dispatch review this", { sender: BOT }) },
    { what: "a command by a bot in a review", ...review("/dispatch fix it", { sender: BOT }) },
    { what: "a command by a bot in a review comment", ...reviewComment("/dispatch fix it", { sender: BOT }) },
  ];

  const IGNORED = [
    { what: "an ordinary comment", ...comment("Looks good to me") },
    { what: "a comment that mentions the command", ...comment("Write /dispatch to start it") },
    { what: "a quoted command", ...comment("> /dispatch fix it") },
    {
      what: "an ordinary comment on an issue whose body held a command",
      ...comment("Nice", { issue: { ...issue, body: "/dispatch fix it" } }),
    },
    { what: "an edit of an ordinary comment", ...comment("Looks better to me", edited) },
    {
      what: "an edit of an ordinary comment in an issue that waits",
      ...comment("8081", { ...waitingIssue, ...edited }),
    },
    {
      what: "an edit of an ordinary review comment where it waits",
      ...reviewComment("8081", { ...waitingPull, ...edited }),
    },
    {
      what: "a label that is called nearly the same",
      ...comment("8080", { issue: { ...issue, labels: [{ name: "not dispatch: waiting" }] } }),
    },
    { what: "an ordinary comment by a bot", ...comment("Build failed; /dispatch may help", { sender: BOT }) },
    {
      what: "an ordinary comment by a bot where it waits",
      ...comment("Build failed", { ...waitingIssue, sender: BOT }),
    },
    {
      what: "an ordinary review by a bot where it waits",
      ...review("Nice", { ...waitingPull, sender: BOT }),
    },
    { what: "a tick by a bot on a review comment of ours", ...reviewComment(OURS, { ...edited, sender: BOT }) },
    { what: "our own comment", ...comment(OURS, { sender: BOT }) },
    { what: "our own edit of our comment", ...comment(OURS, { ...edited, sender: BOT }) },
    { what: "an ordinary issue", ...issues("It is broken") },
    { what: "an issue without a body", ...issues(null) },
    {
      what: "an edit of an issue that waits",
      ...issues("It is very broken", { ...edited, issue: { ...issue, labels: WAITING } }),
    },
    { what: "an ordinary pull request", ...pullRequest("It is better") },
    { what: "a pull request without a body", ...pullRequest(null) },
    { what: "an ordinary review", ...review("Nice") },
    { what: "a review without words", ...review(null) },
    { what: "an ordinary review comment", ...reviewComment("Nice") },
    { what: "the start of a run", name: "workflow_dispatch", event: { inputs: { task: "1/fix-7k2q" }, sender: MONA } },
  ];

  async function hears(name: string, event: Json): Promise<boolean> {
    const job = (await workflow(WITHOUT_SERVER)).jobs.find(({ id }) => id === "thread");
    if (job === undefined) throw new Error("There is no such job");
    const contexts = { github: { event_name: name, event }, inputs: {}, needs: {}, vars: {} };
    return truthy(evaluate(job.condition, contexts));
  }

  it.each(HEARD)("hears $what", async ({ name, event }) => {
    expect(await hears(name, event)).toBe(true);
  });

  it.each(IGNORED)("starts no runner for $what", async ({ name, event }) => {
    expect(await hears(name, event)).toBe(false);
  });
});

describe("the job that settles", () => {
  it.each([
    { what: "the work died without a word", task: "1/fix-7k2q", outputs: {}, runs: true },
    { what: "the work has said all", task: "1/fix-7k2q", outputs: { settled: "true" }, runs: false },
    { what: "nothing is known of a task", task: "", outputs: {}, runs: false },
  ])("when $what: $runs", async ({ task, outputs, runs }) => {
    for (const file of [WITHOUT_SERVER, WITH_SERVER]) {
      const job = (await workflow(file)).jobs.find(({ id }) => id === "settle");
      const contexts = { github: {}, inputs: { task }, needs: { work: { result: "failure", outputs } }, vars: {} };
      expect(job?.needs).toEqual(["work"]);
      expect(truthy(evaluate(job?.condition ?? "", contexts, "failure"))).toBe(runs);
    }
  });
});

describe("app.yml", () => {
  const App = z.strictObject({
    name: z.string(),
    description: z.string(),
    url: z.url(),
    public: z.literal(false),
    default_permissions: z.record(z.string(), z.string()),
    default_events: z.array(z.string()),
  });
  const app = App.parse(parse(text("app.yml")));

  it("asks for no more than it needs", () => {
    expect(app.default_permissions).toEqual({
      actions: "write",
      contents: "write",
      issues: "write",
      metadata: "read",
      pull_requests: "write",
    });
  });

  it("hears what the workflow hears, and the end of runs", async () => {
    const { events } = await workflow(WITHOUT_SERVER);
    const heard = Object.keys(events)
      .filter((name) => name !== "workflow_dispatch" && name !== "schedule")
      .map((name) => (name === "pull_request_target" ? "pull_request" : name));
    expect(app.default_events).toEqual([...heard, "workflow_run"]);
  });
});
