import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/core/config.ts";
import type { ConfigChange } from "../../src/core/config-change.ts";
import { editConfig } from "../../src/core/config-edit.ts";
import { Problem } from "../../src/core/problem.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/config");
const file = (name: string) => readFileSync(join(FOLDER, name), "utf8");

const toDefault = (name: string): ConfigChange => ({ kind: "set-default", name });
const model = (name: string, backend: string | null = null): ConfigChange => ({ kind: "add-model", name, backend });
const alias = (name: string, of: string | null, prompt: string | null = null): ConfigChange => ({
  kind: "add-alias",
  name,
  model: of,
  prompt,
});
const remove = (name: string): ConfigChange => ({ kind: "remove", name });
const set = (key: string, value: string): ConfigChange => ({ kind: "set", key, value });

/** What is asked of each file in test/fixtures/config. */
const ASKED: Readonly<Record<string, readonly ConfigChange[]>> = {
  comments: [
    toDefault("sonnet"),
    model("gpt-5.3"),
    alias("tester", "sonnet"),
    remove("reviewer"),
    set("timeout", "3h"),
  ],
  anchors: [model("opus-4.5", "claude"), remove("haiku"), toDefault("sonnet")],
  "flow-maps": [
    model("haiku"),
    remove("fast"),
    alias("cheap", "haiku", "You are brief: one line."),
    set("signoff", "on"),
  ],
  "flow-lines": [remove("opus"), model("haiku"), set("env", "NPM_TOKEN and PIP_TOKEN")],
  "all-flow": [model("gpt-5.3"), toDefault("sonnet"), remove("opus")],
  "odd-indentation": [model("haiku"), alias("reviewer", "sonnet"), remove("tester"), toDefault("haiku")],
  crlf: [model("haiku"), alias("fast", "haiku", "You are quick.\nYou are brief."), set("signoff", "false")],
  "no-last-newline": [alias("fast", "sonnet"), set("answer timeout", "30 minutes")],
  "empty-sections": [toDefault("sonnet"), model("gpt-5.3"), alias("fast", "haiku"), set("env", "NPM_TOKEN")],
  "only-comments": [model("gpt-5.3"), toDefault("gpt-5.3")],
  "quoted-names": [toDefault("gpt-5.3"), remove("opus"), model("sonnet")],
  "byte-order-mark": [toDefault("haiku")],
  settings: [
    set("answer_timeout", "1 hour"),
    set("timeout", "90"),
    set("bots", "renovate[bot]"),
    set("budget_usd", "none"),
    set("commanders", "mona, @hubot"),
  ],
  "long-prompts": [
    toDefault("sonnet"),
    remove("security-reviewer"),
    alias("writer", "opus"),
    alias("tester", "sonnet"),
  ],
  "old-format": [{ kind: "migrate" }],
  "old-format-change": [toDefault("thorough"), remove("quick"), set("keep", "7")],
  "full-auto": [{ kind: "mend-codex" }],
  several: [model("gpt-5.3"), toDefault("gpt-5.3"), remove("opus"), set("confirm_default", "off")],
  "spare-backends": [model("gpt-5.3"), model("composer-1.5"), toDefault("gpt-5.3")],
  "sections-with-gaps": [model("haiku"), alias("reviewer", "opus", "You review."), set("budget_usd", "$5")],
};

describe("only the lines that are asked for change", () => {
  const names = globSync("*.before.yml", { cwd: FOLDER }).map((path) => basename(path, ".before.yml"));

  it("in every sample file", () => {
    expect(names.toSorted()).toEqual(Object.keys(ASKED).toSorted());
  });

  it.each(names)("%s", async (name) => {
    const changes = ASKED[name] ?? [];
    const { text } = editConfig(file(`${name}.before.yml`), changes);
    await expect(text).toMatchFileSnapshot(join(FOLDER, `${name}.after.yml`));
    readConfig(text);
  });

  it.each(names)("and asked for again, none: %s", (name) => {
    const after = file(`${name}.after.yml`);
    const { text, said } = editConfig(after, ASKED[name] ?? []);
    expect(text).toBe(after);
    for (const sentence of said) expect(sentence).toMatch(/already|nothing to/);
  });

  it("and the old format means the same in the new one", () => {
    const [before, after] = [readConfig(file("old-format.before.yml")), readConfig(file("old-format.after.yml"))];
    expect({ ...after.settings, names: after.settings.names.toSorted() }).toEqual({
      ...before.settings,
      oldFormat: false,
      names: expect.arrayContaining([...before.settings.names]),
    });
    expect(after).toMatchObject({ default: before.default, oldFormat: false });
  });
});

