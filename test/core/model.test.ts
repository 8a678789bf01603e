import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/core/config.ts";
import { resolveWorker, splitDirective, wantsWorktree } from "../../src/core/model.ts";
import { Problem } from "../../src/core/problem.ts";

const CONFIG = readConfig(`
default: opus
backends:
  claude: { command: claude -p }
  cursor: { command: agent -p }
  codex: { command: codex exec }
  mine: { command: ./agent.sh }
models:
  opus: { backend: claude }
  sonnet: { backend: claude }
  sonnet-4.6: { backend: cursor }
  gpt-5.3: { backend: cursor }
  gpt-5.3-codex: { backend: codex }
  composer-1: { backend: cursor }
  haiku-local: { backend: mine }
aliases:
  security-reviewer: { model: opus, prompt: You review. }
  quick: { model: sonnet }
  reviewer: { model: gpt-5.3 }
`);

const named = (request: string, config = CONFIG) => {
  const { worker, named: isNamed } = resolveWorker(request, config);
  return isNamed ? worker.name : null;
};

describe("resolveWorker finds who is named", () => {
  it.each([
    // anywhere, for names that cannot be other words
    ["use opus to fix the login", "opus"],
    ["opus: fix the login", "opus"],
    ["fix the login, opus please", "opus"],
    ["OPUS should fix the login", "opus"],
    ["let gpt-5.3 do it", "gpt-5.3"],
    ["I think gpt-5.3 is right for this", "gpt-5.3"],
    ["security-reviewer, look at auth", "security-reviewer"],
    ["Composer-1 may do it.", "composer-1"],
    ["fix it (sonnet)", "sonnet"],
    // in scripts that write no spaces between words
    ["用opus修复登录", "opus"],
    ["请用 sonnet 修复登录。", "sonnet"],
    ["opusではなくsonnetで直して", "sonnet"],
    ["opus로 고쳐줘", "opus"],
    ["🚀opus🚀 fix it", "opus"],
    ["исправь вход, sonnet", "sonnet"],
    // the longest name wins
    ["use gpt-5.3-codex to fix it", "gpt-5.3-codex"],
    ["use sonnet-4.6 to fix it", "sonnet-4.6"],
    // the last mention wins
    ["have opus review and sonnet test", "sonnet"],
    ["use sonnet, no, opus", "opus"],
    ["use gpt-4o to plan and opus to build", "opus"],
    ["use opus to plan and use gpt-4o to build", "gpt-4o"],
    // words that are names only where a name is expected
    ["use quick to fix it", "quick"],
    ["fix it using quick", "quick"],
    ["fix it with Quick", "quick"],
    ["fix it via quick", "quick"],
    ["have reviewer look at it", "reviewer"],
    ["ask the reviewer to look at it", "reviewer"],
    ["let the reviewer decide", "reviewer"],
    ["dispatch reviewer on this", "reviewer"],
    ["run this on quick", "quick"],
    ["to be done by reviewer", "reviewer"],
    ["fix it --model quick", "quick"],
    ["fix it --model=quick", "quick"],
    ["use model quick for it", "quick"],
    ["reviewer to check the payment flow", "reviewer"],
    ["Review the payment flow. quick", "quick"],
    ["Review the payment flow.\nquick\nThanks", "quick"],
    ["a quick fix", null],
    ["the reviewer said that this is wrong", null],
    ["quick fix for the login", null],
    ["add a reviewer field", null],
    ["misuse quick sort", null],
    ["because quick is nice", null],
    ["have a quick look at the login", null],
    ["make it quick, and be quick about it", null],
    // not whole words
    ["fix opusculum and libopus", null],
    ["fix src/opus.ts and opus/readme", null],
    ["ask mona@opus.example", null],
    ["rename gpt-5.3.1 and opus-mt", null],
    ["close #opus and @sonnet", null],
    ["rename étéopus and opusé", null],
    ["a pre-opus and an opus_2 time", null],
    // not meant for us
    ["explain `opus` to me", null],
    ["explain ``use `opus` `` to me", null],
    ["```\nuse opus\n```\nexplain", null],
    ["> use opus\n\nreply to this", null],
    ["<!-- use opus -->fix it", null],
    ["read https://example.com/opus?use sonnet", "sonnet"],
    ["read https://example.com/opus", null],
    ['rename "sonnet" to "poem"', null],
    ["rename “use sonnet” to “poem”", null],
    ["call it 'opus'", null],
    ['use "sonnet" to write it', "sonnet"],
    ["don't touch sonnet, it's fine", "sonnet"],
    // refused
    ["use opus, not sonnet", "opus"],
    ["use opus instead of sonnet", "opus"],
    ["don't use sonnet", null],
    ["anything rather than sonnet", null],
    // nothing
    ["fix the login", null],
    ["", null],
  ])("%j: %s", (request, name) => {
    expect(named(request)).toBe(name);
  });

  it("takes the default, and says so", () => {
    expect(resolveWorker("fix the login", CONFIG)).toEqual({
      named: false,
      worker: { name: "opus", model: "opus", backend: "claude", kind: "claude", command: "claude -p", role: null },
    });
  });

  it("resolves an alias to its model and role", () => {
    expect(resolveWorker("use Security-Reviewer to look", CONFIG)).toEqual({
      named: true,
      worker: {
        name: "security-reviewer",
        model: "opus",
        backend: "claude",
        kind: "claude",
        command: "claude -p",
        role: "You review.",
      },
    });
  });
});

