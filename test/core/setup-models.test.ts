import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byRank, cliOfMaker, makerOf, parseAgentModels } from "../../src/core/setup-models.ts";

describe("parseAgentModels", () => {
  it.each<[string, string, readonly [string, string][]]>([
    ["the plain line", "gpt-5.3-codex - GPT-5.3 Codex", [["gpt-5.3-codex", "GPT-5.3 Codex"]]],
    ["a mark behind", "opus-4.6 - Claude 4.6 Opus (current)", [["opus-4.6", "Claude 4.6 Opus"]]],
    ["two marks behind", "auto - Auto (current, default)", [["auto", "Auto"]]],
    ["marks one after the other", "auto - Auto (default)  [current]", [["auto", "Auto"]]],
    ["what only looks like a mark", "opus-4.6 - Claude Opus (Thinking)", [["opus-4.6", "Claude Opus (Thinking)"]]],
    ["a mark behind another bracket", "o - Opus (Thinking) (default)", [["o", "Opus (Thinking)"]]],
    ["a star in front", "* grok-4 - Grok 4", [["grok-4", "Grok 4"]]],
    ["a star behind", "grok-4* - Grok 4 *", [["grok-4", "Grok 4"]]],
    ["an arrow in front", "→ grok-4 - Grok 4", [["grok-4", "Grok 4"]]],
    ["a list", "  - grok-4 - Grok 4", [["grok-4", "Grok 4"]]],
    ["colours", "\x1b[1m\x1b[36mgrok-4\x1b[0m - Grok 4 \x1b[2m(current)\x1b[22m", [["grok-4", "Grok 4"]]],
    ["a line that was drawn twice", "Loading…\r\x1b[2K\x1b[1Ggrok-4 - Grok 4", [["grok-4", "Grok 4"]]],
    ["a link", "\x1b]8;;https://example.com\x07grok-4\x1b]8;;\x07 - Grok 4", [["grok-4", "Grok 4"]]],
    [
      "Windows' line ends",
      "a-1 - A\r\nb-2 - B\r\n",
      [
        ["a-1", "A"],
        ["b-2", "B"],
      ],
    ],
    ["a name with dashes", "k2 - Kimi - the second", [["k2", "Kimi - the second"]]],
    ["a name that is only a mark", "k2 - (current)", [["k2", "(current)"]]],
    ["a long dash", "k2 – Kimi", [["k2", "Kimi"]]],
    ["the same id twice", "k2 - Kimi\nK2 - Again", [["k2", "Kimi"]]],
    ["a provider's path", "moonshot/kimi-k2:free - Kimi", [["moonshot/kimi-k2:free", "Kimi"]]],
    ["a heading", "Available models\n\n", []],
    ["the tip", "Tip: use --model <id> (or /model <id>) - to switch.", []],
    ["an error", "Error - you are not logged in\nError: - nope", []],
    ["no name", "grok-4 -", []],
    ["no space around the dash", "grok-4-Grok 4", []],
    ["an option", "--model - The model", []],
    ["what a shell would read", "$(id) - Nice\n`id` - Nice\na;b - Nice", []],
    ["nothing", "", []],
  ])("reads %s", (_, text, models) => {
    expect(parseAgentModels(text)).toEqual(models.map(([id, name]) => ({ id, name })));
  });

  it("gives only ids that a command may be given, whatever is printed", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(" - ", "\n", "\x1b[1m", "(current)", "* ", "grok-4", "\x1b]"));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const models = parseAgentModels(pieces.join(""));
        for (const { id, name } of models) {
          expect(id).toMatch(/^[A-Za-z0-9][\w.:/@+-]{0,99}$/);
          expect(name).toMatch(/^[^\p{C}]{1,100}$/u);
        }
        expect(new Set(models.map(({ id }) => id.toLowerCase())).size).toBe(models.length);
      }),
    );
  });

  it.each([
    ["escapes without an end", "\x1b]".repeat(100_000)],
    ["escapes with long parameters", "\x1b[1;".repeat(60_000)],
    ["blanks", " ".repeat(200_000)],
    ["lines of blanks", `a - b${" ".repeat(290)}(current\n`.repeat(600)],
    ["dashes", "a - ".repeat(50_000)],
    ["more models than anybody has", Array.from({ length: 20_000 }, (_, at) => `m-${at} - M`).join("\n")],
  ])("is quick with %s", (_, text) => {
    const before = performance.now();
    expect(parseAgentModels(text).length).toBeLessThanOrEqual(200);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

it.each([
  ["opus", "claude", "Anthropic"],
  ["sonnet-4.5-thinking", "claude", "Anthropic"],
  ["claude-haiku-5-5", "claude", "Anthropic"],
  ["gpt-5.3-codex", "codex", "OpenAI"],
  ["o3", "codex", "OpenAI"],
  ["o4-mini", "codex", "OpenAI"],
  ["grok-4", null, "xAI"],
  ["gemini-3-pro", null, "Google"],
  ["composer-1", null, "Cursor"],
  ["auto", null, "Cursor"],
  ["magnum-opusculum", null, "Others"],
])("knows whose %s is", (model, cli, maker) => {
  expect(cliOfMaker(model)).toBe(cli);
  expect(makerOf(model)).toBe(maker);
});

it("puts larger before smaller, newer before older, and the plain name before its variants", () => {
  const ids = [
    "haiku-4.5",
    "gpt-5.2",
    "opus-4.5",
    "gpt-5.1-mini",
    "sonnet-4.6",
    "opus-4.6-thinking",
    "opus-4.6",
    "gpt-5.10",
  ];
  const order = (prefix: RegExp) =>
    ids
      .filter((id) => prefix.test(id))
      .map((id) => ({ id, name: id }))
      .toSorted(byRank)
      .map(({ id }) => id);
  expect(order(/opus|sonnet|haiku/)).toEqual(["opus-4.6", "opus-4.6-thinking", "opus-4.5", "sonnet-4.6", "haiku-4.5"]);
  expect(order(/gpt/)).toEqual(["gpt-5.10", "gpt-5.2", "gpt-5.1-mini"]);
});
