import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { backendKind, keyNames, workerCommand } from "../../src/core/backend.ts";
import type { BackendKind, WorkerSpec } from "../../src/core/task.ts";

const CLAUDE = "claude -p --dangerously-skip-permissions";
const CODEX = 'codex exec --dangerously-bypass-approvals-and-sandbox -C "$(pwd)"';
const CURSOR = 'agent -p --force --workspace "$(pwd)"';

function spec(kind: BackendKind, command: string, model: string | null = "m-1"): WorkerSpec {
  return { name: "someone", model, backend: "b", kind, command, role: null };
}

describe("backendKind", () => {
  it.each<[string, { command: string; kind?: BackendKind }, BackendKind]>([
    ["mine", { command: "my-agent", kind: "codex" }, "codex"],
    ["claude", { command: "my-agent", kind: "generic" }, "generic"],
    ["claude", { command: "./wrapper.sh" }, "claude"],
    ["cursor", { command: "./wrapper.sh" }, "cursor"],
    ["codex", { command: "codex-nightly exec" }, "codex"],
    ["mine", { command: CLAUDE }, "claude"],
    ["mine", { command: "/opt/tools/codex exec" }, "codex"],
    ["mine", { command: CURSOR }, "cursor"],
    ["mine", { command: "FOO=1 BAR='a b' claude -p" }, "claude"],
    ["mine", { command: '"$HOME/bin/claude" -p' }, "claude"],
    ["mine", { command: "claude -p 2>&1" }, "claude"],
    ["mine", { command: "claude -p --append-system-prompt 'a; b | c && d'" }, "claude"],
    ["mine", { command: 'claude -p --settings "$(cat a | tr x y)"' }, "claude"],
    ["mine", { command: "npx claude" }, "generic"],
    ["agent", { command: "./my-agent" }, "generic"],
    ["mine", { command: "gemini --yolo" }, "generic"],
    ["claude", { command: "claude -p | tee log" }, "generic"],
    ["claude", { command: "cd src && claude -p", kind: "claude" }, "generic"],
    ["claude", { command: "claude -p; echo done" }, "generic"],
    ["claude", { command: "claude -p &" }, "generic"],
    ["claude", { command: "claude -p || true" }, "generic"],
    ["claude", { command: "(claude -p)" }, "generic"],
    ["claude", { command: "claude -p # comment" }, "generic"],
    ["claude", { command: "claude -p \\" }, "generic"],
    ["claude", { command: "cd src\nclaude -p" }, "generic"],
    ["claude", { command: "claude -p 'unclosed" }, "generic"],
    ["claude", { command: 'claude -p "unclosed $(pwd)' }, "generic"],
  ])("%s: %j is %s", (key, backend, kind) => {
    expect(backendKind(key, backend)).toBe(kind);
  });
});