describe("resolveWorker chooses the backend", () => {
  it.each([
    ["use sonnet-4.6", "claude", "sonnet-4.6"],
    ["use gpt-5.3", "codex", "gpt-5.3"],
    ["use reviewer", "codex", "gpt-5.3"],
    ["use composer-1", "cursor", "composer-1"],
    ["use haiku-local", "mine", "haiku-local"],
  ])("%s: %s", (request, backend, model) => {
    expect(resolveWorker(request, CONFIG).worker).toMatchObject({ backend, model });
  });

  it("keeps the configured backend where the maker's own is not configured", () => {
    const config = readConfig(
      "default: opus-4.6\nbackends:\n  cursor: { command: agent -p }\nmodels:\n  opus-4.6: { backend: cursor }\n  gpt-5.3: { backend: cursor }\n",
    );
    for (const request of ["use opus-4.6", "use gpt-5.3"]) {
      expect(resolveWorker(request, config).worker).toMatchObject({ backend: "cursor", command: "agent -p" });
    }
  });
});

describe("a model that is called like its backend", () => {
  const config = readConfig(
    "backends: { mine: { command: ./agent.sh } }\nmodels: { claude: { backend: claude }, mine: { backend: mine } }\naliases: { quick: { model: claude, prompt: Be quick. } }",
  );

  it.each([
    ["use mine to fix it", { name: "mine", model: null, backend: "mine", kind: "generic" }],
    ["use quick to fix it", { name: "quick", model: null, backend: "claude", kind: "claude", role: "Be quick." }],
    ["fix it", { name: "claude", model: null, backend: "claude" }],
  ])("is whichever one the CLI takes by itself: %j", (request, worker) => {
    expect(resolveWorker(request, config).worker).toMatchObject(worker);
  });
});

describe("an agent of the old format", () => {
  const config = readConfig(`
default: thorough
agents:
  quick: { command: 'agent -p --model composer-1.5' }
  thorough: { command: claude -p }
  mine: { command: ./agent.sh }
`);

  it.each([
    ["use quick to fix it", "quick", "cursor", "agent -p --model composer-1.5"],
    ["use mine to fix it", "mine", "generic", "./agent.sh"],
    ["fix it", "thorough", "claude", "claude -p"],
  ])("is run by its own command as it stands: %j", (request, name, kind, command) => {
    expect(resolveWorker(request, config).worker).toEqual({
      name,
      model: null,
      backend: name,
      kind,
      command,
      role: null,
    });
  });

  it("does not keep known models away", () => {
    expect(resolveWorker("use opus to fix it", config).worker).toMatchObject({ model: "opus", kind: "claude" });
  });
});

