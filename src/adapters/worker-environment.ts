import { delimiter, join } from "node:path";
import type { WorkerCommand } from "../core/backend.ts";
import { type BackendKind, taskFolder } from "../core/task.ts";
import type { WorkerPlace } from "../flows/machine-ports.ts";

export interface WorkerEnvironmentOptions {
  /** The environment that the run itself has. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Holds the helper; comes first on the worker's PATH. */
  readonly helperDir: string;
  /** Whose variables it needs, and what it asks for itself. */
  readonly command: Pick<WorkerCommand, "kind" | "env">;
  readonly place: Pick<WorkerPlace, "directory" | "ref" | "answerTimeout" | "env">;
  readonly isRoot: boolean;
}

/** Who I am, where things are, which language is spoken. */
const MACHINE =
  /^(?:HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|SHELL|TERM|CI|XDG_(?:CONFIG|CACHE|DATA|STATE)_HOME|XDG_RUNTIME_DIR|DEBIAN_FRONTEND)$/;

/** The way to the network. */
const NETWORK =
  /^(?:(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_CAINFO|PIP_CERT)$/i;

/** Where earlier steps have installed languages and tools. None of these is a place for secrets. */
const TOOLS = new RegExp(
  `^(?:${[
    "JAVA_HOME(?:_\\w+)?|M2_HOME|MAVEN_HOME|GRADLE_HOME|GRADLE_USER_HOME|ANDROID_(?:HOME|SDK_ROOT|NDK\\w*)",
    "GOPATH|GOROOT(?:_\\w+)?|GOBIN|GOCACHE|GOMODCACHE|GOFLAGS|GOTOOLCHAIN",
    "CARGO_HOME|RUSTUP_HOME|RUSTUP_TOOLCHAIN|RUSTFLAGS|CARGO_TERM_COLOR",
    "pythonLocation|Python\\d?_ROOT_DIR|PYENV_ROOT|VIRTUAL_ENV|CONDA|CONDA_PREFIX|PIPX_(?:HOME|BIN_DIR)|PYTHONPATH|UV_CACHE_DIR",
    "NVM_DIR|VOLTA_HOME|PNPM_HOME|BUN_INSTALL|DENO_INSTALL|COREPACK_HOME|PLAYWRIGHT_BROWSERS_PATH|PUPPETEER_EXECUTABLE_PATH",
    "GEM_HOME|GEM_PATH|BUNDLE_PATH|BUNDLE_GEMFILE|RUBYLIB|COMPOSER_HOME|PHPRC",
    "DOTNET_ROOT|DOTNET_\\w+|NUGET_PACKAGES|SWIFT_PATH|VCPKG_\\w+ROOT|HOMEBREW_(?:PREFIX|CELLAR|REPOSITORY)",
    "CHROME_BIN|CHROMEWEBDRIVER|GECKOWEBDRIVER|CC|CXX|CFLAGS|CXXFLAGS|LDFLAGS|MAKEFLAGS|LD_LIBRARY_PATH|PKG_CONFIG_PATH",
  ].join("|")})$`,
);

/** What each coding agent itself needs, its keys among it. One does not see what is another's. */
const AGENTS = {
  claude: /^(?:ANTHROPIC_\w+|CLAUDE_CODE_\w+|CLAUDE_CONFIG_DIR|MAX_THINKING_TOKENS|BASH_(?:DEFAULT|MAX)_TIMEOUT_MS)$/,
  codex: /^(?:OPENAI_\w+|CODEX_\w+)$/,
  cursor: /^CURSOR_API_KEY$/,
} as const;

/** A command that is none of these may be any agent, and an agent of any of these keys. */
const OTHERS =
  /^(?:GEMINI_\w+|GOOGLE_GEMINI_BASE_URL|GOOGLE_API_KEY|OPENCODE_\w+|COPILOT_(?:PROVIDER_\w+|OFFLINE|HOME))$/;

/** Keys of a cloud are the model's key only where the agent is told to find its model there. */
const CLOUDS = [
  {
    when: "CLAUDE_CODE_USE_BEDROCK",
    names: /^AWS_(?:REGION|DEFAULT_REGION|PROFILE|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|BEARER_TOKEN_BEDROCK)$/,
  },
  {
    when: "CLAUDE_CODE_USE_VERTEX",
    names: /^(?:GOOGLE_APPLICATION_CREDENTIALS|GOOGLE_CLOUD_PROJECT|CLOUD_ML_REGION|VERTEX_REGION_\w+)$/,
  },
] as const;

/** Tokens of the run and files by which a step speaks to GitHub. No config can hand these on. */
const NEVER =
  /^(?:GITHUB_TOKEN|GH_TOKEN|GH_ENTERPRISE_TOKEN|GITHUB_ENTERPRISE_TOKEN|INPUT_.*|STATE_.*|ACTIONS_.*|RUNNER_.*)$/i;

/** Of GitHub's own variables only those that say where we are; the others are files of the runner. */
const HARMLESS_GITHUB =
  /^GITHUB_(?:ACTIONS|ACTOR|API_URL|BASE_REF|GRAPHQL_URL|HEAD_REF|JOB|REF|REF_NAME|REF_TYPE|REPOSITORY|REPOSITORY_OWNER|RUN_ATTEMPT|RUN_ID|RUN_NUMBER|SERVER_URL|SHA|WORKFLOW)$/;

/** Time for blocking calls that wait for an answer, and silence towards everybody but the model. A user's own value counts more. */
const DEFAULTS: Readonly<Record<string, string>> = {
  LANG: "C.UTF-8",
  BASH_DEFAULT_TIMEOUT_MS: "3600000",
  BASH_MAX_TIMEOUT_MS: "3600000",
  OPENCODE_EXPERIMENTAL_BASH_DEFAULT_TIMEOUT_MS: "3600000",
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_AUTOUPDATER: "1",
  GEMINI_CLI_NO_RELAUNCH: "true",
  GIT_TERMINAL_PROMPT: "0",
};

/** A worker's environment: variables that are named here or in the config, and never a token of the run, whatever it is called. */
export function workerEnvironment(options: WorkerEnvironmentOptions): Record<string, string> {
  const { environment, helperDir, command, place, isRoot } = options;
  const named = new Set(place.env);
  const tokens = tokensIn(environment);
  const handedOn = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !isForbidden(entry[0]) &&
      !tokens.has(entry[1]) &&
      (named.has(entry[0]) || isListed(entry[0], command.kind, environment)),
  );
  return {
    ...DEFAULTS,
    ...Object.fromEntries(handedOn),
    ...command.env,
    // Claude Code refuses to skip its permission prompts as root unless it is told that it is fenced in.
    ...(isRoot ? { IS_SANDBOX: "1" } : {}),
    PATH: [helperDir, environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"].join(delimiter),
    DISPATCH_TASK: place.ref.id,
    DISPATCH_TASK_FOLDER: join(place.directory, taskFolder(place.ref)),
    DISPATCH_ANSWER_TIMEOUT: String(Math.round(place.answerTimeout * 60)),
  };
}

function isListed(name: string, kind: BackendKind, environment: Readonly<Record<string, string | undefined>>): boolean {
  if ([MACHINE, NETWORK, TOOLS, ...agentsOf(kind)].some((list) => list.test(name))) return true;
  const mayUseClouds = kind === "claude" || kind === "generic";
  return mayUseClouds && CLOUDS.some((cloud) => environment[cloud.when] && cloud.names.test(name));
}

function agentsOf(kind: BackendKind): readonly RegExp[] {
  return kind === "generic" ? [...Object.values(AGENTS), OTHERS] : [AGENTS[kind]];
}

function isForbidden(name: string): boolean {
  return NEVER.test(name) || (/^GITHUB_/i.test(name) && !HARMLESS_GITHUB.test(name));
}

/** The values that are forbidden under any name: a step may have copied the token into a variable of its own. */
function tokensIn(environment: Readonly<Record<string, string | undefined>>): Set<string> {
  const secret =
    /^(?:GITHUB_TOKEN|GH_TOKEN|GH_ENTERPRISE_TOKEN|GITHUB_ENTERPRISE_TOKEN|INPUT_(?:.*TOKEN|.*KEY)|ACTIONS_.*TOKEN)$/i;
  const values = Object.entries(environment).flatMap(([name, value]) => (secret.test(name) && value ? [value] : []));
  return new Set(values);
}
