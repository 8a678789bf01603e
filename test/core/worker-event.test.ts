import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BackendKind } from "../../src/core/task.ts";
import { readWorkerEvent, type WorkerEvent } from "../../src/core/worker-event.ts";

function recorded(name: string): readonly string[] {
  return readFileSync(join(import.meta.dirname, `../fixtures/cli-events/${name}.jsonl`), "utf8")
    .trim()
    .split("\n");
}

function events(kind: BackendKind, lines: readonly string[]): readonly WorkerEvent[] {
  return lines.flatMap((line) => readWorkerEvent(kind, line));
}

const json = (value: unknown) => JSON.stringify(value);

describe("a recorded stream", () => {
  const CLAUDE = [
    { kind: "started", session: "8f6571c2-efee-469c-b522-a286618336ea" },
    { kind: "message", text: "Checking off the first item." },
    { kind: "doing", text: "Bash: Checking off the first item." },
    { kind: "usage", tokensIn: 6000, tokensOut: 300, costUsd: 0.00954 },
    { kind: "ended", ok: true, cause: null, text: "All items are done." },
    { kind: "doing", text: "Waiting for the model's provider (status 429): try 2 of 11" },
    { kind: "usage", tokensIn: 4000, tokensOut: 200, costUsd: 0.00636 },
    {
      kind: "ended",
      ok: false,
      cause: null,
      text: "[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=tool_use",
    },
  ];
  const CODEX = [
    { kind: "started", session: "01a2073c-d76b-7633-a285-c10a0d03306f" },
    { kind: "message", text: "Checking off the first item." },
    {
      kind: "doing",
      text: "cd . && sed -i '0,/- \\[ \\]/s//- [x]/' .dispatch/tasks/demo/plan.md && cat .dispatch/tasks/demo/plan.md",
    },
    { kind: "usage", tokensIn: 6000, tokensOut: 300, costUsd: null },
    { kind: "ended", ok: true, cause: null, text: "" },
    { kind: "doing", text: expect.stringMatching(/^Waiting for the model's provider: Reconnecting\.\.\. 1\/5/) },
    { kind: "ended", ok: false, cause: "auth", text: expect.stringContaining("401 Unauthorized") },
    { kind: "doing", text: "Edit: ./patched.txt" },
  ];

  it("of Claude Code", () => expect(events("claude", recorded("claude"))).toEqual(CLAUDE));
  it("of Codex", () => expect(events("codex", recorded("codex"))).toEqual(CODEX));
  it("of Cursor", () => {
    expect(events("cursor", recorded("cursor"))).toEqual([
      { kind: "started", session: "c6b62c6f-7ead-4fd6-9922-e952131177ff" },
      { kind: "message", text: "Checking off the first item." },
      { kind: "doing", text: "Shell: npm test" },
      { kind: "ended", ok: true, cause: null, text: "All items are done." },
    ]);
  });
  it("of a known CLI behind a pipe", () => {
    expect(events("generic", recorded("claude"))).toEqual(CLAUDE);
    expect(events("generic", recorded("codex"))).toEqual(CODEX);
  });
});

describe("what went wrong", () => {
  const claude = (fields: object) => json({ type: "result", subtype: "success", is_error: true, ...fields });
  const codex = (message: string) => json({ type: "turn.failed", error: { message } });

  it.each<[BackendKind, string, string | null]>([
    ["claude", claude({ api_error_status: 401, result: "Invalid API key" }), "auth"],
    ["claude", claude({ api_error_status: 403, result: "No" }), "auth"],
    ["claude", claude({ result: "Not logged in · Please run /login" }), "secret-missing"],
    ["claude", claude({ api_error_status: 400, result: "Your credit balance is too low" }), "quota"],
    ["claude", claude({ api_error_status: 404, result: "There's an issue with it" }), "model-unknown"],
    ["claude", claude({ api_error_status: 429, result: "Request rejected" }), "overloaded"],
    ["claude", claude({ api_error_status: 529, result: "Overloaded" }), "overloaded"],
    ["claude", claude({ result: "", subtype: "error_max_turns" }), null],
    ["codex", codex("unexpected status 429 Too Many Requests: insufficient_quota"), "quota"],
    ["codex", codex("unexpected status 503 Service Unavailable"), "overloaded"],
    ["codex", codex("The model gpt-9 does not exist"), "model-unknown"],
  ])("%s: %s is %s", (kind, line, cause) => {
    const ended = readWorkerEvent(kind, line).find((event) => event.kind === "ended");
    expect(ended).toMatchObject({ ok: false, cause });
  });

  it("believes is_error, not the word success", () => {
    expect(readWorkerEvent("claude", claude({ result: "x" }))).toMatchObject([{ kind: "ended", ok: false }]);
    expect(readWorkerEvent("claude", json({ type: "result", subtype: "success", is_error: false }))).toMatchObject([
      { ok: true },
    ]);
  });
});

describe("one line may say several things, or none", () => {
  it("tells every tool of a message", () => {
    const tool = (name: string, input: object) => ({ type: "tool_use", id: "t", name, input });
    const content = [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: " Now the tests. " },
      tool("Edit", { file_path: "src/server.js", old_string: "a" }),
      tool("Bash", { command: "npm test\nnpm run lint" }),
      tool("TodoWrite", { todos: [] }),
    ];
    expect(readWorkerEvent("claude", json({ type: "assistant", message: { content } }))).toEqual([
      { kind: "message", text: "Now the tests." },
      { kind: "doing", text: "Edit: src/server.js" },
      { kind: "doing", text: "Bash: npm test" },
      { kind: "doing", text: "TodoWrite" },
    ]);
  });

  it("shows a custom worker's last line, on one line and cut", () => {
    expect(readWorkerEvent("generic", "  Working on:\ttests  ")).toEqual([
      { kind: "doing", text: "Working on: tests" },
    ]);
    const [event] = readWorkerEvent("generic", "x".repeat(5000));
    expect(event).toMatchObject({ kind: "doing", text: expect.stringMatching(/^x{159}…$/) });
  });

  it.each([
    ["\u001B[32m✓\u001B[0m tests\u001B[K", "✓ tests"],
    ["\u001B]0;title\u0007building", "building"],
    ["10 %\r50 %\r100 %\r", "100 %"],
    ["a\u0000b\u200Bc\u202Ed", "abcd"],
  ])("shows %j as a terminal would, as %j", (line, text) => {
    expect(readWorkerEvent("generic", line)).toEqual([{ kind: "doing", text }]);
  });

  it.each(["gemini", "opencode", "copilot"])("shows no JSON of a CLI that it does not know, such as %s's", (cli) => {
    expect(
      recorded(cli)
        .flatMap((line) => readWorkerEvent("generic", line))
        .filter(({ kind }) => kind === "doing"),
    ).toEqual([]);
  });

  it("believes an ending whose figures make no sense", () => {
    const line = json({ type: "result", is_error: true, result: "Overloaded", total_cost_usd: -1, usage: "none" });
    expect(readWorkerEvent("claude", line)).toEqual([
      { kind: "ended", ok: false, cause: "overloaded", text: "Overloaded" },
    ]);
  });

  it.each<[BackendKind, string]>([
    ["claude", "plain words"],
    ["claude", "{"],
    ["claude", "null"],
    ["claude", json({ type: "system", subtype: "init", session_id: "--help" })],
    ["claude", json({ type: "system", subtype: "init" })],
    ["claude", json({ type: "assistant", message: { content: "no list" } })],
    ["claude", json({ type: "news" })],
    ["codex", json({ type: "thread.started", thread_id: "a b" })],
    ["codex", json({ type: "item.completed", item: { type: "error", message: "Model metadata not found" } })],
    ["generic", json({ unknown: true })],
    ["generic", "   "],
  ])("%s: %s says nothing", (kind, line) => {
    expect(readWorkerEvent(kind, line)).toEqual([]);
  });

  it("never throws, and never says more than it may", () => {
    const type = fc.constantFrom(
      "system",
      "assistant",
      "result",
      "tool_call",
      "item.started",
      "turn.completed",
      "turn.failed",
      "error",
    );
    const shaped = fc.record({
      type,
      subtype: fc.constantFrom("init", "started", "success", "api_retry"),
      session_id: fc.string(),
      is_error: fc.boolean(),
      result: fc.string(),
      message: fc.oneof(fc.string(), fc.record({ content: fc.array(fc.jsonValue()) })),
      tool_call: fc.dictionary(fc.string(), fc.jsonValue()),
      item: fc.jsonValue(),
      usage: fc.jsonValue(),
      error: fc.oneof(fc.jsonValue(), fc.record({ message: fc.string() })),
    });
    const line = fc.oneof(fc.string({ unit: "binary" }), fc.json(), shaped.map(json));
    fc.assert(
      fc.property(fc.constantFrom<BackendKind>("claude", "codex", "cursor", "generic"), line, (kind, text) => {
        for (const event of readWorkerEvent(kind, text)) {
          if (event.kind === "doing") expect(event.text).toMatch(/^\S(?:[^\n]{0,158}\S)?$/);
          if (event.kind === "started") expect(event.session).toMatch(/^[A-Za-z0-9][\w.:-]*$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
