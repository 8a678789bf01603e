import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentModels } from "../../src/adapters/agent-models.ts";
import { setupProbe } from "../../src/adapters/setup-probe.ts";
import { readSetup, renderSetup } from "../../src/core/setup.ts";
import { api, NOW, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "probe-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function path(...clis: readonly string[]): string {
  return [...clis.map((name) => join(import.meta.dirname, "../fixtures/clis", name)), "/usr/bin", "/bin"].join(
    delimiter,
  );
}

const WORKFLOW = `# dispatch-workflow: 1
on: { issue_comment: {}, workflow_dispatch: {} }
jobs:
  work:
    permissions: { contents: write, issues: write, pull-requests: write }
    steps:
      - uses: dispatch-dev/dispatch@v1
        with: { task: x }
        env: { OPENAI_API_KEY: x }
`;
const CONFIG =
  "backends: { mine: { command: my-agent run }, there: { command: sh -c x } }\nmodels: { m: { backend: mine } }\ndefault: m\n";

const file = (text: string) => ({ type: "file", encoding: "base64", content: Buffer.from(text).toString("base64") });
const content = (path: string, where = repo) => `${where}/contents/${encodeURIComponent(path)}`;

interface Seen {
  readonly workflow?: string;
  readonly config?: string;
  readonly organisation?: "config" | "empty" | "hidden";
  readonly issues?: number;
  readonly pulls?: number;
}

/** What GitHub shows of the repository. */
function github({ workflow, config, organisation = "hidden", issues = 200, pulls = 200 }: Seen = {}): void {
  const show = (path: string, text: string | undefined, where = repo) =>
    api()
      .get(content(path, where))
      .reply(text === undefined ? 404 : 200, text === undefined ? {} : file(text));
  show(".github/workflows/dispatch.yml", workflow);
  show(".github/dispatch.yml", config);
  api()
    .get(`${repo}/issues?per_page=1`)
    .reply(issues, issues === 200 ? [] : { message: "Resource not accessible by integration" });
  api()
    .get(`${repo}/pulls?per_page=1`)
    .reply(pulls, pulls === 200 ? [] : { message: "Resource not accessible by integration" });
  if (config !== undefined) return;
  const shared = "/repos/octo-org/.github";
  show(".github/dispatch.yml", organisation === "config" ? CONFIG : undefined, shared);
  if (organisation !== "config")
    api()
      .get(shared)
      .reply(organisation === "hidden" ? 404 : 200, {});
}

function look(environment: Readonly<Record<string, string>>, startedBy: string | null = null) {
  return setupProbe({ access: testAccess(), environment: { HOME: home, ...environment }, startedBy }).look();
}

describe("the runner", () => {
  it("tells which CLIs it has, with which key, and what they offer", async () => {
    github({ config: CONFIG, workflow: WORKFLOW });
    mkdirSync(join(home, ".codex"));
    writeFileSync(join(home, ".codex/auth.json"), "{}");
    const keys = {
      ANTHROPIC_API_KEY: "sk-ant-0123456789",
      CURSOR_API_KEY: "crsr_0123456789abcdef",
      GITHUB_TOKEN: "ghs_x",
    };
    const setup = await look({ PATH: path("claude", "codex", "cursor"), ...keys });
    expect(setup.at).toBe(NOW);
    expect(setup.clis).toMatchObject([
      { kind: "claude", version: "2.1.330", access: { kind: "key", name: "ANTHROPIC_API_KEY" }, modelsUnknown: null },
      { kind: "codex", version: "0.169.0", access: { kind: "login" }, modelsUnknown: null },
      {
        kind: "cursor",
        version: "2026.11.04-a1b2c3d",
        access: { kind: "key", name: "CURSOR_API_KEY" },
        models: [
          { id: "auto", name: "Auto" },
          { id: "composer-1", name: "Composer 1" },
          { id: "gpt-5.3-codex", name: "GPT-5.3 Codex" },
          { id: "grok-4", name: "Grok 4" },
        ],
        modelsUnknown: null,
      },
    ]);
    expect(setup.programs).toEqual([
      { name: "my-agent", found: false },
      { name: "sh", found: true },
    ]);
    const text = renderSetup(setup);
    expect(readSetup(text)).toEqual(setup);
    for (const secret of Object.values(keys)) expect(text).not.toContain(secret);
  });

  it("may have nothing", async () => {
    github();
    expect(await look({ PATH: "/nowhere" })).toMatchObject({ clis: [], userNamespaces: "unknown", isolation: "none" });
  });

  it("does not ask Cursor for its models without a key", async () => {
    github();
    const { clis } = await look({ PATH: path("cursor") });
    expect(clis).toMatchObject([{ kind: "cursor", access: { kind: "none" }, models: [], modelsUnknown: null }]);
  });

  it.each([
    ["rubbish", "It printed something else: "],
    ["failing", "It ended with code 3: Error: the key *** was refused @octocat"],
  ])("stays sober about an agent that is %s", async (cli, words) => {
    github();
    const { clis } = await look({ PATH: path(cli), CURSOR_API_KEY: "crsr_0123456789abcdef" });
    expect(clis).toMatchObject([{ kind: "cursor", version: null, models: [] }]);
    expect(clis[0]?.modelsUnknown).toContain(words);
  });
});

