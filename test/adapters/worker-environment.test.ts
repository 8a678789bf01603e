import { describe, expect, it } from "vitest";
import { workerEnvironment } from "../../src/adapters/worker-environment.ts";
import type { BackendKind } from "../../src/core/task.ts";

const REF = { thread: "1", id: "add-health-ab12" };

function environmentOf(
  environment: Readonly<Record<string, string>>,
  {
    named = [],
    command = {},
    isRoot = false,
    kind = "generic",
  }: { named?: string[]; command?: Record<string, string>; isRoot?: boolean; kind?: BackendKind } = {},
) {
  const place = { directory: "/home/runner/_work/hello", ref: REF, answerTimeout: 10, env: named };
  return workerEnvironment({ environment, helperDir: "/tmp/helper", command: { kind, env: command }, place, isRoot });
}

describe("a worker's environment", () => {
  it("says which task, where its folder is and how long a question may wait", () => {
    expect(environmentOf({ PATH: "/usr/bin" })).toMatchObject({
      PATH: "/tmp/helper:/usr/bin",
      DISPATCH_TASK: "add-health-ab12",
      DISPATCH_TASK_FOLDER: "/home/runner/_work/hello/.dispatch/tasks/add-health-ab12",
      DISPATCH_ANSWER_TIMEOUT: "600",
      BASH_DEFAULT_TIMEOUT_MS: "3600000",
      BASH_MAX_TIMEOUT_MS: "3600000",
    });
  });

  it.each([
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "CI",
    "https_proxy",
    "HTTPS_PROXY",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "JAVA_HOME",
    "JAVA_HOME_21_X64",
    "GOPATH",
    "GOROOT_1_24_X64",
    "ANDROID_HOME",
    "PLAYWRIGHT_BROWSERS_PATH",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "OPENAI_API_KEY",
    "CODEX_HOME",
    "CURSOR_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "COPILOT_PROVIDER_API_KEY",
    "OPENCODE_CONFIG_CONTENT",
  ])("holds %s", (name) => {
    expect(environmentOf({ [name]: "value" })[name]).toBe("value");
  });

  const KEYS = {
    ANTHROPIC_API_KEY: "claude",
    CLAUDE_CODE_OAUTH_TOKEN: "claude",
    OPENAI_API_KEY: "codex",
    CODEX_API_KEY: "codex",
    CURSOR_API_KEY: "cursor",
    GEMINI_API_KEY: "generic",
  } as const;

  it.each(["claude", "codex", "cursor"] as const)("holds the keys of %s alone where that works", (kind) => {
    const all = Object.fromEntries(Object.keys(KEYS).map((name) => [name, "secret"]));
    const given = Object.keys(environmentOf(all, { kind })).filter((name) => name in KEYS);
    expect(given).toEqual(Object.entries(KEYS).flatMap(([name, whose]) => (whose === kind ? [name] : [])));
    expect(environmentOf(all, { kind, named: ["GEMINI_API_KEY"] })).toHaveProperty("GEMINI_API_KEY");
  });

  it("holds a cloud's keys where Claude works there, and no other agent does", () => {
    const cloud = { CLAUDE_CODE_USE_BEDROCK: "1", AWS_SECRET_ACCESS_KEY: "secret" };
    expect(environmentOf(cloud, { kind: "claude" })).toHaveProperty("AWS_SECRET_ACCESS_KEY");
    expect(environmentOf(cloud, { kind: "codex" })).not.toHaveProperty("AWS_SECRET_ACCESS_KEY");
  });

  it.each([
    "DATABASE_URL",
    "NPM_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "NODE_OPTIONS",
    "BASH_ENV",
    "ENV",
    "LD_PRELOAD",
    "GIT_DIR",
    "SSH_AUTH_SOCK",
    "GITHUB_REPOSITORY",
    "DISPATCH_SECRET",
    "COPILOT_GITHUB_TOKEN",
    "NODE_AUTH_TOKEN",
  ])("does not hold %s, unless the config names it", (name) => {
    expect(environmentOf({ [name]: "value" })).not.toHaveProperty(name);
    expect(environmentOf({ [name]: "value" }, { named: [name] })[name]).toBe("value");
  });

  it.each([
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "INPUT_GITHUB-TOKEN",
    "INPUT_PRIVATE-KEY",
    "INPUT_TASK",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_CACHE_URL",
    "RUNNER_TEMP",
    "RUNNER_TOOL_CACHE",
    "GITHUB_ENV",
    "GITHUB_OUTPUT",
    "GITHUB_PATH",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_EVENT_PATH",
    "GITHUB_WORKSPACE",
    "STATE_task",
    "github_token",
  ])("never holds %s, named or not", (name) => {
    expect(environmentOf({ [name]: "value" }, { named: [name] })).not.toHaveProperty(name);
  });

  it("does not hold the run's token under another name", () => {
    const environment = {
      "INPUT_GITHUB-TOKEN": "ghs_secret",
      MY_TOKEN: "ghs_secret",
      ANTHROPIC_AUTH_TOKEN: "ghs_secret",
    };
    expect(Object.values(environmentOf(environment, { named: ["MY_TOKEN"] }))).not.toContain("ghs_secret");
  });

  it("holds the keys of a cloud only where the model is there", () => {
    const aws = { AWS_ACCESS_KEY_ID: "AKIA", AWS_REGION: "eu-central-1" };
    expect(environmentOf(aws)).not.toHaveProperty("AWS_ACCESS_KEY_ID");
    expect(environmentOf({ ...aws, CLAUDE_CODE_USE_BEDROCK: "1" })).toMatchObject(aws);
  });

  it("lets a user's own value count more, and the command's most", () => {
    const environment = { BASH_MAX_TIMEOUT_MS: "5", ANTHROPIC_MODEL: "sonnet" };
    expect(environmentOf(environment, { command: { ANTHROPIC_MODEL: "opus" } })).toMatchObject({
      BASH_MAX_TIMEOUT_MS: "5",
      ANTHROPIC_MODEL: "opus",
    });
  });

  it("cannot be told that the task is another one", () => {
    const command = { DISPATCH_TASK: "other", PATH: "/evil" };
    expect(environmentOf({ PATH: "/usr/bin" }, { command })).toMatchObject({
      DISPATCH_TASK: "add-health-ab12",
      PATH: "/tmp/helper:/usr/bin",
    });
  });

  it("says that root is fenced in, and says nothing of it to others", () => {
    expect(environmentOf({}, { isRoot: true })["IS_SANDBOX"]).toBe("1");
    expect(environmentOf({})).not.toHaveProperty("IS_SANDBOX");
  });
});