describe("without a file", () => {
  it.each<[ConfigChange, string]>([
    [toDefault("sonnet"), "default: sonnet\n"],
    [set("answer_timeout", "30m"), "answer_timeout: 30m\n"],
    [alias("fast", "haiku"), "aliases:\n  fast: { model: haiku }\n"],
    [alias("careful", null), "aliases:\n  careful: { model: opus }\n"],
    [
      model("gpt-5.3"),
      "models:\n  opus: { backend: claude }\n  sonnet: { backend: claude }\n  haiku: { backend: claude }\n  gpt-5.3: { backend: codex }\n",
    ],
    [remove("haiku"), "models:\n  opus: { backend: claude }\n  sonnet: { backend: claude }\n"],
  ])("%j begins one that keeps what is built in", (change, text) => {
    expect(editConfig(null, [change]).text).toBe(text);
  });

  it("what is built in needs none", () => {
    expect(editConfig(null, [toDefault("opus"), set("keep", "30")])).toEqual({
      text: "",
      said: ["`opus` is the default already.", "`keep` is `30` already."],
    });
  });
});

describe("the backend of a new model is", () => {
  it.each([
    ["claude for Claude's", "", "opus-4.5-thinking", "claude"],
    ["claude for Claude's by its full name", "", "claude-fable-5", "claude"],
    ["codex for OpenAI's", "", "gpt-5.3", "codex"],
    [
      "cursor for OpenAI's where only that is configured",
      "backends: { cursor: { command: agent -p } }",
      "gpt-5.3",
      "cursor",
    ],
    ["cursor for others", "", "gemini-3-pro", "cursor"],
    [
      "the configured one of the kind",
      "backends: { cc: { command: claude -p } }\nmodels: { x: { backend: cc } }",
      "haiku-5",
      "cc",
    ],
  ])("%s", (_, text, name, backend) => {
    const edited = editConfig(text, [model(name)]);
    expect(edited.said).toEqual([`\`${name}\` is added, and runs on ${backend}.`]);
    expect(readConfig(edited.text).models[name]).toEqual({ backend });
  });

  it("the one that is named, in any case", () => {
    expect(editConfig("", [model("gpt-5.3", "Cursor")]).said).toEqual(["`gpt-5.3` is added, and runs on cursor."]);
    expect(editConfig("models:\n  gpt-5: { backend: codex }\n", [model("GPT-5", "cursor")])).toEqual({
      text: "models:\n  gpt-5: { backend: cursor }\n",
      said: ["`gpt-5` runs on cursor now."],
    });
  });
});

describe("a change that does not fit is a sentence with the next step", () => {
  const text =
    "default: opus\nmodels: { opus: { backend: claude }, sonnet: { backend: claude } }\naliases: { r: { model: sonnet } }\n";
  it.each<[ConfigChange, string, string, string]>([
    [
      toDefault("gpt-5.3"),
      "config-unknown-name",
      "cannot be the default",
      "/dispatch add gpt-5.3 to my config and make it the default",
    ],
    [toDefault("sonet"), "config-unknown-name", "Did you mean `sonnet`?", "/dispatch add"],
    [
      remove("opus"),
      "config-default-needed",
      "`opus` is the default",
      "/dispatch switch default to <name> and remove opus",
    ],
    [remove("sonnet"), "config-model-in-use", "the alias `r` stands for it", "/dispatch config alias r <model>"],
    [
      alias("x", "gpt-5.3"),
      "config-unknown-name",
      "No model in the config is called `gpt-5.3`",
      "/dispatch add gpt-5.3 to my config",
    ],
    [alias("opus", "sonnet"), "config-name-taken", "`opus` is a model already", "/dispatch config remove opus"],
    [model("r"), "config-name-taken", "`r` is an alias already", "/dispatch config remove r"],
    [model("gpt-5.3", "nowhere"), "config-unknown-backend", "No backend is called `nowhere`", "claude, cursor, codex"],
    [model("-x"), "config-bad-name", "`-x` cannot be a name", "no dash in front"],
    [set("tiemout", "3h"), "config-unknown-key", "`tiemout` is not a key", "`timeout`"],
    [set("models", "x"), "config-unknown-key", "`models` is not a key that can be set", "Use one of"],
    [set("timeout", "a while"), "config-bad-value", "`timeout` cannot be `a while`", "such as `10m`"],
    [set("bots", "*"), "config-bad-value", "`bots` cannot be `*`", "exact logins"],
    [set("commanders", "everybody!"), "config-bad-value", "`commanders` cannot be", "logins"],
    [set("env", "GITHUB_TOKEN"), "config-bad-value", "`env` cannot be", "environment variables"],
  ])("%j", (change, code, sentence, next) => {
    expect(() => editConfig(text, [change])).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringContaining(sentence),
        nextStep: expect.stringContaining(next),
      }),
    );
  });

  it.each([
    ["an invalid file", "modles: {}", "config-invalid"],
    ["a model in the old format", "agents: { a: { command: x } }", "config-old-format"],
    ["a section that is a reference", "backends: &b { claude: { command: x } }\nmodels: *b", "config-invalid"],
  ])("%s", (_, text, code) => {
    expect(() => editConfig(text, [model("gpt-5.3")])).toThrow(expect.objectContaining({ code }));
  });

  it("what others refer to is not touched", () => {
    const shared =
      "models:\n  opus: &c { backend: claude }\n  sonnet: *c\ndefault: &d sonnet\naliases: { r: { model: *d } }\n";
    expect(() => editConfig(shared, [remove("opus")])).toThrow(
      expect.objectContaining({ code: "config-not-editable" }),
    );
    expect(() => editConfig(shared, [toDefault("opus")])).toThrow(
      expect.objectContaining({ code: "config-not-editable" }),
    );
  });
});