it("does not wait for an agent that hangs", async () => {
  const before = performance.now();
  const environment = { HOME: home, PATH: path("hanging"), CURSOR_API_KEY: "crsr_0123456789abcdef" };
  expect(await agentModels("agent", environment, { timeoutMs: 1_000 })).toEqual({
    models: [],
    unknown: "It gave no answer within 1 s.",
  });
  expect(performance.now() - before).toBeLessThan(5_000);
});

describe("the repository", () => {
  it("tells what its workflow says", async () => {
    github({ workflow: WORKFLOW, config: CONFIG });
    expect(await look({ PATH: "/nowhere" })).toMatchObject({
      workflow: { kind: "read", version: 1, hosting: "action", handsOver: ["OPENAI_API_KEY"] },
      permissions: { contents: "write", issues: "write", "pull-requests": "write" },
      config: { from: "repository", organisation: "not-needed" },
    });
  });

  it("tells what GitHub refuses to show", async () => {
    github({ workflow: WORKFLOW, config: CONFIG, issues: 403, pulls: 403 });
    const { permissions } = await look({ PATH: "/nowhere" });
    expect(permissions).toEqual({ contents: "write", issues: "none", "pull-requests": "none" });
  });

  it("does not take a repository without issues for one that hides them", async () => {
    github({ workflow: WORKFLOW, config: CONFIG, issues: 410 });
    expect((await look({ PATH: "/nowhere" })).permissions.issues).toBe("write");
  });

  it("may have no workflow", async () => {
    github({ config: CONFIG });
    expect(await look({ PATH: "/nowhere" })).toMatchObject({
      workflow: { kind: "missing" },
      permissions: { contents: "unknown", issues: "unknown", "pull-requests": "unknown" },
    });
  });

  it.each([
    ["config", { from: "organisation", organisation: "found" }, ["my-agent", "sh"]],
    ["empty", { from: "none", organisation: "none" }, []],
    ["hidden", { from: "none", organisation: "unseen" }, []],
  ] as const)("without a config looks at the organisation's: %s", async (organisation, config, programs) => {
    github({ organisation });
    const setup = await look({ PATH: "/bin" });
    expect(setup.config).toEqual(config);
    expect(setup.programs.map(({ name }) => name)).toEqual(programs);
  });

  it("leaves a broken config to the report", async () => {
    github({ config: "default: [" });
    expect(await look({ PATH: "/nowhere" })).toMatchObject({ programs: [], config: { from: "repository" } });
  });
});

it.each([
  ["dispatch-server[bot]", "dispatch-server[bot]"],
  ["github-actions[bot]", null],
  [null, null],
])("remembers the App that has started the run: %s", async (startedBy, remembered) => {
  github();
  expect((await look({ PATH: "/nowhere" }, startedBy)).startedBy).toBe(remembered);
});
