import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { firstWord, keyNames } from "../core/backend.ts";
import { readTemplate } from "../core/command-template.ts";
import { Problem } from "../core/problem.ts";
import { modelUnavailable, namesAmong } from "../core/setup-availability.ts";
import { CLI_KINDS, type CliKind, howToAddKey, howToInstall, KNOWN_CLIS, usualKey } from "../core/setup-clis.ts";
import type { WorkerSpec } from "../core/task.ts";
import { agentModels } from "./agent-models.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** First words that say nothing about which program is needed. */
const SHELL_WORDS =
  /^(?:if|for|while|until|case|cd|export|exec|eval|set|source|\.|time|command|trap|ulimit|umask|test|true|\[+|!|\{|\()$/;

/** Why this worker cannot start on this machine, or null. */
export async function preflight(spec: WorkerSpec, environment: Environment): Promise<Problem | null> {
  return (
    outdated(spec) ??
    (await missingCli(spec, environment)) ??
    (await missingKey(spec, environment)) ??
    (await unlistedModel(spec, environment))
  );
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
  const word = programToFind(command);
  if (word === null || (await isOnPath(word, environment["PATH"] ?? ""))) return null;
  const cli = kind === "generic" ? null : KNOWN_CLIS[kind];
  const title = cli === null ? `the program \`${word}\`` : `${cli.title} (\`${word}\`)`;
  return new Problem(
    "cli-missing",
    `The backend \`${backend}\` needs ${title}, which is not installed on the runner.`,
    cli === null
      ? `Install \`${word}\` in a step before Dispatch's in \`.github/workflows/dispatch.yml\`, or correct the backend's command in \`.github/dispatch.yml\`.`
      : `${howToInstall(cli)}${await whatIsHere(environment, kind)}`,
  );
}

/** The program that a command starts, as a name or an absolute path; null for what only the shell can find out. */
export function programToFind(command: string): string | null {
  const word = firstWord(command);
  // What the shell still has to work out, and what is relative to the checkout.
  if (!/^[\w.+/-]+$/.test(word) || SHELL_WORDS.test(word) || (word.includes("/") && !isAbsolute(word))) return null;
  return word;
}

/** Other CLIs that could do the work at once: a next step for those who cannot change the workflow. */
async function whatIsHere(environment: Environment, but: WorkerSpec["kind"]): Promise<string> {
  const titles = await Promise.all(
    CLI_KINDS.filter((kind) => kind !== but).map(async (kind) => {
      const { program, title } = KNOWN_CLIS[kind];
      const isHere = await isOnPath(program, environment["PATH"] ?? "");
      return isHere && (await accessOf(kind, environment)).kind !== "none" ? [title] : [];
    }),
  );
  const ready = titles.flat();
  return ready.length === 0 ? "" : ` Or use a model of ${ready.join(" or ")}, which can work here already.`;
}

export async function isOnPath(word: string, path: string): Promise<boolean> {
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
  if ((await accessOf(kind, environment)).kind !== "none") return null;
  const groups = keyNames(kind);
  if (groups.some((group) => group.every((name) => Boolean(environment[name]) || command.includes(`${name}=`))))
    return null;
  // A model provider of one's own has a key of its own name, or none.
  if (/model_provider|env_key/.test(command)) return null;
  const names = groups.map((group) => group.map((name) => `\`${name}\``).join(" with "));
  // Without the secret the workflow hands over an empty text.
  const handedOver = groups.flat().find((name) => environment[name] === "");
  return new Problem(
    "secret-missing",
    `The backend \`${backend}\` has no key: the run was given none of ${names.join(", ")}.`,
    `${howToAddKey(handedOver ?? usualKey(kind), handedOver !== undefined)}${await whatIsHere(environment, kind)}`,
  );
}

export type Access =
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "login" }
  | { readonly kind: "none" };

/** How a CLI may reach its models on this machine. */
export async function accessOf(kind: CliKind, environment: Environment): Promise<Access> {
  const group = keyNames(kind).find((names) => names.every((name) => Boolean(environment[name])));
  if (group?.[0] !== undefined) return { kind: "key", name: group[0] };
  const login = join(environment["HOME"] ?? "/", KNOWN_CLIS[kind].login);
  return (await isFile(login)) ? { kind: "login" } : { kind: "none" };
}

/** Cursor is asked what it has, since its models come and go. Where it does not say, the worker tries. */
async function unlistedModel(
  { kind, command, model, name }: WorkerSpec,
  environment: Environment,
): Promise<Problem | null> {
  if (kind !== "cursor" || model === null || readTemplate(command).has("-m", "--model")) return null;
  const program = programToFind(command);
  if (program === null) return null;
  const { models } = await agentModels(program, environment);
  if (models.length === 0 || models.some(({ id }) => id.toLowerCase() === model.toLowerCase())) return null;
  return modelUnavailable(name, namesAmong(models));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
