import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** A coding agent's command line tool, as the package registry has it. */
export interface Cli {
  readonly name: string;
  readonly version: string;
  /** Its command. */
  readonly command: string;
}

export const CLAUDE_CODE: Cli = { name: "@anthropic-ai/claude-code", version: "2.1.330", command: "claude" };

const CACHE = join(import.meta.dirname, "../../node_modules/.cache/dispatch-clis");
const INSTALL_MS = 5 * 60_000;

/**
 * Installs a CLI unless this machine has it, and returns the folder of its command. Not a dependency: these are hundreds of
 * megabytes, which nobody needs for the demo.
 */
export async function installCli(cli: Cli): Promise<string> {
  const folder = join(CACHE, `${basename(cli.name)}-${cli.version}`);
  const bin = join(folder, "node_modules", ".bin");
  if (existsSync(folder)) return bin;
  await mkdir(CACHE, { recursive: true });
  await using _ = await lock(`${folder}.lock`);
  if (!existsSync(folder)) await install(cli, folder);
  return bin;
}

/** The folder appears whole or not at all. */
async function install({ name, version, command }: Cli, folder: string): Promise<void> {
  const staging = await mkdtemp(`${folder}.`);
  try {
    const flags = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts=false", "--prefix", staging];
    await execa("npm", ["install", ...flags, `${name}@${version}`], { cwd: staging, timeout: INSTALL_MS });
    const { stdout } = await execa(join(staging, "node_modules", ".bin", command), ["--version"], {
      env: { HOME: staging },
    });
    if (!stdout.includes(version)) throw new Error(`${command} says that it is ${stdout}, not ${version}`);
    // A worker may run as another user.
    await chmod(staging, 0o755);
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Spares a second download while another process is at it. It may fail to: nothing breaks then. */
async function lock(path: string): Promise<AsyncDisposable> {
  const until = Date.now() + INSTALL_MS;
  while (!(await claims(path))) {
    if (Date.now() > until || !(await holderLives(path))) await rm(path, { force: true });
    else await sleep(200);
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function claims(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function holderLives(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, "utf8").catch(() => ""));
  // Not written yet, or just gone.
  if (!(pid > 0)) return true;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
