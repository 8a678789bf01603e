import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Decision, readDecision } from "../../src/core/decision.ts";

const NAMES = new Set([
  "opus",
  "sonnet",
  "haiku",
  "gpt-5.3-codex",
  "security-reviewer",
  "claude-opus-4.6",
  "x/y:z@1",
  "quick",
]);
const isName = (word: string) => NAMES.has(word.toLowerCase());
const read = (body: string) => readDecision(body, isName);

describe("a short reply", () => {
  it.each([
    "yes",
    "Yes",
    "YES!",
    "yes.",
    "yes…",
    "yep",
    "yeah",
    "yup",
    "y",
    "ok",
    "OK, thanks!",
    "okay, go",
    "sure",
    "sure, go ahead",
    "please",
    "Please do",
    "please do it",
    "go",
    "go ahead",
    "Go ahead, please.",
    "go for it",
    "go for it, thanks",
    "do it",
    "Do it!",
    "start",
    "start it please",
    "proceed",
    "approve",
    "approved",
    "Approved, thank you",
    "confirm",
    "confirmed",
    "LGTM",
    "lgtm 👍",
    "looks good",
    "Looks good to me!",
    "Looks good, go ahead",
    "sounds good",
    "Sounds good, thanks",
    "yes, sounds good",
    "ship it",
    "let's go",
    "let’s go",
    "yes, let's go",
    "fine",
    "fine with me",
    "fine by me",
    "ja",
    "Ja bitte",
    "oui",
    "oui, merci",
    "sí",
    "si",
    "Sí, por favor",
    "sim",
    "да",
    "是",
    "是的",
    "好",
    "好的",
    "可以",
    "はい",
    "はい、お願いします",
    "いいよ",
    "네",
    "👍",
    "👍🏽",
    "✅️",
    "✅",
    "🚀",
    "+1",
    ":+1:",
    "yes\n\n> **Tick one below**",
    "> Which model?\n\nyes",
    "yes\r\n",
  ])("%j is a yes", (body) => {
    expect(read(body)).toEqual({ kind: "yes" });
  });

  it.each([
    "no",
    "No.",
    "nope",
    "n",
    "no thanks",
    "不要。",
    "No, thank you",
    "no, cancel it",
    "nein",
    "nein danke",
    "non",
    "não",
    "cancel",
    "Cancel it please",
    "stop",
    "Stop!",
    "never mind",
    "nevermind",
    "don't",
    "don’t",
    "нет",
    "不",
    "いいえ",
    "아니요",
    "👎",
    "-1",
    ":-1:",
  ])("%j is a no", (body) => {
    expect(read(body)).toEqual({ kind: "no" });
  });

  it.each([
    ["opus", "opus"],
    ["Opus", "Opus"],
    ["sonnet.", "sonnet"],
    ["sonnet please", "sonnet"],
    ["`sonnet`", "sonnet"],
    ["“sonnet”", "sonnet"],
    ['"sonnet"', "sonnet"],
    ["use sonnet", "sonnet"],
    ["Use sonnet, please", "sonnet"],
    ["please use sonnet", "sonnet"],
    ["use the sonnet model", "sonnet"],
    ["with haiku", "haiku"],
    ["yes, with sonnet", "sonnet"],
    ["yes sonnet", "sonnet"],
    ["ok, use haiku", "haiku"],
    ["no, sonnet", "sonnet"],
    ["No, use sonnet instead", "sonnet"],
    ["sonnet instead", "sonnet"],
    ["rather sonnet", "sonnet"],
    ["better with opus", "opus"],
    ["go with opus", "opus"],
    ["start with opus", "opus"],
    ["let's use opus", "opus"],
    ["try haiku", "haiku"],
    ["take opus, thanks!", "opus"],
    ["gpt-5.3-codex", "gpt-5.3-codex"],
    ["use gpt-5.3-codex please", "gpt-5.3-codex"],
    ["security-reviewer", "security-reviewer"],
    ["the security-reviewer", "security-reviewer"],
    ["claude-opus-4.6", "claude-opus-4.6"],
    ["x/y:z@1", "x/y:z@1"],
    ["quick", "quick"],
  ])("%j names the model %s", (body, name) => {
    expect(read(body)).toEqual({ kind: "model", name });
  });

  it.each([
    "",
    "   ",
    "> yes",
    "yes but only the tests",
    "Yes, but please leave the API alone",
    "yes and also fix the docs",
    "ok, but who reviews it?",
    "ok?",
    "yes?",
    "no idea",
    "no, first fix the tests",
    "not yet",
    "no problem",
    "nothing",
    "now",
    "stop the server first",
    "cancel button is misaligned",
    "opus was a poem",
    "opus is too expensive",
    "opus or sonnet?",
    "is sonnet good enough?",
    "use the force",
    "gemma",
    "use gemma",
    "go to lunch",
    "do nothing",
    "please wait",
    "start with the parser",
    "sure thing is that it fails",
    "fine-tune it",
    "What does this cost?",
    "approved by whom?",
    "approve of the idea in general",
    "looks good except step 3",
    "thanks!",
    "thank you",
    "@hubot yes",
    "/cancel",
    "I think yes",
    "yes no",
    "👀",
    "🎉",
    "好像不行",
    "不错",
    "yes\nno",
    "yes\n\nbut only the tests",
    `yes ${"please ".repeat(50)}`,
  ])("%j decides nothing", (body) => {
    expect(read(body)).toBeNull();
  });

  it("takes a name only where it is one here", () => {
    expect(readDecision("sonnet", () => false)).toBeNull();
    expect(readDecision("use gemma", (word) => word === "gemma")).toEqual({ kind: "model", name: "gemma" });
  });

  it("that is somebody's alias means the alias", () => {
    expect(readDecision("go", (word) => word === "go")).toEqual({ kind: "model", name: "go" });
  });
});

it("never takes more than a few words for a decision, and never throws or hangs", () => {
  const words = fc.constantFrom(
    "yes",
    "no",
    "please",
    "go",
    "ahead",
    ",",
    " ",
    "use",
    "opus",
    "`",
    "👍",
    "but",
    "\n",
    "> ",
    "x",
    "thanks",
    "!",
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
      const body = parts.join("");
      const decision = read(body);
      if (decision !== null) expect(body.trim().length, body).toBeGreaterThan(0);
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (body) => void read(body)),
    { numRuns: 1_000 },
  );
  for (const long of [
    "yes ".repeat(16_000),
    "go ".repeat(40),
    "use the ".repeat(15),
    "`".repeat(60_000),
    "yes,".repeat(29),
  ]) {
    const before = performance.now();
    read(long);
    expect(performance.now() - before).toBeLessThan(250);
  }
});

it("says the same of a reply whatever space stands around it", () => {
  const space = fc.constantFrom("", " ", "\n", "\r\n", "  \n ");
  const bodies = fc.constantFrom("yes", "no", "use sonnet");
  fc.assert(
    fc.property(space, bodies, space, (before, body, after) => {
      const expected: Decision | null = read(body);
      expect(read(`${before}${body}${after}`)).toEqual(expected);
    }),
  );
});
