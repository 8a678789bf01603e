import { z } from "zod";
import { causeOfText } from "./outcome.ts";
import type { BackendKind, Cause } from "./task.ts";

/** What a CLI's event stream says that matters to us. Everything else, known or not, is null. */
export type WorkerEvent =
  | { readonly kind: "started"; readonly session: string }
  /** What it is doing now, in a few words. */
  | { readonly kind: "doing"; readonly text: string }
  | { readonly kind: "message"; readonly text: string }
  /** Totals so far; `costUsd` is null where the CLI names no price. */
  | { readonly kind: "usage"; readonly tokensIn: number; readonly tokensOut: number; readonly costUsd: number | null }
  | { readonly kind: "ended"; readonly ok: boolean; readonly cause: Cause | null; readonly text: string };

/** Reads one line of a worker's standard output. Never throws: a line that means nothing to us is null. */
export function readWorkerEvent(kind: BackendKind, line: string): readonly WorkerEvent[] {
  if (kind === "generic") return plain(line);
  const value = parseJson(line);
  if (value === null) return [];
  switch (kind) {
    case "claude":
    case "cursor":
      return claudeEvents(value);
    case "codex":
      return codexEvents(value);
  }
}

function plain(line: string): readonly WorkerEvent[] {
  const text = line.trim();
  return text === "" ? [] : [{ kind: "doing", text }];
}

const ToolUse = z.object({ type: z.literal("tool_use"), name: z.string(), input: z.record(z.string(), z.unknown()) });
const Text = z.object({ type: z.literal("text"), text: z.string() });
const ClaudeUsage = z.object({
  input_tokens: z.number().default(0),
  cache_read_input_tokens: z.number().default(0),
  cache_creation_input_tokens: z.number().default(0),
  output_tokens: z.number().default(0),
});

// Cursor's agent prints the same shapes as Claude Code for what we read.
const ClaudeEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("system"), subtype: z.literal("init"), session_id: z.string() }),
  z.object({
    type: z.literal("assistant"),
    message: z.object({ content: z.array(z.union([ToolUse, Text, z.unknown()])) }),
  }),
  z.object({
    type: z.literal("result"),
    is_error: z.boolean().default(false),
    result: z.string().default(""),
    api_error_status: z.number().nullish(),
    total_cost_usd: z.number().nullish(),
    usage: ClaudeUsage.nullish(),
  }),
]);

function claudeEvents(value: unknown): readonly WorkerEvent[] {
  const event = ClaudeEvent.safeParse(value).data;
  switch (event?.type) {
    case undefined:
      return [];
    case "system":
      return [{ kind: "started", session: event.session_id }];
    case "assistant":
      return event.message.content.flatMap(contentEvent);
    case "result":
      return resultEvents(event);
  }
}

function contentEvent(content: unknown): readonly WorkerEvent[] {
  const tool = ToolUse.safeParse(content).data;
  if (tool !== undefined) return [{ kind: "doing", text: describe(tool) }];
  const text = Text.safeParse(content).data?.text.trim() ?? "";
  return text === "" ? [] : [{ kind: "message", text }];
}

function describe({ name, input }: z.infer<typeof ToolUse>): string {
  const detail = ["description", "command", "file_path", "path", "pattern", "url", "prompt"]
    .map((key) => input[key])
    .find((value) => typeof value === "string" && value !== "");
  return typeof detail === "string" ? `${name}: ${detail.split("\n")[0]}` : name;
}

function resultEvents(event: Extract<z.infer<typeof ClaudeEvent>, { type: "result" }>): readonly WorkerEvent[] {
  const { usage, is_error: failed, result, api_error_status: status } = event;
  const ended: WorkerEvent = {
    kind: "ended",
    ok: !failed,
    cause: failed ? causeOfText(`${status ?? ""} ${result}`) : null,
    text: result,
  };
  if (!usage) return [ended];
  const tokensIn = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
  return [
    { kind: "usage", tokensIn, tokensOut: usage.output_tokens, costUsd: event.total_cost_usd ?? null },
    ended,
  ];
}

const CodexItem = z.discriminatedUnion("type", [
  z.object({ type: z.literal("command_execution"), command: z.string() }),
  z.object({ type: z.literal("agent_message"), text: z.string() }),
  z.object({ type: z.literal("file_change"), changes: z.array(z.object({ path: z.string() })) }),
]);
const CodexEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("thread.started"), thread_id: z.string() }),
  z.object({ type: z.literal("item.started"), item: z.unknown() }),
  z.object({ type: z.literal("item.completed"), item: z.unknown() }),
  z.object({
    type: z.literal("turn.completed"),
    usage: z.object({ input_tokens: z.number().default(0), output_tokens: z.number().default(0) }).nullish(),
  }),
  z.object({ type: z.literal("turn.failed"), error: z.object({ message: z.string() }) }),
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
      return [{ kind: "ended", ok: false, cause: causeOfText(event.error.message), text: event.error.message }];
  }
}

function codexItem(value: unknown, started: boolean): readonly WorkerEvent[] {
  const item = CodexItem.safeParse(value).data;
  switch (item?.type) {
    case undefined:
      return [];
    case "command_execution":
      return started ? [{ kind: "doing", text: item.command.split("\n")[0] ?? "" }] : [];
    case "agent_message":
      return started ? [] : [{ kind: "message", text: item.text }];
    case "file_change":
      return [{ kind: "doing", text: `Edit ${item.changes.map(({ path }) => path).join(", ")}` }];
  }
}

function codexUsage(usage: { input_tokens: number; output_tokens: number } | null | undefined): readonly WorkerEvent[] {
  if (!usage) return [];
  return [{ kind: "usage", tokensIn: usage.input_tokens, tokensOut: usage.output_tokens, costUsd: null }];
}

function parseJson(line: string): unknown {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