describe("workerCommand", () => {
  it("gives Claude Code its stream, and the model by its variable", () => {
    expect(workerCommand(spec("claude", CLAUDE, "opus"), "Do it", null)).toEqual({
      kind: "claude",
      script: `${CLAUDE} "$@"`,
      args: ["--output-format", "stream-json", "--verbose"],
      stdin: "Do it",
      env: { ANTHROPIC_MODEL: "opus" },
    });
  });

  it.each([
    ["opus", "opus"],
    ["sonnet-4.6", "sonnet"],
    ["sonnet-4.5-thinking", "sonnet"],
    ["claude-haiku-4-5-20251001", "haiku"],
    ["Opus-4.6", "opus"],
    ["our-gateway-model", "our-gateway-model"],
  ])("hands %s over as %s", (model, family) => {
    expect(workerCommand(spec("claude", CLAUDE, model), "x", null).env).toEqual({ ANTHROPIC_MODEL: family });
  });

  it("gives Codex its stream, the model, and `-` for the prompt", () => {
    expect(workerCommand(spec("codex", CODEX, "gpt-5.3"), "Do it", null)).toEqual({
      kind: "codex",
      script: `${CODEX} "$@"`,
      args: ["--json", "--model", "gpt-5.3", "-"],
      stdin: "Do it",
      env: {},
    });
  });

  it("gives Cursor its stream, the model, and the prompt as one argument", () => {
    expect(workerCommand(spec("cursor", CURSOR, "grok-4"), "Do it", null)).toEqual({
      kind: "cursor",
      script: `${CURSOR} "$@"`,
      args: ["--output-format", "stream-json", "--model", "grok-4", "Do it"],
      stdin: null,
      env: {},
    });
  });

  it("adds nothing to a custom command, but says the model in its environment", () => {
    const command = 'gemini --yolo -m "$DISPATCH_MODEL"';
    expect(workerCommand(spec("generic", command, "gemini-2.5-pro"), "Do it", "session-1")).toEqual({
      kind: "generic",
      script: command,
      args: [],
      stdin: "Do it",
      env: { DISPATCH_MODEL: "gemini-2.5-pro" },
    });
  });

  it("adds nothing to a compound command, whatever kind was recorded", () => {
    expect(workerCommand(spec("claude", "claude -p | tee log"), "x", "s1")).toMatchObject({
      script: "claude -p | tee log",
      args: [],
    });
  });

  it.each<[BackendKind, string, readonly string[]]>([
    ["claude", CLAUDE, ["--output-format", "stream-json", "--verbose", "--resume", "s-1"]],
    ["codex", CODEX, ["--json", "--model", "m-1", "resume", "s-1", "-"]],
    ["cursor", CURSOR, ["--output-format", "stream-json", "--model", "m-1", "--resume=s-1", "x"]],
  ])("continues a session of %s", (kind, command, args) => {
    expect(workerCommand(spec(kind, command), "x", "s-1").args).toEqual(args);
  });

  it.each<[BackendKind, string, readonly string[]]>([
    ["claude", "claude", ["-p", "--output-format", "stream-json", "--verbose"]],
    ["claude", "claude --print --output-format=stream-json --verbose", []],
    ["claude", "claude -p --output-format stream-json", ["--verbose"]],
    ["claude", "claude -p --output-format text", []],
    ["codex", "codex exec --json -m gpt-6 -", []],
    ["codex", "codex exec -c model=gpt-6", ["--json", "-"]],
    ["cursor", "agent --print --output-format json --model=auto", ["x"]],
    ["cursor", "agent --append '--model y'", ["-p", "--output-format", "stream-json", "--model", "m-1", "x"]],
  ])("%s: %s gets only what it lacks", (kind, command, args) => {
    expect(workerCommand(spec(kind, command), "x", null).args).toEqual(args);
  });

  it("leaves the model to a claude command that names one", () => {
    expect(workerCommand(spec("claude", "claude -p --model opus", "sonnet"), "x", null).env).toEqual({});
  });

  it("names no model where there is none", () => {
    for (const [kind, command] of [
      ["claude", CLAUDE],
      ["codex", CODEX],
      ["cursor", CURSOR],
      ["generic", "x"],
    ] as const) {
      const { args, env } = workerCommand(spec(kind, command, null), "x", null);
      expect([...args, ...Object.keys(env)].join(" ")).not.toMatch(/model/i);
    }
  });

  it.each(["--help", "a b", "x;y", "", "../up"])("does not resume %j, which is no session", (resume) => {
    for (const [kind, command] of [
      ["claude", CLAUDE],
      ["codex", CODEX],
      ["cursor", CURSOR],
    ] as const) {
      expect(workerCommand(spec(kind, command), "x", resume)).toEqual(workerCommand(spec(kind, command), "x", null));
    }
  });

  it("never lets a prompt pass for an option", () => {
    expect(workerCommand(spec("cursor", CURSOR), "--version", null).args.at(-1)).toBe("\n--version");
  });
});

