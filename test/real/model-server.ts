import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { z } from "zod";

/** What the model knows: the prompt it was given, and what each of its calls has printed, oldest first. */
export interface Conversation {
  readonly prompt: string;
  readonly results: readonly string[];
}

/** What the model does next: it calls the CLI's shell tool, or ends its turn with some words. */
export type Step = { readonly run: string | ((heard: Conversation) => string) } | { readonly say: string };

/** An answer of the provider's in place of the model's. */
export interface ModelError {
  readonly status: 400 | 401 | 403 | 404 | 429 | 500 | 529;
  /** As the API calls it: `authentication_error`, `overloaded_error`, … */
  readonly type: string;
  readonly message: string;
  /** How many requests get it; all that follow when it is left out. */
  readonly times?: number;
}

export interface ModelRequest {
  /** The key it came with. */
  readonly key: string | null;
  /** The CLI's session, where it names one. */
  readonly session: string | null;
  readonly body: MessagesBody;
}

const Block = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal("tool_result"), tool_use_id: z.string(), content: z.unknown() }),
]);
type Block = z.infer<typeof Block>;

/** Kinds of blocks that we do not know say nothing here. */
const Blocks = z.array(z.unknown()).transform((blocks) => blocks.flatMap((block) => Block.safeParse(block).data ?? []));
const Content = z.union([z.string().transform((text): Block[] => [{ type: "text", text }]), Blocks]);
const Tool = z.object({
  name: z.string(),
  input_schema: z.object({ properties: z.record(z.string(), z.unknown()).default({}) }).optional(),
});
const MessagesBody = z.object({
  model: z.string(),
  stream: z.boolean().default(false),
  messages: z.array(z.object({ role: z.enum(["user", "assistant", "system"]), content: Content })),
  tools: z.array(Tool).default([]),
});
type MessagesBody = z.infer<typeof MessagesBody>;

interface ServerEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Our calls among those that a CLI may add by itself. */
const CALL = "toolu_scripted_";
const SHELL = /^(?:bash|shell|run_shell_command|exec_command|execute|terminal)$/i;
const USAGE = { input_tokens: 1200, cache_creation_input_tokens: 0, cache_read_input_tokens: 6800, output_tokens: 150 };

/**
 * A model provider on loopback that speaks Anthropic's Messages API and follows a script. Where in the script a request stands is
 * read from the conversation that it carries, so that repeated requests and resumed sessions are answered alike.
 */
export class ModelServer implements AsyncDisposable {
  /** All that was asked of the model, oldest first; not the CLI's side requests, which offer no shell tool. */
  readonly requests: ModelRequest[] = [];
  /** Calls of anything else, such as `GET /v1/models`. */
  readonly strays: string[] = [];
  readonly #steps: readonly Step[];
  readonly #server: ServerType;
  #error: ModelError | null = null;
  #failures = 0;
  #messages = 0;

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
    const app = new Hono();
    app.post("/v1/messages", (c) => this.#answer(c));
    app.notFound((c) => {
      this.strays.push(`${c.req.method} ${c.req.path}`);
      return c.json(errorJson({ type: "not_found_error", message: "There is nothing here." }), 404);
    });
    this.#server = createAdaptorServer({ fetch: app.fetch });
  }

  static async start(steps: readonly Step[]): Promise<ModelServer> {
    const server = new ModelServer(steps);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** What belongs in `ANTHROPIC_BASE_URL`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // a string only for pipes
  }

