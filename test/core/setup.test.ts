import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNews, readSetup, renderSetup } from "../../src/core/setup.ts";
import { CLAUDE, CODEX, CURSOR, sampleSetup, without } from "./sample-setup.ts";

const setup = sampleSetup([CLAUDE, without(CODEX), CURSOR]);

it("goes both ways", () => {
  expect(readSetup(renderSetup(setup))).toEqual(setup);
});

it.each([
  ["nothing", null],
  ["an empty file", ""],
  ["broken YAML", "version: ["],
  ["another version", renderSetup(setup).replace("version: 1", "version: 2")],
  ["a CLI that we do not know", renderSetup(setup).replace("kind: codex", "kind: other")],
  ["a model whose name no command takes", renderSetup(setup).replace("id: opus", "id: -opus")],
  ["a bomb of aliases", "a: &a [1,1]\nb: [*a,*a]"],
  ["a file without end", "x".repeat(600_000)],
])("knows nothing from %s", (_, text) => {
  expect(readSetup(text)).toBeNull();
});

it("throws at nothing that may stand there", () => {
  fc.assert(fc.property(fc.string(), (text) => void readSetup(text)));
});

describe("a record is news", () => {
  const now = renderSetup(setup);
  it.each([
    ["where there is none", null, true],
    ["where the one before cannot be read", "version: 0", true],
    ["not, when only a moment has passed", renderSetup({ ...setup, at: "2026-11-20T11:00:00.000Z" }), false],
    ["after a day", renderSetup({ ...setup, at: "2026-11-19T11:00:00.000Z" }), true],
    ["when the one before has no time", renderSetup({ ...setup, at: "yesterday" }), true],
    ["when something else was found", renderSetup({ ...setup, clis: [CLAUDE] }), true],
  ])("%s", (_, present, news) => {
    expect(isNews(now, present)).toBe(news);
  });
});
