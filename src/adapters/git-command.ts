import { execa } from "execa";

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface GitOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes other than 0 that are an answer, not a failure. */
  readonly allow?: readonly number[];
}

/** Runs one git command in one place. Arguments are an array: no shell ever sees them. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitResult>;

export interface GitPlace {
  readonly directory: string;
  /** The `.git` directory, where git must not look for it by itself. */
  readonly gitDir?: string;
}

export class GitFailure extends Error {
  override readonly name = "GitFailure";
  readonly stderr: string;

  constructor(args: readonly string[], stderr: string, options?: ErrorOptions) {
    super(`git ${args[0] ?? ""}: ${ownWords(stderr)}`, options);
    this.stderr = stderr;
  }
}

/** What git needs of our environment. Tokens, `GIT_*` and the variables of hooks that we may run under are not in it. */
const HANDED_ON =
  /^(?:PATH|HOME|USER|TMPDIR|TEMP|TMP|SystemRoot|SSH_AUTH_SOCK|(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|GIT_SSL_CAINFO|CURL_CA_BUNDLE)$/i;

/** The settings of the machine and of the user stay out: a worker may have written them. */
const FIXED = {
  LC_ALL: "C.UTF-8",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
};

/** Outranks the repository's own config, which a worker may have written too. */
const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.editor=true",
  "commit.gpgSign=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
  "push.recurseSubmodules=no",
].flatMap((setting) => ["-c", setting]);

export function gitIn(place: GitPlace): Git {
  return async (args, options = {}) => {
    const { exitCode, stdout, stderr, cause } = await execa("git", gitArguments(place, args), {
      cwd: place.directory,
      env: gitEnvironment(options.env),
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    });
    const code = exitCode ?? -1;
    if (code !== 0 && !(options.allow ?? []).includes(code)) throw new GitFailure(args, stderr ?? "", { cause });
    return { code, stdout, stderr };
  };
}

/** Moves objects from one repository into another as data: what arrives is checked, and nothing of the sender's config counts. */
export async function copyObjects(from: GitPlace, to: GitPlace, revisions: readonly string[]): Promise<void> {
  const pack = ["pack-objects", "--revs", "--thin", "--stdout", "-q", "--delta-base-offset"];
  const index = ["index-pack", "--stdin", "--fix-thin", "--strict", `--max-input-size=${2 * 1024 ** 3}`];
  const common = { extendEnv: false, env: gitEnvironment() } as const;
  try {
    await execa("git", gitArguments(from, pack), {
      ...common,
      cwd: from.directory,
      input: `${revisions.join("\n")}\n`,
      buffer: { stdout: false },
    }).pipe(execa("git", gitArguments(to, index), { ...common, cwd: to.directory }));
  } catch (error) {
    throw new GitFailure(index, errorText(error), { cause: error });
  }
}

/** The variables by which one network command gets the token: never an argument, never a file. */
export function tokenEnvironment(remoteUrl: string, token: string): Record<string, string> {
  if (token === "" || !/^https?:\/\//.test(remoteUrl)) return {};
  const credentials = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    GIT_CONFIG_COUNT: "1",
    // For this host alone, should the server ever point elsewhere.
    GIT_CONFIG_KEY_0: `http.${new URL(remoteUrl).origin}/.extraheader`,
    GIT_CONFIG_VALUE_0: `Authorization: basic ${credentials}`,
  };
}

/** The sentences of git's standard error, the remote's included, without progress and decoration. */
export function ownWords(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.trim());
  const telling = lines.filter((line) => line !== "" && !line.startsWith("hint:") && !line.startsWith("warning:"));
  return (telling.length > 0 ? telling : lines).join(" ").trim().slice(0, 1000);
}

/** Whether trying again may help: the network or the server stumbled, nobody said no. */
export function isPassing(stderr: string): boolean {
  return /Could not resolve host|Connection (?:refused|reset|timed out)|Failed to connect|returned error: (?:429|5\d\d)|early EOF|RPC failed|hung up unexpectedly|timed out|gnutls_|SSL_ERROR_SYSCALL/i.test(
    stderr,
  );
}

function gitArguments(place: GitPlace, args: readonly string[]): string[] {
  // Both named: a `core.worktree` in the config cannot point elsewhere, and a workspace of another owner is no obstacle.
  const where = place.gitDir === undefined ? [] : [`--git-dir=${place.gitDir}`, `--work-tree=${place.directory}`];
  return [...SETTINGS, ...where, ...args];
}

function gitEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && HANDED_ON.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...FIXED, ...more };
}

function errorText(error: unknown): string {
  if (error instanceof Error && "stderr" in error && typeof error.stderr === "string") return error.stderr;
  return error instanceof Error ? error.message : String(error);
}
