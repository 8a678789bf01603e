import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { machineTrouble } from "../core/machine-trouble.ts";
import type { CommitText } from "../flows/machine-ports.ts";
import type { Log } from "../flows/ports.ts";
import { type Git, GitFailure, type GitPlace, gitIn } from "./git-command.ts";
import { exclude, patternFor } from "./git-exclude.ts";

export interface Workspace {
  readonly place: GitPlace;
  readonly git: Git;
  readonly log: Log;
}

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Git in the worker's own tree. It never gets a token, and obeys no hook or monitor that a worker has left. */
export function workspaceAt(directory: string, log: Log): Workspace {
  const place = { directory, gitDir: join(directory, ".git") };
  return { place, git: gitIn(place), log };
}

/** Makes the workspace a repository where it is none yet. Files that lie there stay. True when it was none. */
export async function ensureRepository({ place, git }: Workspace, remoteUrl: string): Promise<boolean> {
  await mkdir(place.directory, { recursive: true });
  const { code } = await git(["rev-parse", "--git-dir"], { allow: [128] });
  if (code === 0) return false;
  await gitIn({ directory: place.directory })(["init", "-q", "--template=", "."]);
  await git(["config", "remote.origin.url", remoteUrl]);
  await git(["config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"]);
  return true;
}

