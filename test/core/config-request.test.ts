import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfigChange } from "../../src/core/config-change.ts";
import { readConfigRequest } from "../../src/core/config-request.ts";

/** A change in a few words, for tables. */
function told(change: ConfigChange): string {
  switch (change.kind) {
    case "set-default":
      return `default ${change.name}`;
    case "add-model":
      return `add ${change.name}${change.backend === null ? "" : ` on ${change.backend}`}`;
    case "add-alias":
      return `alias ${change.name} = ${change.model ?? "the default"}${change.prompt === null ? "" : `: ${change.prompt}`}`;
    case "remove":
      return `remove ${change.name}`;
    case "set":
      return `${change.key} = ${change.value}`;
    case "migrate":
    case "mend-codex":
      return change.kind;
  }
}

function meaning(text: string): string {
  const request = readConfigRequest(text);
  if (request === null) return "task";
  return request.kind === "change" ? request.changes.map(told).join("; ") : request.kind;
}

describe("a config sentence", () => {
  it.each([
    // The forms behind `config`
    ["config", "show"],
    ["config show", "show"],
    ["config default sonnet", "default sonnet"],
    ["config default: sonnet", "default sonnet"],
    ["config set default sonnet", "default sonnet"],
    ["config add gpt-5.3", "add gpt-5.3"],
    ["config add gpt-5.3 cursor", "add gpt-5.3 on cursor"],
    ["config remove gpt-5.2", "remove gpt-5.2"],
    ["config alias fast haiku", "alias fast = haiku"],
    ['config alias reviewer opus "You review. Be brief."', "alias reviewer = opus: You review. Be brief."],
    ["config set answer_timeout 30m", "answer_timeout = 30m"],
    ["config set answer timeout to 30m", "answer_timeout = 30m"],
    ["config timeout 2h", "timeout = 2h"],
    ["config bots renovate[bot], dependabot[bot]", "bots = renovate[bot], dependabot[bot]"],
    ["config migrate", "migrate"],
    ["config switch default to sonnet", "default sonnet"],
    ["config please make sonnet the default", "default sonnet"],
    // To look at it
    ["show my config", "show"],
    ["show me the config, please", "show"],
    ["what's in my config?", "show"],
    ["which models are available?", "show"],
    ["list my models", "show"],
    // The default
    ["switch default to sonnet", "default sonnet"],
    ["switch the default to `sonnet`", "default sonnet"],
    ["Change the default model to opus.", "default opus"],
    ["set my default to security-reviewer", "default security-reviewer"],
    ["make opus the default", "default opus"],
    ["make security-reviewer my default", "default security-reviewer"],
    ["use opus as default", "default opus"],
    ["use gpt-5.3 as the default model please!", "default gpt-5.3"],
    ["switch to sonnet", "default sonnet"],
    ["switch the model to sonnet", "default sonnet"],
    ["use sonnet from now on", "default sonnet"],
    // Models
    ["add gpt-5.3 to my config", "add gpt-5.3"],
    ["Can you add gpt-5.3 to our config for me?", "add gpt-5.3"],
    ["please add the model gpt-5.3 to the config", "add gpt-5.3"],
    ["add gpt-5.3", "add gpt-5.3"],
    ["add agent reviewer to my config", "add reviewer"],
    ["add gpt-5.3 using cursor to my config", "add gpt-5.3 on cursor"],
    ["add gpt-5.3 to my config with the codex backend", "add gpt-5.3 on codex"],
    ['add "gpt-5.3", `gemini-3-pro` and sonnet to my config', "add gpt-5.3; add gemini-3-pro; add sonnet"],
    ["run gpt-5.3 on cursor", "add gpt-5.3 on cursor"],
    ["remove gpt-5.2", "remove gpt-5.2"],
    ["drop gpt-5.2 and haiku from my config", "remove gpt-5.2; remove haiku"],
    ["remove the security-reviewer alias", "remove security-reviewer"],
    ["remove quick from my config", "remove quick"],
    // Aliases
    ["create a security-reviewer alias using opus", "alias security-reviewer = opus"],
    ["create an alias fast for haiku", "alias fast = haiku"],
    ["add alias fast haiku", "alias fast = haiku"],
    ["add an alias called fast using haiku to my config", "alias fast = haiku"],
    ["create a security-reviewer alias", "alias security-reviewer = the default"],
    [
      "create a security-reviewer alias using opus that focuses on auth and injection",
      "alias security-reviewer = opus: You are a security reviewer that focuses on auth and injection.",
    ],
    [
      "create an editor-in-chief alias using opus with the prompt “You add words and remove gpt-5.2.”",
      "alias editor-in-chief = opus: You add words and remove gpt-5.2.",
    ],
    [
      "create a docs-writer alias using sonnet with the prompt:\n\nYou write docs.\nBe brief",
      "alias docs-writer = sonnet: You write docs.\nBe brief",
    ],
    // Other keys
    ["set the answer timeout to 30m", "answer_timeout = 30m"],
    ["set the timeout to 2h in my config", "timeout = 2h"],
    ["turn off confirm_default", "confirm_default = off"],
    ["enable signoff in my config", "signoff = on"],
    // The old format
    ["migrate my config", "migrate"],
    ["Please migrate our config to the new format.", "migrate"],
    // Several at once
    ["add gpt-5.3 and make it the default", "add gpt-5.3; default gpt-5.3"],
    ["add gpt-5.3 to my config, and then make it my default", "add gpt-5.3; default gpt-5.3"],
    ["switch default to sonnet and remove opus", "default sonnet; remove opus"],
    ["create a fast alias using haiku and make it the default", "alias fast = haiku; default fast"],
    [
      "switch the default to sonnet, add gpt-5.3 and remove haiku from my config",
      "default sonnet; add gpt-5.3; remove haiku",
    ],
    // What stands below is a remark
    ["switch default to sonnet\n\nThanks!\n-- \nMona", "default sonnet"],
    ["switch default to sonnet\r\n\r\nOn Monday mona wrote:\r\n> nothing", "default sonnet"],
  ])("%j is: %s", (text, expected) => {
    expect(meaning(text)).toBe(expected);
  });
});

