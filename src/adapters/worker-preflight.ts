import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { firstWord, keyNames } from "../core/backend.ts";
import { Problem } from "../core/problem.ts";
import type { BackendKind, WorkerSpec } from "../core/task.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface Cli {
  readonly title: string;
  readonly install: string;
  /** Where the CLI keeps a login, below HOME. On a machine of one's own that is enough. */
  readonly login: string;
}

const CLIS: Readonly<Record<Exclude<BackendKind, "generic">, Cli>> = {
  claude: {
    title: "Claude Code",
    install: "npm install --global @anthropic-ai/claude-code",
    login: ".claude/.credentials.json",
  },
  codex: { title: "Codex", install: "npm install --global @openai/codex", login: ".codex/auth.json" },
  cursor: {
    title: "Cursor's CLI",
    install: "curl https://cursor.com/install -fsS | bash",
    login: ".config/cursor/auth.json",
  },
};

/** First words that say nothing about which program is needed. */
const SHELL_WORDS =
  /^(?:if|for|while|until|case|cd|export|exec|eval|set|source|\.|time|command|trap|ulimit|umask|test|true|\[+|!|\{|\()$/;

/** Why this worker cannot start on this machine, or null. */
export async function preflight(spec: WorkerSpec, environment: Environment): Promise<Problem | null> {
  return outdated(spec) ?? (await missingCli(spec, environment)) ?? (await missingKey(spec, environment));
}

function outdated({ kind, command, backend }: WorkerSpec): Problem | null {
  if (kind !== "codex" && !/(?:^|[\s/])codex\s/.test(command)) return null;
  if (!/(?:^|\s)--full-auto(?:\s|$)/.test(command)) return null;
  return new Problem(
    "cli-outdated",
    `The command of the backend \`${backend}\` says \`--full-auto\`, which Codex does not know any more.`,
    "In `.github/dispatch.yml`, write `--dangerously-bypass-approvals-and-sandbox` in its place (or `-s workspace-write`, where the runner allows Codex's own sandbox).",
  );
}

async function missingCli({ kind, command, backend }: WorkerSpec, environment: Environment): Promise<Problem | null> {
  const word = firstWord(command);
  // What the shell still has to work out, and what is relative to the checkout, only the shell can find.
  if (!/^[\w.+/-]+$/.test(word) || SHELL_WORDS.test(word) || (word.includes("/") && !isAbsolute(word))) return null;
  if (await isOnPath(word, environment["PATH"] ?? "")) return null;
  const cli = kind === "generic" ? null : CLIS[kind];
  const title = cli === null ? `the program \`${word}\`` : `${cli.title} (\`${word}\`)`;
  return new Problem(
    "cli-missing",
    `The backend \`${backend}\` needs ${title}, which is not installed on the runner.`,
    cli === null
      ? `Install \`${word}\` in a step before Dispatch's, or correct the backend's command in \`.github/dispatch.yml\`.`
      : `In the workflow, add a step before Dispatch's: \`run: ${cli.install}\`.`,
  );
}

async function isOnPath(word: string, path: string): Promise<boolean> {
  if (isAbsolute(word)) return isProgram(word);
  for (const directory of path.split(delimiter)) {
    if (directory !== "" && (await isProgram(join(directory, word)))) return true;
  }
  return false;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function missingKey({ kind, command, backend }: WorkerSpec, environment: Environment): Promise<Problem | null> {
  if (kind === "generic") return null;
  const groups = keyNames(kind);
  const isSet = (name: string) => Boolean(environment[name]) || command.includes(`${name}=`);
  if (groups.length === 0 || groups.some((group) => group.every(isSet))) return null;
  // A model provider of one's own has a key of its own name, or none.
  if (/model_provider|env_key/.test(command)) return null;
  if (await isFile(join(environment["HOME"] ?? "/", CLIS[kind].login))) return null;
  const names = groups.map((group) => group.map((name) => `\`${name}\``).join(" with "));
  const usual = groups[0]?.[0] ?? "";
  return new Problem(
    "secret-missing",
    `The backend \`${backend}\` has no key: the run was given none of ${names.join(", ")}.`,
    `Add the repository secret \`${usual}\`, and hand it to Dispatch's step in the workflow: \`env: { ${usual}: "\${{ secrets.${usual} }}" }\`.`,
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
