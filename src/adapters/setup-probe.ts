import { readConfig } from "../core/config.ts";
import { Problem } from "../core/problem.ts";
import type { Cli, Setup } from "../core/setup.ts";
import { CLI_KINDS, type CliKind, KNOWN_CLIS } from "../core/setup-clis.ts";
import { CLAUDE_MODELS, OPENAI_MODELS } from "../core/setup-models.ts";
import type { SetupProbe } from "../flows/machine-ports.ts";
import { type AgentModels, agentModels } from "./agent-models.ts";
import { briefEnvironment, runBriefly } from "./brief-command.ts";
import type { GitHubAccess } from "./github-api.ts";
import { lookAtRepository } from "./setup-repository.ts";
import { accessOf, type Environment, isOnPath, programToFind } from "./worker-preflight.ts";

export interface SetupProbeOptions {
  readonly access: GitHubAccess;
  /** The environment of the run, keys included. */
  readonly environment: Environment;
  /** The App that has started this run; null for a person, or for Actions itself. */
  readonly startedBy: string | null;
}

const VERSION_MS = 10_000;
const NAMESPACE_MS = 5_000;

/** Looks at the runner that this process is on, and at what a run can see of the repository. Always comes to an end; holds no secrets. */
export function setupProbe({ access, environment, startedBy }: SetupProbeOptions): SetupProbe {
  return {
    async look(): Promise<Setup> {
      const [clis, userNamespaces, repository] = await Promise.all([
        Promise.all(CLI_KINDS.map((kind) => lookAtCli(kind, environment))),
        lookAtNamespaces(environment),
        lookAtRepository(access),
      ]);
      const { configText, ...rest } = repository;
      return {
        version: 1,
        at: access.clock.now().toISOString(),
        clis: clis.filter((cli) => cli !== null),
        programs: await lookAtPrograms(configText, environment),
        userNamespaces,
        // Workers run as the user that the runner itself has; nothing else is built.
        isolation: "none",
        ...rest,
        startedBy: startedBy === "github-actions[bot]" ? null : startedBy,
        recordRefused: null,
      };
    },
  };
}

async function lookAtCli(kind: CliKind, environment: Environment): Promise<Cli | null> {
  const { program } = KNOWN_CLIS[kind];
  if (!(await isOnPath(program, environment["PATH"] ?? ""))) return null;
  const access = await accessOf(kind, environment);
  const [version, listing] = await Promise.all([
    versionOf(program, environment),
    modelsOf(kind, access.kind !== "none", environment),
  ]);
  return { kind, version, access, models: [...listing.models], modelsUnknown: listing.unknown };
}

/** Asked without any key: whatever is called so on PATH need not be what we think. */
async function versionOf(program: string, environment: Environment): Promise<string | null> {
  const result = await runBriefly(program, ["--version"], {
    env: briefEnvironment(environment),
    timeoutMs: VERSION_MS,
  });
  if (result.kind !== "ended" || result.code !== 0) return null;
  return /(?<![\w.])v?(\d{1,6}\.\d{1,6}[\w.+-]{0,40})/.exec(result.stdout.slice(0, 1_000))?.[1] ?? null;
}

async function modelsOf(kind: CliKind, hasAccess: boolean, environment: Environment): Promise<AgentModels> {
  switch (kind) {
    case "claude":
      return { models: CLAUDE_MODELS, unknown: null };
    case "codex":
      return { models: OPENAI_MODELS, unknown: null };
    case "cursor":
      return hasAccess ? agentModels(KNOWN_CLIS.cursor.program, environment) : { models: [], unknown: null };
  }
}

/** Codex's own sandbox lives in user namespaces, so one is made and left again. */
async function lookAtNamespaces(environment: Environment): Promise<Setup["userNamespaces"]> {
  if (!(await isOnPath("unshare", environment["PATH"] ?? ""))) return "unknown";
  const env = briefEnvironment(environment);
  const result = await runBriefly("unshare", ["--user", "--map-root-user", "true"], { env, timeoutMs: NAMESPACE_MS });
  if (result.kind !== "ended") return "unknown";
  return result.code === 0 ? "allowed" : "refused";
}

/** Programs of backends that are not of a known kind. A config that cannot be read is told by the report. */
async function lookAtPrograms(configText: string | null, environment: Environment): Promise<Setup["programs"]> {
  const known = new Set(CLI_KINDS.map((kind) => KNOWN_CLIS[kind].program));
  const named = commandsIn(configText).flatMap((command) => programToFind(command) ?? []);
  const names = [...new Set(named)].filter((name) => !known.has(name)).slice(0, 50);
  return Promise.all(names.map(async (name) => ({ name, found: await isOnPath(name, environment["PATH"] ?? "") })));
}

function commandsIn(configText: string | null): readonly string[] {
  try {
    return Object.values(readConfig(configText).backends).map(({ command }) => command);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}
