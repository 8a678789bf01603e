import { describe, expect, it } from "vitest";
import { conversationOf, ModelServer, type Step } from "./model-server.ts";

const TOOLS = [{ name: "Bash", input_schema: { type: "object", properties: { command: {}, description: {} } } }];
const PROMPT = { role: "user", content: "Say hello" };
const STEPS: readonly Step[] = [
  { run: "echo hello" },
  { run: ({ results }) => `echo ${results.join()} again` },
  { say: "Done." },
];

function ask(server: ModelServer, messages: readonly unknown[], more: object = { tools: TOOLS }): Promise<Response> {
  return fetch(`${server.url}/v1/messages?beta=true`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "a-key" },
    body: JSON.stringify({ model: "claude-opus-5-5", messages, ...more }),
  });
}

/** A call and what it printed, as a CLI sends them back. */
function exchange(id: string, text: string): readonly unknown[] {
  return [
    { role: "assistant", content: [{ type: "tool_use", id, name: "Bash", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: [{ type: "text", text }] }] },
  ];
}

const FIRST = exchange("toolu_scripted_0_1", "hello");
const SECOND = exchange("toolu_scripted_1_2", "hello again");
const END = { role: "assistant", content: "Done." };

describe("the scripted model", () => {
  it.each([
    { at: "the beginning", messages: [PROMPT], input: { command: "echo hello" } },
    { at: "a call without its result", messages: [PROMPT, FIRST[0]], input: { command: "echo hello" } },
    { at: "a result", messages: [PROMPT, ...FIRST], input: { command: "echo hello again" } },
    {
      at: "a call that is not its own",
      messages: [PROMPT, ...exchange("toolu_other", "x"), ...FIRST],
      input: { command: "echo hello again" },
    },
    { at: "the last result", messages: [PROMPT, ...FIRST, ...SECOND], text: "Done." },
    { at: "the end", messages: [PROMPT, ...FIRST, ...SECOND, END, PROMPT], text: "There is nothing left to do." },
  ])("knows at $at what comes next, however often it is asked", async ({ messages, input, text }) => {
    await using server = await ModelServer.start(STEPS);
    for (const _ of [1, 2]) {
      expect(await (await ask(server, messages)).json()).toMatchObject({
        content: input ? [{ type: "tool_use", name: "Bash", input }] : [{ type: "text", text }],
        stop_reason: input ? "tool_use" : "end_turn",
      });
    }
  });

  it("streams the same", async () => {
    await using server = await ModelServer.start(STEPS);
    const response = await ask(server, [PROMPT], { tools: TOOLS, stream: true });
    expect(response.headers.get("content-type")).toMatch("text/event-stream");
    const events = (await response.text()).split("\n\n").filter(Boolean);
    expect(events.map((event) => /^event: (\w+)\ndata: \{/.exec(event)?.[1])).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(events[2]).toContain(String.raw`"partial_json":"{\"command\":\"echo hello\"`);
  });

  it("remembers what it was asked", async () => {
    await using server = await ModelServer.start(STEPS);
    await ask(server, [PROMPT, ...FIRST]);
    await ask(server, [PROMPT], {});
    await fetch(`${server.url}/v1/models`);
    expect(server.requests.map(({ key, body }) => ({ key, ...conversationOf(body) }))).toEqual([
      { key: "a-key", prompt: "Say hello", results: ["hello"] },
    ]);
    expect(server.strays).toEqual(["GET /v1/models"]);
  });

  it("fails as often as it is told to", async () => {
    await using server = await ModelServer.start(STEPS);
    server.fail({ status: 529, type: "overloaded_error", message: "Overloaded", times: 2 });
    const answers = [await ask(server, [PROMPT]), await ask(server, [PROMPT]), await ask(server, [PROMPT])];
    expect(answers.map(({ status }) => status)).toEqual([529, 529, 200]);
    expect(await answers[0]?.json()).toMatchObject({ error: { type: "overloaded_error", message: "Overloaded" } });
  });

  it("refuses what is not a request of the API", async () => {
    await using server = await ModelServer.start(STEPS);
    const response = await ask(server, [], { messages: "hello" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });
});
