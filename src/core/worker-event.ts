import { z } from "zod";
import { causeOfText } from "./outcome.ts";
import type { BackendKind, Cause } from "./task.ts";
import { visibleText } from "./visible-text.ts";

/** What a CLI's event stream says that matters to us. */
export type WorkerEvent =
  /** The CLI's own name for its session, by which it can be resumed. */
  | { readonly kind: "started"; readonly session: string }
  /** What it is doing now, in a few words on one line. */
  | { readonly kind: "doing"; readonly text: string }
  | { readonly kind: "message"; readonly text: string }
  /** Totals of this process so far; `costUsd` is null where the CLI names no price. */
  | { readonly kind: "usage"; readonly tokensIn: number; readonly tokensOut: number; readonly costUsd: number | null }
  /** `cause` is null where it ended well, or for a reason that we have no word for. */
  | { readonly kind: "ended"; readonly ok: boolean; readonly cause: Cause | null; readonly text: string };

const LONGEST_DOING = 160;
const LONGEST_MESSAGE = 4_000;

/** Reads one line of a worker's standard output; one line may say several things. Never throws: what we do not know says nothing. */
export function readWorkerEvent(kind: BackendKind, line: string): readonly WorkerEvent[] {
  if (kind === "generic" && !line.trimStart().startsWith("{")) return doing(lastShown(line));
  const value = parseJson(line);
  switch (kind) {
    case "claude":
    case "cursor":
      return claudeEvents(value);
    case "codex":
      return codexEvents(value);
    case "generic":
      // Known CLIs behind a pipe or a wrapper; a line belongs to one stream only.
      return [...claudeEvents(value), ...codexEvents(value)];
  }
}

const ToolUse = z.object({
  type: z.literal("tool_use"),
  name: z.string(),
  input: z.record(z.string(), z.unknown()).catch({}),
});
const Text = z.object({ type: z.literal("text"), text: z.string() });
const Session = z.string().regex(/^[A-Za-z0-9][\w.:-]{0,127}$/);
const Tokens = z.number().nonnegative().catch(0);

// Cursor's agent prints the same shapes as Claude Code, but for its tools.
const ClaudeEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("system"),
    subtype: z.string(),
    session_id: Session.optional(),
    attempt: z.number().optional(),
    max_retries: z.number().optional(),
    error_status: z.number().nullish(),
  }),
  z.object({ type: z.literal("assistant"), message: z.object({ content: z.array(z.unknown()) }) }),
  z.object({ type: z.literal("tool_call"), subtype: z.string(), tool_call: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal("result"),
    subtype: z.string().default(""),
    is_error: z.boolean(),
    result: z.string().default(""),
    errors: z.array(z.string()).default([]),
    api_error_status: z.number().nullish(),
    total_cost_usd: z.number().nonnegative().nullish().catch(null),
    usage: z
      .object({
        input_tokens: Tokens,
        cache_read_input_tokens: Tokens,
        cache_creation_input_tokens: Tokens,
        output_tokens: Tokens,
      })
      .nullish()
      .catch(null),
  }),
]);
type ClaudeEvent = z.infer<typeof ClaudeEvent>;

function claudeEvents(value: unknown): readonly WorkerEvent[] {
  const event = ClaudeEvent.safeParse(value).data;
  switch (event?.type) {
    case undefined:
      return [];
    case "system":
      return systemEvents(event);
    case "assistant":
      return event.message.content.flatMap(contentEvents);
    case "tool_call":
      return event.subtype === "started" ? Object.entries(event.tool_call).slice(0, 1).flatMap(cursorTool) : [];
    case "result":
      return resultEvents(event);
  }
}

function systemEvents(event: Extract<ClaudeEvent, { type: "system" }>): readonly WorkerEvent[] {
  if (event.subtype === "init" && event.session_id !== undefined)
    return [{ kind: "started", session: event.session_id }];
  if (event.subtype !== "api_retry") return [];
  const status = event.error_status ? ` (status ${event.error_status})` : "";
  return doing(
    `Waiting for the model's provider${status}: try ${(event.attempt ?? 0) + 1} of ${(event.max_retries ?? 0) + 1}`,
  );
}

function contentEvents(content: unknown): readonly WorkerEvent[] {
  const tool = ToolUse.safeParse(content).data;
  if (tool !== undefined) return doing(describeTool(tool.name, tool.input));
  return message(Text.safeParse(content).data?.text ?? "");
}

/** `{"shellToolCall": {"args": {"command": …}}}` */
function cursorTool([name, call]: readonly [string, unknown]): readonly WorkerEvent[] {
  const args = z.object({ args: z.record(z.string(), z.unknown()) }).safeParse(call).data?.args ?? {};
  return doing(describeTool(name.replace(/ToolCall$/, ""), args));
}

const DETAILS = ["description", "command", "file_path", "path", "notebook_path", "pattern", "query", "url", "prompt"];

