import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Config, readConfig } from "../../src/core/config.ts";
import { renderDoctorReport } from "../../src/core/doctor-report.ts";
import { Problem } from "../../src/core/problem.ts";
import { workerText } from "../../src/core/safe-text.ts";
import type { Setup } from "../../src/core/setup.ts";
import { renderSetupSummary } from "../../src/core/setup-summary.ts";
import { readWorkflow } from "../../src/core/setup-workflow.ts";
import { CLAUDE, CODEX, CURSOR, sampleSetup, without } from "./sample-setup.ts";

const fixture = (name: string) => join(import.meta.dirname, "../fixtures/doctor", name);
const claudeOnly = readConfig(null);
const busy = readConfig(`
default: opus
backends:
  claude: { command: claude -p --dangerously-skip-permissions }
  cursor: { command: agent -p --force }
  codex: { command: codex exec --full-auto }
  own: { command: my-agent --yes }
  piped: { command: claude -p | tee log }
models:
  opus: { backend: claude }
  gpt-5.3-codex: { backend: codex }
  grok-4: { backend: cursor }
  grok-9: { backend: cursor }
  mine: { backend: own }
  loud: { backend: piped }
`);

const READ = sampleSetup([]).workflow;
if (READ.kind !== "read") throw new Error("The sample's workflow can be read.");

describe("the whole report", () => {
  it.each<[string, Setup, Config | Problem]>([
    ["all-well.md", sampleSetup([CLAUDE], { isolation: "user" }), claudeOnly],
    [
      "much-to-fix.md",
      sampleSetup([CLAUDE, without(CODEX), CURSOR], {
        programs: [{ name: "my-agent", found: false }],
        workflow: { ...READ, version: null, startsRuns: "read" },
        permissions: { contents: "write", issues: "none", "pull-requests": "read" },
        config: { from: "organisation", organisation: "found" },
        startedBy: "dispatch-server[bot]",
        recordRefused: "GitHub refused to write the branch `dispatch/setup`: Repository rule violations found.",
      }),
      busy,
    ],
    [
      "nothing-there.md",
      sampleSetup([], {
        workflow: { kind: "missing" },
        permissions: { contents: "write", issues: "unknown", "pull-requests": "unknown" },
        config: { from: "none", organisation: "unseen" },
      }),
      new Problem("config-invalid", "`.github/dispatch.yml`, line 2, column 1: expected a map.", "Correct it."),
    ],
  ])("%s", async (name, setup, config) => {
    const report = renderDoctorReport(setup, config);
    await expect(report).toMatchFileSnapshot(fixture(name));
    // It is shown as the task's result: nothing of it may be lost on the way.
    expect(workerText(report)).toBe(report.trimEnd());
  });
});

describe("the command of a backend", () => {
  const withCodex = (command: string) =>
    readConfig(JSON.stringify({ backends: { codex: { command } }, models: { gpt: { backend: "codex" } } }));
  const of = (command: string, more: Partial<Setup> = {}) =>
    renderDoctorReport(sampleSetup([CODEX], { isolation: "user", ...more }), withCodex(command));

  it.each([
    ["codex exec --dangerously-bypass-approvals-and-sandbox"],
    ["codex exec -s danger-full-access"],
    ['codex exec -c sandbox_mode="danger-full-access"'],
    ["codex exec --profile mine"],
  ])("%s is fine", (command) => {
    expect(of(command)).toContain("**Everything is set up.**");
    expect(of(command)).not.toContain("Command of");
  });

  it.each([
    ["codex exec", {}, "❌", "read only"],
    ["codex exec --full-auto -C .", {}, "❌", "--full-auto"],
    ["codex exec --sandbox=workspace-write", {}, "❌", "refuses user namespaces"],
    ["codex exec -s workspace-write", { userNamespaces: "allowed" }, "⚠️", "no network"],
    ["codex exec -s workspace-write", { userNamespaces: "unknown" }, "⚠️", "could not be tried"],
    ["codex exec --full-auto | tee log", {}, "❌", "--full-auto"],
    ["codex exec --yolo | tee log", {}, "⚠️", "holds a pipe"],
  ] as const)("%s is told", (command, more, symbol, words) => {
    const row = of(command, more)
      .split("\n")
      .find((line) => line.includes(words));
    expect(row).toMatch(new RegExp(`^\\| ${symbol} \\| Command of \`codex\``));
  });
});