  /** The requests that follow are answered by this error. */
  fail(error: ModelError): void {
    this.#error = error;
    this.#failures = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ("closeAllConnections" in this.#server) this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(c: Context): Promise<Response> {
    const { data: body, error } = MessagesBody.safeParse(await c.req.json().catch(() => null));
    if (body === undefined) return c.json(errorJson({ type: "invalid_request_error", message: error.message }), 400);
    const tool = body.tools.find(({ name }) => SHELL.test(name));
    if (tool !== undefined) {
      this.requests.push({
        key: c.req.header("x-api-key") ?? null,
        session: c.req.header("x-claude-code-session-id") ?? null,
        body,
      });
    }
    const failure = this.#nextFailure();
    if (failure !== null) return Response.json(errorJson(failure), { status: failure.status });
    const content = tool === undefined ? [words("A side remark")] : [this.#nextBlock(body, tool)];
    return this.#send(c, body, content);
  }

  #nextFailure(): ModelError | null {
    const { times = Number.POSITIVE_INFINITY } = this.#error ?? {};
    if (this.#failures >= times) return null;
    this.#failures += 1;
    return this.#error;
  }

  #nextBlock(body: MessagesBody, tool: z.infer<typeof Tool>): Block {
    const step = stepsBehind(body, this.#steps);
    const next = this.#steps[step];
    if (next === undefined) return words("There is nothing left to do.");
    if ("say" in next) return words(next.say);
    const command = typeof next.run === "string" ? next.run : next.run(conversationOf(body));
    const known = Object.keys(tool.input_schema?.properties ?? {});
    const key = ["command", "cmd", "script"].find((name) => known.includes(name)) ?? "command";
    const input = { [key]: command, ...(known.includes("description") ? { description: `Step ${step + 1}` } : {}) };
    this.#messages += 1;
    return { type: "tool_use", id: `${CALL}${step}_${this.#messages}`, name: tool.name, input };
  }

  #send(c: Context, { model, stream }: MessagesBody, content: readonly Block[]): Response {
    this.#messages += 1;
    const stop_reason = content.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn";
    const message = { id: `msg_${this.#messages}`, type: "message", role: "assistant", model, stop_sequence: null };
    if (!stream) return Response.json({ ...message, content, stop_reason, usage: USAGE });
    const events: readonly ServerEvent[] = [
      {
        type: "message_start",
        message: { ...message, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } },
      },
      ...content.flatMap(blockEvents),
      { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: USAGE },
      { type: "message_stop" },
    ];
    const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
    return c.body(text, 200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  }
}

export function conversationOf({ messages }: MessagesBody): Conversation {
  const said = messages.filter(({ role }) => role === "user").map(({ content }) => textOf(content));
  const results = messages.flatMap(({ content }) => content.filter(isResult));
  return { prompt: said[0] ?? "", results: results.map(({ content }) => textOf(Content.parse(content))) };
}

/** Goes along the conversation: an answered call and a said word are steps that lie behind. */
function stepsBehind({ messages }: MessagesBody, steps: readonly Step[]): number {
  const answered = new Set(
    messages.flatMap(({ content }) => content.filter(isResult)).map((block) => block.tool_use_id),
  );
  const mine = messages.filter(({ role }) => role === "assistant").flatMap(({ content }) => content);
  return mine.reduce((step, block) => {
    const present = steps[step];
    const called = block.type === "tool_use" && answered.has(block.id);
    const said = block.type === "text" && present !== undefined && "say" in present && block.text === present.say;
    return called || said ? step + 1 : step;
  }, 0);
}

function isResult(block: Block): block is Extract<Block, { type: "tool_result" }> {
  return block.type === "tool_result" && block.tool_use_id.startsWith(CALL);
}

function textOf(content: readonly Block[]): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}

function words(text: string): Block {
  return { type: "text", text };
}

function blockEvents(block: Block, index: number): readonly ServerEvent[] {
  const [empty, delta] =
    block.type === "tool_use"
      ? [
          { ...block, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
        ]
      : [words(""), { type: "text_delta", text: textOf([block]) }];
  return [
    { type: "content_block_start", index, content_block: empty },
    { type: "content_block_delta", index, delta },
    { type: "content_block_stop", index },
  ];
}

function errorJson({ type, message }: Pick<ModelError, "type" | "message">) {
  return { type: "error", error: { type, message }, request_id: "req_scripted" };
}