describe("whatever is asked", () => {
  const name = fc.constantFrom(
    "opus",
    "sonnet",
    "haiku",
    "gpt-5.3",
    "reviewer",
    "fast",
    "x1",
    "Opus",
    "bad name",
    "a: b",
  );
  const prompt = fc.option(
    fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("a\nb", "- x", "a # b", "'", '"', "yes", "|")),
  );
  const change: fc.Arbitrary<ConfigChange> = fc.oneof(
    name.map(toDefault),
    name.map((each) => model(each)),
    fc.record({ name, of: fc.option(name), prompt }).map((each) => alias(each.name, each.of, each.prompt)),
    name.map(remove),
    fc
      .record({
        key: fc.constantFrom("timeout", "keep", "env", "bots", "signoff", "budget_usd"),
        value: fc.constantFrom("5", "3h", "on", "none", "A, B", "x[bot]"),
      })
      .map(({ key, value }) => set(key, value)),
    fc.constantFrom<ConfigChange>({ kind: "migrate" }, { kind: "mend-codex" }),
  );
  const names = Object.keys(ASKED);

  it("the result is a config, asking again changes nothing, and lines about other things survive", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), change, (sample, asked) => {
        const before = file(`${sample}.before.yml`);
        let after: string;
        try {
          after = editConfig(before, [asked]).text;
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
          return;
        }
        readConfig(after);
        expect(editConfig(after, [asked]).text).toBe(after);
        if (asked.kind === "migrate") return;
        const kept = after.split("\n");
        // All of them, in their order; the same line may stand in the file more than once.
        let at = 0;
        for (const line of linesAboutOthers(before, asked)) {
          const found = kept.indexOf(line, at);
          expect(found, line).toBeGreaterThanOrEqual(at);
          at = found + 1;
        }
      }),
      { numRuns: 600 },
    );
  });
});

/** Lines that hold neither the changed key nor anything that a change of it may touch. One-line maps count as about everything in them. */
function linesAboutOthers(text: string, change: ConfigChange): readonly string[] {
  const words = "name" in change ? [change.name.toLowerCase()] : "key" in change ? [change.key] : ["--full-auto"];
  const lines = text.split("\n");
  const own = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (
      /^[\s\]}]*$/.test(line) ||
      (/^\uFEFF|^\{|: ?\{.*:|^ *(?:aliases|models|default|"default"|env|bots):|^\S+: \[/.test(line) &&
        !/^ {2,}.*[:}]$/.test(line))
    )
      own.add(at);
    if (!words.some((word) => line.toLowerCase().includes(word))) continue;
    own.add(at);
    // What is set in below a key goes with it.
    const indent = line.search(/\S/);
    for (let below = at + 1; below < lines.length; below += 1) {
      const next = lines[below] ?? "";
      if (next.trim() !== "" && next.search(/\S/) <= indent && !/^\s*-/.test(next)) break;
      if (!next.trim().startsWith("#")) own.add(below);
    }
  }
  // A last line that had no end gets one, or loses it.
  return lines.filter((line, at) => !own.has(at) && (at < lines.length - 1 || line !== ""));
}