describe("really run by bash", () => {
  const place = mkdtempSync(join(tmpdir(), "dispatch-backend-"));
  const bin = join(import.meta.dirname, "../fixtures/bin");
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  function run(kind: BackendKind, command: string, prompt: string, resume: string | null = null) {
    return runSpec(spec(kind, command), prompt, resume);
  }

  function runSpec(worker: WorkerSpec, prompt: string, resume: string | null = null) {
    const { script, args, stdin, env } = workerCommand(worker, prompt, resume);
    const PATH = `${bin}:${process.env.PATH}`;
    const out = execFileSync("bash", ["--norc", "-c", script, "bash", ...args], {
      cwd: place,
      env: { PATH, ...env },
      input: stdin ?? "",
      encoding: "utf8",
    });
    return JSON.parse(out);
  }

  const HOSTILE = `"; touch pwned; $(touch pwned) \`touch pwned\` ' && touch pwned | touch pwned > pwned\n-- --version $HOME \\`;

  it.each<[BackendKind, string]>([
    ["claude", "echo-cli -p"],
    ["codex", "echo-cli exec"],
    ["generic", "echo-cli"],
    ["generic", "cat | echo-cli && true"],
  ])("%s (%s) reads the prompt, letter for letter, from standard input", (kind, command) => {
    expect(run(kind, command, HOSTILE).stdin).toBe(HOSTILE);
    expect(readdirSync(place)).toEqual([]);
  });

  it("cursor gets the prompt, letter for letter, as its last argument", () => {
    expect(run("cursor", "echo-cli -p", HOSTILE)).toMatchObject({
      argv: ["-p", "--output-format", "stream-json", "--model", "m-1", HOSTILE],
      stdin: "",
    });
    expect(existsSync(join(place, "pwned"))).toBe(false);
  });

  it("expands what the template itself says", () => {
    const { argv, cwd } = run("codex", 'FOO="a b" echo-cli exec -C "$(pwd)" "${UNSET:-x y}"', "x", "s-1");
    expect(argv).toEqual(["exec", "-C", cwd, "x y", "--json", "--model", "m-1", "resume", "s-1", "-"]);
  });

  it.each(["$(touch pwned)", "x; touch pwned", '"`touch pwned`"'])("hands the model %s over as it stands", (model) => {
    const pwn = (kind: BackendKind, command: string) => runSpec(spec(kind, command, model), "x");
    expect(pwn("codex", "echo-cli exec").argv).toEqual(["exec", "--json", "--model", model, "-"]);
    expect(pwn("cursor", "echo-cli -p").argv.at(-2)).toBe(model);
    expect(pwn("claude", "echo-cli -p").env.ANTHROPIC_MODEL).toBe(model);
    expect(pwn("generic", "echo-cli").env.DISPATCH_MODEL).toBe(model);
    expect(readdirSync(place)).toEqual([]);
  });

  it("hands the model over by environment", () => {
    expect(run("claude", "echo-cli -p", "x").env).toEqual({ ANTHROPIC_MODEL: "m-1", DISPATCH_MODEL: null });
    expect(run("generic", 'echo-cli "$DISPATCH_MODEL"', "x").argv).toEqual(["m-1"]);
  });

  it("keeps any prompt out of the script", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1 }),
        fc.constantFrom<BackendKind>("claude", "codex", "cursor", "generic"),
        (prompt, kind) => {
          expect(workerCommand(spec(kind, "cli --flag"), prompt, null).script).toMatch(/^cli --flag(?: "\$@")?$/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it("names the variables that hold each kind's key", () => {
  expect(keyNames("claude")).toContainEqual(["ANTHROPIC_API_KEY"]);
  expect(keyNames("codex")).toContainEqual(["OPENAI_API_KEY"]);
  expect(keyNames("cursor")).toEqual([["CURSOR_API_KEY"]]);
  expect(keyNames("generic")).toEqual([]);
});
