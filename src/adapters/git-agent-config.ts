import { lstat, realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isAgentConfig } from "../core/agent-config.ts";
import { setExcluded } from "./git-exclude.ts";
import type { Workspace } from "./git-workspace.ts";

/** Commits: somebody else's branch, and what it is to be merged into; null where that is gone. */
export interface Foreign {
  readonly base: string | null;
  readonly tip: string;
}

/** A file that the branch brings, changes or removes, and the base's version of it, by its blob; null where the base has none. */
export interface Replaced {
  readonly path: string;
  readonly ofBase: string | null;
}

/** What `.git/info/exclude` says of files that only we have put there. */
const HEADING = "agent configuration of the base branch";

/**
 * Others' branches may bring instructions and settings for agents that nobody has read. In the tree they are replaced by what the base
 * has, or by nothing; in git the branch's own stay.
 * @param foreign null where the branch is the task's own
 */
export async function replaceAgentConfig(workspace: Workspace, foreign: Foreign | null): Promise<readonly Replaced[]> {
  const { place, git, log } = workspace;
  const changed = foreign === null ? [] : await agentConfigIn(workspace, foreign);
  if (foreign === null || changed.length === 0) {
    await setExcluded(workspace, HEADING, []);
    return [];
  }
  const { base, tip } = foreign;
  const ofBase = base === null ? new Map<string, string>() : await blobsIn(workspace, base);
  const ofTip = await blobsIn(workspace, tip);
  const hidden = changed.filter((path) => ofTip.has(path));
  for (const path of hidden) await rm(join(place.directory, path), { recursive: true, force: true });
  const restored: string[] = [];
  for (const path of changed) if (ofBase.has(path) && (await isInside(place.directory, path))) restored.push(path);
  if (restored.length > 0) {
    const args = ["restore", "-q", `--source=${base}`, "--worktree", "--pathspec-from-file=-", "--pathspec-file-nul"];
    await git(["--literal-pathspecs", ...args], { input: restored.join("\0") });
  }
  if (hidden.length > 0) await git(["update-index", "-z", "--skip-worktree", "--stdin"], { input: hidden.join("\0") });
  const unknown = restored.filter((path) => !ofTip.has(path));
  await setExcluded(workspace, HEADING, unknown);
  const names = changed.slice(0, 10).join(", ");
  log.info(`The branch changes what agents obey; the worker gets the base branch's version of: ${names}`);
  return changed.map((path) => ({ path, ofBase: restored.includes(path) ? (ofBase.get(path) ?? null) : null }));
}

/** Shows git every file again that an earlier task has hidden from it, so that the next branch comes as it is. */
export async function showHidden({ git }: Workspace): Promise<void> {
  const { stdout } = await git(["ls-files", "-t", "-z"]);
  const hidden = stdout.split("\0").flatMap((line) => (line.startsWith("S ") ? [line.slice(2)] : []));
  if (hidden.length > 0)
    await git(["update-index", "-z", "--no-skip-worktree", "--stdin"], { input: hidden.join("\0") });
}

/** Of the files that were replaced, those that the worker has changed since. */
export async function editedAgentConfig(
  { place, git }: Workspace,
  replaced: readonly Replaced[],
): Promise<readonly string[]> {
  const found = await Promise.all(replaced.map(({ path }) => lstat(join(place.directory, path)).catch(() => null)));
  // One process for all of them: this is asked at every item.
  const files = replaced.flatMap(({ path }, at) => (found[at]?.isFile() && !path.includes("\n") ? [path] : []));
  const { stdout } =
    files.length === 0
      ? { stdout: "" }
      : await git(["hash-object", "--stdin-paths"], { input: `${files.join("\n")}\n` });
  const blobs = new Map(
    stdout.split("\n").flatMap((blob, at) => (blob === "" ? [] : [[files[at] ?? "", blob] as const])),
  );
  return replaced.flatMap(({ path, ofBase }, at) => {
    const entry = found[at];
    if (entry?.isSymbolicLink() || (entry?.isDirectory() && ofBase === null)) return [];
    return (blobs.get(path) ?? null) === ofBase ? [] : [path];
  });
}

/** Paths that differ between the two, those of removed files among them. */
async function agentConfigIn({ git }: Workspace, { base, tip }: Foreign): Promise<readonly string[]> {
  const listing =
    base === null
      ? ["ls-tree", "-r", "-z", "--name-only", "--full-tree", tip]
      : ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", base, tip];
  const { stdout } = await git(listing);
  return stdout.split("\0").filter((path) => path !== "" && isAgentConfig(path));
}

/** What a commit holds, by paths. */
async function blobsIn({ git }: Workspace, commit: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git(["ls-tree", "-r", "-z", "--full-tree", commit]);
  const lines = stdout.matchAll(/\d{6} \w+ ([0-9a-f]+)\t([^\0]+)\0/g);
  return new Map(Array.from(lines, ([, blob = "", path = ""]) => [path, blob]));
}

/** False where a link of the branch leads the path out of the tree, or a file stands in its way. */
async function isInside(directory: string, path: string): Promise<boolean> {
  const root = await realpath(directory);
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    const found = await lstat(join(root, folder)).catch(() => null);
    if (found !== null && !found.isDirectory()) return false;
  }
  return true;
}