describe("a sentence about the config that cannot be read", () => {
  it.each([
    "config frob",
    "config help",
    "config default",
    "config add",
    "add the frobnicator to my config twice over",
    "change model",
    "set default",
    "add alias",
    "create an alias in my config",
    "change the default model to the best one",
    "update my config",
    "make the default gpt-5.3 or so in my config",
  ])("starts nothing: %s", (text) => {
    expect(readConfigRequest(text)).toEqual({ kind: "unreadable", text: expect.any(String) });
  });
});

describe("a task stays a task", () => {
  it.each([
    "Change the model class in app/models.py",
    "add a config loader",
    "config loader crashes on an empty file",
    "config file is missing",
    "config add button is misaligned",
    "remove the default value from the form",
    "switch the default branch to main",
    "add an alias for the import",
    "create a path alias for src",
    "create a model for users",
    "add redis to the config",
    "migrate the config to TypeScript",
    "migrate the config loader",
    "show the config in the admin page",
    "set the timeout to 30s",
    "set the default to 10",
    "set the default value to 5",
    "make dark the default",
    "use tabs by default",
    "add gpt-5.3 support to the CLI",
    "add sonnet to the docs",
    "add a haiku",
    "add agent tracing",
    "remove dead code",
    "remove the import alias",
    "drop support for node 18",
    "use sonnet to add gpt-5.3 to the docs",
    "use opus",
    "switch to dark mode",
    "fix my config parser",
    "add a test to my config loader",
    "make a config page",
    "move the settings to a config file",
    "configure the linter",
    "add dark mode to the settings",
    "run the tests on node 22",
    "add opus and fix the login",
    "switch default to sonnet: the tests are slow",
    "",
  ])("%j", (text) => {
    expect(readConfigRequest(text)).toBeNull();
  });

  it("however long it is, and quickly", () => {
    const started = performance.now();
    for (const part of [
      "add gpt-5.3 and ",
      "please ",
      "a-",
      " ",
      "\n",
      "alias x, and then ",
      "“",
      "config ",
      "to my config ",
    ]) {
      const text = part.repeat(Math.floor(65_000 / part.length));
      readConfigRequest(text);
      readConfigRequest(`create alias ${text}`);
      readConfigRequest(`create a x-reviewer alias using opus that ${text.slice(0, 8_900)}`);
    }
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it("whatever the text: reading never fails, and names are names", () => {
    const words = fc.array(
      fc.constantFrom(
        "add",
        "remove",
        "config",
        "my",
        "default",
        "to",
        "the",
        "alias",
        "opus",
        "gpt-5.3",
        "and",
        "-x",
        "with",
        "prompt",
        "`",
        '"',
        ",",
        "set",
        "it",
        "make",
        "for",
        "from",
        "\n",
      ),
      { maxLength: 14 },
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      words.map((all) => all.join(" ")),
    );
    fc.assert(
      fc.property(text, (said) => {
        const request = readConfigRequest(said);
        if (request?.kind !== "change") return;
        expect(request.changes.length).toBeGreaterThan(0);
        for (const change of request.changes)
          if ("name" in change) expect(change.name).toMatch(/^[A-Za-z0-9][\w.:/@+-]{0,99}$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