describe("models that the config does not list", () => {
  const BUILT_IN = readConfig(null);

  it.each([
    ["use opus-4.6-thinking to fix it", "opus-4.6-thinking", "claude"],
    ["fix it with claude-opus-4-5", "claude-opus-4-5", "claude"],
    ["have GPT-5.3-codex fix it", "gpt-5.3-codex", "codex"],
    ["via o3 please", "o3", "codex"],
    ["on o4-mini", "o4-mini", "codex"],
    ["Fix the flow. gpt-4o", "gpt-4o", "codex"],
    ["use gpt-5.3.", "gpt-5.3", "codex"],
  ])("%j: %s on %s", (request, model, backend) => {
    expect(resolveWorker(request, BUILT_IN)).toMatchObject({
      named: true,
      worker: { name: model, model, backend, kind: backend },
    });
  });

  it.each([
    ["use codex to fix it", "codex"],
    ["have codex fix it", "codex"],
    ["use claude to fix it", "claude"],
    ["ask claude, please", "claude"],
    ["have gpt fix it", "codex"],
  ])("%j: the CLI's own default model", (request, backend) => {
    expect(resolveWorker(request, BUILT_IN)).toMatchObject({ named: true, worker: { model: null, backend } });
  });

  it.each([
    "integrate with claude",
    "use claude tokens in the tests",
    "upgrade opus-4.6 docs",
    "the gpt-4o page is broken",
    "use postgres to store it",
    "have users log in",
    "write it on o3x",
    "use utf-8",
    "use gpt-powered search",
    "use constructor to build it",
    "use grok to parse it",
  ])("%j names none", (request) => {
    expect(named(request, BUILT_IN)).toBeNull();
  });

  it("sends OpenAI's to cursor where only that is configured", () => {
    const config = readConfig("models:\n  composer-1: { backend: cursor }\n");
    expect(resolveWorker("use gpt-5.3", config).worker).toMatchObject({ backend: "cursor", model: "gpt-5.3" });
    expect(resolveWorker("use grok-4 to fix it", config).worker).toMatchObject({ backend: "cursor", model: "grok-4" });
  });

  it.each(["use grok-4 to fix it", "fix it --model nonsense", "use opus --model nope"])(
    "refuses %j, and says what there is",
    (request) => {
      let problem: unknown;
      try {
        resolveWorker(request, BUILT_IN);
      } catch (error) {
        problem = error;
      }
      expect(problem).toBeInstanceOf(Problem);
      expect(problem).toMatchObject({
        code: "unknown-model",
        message: expect.stringMatching(/^Model `\S+` isn't available\.$/),
        nextStep: "Use one of: opus, sonnet, haiku.",
      });
    },
  );

  it.each(["--help", "-x", "$(id)", "a b; c"])("never makes a model of --model %s", (model) => {
    try {
      const { worker } = resolveWorker(
        `fix --model ${model}`,
        readConfig("models:\n  composer-1: { backend: cursor }\n"),
      );
      expect(worker.model).toMatch(/^[A-Za-z0-9][\w.:/@+-]*$/);
    } catch (error) {
      expect(error).toBeInstanceOf(Problem);
    }
  });
});

it("reads any text, quickly", () => {
  const word = fc.constantFrom(
    "use",
    "with",
    "opus",
    "quick",
    "gpt-5.3",
    "o3",
    "`",
    '"',
    "'",
    "\n",
    ".",
    "https://x.y/",
    "--model",
    "> ",
    "not",
    "é",
    "constructor",
    "__proto__",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(word).map((words) => words.join(" ")),
  );
  fc.assert(
    fc.property(text, (request) => {
      try {
        expect(resolveWorker(request, CONFIG).worker.command).not.toBe("");
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
      expect(splitDirective(request).length).toBeLessThanOrEqual(request.length);
      wantsWorktree(request);
    }),
    { numRuns: 500 },
  );
  const started = performance.now();
  for (const unit of [
    "use ",
    " ",
    "`",
    '"',
    "'a",
    "opus ",
    "with the ",
    "https://",
    ", worktree",
    "in a ",
    "\n",
    "--model ",
    "opus-",
  ]) {
    const long = unit.repeat(65_000 / unit.length);
    resolveWorker(`${long} use opus`, CONFIG);
    splitDirective(long);
    wantsWorktree(long);
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe("splitDirective", () => {
  it.each([
    ["use opus to fix the login", "fix the login"],
    ["please use opus to fix the login", "fix the login"],
    ["use opus fix the login", "fix the login"],
    ["Using gpt-5.3-codex, fix the login", "fix the login"],
    ["have sonnet review this", "review this"],
    ["sonnet: review this", "review this"],
    ["use security-reviewer to check auth", "check auth"],
    ["use sonnet in a worktree to fix it", "fix it"],
    ["use opus to:\n- fix a\n- fix b", "- fix a\n- fix b"],
    ["fix it with opus in a worktree", "fix it"],
    ["--model opus fix it", "fix it"],
    ["fix the login using opus", "fix the login"],
    ["fix the login with sonnet, please.", "fix the login"],
    ["Fix the login. sonnet", "Fix the login"],
    ["fix the login in a worktree", "fix the login"],
    ["fix the login\n\n--model opus", "fix the login"],
    ["fix the login with codex\n\nDetails", "fix the login\n\nDetails"],
    // about something else
    ["use postgres to store sessions", "use postgres to store sessions"],
    ["let users upload files", "let users upload files"],
    ["have tests pass on Windows", "have tests pass on Windows"],
    ["integrate with claude", "integrate with claude"],
    ["use cursor position to draw", "use cursor position to draw"],
    ["write a haiku", "write a haiku"],
    // nothing else is said
    ["use opus", "use opus"],
    ["  ", ""],
  ])("%j: %j", (request, rest) => {
    expect(splitDirective(request)).toBe(rest);
  });
});

describe("wantsWorktree", () => {
  it.each([
    ["fix the login in a worktree", true],
    ["use a worktree to fix it", true],
    ["use opus in its own worktree", true],
    ["fix it in an isolated git worktree", true],
    ["worktree: fix it", true],
    ["fix it, worktree", true],
    ["fix it (worktree)", true],
    ["fix the login bug worktree", true],
    ["Fix the login. Worktree.", true],
    ["fix it --worktree", true],
    ["fix the worktree bug", false],
    ["add git worktree support", false],
    ["fix the crash in worktree handling", false],
    ["in a worktree, fix it", true],
    ["remove the stale worktree", false],
    ["fix it without a worktree", false],
    ["don't use a worktree", false],
    ["explain `in a worktree`", false],
    ["> in a worktree\n\nwhat is that?", false],
    ["fix the login", false],
  ])("%j: %s", (request, wanted) => {
    expect(wantsWorktree(request)).toBe(wanted);
  });
});