describe("the rest of the repository", () => {
  const of = (more: Partial<Setup>) =>
    renderDoctorReport(sampleSetup([CLAUDE], { isolation: "user", ...more }), claudeOnly);

  it.each<[string, Partial<Setup>, string]>([
    ["an unreadable workflow", { workflow: readWorkflow("on: [") }, "| ❌ | Workflow |"],
    ["a workflow that GitHub does not show", { workflow: { kind: "unseen" } }, "| ⚠️ | Workflow |"],
    ["an old workflow", { workflow: { ...READ, version: 0 } }, "| ⚠️ | Workflow | version 0 is outdated |"],
    ["both hostings", { startedBy: "other[bot]" }, "| ❌ | Hosting |"],
    [
      "a server's own workflow",
      { startedBy: "other[bot]", workflow: { ...READ, hosting: "server" } },
      "Everything is set up",
    ],
    [
      "a token that may only read",
      { permissions: { contents: "read", issues: "write", "pull-requests": "write" } },
      "may not write contents",
    ],
    ["workers that are not isolated", { isolation: "none" }, "| ⚠️ | Isolation |"],
    ["a CLI that is not used", { clis: [CLAUDE, CODEX] }, "| ✅ | Codex | works, and the config does not use it yet |"],
  ])("tells %s", (_, more, words) => {
    expect(of(more)).toContain(words);
  });

  it("counts what is to be fixed", () => {
    expect(of({}).split("\n")[0]).toBe("**Everything is set up.**");
    expect(of({ clis: [] }).split("\n")[0]).toBe("**1 thing to fix.**");
    expect(of({ clis: [], startedBy: "other[bot]" }).split("\n")[0]).toBe("**2 things to fix.**");
  });

  it("says that the secret is missing, not the line, where the workflow hands it over", () => {
    expect(of({ clis: [without(CLAUDE)] })).toContain("the workflow hands it over already");
    expect(of({ clis: [without(CLAUDE)], workflow: { ...READ, handsOver: [] } })).toContain(
      "and hand it to Dispatch's step",
    );
  });

  it("lets no text of others out of its cell", () => {
    const [row] = of({ recordRefused: "a | b <!-- dispatch:do --> @mona\n# c" })
      .split("\n")
      .filter((line) => line.includes("dispatch/setup"));
    expect(row).toMatch(/^\| ❌ \| Branch `dispatch\/setup` \| a \\\| b .* \|$/);
    expect(row).not.toMatch(/(?<!`)@mona|<!-- dispatch/);
  });

  it("says why Cursor lists nothing", () => {
    const cursor = readConfig("backends: { cursor: { command: agent -p } }\nmodels: { grok-4: { backend: cursor } }");
    const setup = sampleSetup([{ ...CURSOR, models: [], modelsUnknown: "It ended with code 1: @mona | refused" }]);
    expect(renderDoctorReport(setup, cursor)).toContain("`agent models` lists none: It ended with code 1: ");
  });
});

describe("the summary for a first run", () => {
  it.each([
    ["summary-some.md", sampleSetup([CLAUDE, without(CODEX), CURSOR])],
    ["summary-none.md", sampleSetup([], { workflow: { ...READ, handsOver: [] } })],
    ["summary-no-key.md", sampleSetup([without(CLAUDE)])],
  ])("%s", async (name, setup) => {
    await expect(`${renderSetupSummary(setup)}\n`).toMatchFileSnapshot(fixture(name));
  });
});
