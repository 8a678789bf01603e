import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { readCommand, readFileCommands } from "../../src/playground/actions/commands.ts";
import { eventPlace, skipsRuns, triggerEvent } from "../../src/playground/actions/event-place.ts";
import { triggers } from "../../src/playground/actions/triggers.ts";
import { readWorkflow, type Workflow } from "../../src/playground/actions/workflow.ts";
import { Stage } from "./actions-stage.ts";
import "../seed.ts";

async function workflow(text: string): Promise<Workflow> {
  const read = await readWorkflow("test.yml", text);
  if ("errors" in read) throw new Error(read.errors.join("\n"));
  return read;
}

describe("an event starts a workflow", () => {
  const pull = {
    number: 2,
    head: { ref: "topic", sha: "a", repo: {} },
    base: { ref: "release/1", sha: "b", repo: {} },
  };
  it.each([
    { on: "issue_comment", name: "issue_comment", action: "edited", payload: {}, starts: true },
    {
      on: "{ issue_comment: { types: [created] } }",
      name: "issue_comment",
      action: "edited",
      payload: {},
      starts: false,
    },
    { on: "[push, issues]", name: "issues", action: "labeled", payload: {}, starts: true },
    { on: "pull_request", name: "pull_request", action: "labeled", payload: { pull_request: pull }, starts: false },
    { on: "pull_request", name: "pull_request", action: "opened", payload: { pull_request: pull }, starts: true },
    {
      on: "{ pull_request: { branches: ['release/**'] } }",
      name: "pull_request",
      action: "opened",
      payload: { pull_request: pull },
      starts: true,
    },
    {
      on: "{ pull_request: { branches: [main] } }",
      name: "pull_request",
      action: "opened",
      payload: { pull_request: pull },
      starts: false,
    },
    { on: "push", name: "push", action: null, payload: { ref: "refs/heads/x" }, starts: true },
    {
      on: "{ push: { branches-ignore: ['dispatch/**'] } }",
      name: "push",
      action: null,
      payload: { ref: "refs/heads/dispatch/a" },
      starts: false,
    },
    {
      on: "{ push: { tags: ['v*'] } }",
      name: "push",
      action: null,
      payload: { ref: "refs/heads/main" },
      starts: false,
    },
    { on: "{ push: { tags: ['v*'] } }", name: "push", action: null, payload: { ref: "refs/tags/v1" }, starts: true },
    {
      on: "{ workflow_run: { workflows: [Dispatch], types: [completed] } }",
      name: "workflow_run",
      action: "completed",
      payload: { workflow: { name: "CI" } },
      starts: false,
    },
    {
      on: "{ workflow_run: { workflows: [Dispatch], types: [completed] } }",
      name: "workflow_run",
      action: "completed",
      payload: { workflow: { name: "Dispatch" } },
      starts: true,
    },
  ])("on: $on, $name $action: $starts", async ({ on, name, action, payload, starts }) => {
    const { events } = await workflow(`on: ${on}\njobs: { a: { runs-on: x, steps: [{ run: x }] } }`);
    expect(triggers(events, triggerEvent(name, action, payload))).toBe(starts);
  });

  it("not when the pushed commit says so", () => {
    expect(skipsRuns("push", { head_commit: { message: "Note a thing [skip ci]" } })).toBe(true);
    expect(skipsRuns("push", { head_commit: { message: "Skip ci" } })).toBe(false);
  });

  it("and nothing of a deleted branch", async () => {
    await using stage = await Stage.open();
    const run = await stage.start("on: push\njobs: { a: { if: false, runs-on: x, steps: [{ run: x }] } }");
    await run.done;
    const gone = { ref: "refs/heads/x", after: "0".repeat(40) };
    expect(await eventPlace(run.order.repository, "push", gone)).toBeNull();
  });
});

it.each([
  { text: "on: push\njobs: { a: { runs-on: x, steps: [{ run: x, usess: y }] } }", error: /usess/ },
  { text: "on: push\njobs: { a: { needs: b, runs-on: x, steps: [] } }", error: /b/ },
  { text: "on: [", error: /./ },
])("refuses $text", async ({ text, error }) => {
  const read = await readWorkflow("test.yml", text);
  expect("errors" in read ? read.errors.join("\n") : "no errors").toMatch(error);
});