/** Names `tip` as what the files in the tree come from, without touching them. */
export async function resetTo({ git }: Workspace, branch: string, tip: string): Promise<void> {
  await git(["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
  await git(["reset", "-q", tip]);
}

/** Brings commits from our own repository, with as much history as that has. */
export async function fetchLocally({ git }: Workspace, from: string, refspecs: readonly string[]): Promise<void> {
  const { stdout } = await git(["rev-parse", "--is-shallow-repository"]);
  const depth = stdout.trim() === "true" ? "--unshallow" : "--update-shallow";
  await git(["fetch", "-q", "--no-tags", "--no-write-fetch-head", depth, from, ...refspecs]);
}

/** The worker may commit itself; without a name git would not let it. */
export async function ensureIdentity({ git }: Workspace, { name, email }: Identity): Promise<void> {
  for (const [key, value] of Object.entries({ "user.name": name, "user.email": email })) {
    const { code } = await git(["config", "--local", key], { allow: [1] });
    if (code !== 0) await git(["config", "--local", key, value]);
  }
}

/** Puts `tip` into the tree under the name of `branch`. Ignored files and other files that git does not know stay. */
export async function switchTo({ git, log }: Workspace, branch: string, tip: string): Promise<void> {
  const { stdout } = await git(["status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=all"]);
  const changed = stdout.split("\0").filter((entry) => entry !== "");
  if (changed.length > 0) {
    const names = changed.slice(0, 10).map((entry) => entry.slice(3));
    log.info(`Changes that earlier steps made to tracked files are set back: ${names.join(", ")}`);
  }
  await unlocked(() => git(["checkout", "-q", "-f", "--no-track", "-B", branch, tip]));
}

/**
 * Takes away whatever `.dispatch/` the branch brings, a link to elsewhere included, and hides that from git: the repository keeps its
 * files, and nobody commits their absence.
 */
export async function clearTaskFolders({ place, git }: Workspace): Promise<void> {
  await rm(join(place.directory, ".dispatch"), { recursive: true, force: true });
  await hideTaskFolders(git);
  await exclude({ place, git }, ["/.dispatch/"]);
}

/**
 * Hides from git what earlier steps have left in the tree, files with credentials among it: it is there for the worker, and is none of
 * its work.
 */
export async function excludeLeftovers({ place, git, log }: Workspace): Promise<void> {
  const { stdout } = await git(["ls-files", "-o", "--exclude-standard", "--directory", "--no-empty-directory", "-z"]);
  const found = stdout.split("\0").filter((path) => path !== "" && !path.includes("\n"));
  if (found.length === 0) return;
  log.info(`Files that were here before are not committed: ${found.slice(0, 10).join(", ")}`);
  await exclude({ place, git }, found.map(patternFor));
}

/**
 * Commits on HEAD, wherever the worker has put it.
 * @param tip where `.dispatch/` is taken from: the code's branch holds what it held before, whatever the worker has staged
 */
export async function commitChanges(
  { place, git, log }: Workspace,
  { text, bot, tip }: { readonly text: CommitText; readonly bot: Identity; readonly tip: string },
): Promise<boolean> {
  await unlocked(() => addAll(git, log));
  await restoreTaskFolders(git, tip);
  await dropForeignRepositories(place, git, log);
  const { code } = await git(["diff", "--cached", "--quiet", "--no-ext-diff", "--ignore-submodules=none"], {
    allow: [1],
  });
  if (code === 0) return false;
  const message = ["commit", "-q", "-F", "-", "--cleanup=whitespace", "--no-verify", "--no-gpg-sign"];
  const committed = await unlocked(() =>
    git([...message, `--author=${bot.name} <${bot.email}>`], {
      input: commitMessage(text, bot),
      env: { GIT_COMMITTER_NAME: bot.name, GIT_COMMITTER_EMAIL: bot.email },
      allow: [1],
    }),
  );
  // The worker may have committed the same between our two looks.
  return committed.code === 0;
}

/** The commits that hold the worker's work: HEAD, and the work branch where the worker has left it aside. */
export async function workHeads({ git }: Workspace, branch: string): Promise<readonly string[]> {
  const shas: string[] = [];
  for (const name of [`refs/heads/${branch}`, "HEAD"]) {
    const { code, stdout } = await git(["rev-parse", "--verify", "-q", `${name}^{commit}`], { allow: [1, 128] });
    if (code === 0) shas.push(stdout.trim());
  }
  const [own, head] = shas;
  if (own === undefined || head === undefined || own === head) return shas.slice(0, 1);
  if ((await git(["merge-base", "--is-ancestor", own, head], { allow: [1] })).code === 0) return [head];
  if ((await git(["merge-base", "--is-ancestor", head, own], { allow: [1] })).code === 0) return [own];
  return [own, head];
}

/** True while HEAD is this commit on the work branch and no tracked file is changed: then others' commits may be brought in. */
export async function isAtRest({ git }: Workspace, branch: string, sha: string): Promise<boolean> {
  const ref = await git(["symbolic-ref", "-q", "HEAD"], { allow: [1] });
  const head = await git(["rev-parse", "HEAD"]);
  if (ref.stdout.trim() !== `refs/heads/${branch}` || head.stdout.trim() !== sha) return false;
  return (await git(["status", "--porcelain", "--untracked-files=no"])).stdout === "";
}

async function addAll(git: Git, log: Log): Promise<void> {
  const skipped: string[] = [];
  for (;;) {
    // Not `.dispatch` too: git takes an ignored path that is excluded here for one that we want, and complains.
    const exclude = skipped.map((path) => `:(exclude,top,literal)${path}`);
    try {
      await git(["add", "-A", "--ignore-errors", "--", ":/", ...exclude]);
      return;
    } catch (error) {
      if (!(error instanceof GitFailure) || lockOf(error) !== null) throw error;
      // What could be added would pass for all there is.
      if (machineTrouble(error.stderr) !== null) throw error;
      const empty = /'(.+?)\/?' does not have a commit checked out/.exec(error.stderr)?.[1];
      if (empty === undefined || skipped.length >= 20) {
        // One unreadable file must not cost the others.
        log.warning(`Some files could not be added: ${error.message}`);
        return;
      }
      skipped.push(empty);
    }
  }
}

async function restoreTaskFolders(git: Git, tip: string): Promise<void> {
  const args = ["diff", "--cached", "--quiet", "--no-ext-diff", tip, "--", ":(top).dispatch"];
  const { code } = await git(args, { allow: [1] });
  if (code === 0) return;
  await git(["reset", "-q", tip, "--", ":(top).dispatch"]);
  await hideTaskFolders(git);
}

async function hideTaskFolders(git: Git): Promise<void> {
  const { stdout } = await git(["ls-files", "-z", "--", ":(top).dispatch"]);
  if (stdout === "") return;
  await git(["update-index", "-z", "--skip-worktree", "--stdin"], { input: stdout });
}

/** A repository that the worker has cloned into the tree would become a link that nobody else can follow. */
async function dropForeignRepositories(place: GitPlace, git: Git, log: Log): Promise<void> {
  const { stdout } = await git(["diff", "--cached", "--raw", "-z", "--no-renames", "--no-ext-diff", "--diff-filter=A"]);
  const added = Array.from(stdout.matchAll(/:\d{6} 160000 \S+ \S+ A\0([^\0]+)\0/g), ([, path]) => path ?? "");
  if (added.length === 0) return;
  const submodules = await readFile(join(place.directory, ".gitmodules"), "utf8").catch(() => "");
  const foreign = added.filter((path) => !submodules.includes(`path = ${path}\n`));
  if (foreign.length === 0) return;
  await git(["rm", "-r", "-q", "-f", "--cached", "--", ...foreign.map((path) => `:(top,literal)${path}`)]);
  log.warning(`Repositories inside the workspace are not committed: ${foreign.join(", ")}`);
}

function commitMessage({ message, coAuthor, signoff, task }: CommitText, bot: Identity): string {
  const { id, login } = coAuthor;
  const trailers = [taskTrailer(task), `Co-authored-by: ${login} <${id}+${login}@users.noreply.github.com>`];
  if (signoff) trailers.push(`Signed-off-by: ${bot.name} <${bot.email}>`);
  return `${message.trim() || "Save the work so far"}\n\n${trailers.join("\n")}\n`;
}

/** By this line a commit of ours says for which task it was made. */
export function taskTrailer(task: string): string {
  return `Dispatch-Task: ${task}`;
}

/** The worker's git may hold the lock right now; a killed one may have left it for ever. */
const STALE_LOCK_MS = 10_000;

async function unlocked<T>(action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 2 * STALE_LOCK_MS;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const lock = error instanceof GitFailure ? lockOf(error) : null;
      if (lock === null || Date.now() > deadline) throw error;
      const found = await stat(lock).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > STALE_LOCK_MS) await rm(lock, { force: true });
      else await sleep(200);
    }
  }
}

function lockOf({ stderr }: GitFailure): string | null {
  return /Unable to create '(.*\/index\.lock)': File exists/.exec(stderr)?.[1] ?? null;
}
