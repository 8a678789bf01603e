import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Who handles the thread: a Probot server, or the Action itself. */
export type Hosting = "server" | "action";

interface BackendSetUp {
  /** The backend's name in the config. */
  readonly key: string;
  readonly command: string;
  /** Lines below `models:` and `aliases:`, so that opus, sonnet and haiku are names whatever stands behind them. */
  readonly models: string;
  /** Environment variables that hold the backend's key: any one of them is enough. */
  readonly keys: readonly string[];
}

const NAMES = ["opus", "sonnet", "haiku"] as const;

function modelsOf(backend: string): string {
  return `models:\n${NAMES.map((name) => `  ${name}: { backend: ${backend} }`).join("\n")}\n`;
}

function aliasesOf(model: string, backend: string): string {
  const aliases = NAMES.map((name) => `  ${name}: { model: ${model} }`).join("\n");
  return `models:\n  ${model}: { backend: ${backend} }\naliases:\n${aliases}\n`;
}

function setUp(backend: string, pace: number | null): BackendSetUp {
  switch (backend) {
    case "demo":
      return {
        key: backend,
        command: `dispatch-demo-worker${pace === null ? "" : ` --pace-ms ${pace}`}`,
        models: modelsOf(backend),
        keys: [],
      };
    case "claude":
      return {
        key: backend,
        command: "claude -p --dangerously-skip-permissions",
        models: modelsOf(backend),
        keys: ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"],
      };
    case "codex":
      return {
        key: backend,
        command: `codex exec --dangerously-bypass-approvals-and-sandbox -C "$(pwd)"`,
        models: aliasesOf("gpt-5.3-codex", backend),
        keys: ["OPENAI_API_KEY", "CODEX_API_KEY"],
      };
    case "cursor":
      return {
        key: backend,
        command: `agent -p --force --workspace "$(pwd)"`,
        models: aliasesOf("auto", backend),
        keys: ["CURSOR_API_KEY"],
      };
    default:
      return { key: "custom", command: backend, models: modelsOf("custom"), keys: [] };
  }
}

export interface DemoConfig {
  readonly backend: string;
  /** Milliseconds between the demo worker's steps; null leaves its own pace. */
  readonly pace: number | null;
  /** Names of further variables that the worker is given. */
  readonly env: readonly string[];
}

/** The sample repository's `.github/dispatch.yml`. */
export function demoConfig({ backend, pace, env }: DemoConfig): string {
  const { key, command, models } = setUp(backend, pace);
  const further = env.length === 0 ? "" : `env: [${env.join(", ")}]\n`;
  return `default: opus
# The worker runs as whoever runs the playground: on this machine there is nothing to set up and nothing to clean up afterwards.
isolation: none
backends:
  ${key}: { command: ${quoted(command)} }
${models}${further}`;
}

/** The keys for this backend that are at hand. */
export function backendSecrets(
  backend: string,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { keys } = setUp(backend, null);
  return Object.fromEntries(keys.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

/** The ready-made workflow, as users copy it; only what a machine without a network cannot do is changed. */
export async function demoWorkflow(
  root: string,
  {
    hosting,
    secrets,
    env,
  }: { readonly hosting: Hosting; readonly secrets: readonly string[]; readonly env: Readonly<Record<string, string>> },
): Promise<string> {
  const file = hosting === "action" ? ".github/workflows/dispatch.yml" : "docs/dispatch-with-server.yml";
  const text = await readFile(join(root, file), "utf8");
  const variables = [
    ...secrets.map((name) => `${name}: \${{ secrets.${name} }}`),
    ...Object.entries(env).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ];
  return text
    .replaceAll(/^ *- run: npm install --global .*\n/gm, "")
    .replaceAll(/^( *)env:\n *ANTHROPIC_API_KEY: .*\n/gm, (_, indent: string) =>
      variables.length === 0 ? "" : [`${indent}env:`, ...variables.map((line) => `${indent}  ${line}`), ""].join("\n"),
    );
}

/** A YAML scalar that is safe within braces. */
function quoted(text: string): string {
  return /^[\w ./-]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