function describeTool(name: string, input: Readonly<Record<string, unknown>>): string {
  const detail = DETAILS.map((key) => input[key]).find((value) => typeof value === "string" && value.trim() !== "");
  const title = name.replace(/^./, (letter) => letter.toUpperCase());
  return typeof detail === "string" ? `${title}: ${firstLine(detail)}` : title;
}

function resultEvents(event: Extract<ClaudeEvent, { type: "result" }>): readonly WorkerEvent[] {
  // Claude Code says "success" of errors too; only `is_error` tells.
  const ok = !event.is_error;
  const text = event.result || event.errors.join("\n") || (ok ? "" : event.subtype);
  const cause = ok ? null : (causeOfText(text) ?? causeOfStatus(event.api_error_status ?? 0));
  const ended: WorkerEvent = { kind: "ended", ok, cause, text: shortened(text, LONGEST_MESSAGE) };
  if (!event.usage) return [ended];
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } = event.usage;
  const tokensIn = input_tokens + cache_read_input_tokens + cache_creation_input_tokens;
  return [{ kind: "usage", tokensIn, tokensOut: output_tokens, costUsd: event.total_cost_usd ?? null }, ended];
}

function causeOfStatus(status: number): Cause | null {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "quota";
  if (status === 404) return "model-unknown";
  return status === 429 || status >= 500 ? "overloaded" : null;
}

// An item of type "error" is a warning, such as that a model is new to the CLI; the turn tells whether anything failed.
const CodexItem = z.discriminatedUnion("type", [
  z.object({ type: z.literal("command_execution"), command: z.string() }),
  z.object({ type: z.literal("agent_message"), text: z.string() }),
  z.object({ type: z.literal("file_change"), changes: z.array(z.object({ path: z.string() })) }),
]);
const CodexEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("thread.started"), thread_id: Session }),
  z.object({ type: z.literal("item.started"), item: CodexItem }),
  z.object({ type: z.literal("item.completed"), item: CodexItem }),
  z.object({
    type: z.literal("turn.completed"),
    usage: z.object({ input_tokens: Tokens, output_tokens: Tokens }).nullish().catch(null),
  }),
  z.object({ type: z.literal("turn.failed"), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);

function codexEvents(value: unknown): readonly WorkerEvent[] {
  const event = CodexEvent.safeParse(value).data;
  switch (event?.type) {
    case undefined:
      return [];
    case "thread.started":
      return [{ kind: "started", session: event.thread_id }];
    case "item.started":
    case "item.completed":
      return codexItem(event.item, event.type === "item.started");
    case "turn.completed":
      return [...codexUsage(event.usage), { kind: "ended", ok: true, cause: null, text: "" }];
    case "turn.failed":
      return [codexFailure(event.error.message)];
    case "error":
      // "Reconnecting... 1/5 (…)": it goes on.
      return event.message.startsWith("Reconnecting")
        ? doing(`Waiting for the model's provider: ${event.message}`)
        : [];
  }
}

function codexItem(item: z.infer<typeof CodexItem>, started: boolean): readonly WorkerEvent[] {
  switch (item.type) {
    case "command_execution":
      return started ? doing(firstLine(withoutShell(item.command))) : [];
    case "agent_message":
      return started ? [] : message(item.text);
    case "file_change":
      return started ? doing(`Edit: ${item.changes.map(({ path }) => path).join(", ")}`) : [];
  }
}

/** `/bin/bash -lc "npm test"` is how Codex says `npm test`. */
function withoutShell(command: string): string {
  const [, quote, inner] = /^(?:\/\S*\/)?(?:ba|z|da)?sh -l?c (["'])([\s\S]*)\1$/.exec(command) ?? [];
  if (inner === undefined) return command;
  return quote === '"' ? inner.replace(/\\(["\\$`])/g, "$1") : inner;
}

function codexFailure(text: string): WorkerEvent {
  return { kind: "ended", ok: false, cause: causeOfText(text), text: shortened(text, LONGEST_MESSAGE) };
}

function codexUsage(
  usage: { readonly input_tokens: number; readonly output_tokens: number } | null | undefined,
): readonly WorkerEvent[] {
  if (!usage) return [];
  return [{ kind: "usage", tokensIn: usage.input_tokens, tokensOut: usage.output_tokens, costUsd: null }];
}

/** What a terminal shows of a line in the end: progress displays write over it. */
function lastShown(line: string): string {
  return line.split("\r").findLast((part) => part.trim() !== "") ?? "";
}

// ECMA-48: colours, cursor movements, window titles and links.
const TERMINAL_CODE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g;

function doing(words: string): readonly WorkerEvent[] {
  const shown = visibleText(words.slice(0, 10_000).replace(TERMINAL_CODE, ""));
  const text = shortened(shown.replace(/\s+/g, " ").trim(), LONGEST_DOING);
  return text === "" ? [] : [{ kind: "doing", text }];
}

function message(words: string): readonly WorkerEvent[] {
  const text = shortened(words.trim(), LONGEST_MESSAGE);
  return text === "" ? [] : [{ kind: "message", text }];
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).toWellFormed()}…` : text;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
