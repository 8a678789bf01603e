import { readdir, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Git } from "./git-command.ts";

interface Setting {
  readonly key: string;
  readonly value: string;
}

/**
 * Takes the credentials out of a checkout that an earlier step made: `actions/checkout` leaves the job's token in the repository's
 * config (or in a file that the config includes), where the worker could read it.
 */
export async function removeCredentials(git: Git): Promise<void> {
  const { stdout } = await git(["rev-parse", "--absolute-git-dir"]);
  const gitDir = stdout.trim();
  for (const file of [join(gitDir, "config"), ...(await submoduleConfigs(gitDir))]) {
    await cleanConfig(git, file);
  }
}

async function cleanConfig(git: Git, file: string): Promise<void> {
  const { stdout } = await git(["config", "--file", file, "--null", "--list"], { allow: [1, 128] });
  const settings = stdout
    .split("\0")
    .filter((entry) => entry !== "")
    .map(readSetting);
  for (const setting of settings) {
    if (isCredentialInclude(setting)) await rm(resolve(file, "..", setting.value), { force: true });
    if (isCredentialInclude(setting) || holdsCredential(setting)) {
      // 5: it is gone already, since a key may be listed more than once.
      await git(["config", "--file", file, "--unset-all", setting.key], { allow: [5] });
    } else if (/^remote\..*\.(?:push)?url$/.test(setting.key) && withoutUser(setting.value) !== setting.value) {
      await git(["config", "--file", file, "--replace-all", setting.key, withoutUser(setting.value)]);
    }
  }
}

function readSetting(entry: string): Setting {
  const end = entry.indexOf("\n");
  return end < 0 ? { key: entry, value: "" } : { key: entry.slice(0, end), value: entry.slice(end + 1) };
}

function holdsCredential({ key, value }: Setting): boolean {
  if (/^http\.(?:.*\.)?(?:extraheader|cookiefile|sslkey|proxy)$/i.test(key))
    return !key.endsWith("proxy") || /@/.test(value);
  if (key.startsWith("credential.") || key === "core.sshcommand" || key === "core.askpass") return true;
  return /^url\..*\.(?:push)?insteadof$/.test(key) && /:\/\/[^/]*@/.test(key);
}

/** Only the file that the checkout step has made; a person's own include is left alone. */
function isCredentialInclude({ key, value }: Setting): boolean {
  return /^include(?:if\..*)?\.path$/i.test(key) && /^git-credentials-.*\.config$/.test(basename(value));
}

function withoutUser(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}

async function submoduleConfigs(gitDir: string): Promise<string[]> {
  const modules = join(gitDir, "modules");
  const entries = await readdir(modules, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name === "config")
    .map((entry) => join(entry.parentPath, entry.name));
}
