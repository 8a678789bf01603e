import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Config, ConfigFile, readConfig, settingsOf } from "../../src/core/config.ts";
import { Problem } from "../../src/core/problem.ts";

const FULL = `
# Our workers
default: security-reviewer
backends:
  claude: { command: claude -p --dangerously-skip-permissions }
  codex: { command: 'codex exec -C "$(pwd)"' }
  mine: { command: ./tools/agent.sh, kind: generic }
models:
  opus: { backend: claude }
  gpt-5.3-codex: { backend: codex }
  local: { backend: mine }
aliases:
  security-reviewer:
    model: opus
    prompt: You are a security-focused reviewer.
confirm_default: false
answer_timeout: 30s
timeout: 2h
pull_request: ready
isolation: none
signoff: true
keep: 7
budget_usd: 2.5
commanders: [mona, hubot]
bots: [renovate[bot]]
forks: read-only
env: [NPM_TOKEN]
`.replace("[renovate[bot]]", '["renovate[bot]"]');

function problemOf(text: string): Problem {
  try {
    readConfig(text);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("The config was accepted.");
}

describe("readConfig", () => {
  it("has Claude's three families built in", () => {
    const config = readConfig(null);
    expect(config).toMatchObject({
      default: "opus",
      models: { opus: { backend: "claude" }, sonnet: { backend: "claude" }, haiku: { backend: "claude" } },
      backends: { claude: { command: "claude -p --dangerously-skip-permissions" } },
      aliases: {},
      confirmDefault: true,
      keep: 30,
      commanders: "write",
      bots: [],
      forks: "refuse",
      oldFormat: false,
    });
    expect(settingsOf(config)).toEqual({
      answerTimeout: 10,
      timeout: 330,
      pullRequest: "draft",
      isolation: "user",
      signoff: false,
      env: [],
      oldFormat: false,
      budgetUsd: null,
      names: ["opus", "sonnet", "haiku"],
    });
  });

  it("reads every key", () => {
    expect(readConfig(FULL)).toEqual({
      default: "security-reviewer",
      backends: {
        claude: { command: "claude -p --dangerously-skip-permissions" },
        codex: { command: 'codex exec -C "$(pwd)"' },
        mine: { command: "./tools/agent.sh", kind: "generic" },
      },
      models: { opus: { backend: "claude" }, "gpt-5.3-codex": { backend: "codex" }, local: { backend: "mine" } },
      aliases: { "security-reviewer": { model: "opus", prompt: "You are a security-focused reviewer." } },
      confirmDefault: false,
      keep: 7,
      commanders: ["mona", "hubot"],
      bots: ["renovate[bot]"],
      forks: "read-only",
      oldFormat: false,
      settings: {
        answerTimeout: 0.5,
        timeout: 120,
        pullRequest: "ready",
        isolation: "none",
        signoff: true,
        env: ["NPM_TOKEN"],
        oldFormat: false,
        budgetUsd: 2.5,
        names: ["security-reviewer", "opus", "gpt-5.3-codex", "local"],
      },
    } satisfies Config);
  });

  it.each([
    ["an empty file", ""],
    ["comments alone", "# later\n"],
    ["one switch", "signoff: true"],
    [
      "sections whose lines are all commented out",
      "default:\nmodels:\n  # opus: { backend: claude }\naliases:\nenv:\n",
    ],
    ["a byte order mark and CRLF", "\uFEFFkeep: 5\r\nsignoff: true\r\n"],
  ])("fills %s up with what is built in", (_, text) => {
    expect(readConfig(text)).toMatchObject({ default: "opus", models: readConfig(null).models });
  });

  it("knows how the known CLIs are started", () => {
    const { backends } = readConfig("models:\n  gpt-5.3: { backend: codex }\n  grok-4: { backend: cursor }\n");
    expect(Object.keys(backends)).toEqual(["cursor", "codex"]);
  });

  it("takes the first model as default where opus is none of them", () => {
    expect(readConfig("models:\n  gpt-5.3: { backend: codex }\n").default).toBe("gpt-5.3");
  });

  it.each([
    ["10m", 10],
    ["2h", 120],
    ["90 s", 1.5],
    ["1d", 1440],
    ["45", 45],
    ["0.5", 0.5],
  ])("reads %s as %d minutes", (time, minutes) => {
    expect(settingsOf(readConfig(`answer_timeout: ${time}`)).answerTimeout).toBe(minutes);
  });
});

describe("the old format", () => {
  const OLD = `
default: thorough
agents:
  quick: { command: 'agent -p --model composer-1.5' }
  thorough:
    command: claude -p --dangerously-skip-permissions
timeout: 1h
`;

  it("works as before: every agent is a name with a command of its own", () => {
    expect(readConfig(OLD)).toMatchObject({
      oldFormat: true,
      default: "thorough",
      backends: {
        quick: { command: "agent -p --model composer-1.5" },
        thorough: { command: "claude -p --dangerously-skip-permissions" },
      },
      models: { quick: { backend: "quick" }, thorough: { backend: "thorough" } },
      aliases: {},
      settings: { timeout: 60, names: ["thorough", "quick"] },
    });
  });

  it("takes the first agent as default where it names none", () => {
    expect(readConfig("agents:\n  b: { command: x }\n  a: { command: y }\n").default).toBe("b");
  });

  it.each(["agents:\n", "agents: {}\n"])("is not meant by %j", (text) => {
    expect(readConfig(text)).toMatchObject({ oldFormat: false, default: "opus" });
  });
});

describe("an invalid config names place, expectation and finding", () => {
  it.each([
    [
      "default: sonet",
      "line 1, column 10",
      "expected a name under `models` or `aliases`",
      "`sonet`; did you mean `sonnet`?",
    ],
    ["modles:\n  a: 1", "line 1, column 1", "`modles` is not a key that is known here", "did you mean `models`?"],
    ["signoff: true\nmodels:\n  opus: { backend: claud }", "line 3, column 20", "a name under `backends`", "`claud`"],
    ["models:\n  opus: claude", "line 2, column 9", "a mapping for `models.opus`", "found `claude`"],
    ["models:\n  opus:", "line 2", "a mapping for `models.opus`", "found nothing"],
    ["models:\n  opus:\n    bakend: claude", "line 3, column 5", "`bakend` is not a key", "`backend`"],
    ["answer_timeout: 10 minutes", "line 1, column 17", 'a time such as "10m"', "found `10 minutes`"],
    ["answer_timeout: 0m", "line 1, column 17", 'a time such as "10m"', "found `0m`"],
    ["timeout: 30d", "line 1, column 10", "up to 7 days", "found `30d`"],
    ["pull_request: draf", "line 1, column 15", "one of draft, ready, none", "found `draf`"],
    ["signoff: yes", "line 1, column 10", "true or false", "found `yes`"],
    ["keep: 0", "line 1, column 7", "a number above 0", "found `0`"],
    ["default: 4", "line 1, column 10", "text for `default`", "found `4`"],
    ["env: [A, b-c]", "line 1, column 10", "the name of an environment variable", "found `b-c`"],
    ["env: [A, GITHUB_TOKEN]", "line 1, column 10", "not the job's own", "found `GITHUB_TOKEN`"],
    ["env: [ACTIONS_RUNTIME_TOKEN]", "line 1, column 7", "not the job's own", "found `ACTIONS_RUNTIME_TOKEN`"],
    ["- a", "line 1, column 1", "a mapping", "found a list"],
    ["budget_usd: 0", "line 1, column 13", "a number above 0 for `budget_usd`", "found `0`"],
    ["commanders: everybody", "line 1, column 13", "write, maintain, admin, or a list of logins", "`everybody`"],
    ["commanders: []", "line 1, column 13", "a list of logins for `commanders`", "found a list"],
    ["commanders: ['a b']", "line 1, column 14", "the login of a person", "found `a b`"],
    ['bots: ["*"]', "line 1, column 8", "a bot's exact login", "found `*`"],
    ['bots: ["renovate*[bot]"]', "line 1, column 8", "(no `*`)", "found `renovate*[bot]`"],
    ["bots: [renovate]", "line 1, column 8", "such as `renovate[bot]`", "found `renovate`"],
    ["forks: allow", "line 1, column 8", "one of refuse, read-only", "found `allow`"],
    ["agents:\n  a: { command: x }\nmodels: {}", "line 1, column 1", "`agents` is the old format", "`backends`"],
    ["default: b\nagents:\n  a: { command: x }", "line 1, column 10", "a name under `agents`", "found `b`"],
    ["agents:\n  a: { command: x }\n  A: { command: y }", "line 3, column 3", "a name of its own", "`A`"],
    ["agents:\n  a: agent -p", "line 2, column 6", "a mapping for `agents.a`", "found `agent -p`"],
    ["backends:\n  x: { command: '' }", "line 2, column 17", "a command", "found empty text"],
    ["aliases:\n  r: { model: constructor }", "line 2, column 15", "a name under `models`", "`constructor`"],
    ["aliases:\n  r: { model: opus }\n  s: { model: r }", "line 3, column 15", "a name under `models`", "`r`"],
    ["aliases:\n  Opus: { model: opus }", "line 2, column 3", "a name of its own", "`Opus` a second time"],
    ["signoff: true\nsignoff: false", "line 2, column 1", "not valid YAML", "unique"],
    ["a: [1", "line 1", "not valid YAML", "]"],
    ["keep: 1\n---\nkeep: 2", "line", "not valid YAML", "multiple documents"],
  ])("%j", (text, ...parts) => {
    const problem = problemOf(text);
    expect(problem.code).toBe("config-invalid");
    expect(problem.nextStep).toMatch(/^Correct it on the default branch/);
    for (const part of ["`.github/dispatch.yml`", ...parts]) expect(problem.message).toContain(part);
  });

  it("names several faults at once, one sentence each", () => {
    const { message } = problemOf("signoff: maybe\nkeep: soon\n");
    expect(message).toMatch(/line 1, column 10: .*`maybe`\. `\.github\/dispatch\.yml`, line 2, column 7: .*`soon`\.$/);
  });

  it.each(["-x", "a b", "x;y", "$(x)", "../up", "a\tb", "x`y"])(
    "refuses %j as a model, an alias and a backend",
    (name) => {
      const key = JSON.stringify(name);
      for (const text of [
        `models:\n  ${key}: { backend: claude }`,
        `aliases:\n  ${key}: { model: opus }`,
        `backends:\n  ${key}: { command: x }`,
        `models:\n  opus: { backend: ${key} }`,
      ]) {
        expect(problemOf(text).message).toContain("expected a name of letters");
      }
    },
  );

  it("is not blown up by YAML aliases", () => {
    const rows = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let i = 0; i < 8; i += 1)
      rows.push(
        `b${i}: &b${i} [${Array(9)
          .fill(i === 0 ? "*a" : `*b${i - 1}`)
          .join(",")}]`,
      );
    expect(problemOf(rows.join("\n")).message).toContain("YAML aliases");
  });

  it.each([
    ["deep", "[".repeat(20_000), "it is nested too deeply"],
    ["long", "k: 1\n".repeat(20_000), "expected a file of at most 64000 characters, found 100000"],
    ["with an alias that stands for nothing", "keep: 1\ndefault: *opus", "line 2, column 10: expected plain YAML"],
  ])("is one sentence for a file that is %s", (_, text, sentence) => {
    const { message } = problemOf(text);
    expect(message).toContain(sentence);
    expect(message.length).toBeLessThan(200);
  });

  it("is found quickly among thousands of wrong keys", () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join("\n");
    const started = performance.now();
    expect(problemOf(text).message).toContain("`k0` is not a key that is known here");
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each(["__proto__: { x: 1 }", "models: { opus: { backend: claude, __proto__: 1 } }", "default: __proto__"])(
    "is what %s is, and nothing else",
    (text) => {
      expect(problemOf(text).message).toContain("`__proto__`");
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it("is a config or a Problem, whatever the text", () => {
    const key = fc.constantFrom(
      "default",
      "models",
      "aliases",
      "backends",
      "opus",
      "keep",
      "env",
      "__proto__",
      "timeout",
    );
    const value = fc.constantFrom(
      "opus",
      "{}",
      "[]",
      "1",
      "~",
      "&a",
      "*a",
      "'",
      '"',
      "| ",
      "!!set",
      "{ backend: claude }",
    );
    const row = fc.tuple(fc.nat(3), key, value).map(([indent, name, text]) => `${"  ".repeat(indent)}${name}: ${text}`);
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(row).map((rows) => rows.join("\n")),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        try {
          const { default: name, models, aliases } = readConfig(yaml);
          expect(Object.keys({ ...models, ...aliases })).toContain(name);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 500 },
    );
  });
});

it("describes every key for editors", () => {
  const { properties } = z.toJSONSchema(ConfigFile, { io: "input" });
  for (const [key, schema] of Object.entries(properties ?? {})) {
    expect(schema, key).toMatchObject({ description: expect.stringMatching(/\.$/) });
  }
});