describe("the ready-made workflow", () => {
  const person = { type: "User" };
  const waiting = { labels: [{ name: "dispatch: waiting" }] };
  const calm = { labels: [{ name: "bug" }] };
  it.each([
    {
      name: "a command",
      event: "issue_comment",
      payload: { action: "created", sender: person, issue: calm, comment: { body: "/dispatch fix it" } },
      starts: true,
    },
    {
      name: "a command on a later line",
      event: "issue_comment",
      payload: { action: "created", sender: person, issue: calm, comment: { body: "Hm.\n/dispatch fix it" } },
      starts: true,
    },
    {
      name: "small talk",
      event: "issue_comment",
      payload: { action: "created", sender: person, issue: calm, comment: { body: "nice, see /dispatch" } },
      starts: false,
    },
    {
      name: "a reply where Dispatch waits",
      event: "issue_comment",
      payload: { action: "created", sender: person, issue: waiting, comment: { body: "the second one" } },
      starts: true,
    },
    {
      name: "a bot's reply where Dispatch waits",
      event: "issue_comment",
      payload: { action: "created", sender: { type: "Bot" }, issue: waiting, comment: { body: "the second one" } },
      starts: false,
    },
    {
      name: "a ticked box",
      event: "issue_comment",
      payload: {
        action: "edited",
        sender: person,
        issue: calm,
        comment: { body: "<!-- dispatch:status 1/x -->\n- [x] Cancel" },
      },
      starts: true,
    },
    {
      name: "an issue without a command",
      event: "issues",
      payload: { action: "opened", sender: person, issue: { ...calm, body: "It is broken" } },
      starts: false,
    },
    {
      name: "an issue with a command",
      event: "issues",
      payload: { action: "opened", sender: person, issue: { ...calm, body: "/dispatch mend it" } },
      starts: true,
    },
  ])("starts a runner for $name: $starts", async ({ event, payload, starts }) => {
    const text = await readFile(join(import.meta.dirname, "..", "..", ".github", "workflows", "dispatch.yml"), "utf8");
    await using stage = await Stage.open();
    let runners = 0;
    const run = await stage
      .run(text, {
        order: { event, payload },
        place: {
          runner: async () => {
            runners += 1;
            throw new Error("That is all we wanted to know.");
          },
        },
      })
      .catch(() => null);
    expect(runners).toBe(starts ? 1 : 0);
    expect(run?.conclusion ?? null).toBe(starts ? null : "skipped");
  });
});

describe("what a step says to its runner", () => {
  it.each([
    {
      line: "::error file=a.js,line=3::It%0Abroke: 100%25",
      command: { name: "error", properties: { file: "a.js", line: "3" }, value: "It\nbroke: 100%" },
    },
    { line: "::add-mask::a::b", command: { name: "add-mask", properties: {}, value: "a::b" } },
    { line: "::endgroup::", command: { name: "endgroup", properties: {}, value: "" } },
    { line: "std::vector::push_back", command: null },
    { line: "hello", command: null },
  ])("by the line $line", ({ line, command }) => {
    expect(readCommand(line)).toEqual(command);
  });

  it.each([
    { text: "a=b=c\n", values: { a: "b=c" } },
    { text: "a<<X\none\ntwo\nX\nb=\n", values: { a: "one\ntwo", b: "" } },
    { text: "", values: {} },
  ])("by a file with $values", ({ text, values }) => {
    expect(Object.fromEntries(readFileCommands(text))).toEqual(values);
  });

  it.each(["nonsense", "a<<X\nnever ended", "a<<\n"])("and not by %j", (text) => {
    expect(() => readFileCommands(text)).toThrow(/Invalid/);
  });

  it("gives back any value that was written between marks", () => {
    assert(
      property(
        string().filter((text) => !/\r|(^|\n)MARK(\n|$)/.test(text)),
        (value) => {
          expect(readFileCommands(`name<<MARK\n${value}\nMARK\n`).get("name")).toBe(value);
        },
      ),
      { numRuns: 300 },
    );
  });
});
