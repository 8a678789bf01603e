import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  copyObjects,
  type Git,
  GitFailure,
  type GitPlace,
  type GitResult,
  gitIn,
  isPassing,
  tokenEnvironment,
} from "./git-command.ts";
import { type PushReport, readPushReport } from "./git-push-report.ts";

/** The remote's branches as last seen, and how far the workspace is contained in them. */
export const REFS = {
  base: "refs/dispatch/base",
  /** The work branch on the remote. */
  remote: "refs/dispatch/remote/at",
  /** The workspace's last commit whose content the remote's work branch holds. */
  source: "refs/dispatch/source",
} as const;

type RefName = keyof typeof REFS;

/** What a later process must know to go on: for which task, and between which branches. */
const Note = z.object({
  task: z.string(),
  base: z.string(),
  /** The work branch as the workspace calls it. */
  local: z.string(),
  /** Where it is pushed. */
  branch: z.string(),
});
type Note = z.infer<typeof Note>;

/** Enough to join other people's commits and to show the worker some history; more is fetched when it proves too little. */
const DEPTH = 100;

export interface OwnRepositoryOptions {
  readonly directory: string;
  readonly remoteUrl: string;
  readonly token: string;
  readonly bot: { readonly name: string; readonly email: string };
}

/**
 * A bare repository that the worker never writes to. Everything that needs the token happens here, so that nothing planted in the
 * workspace (hooks, `insteadOf`, credential helpers) ever meets it. Its refs and its note outlive the process.
 */
export interface OwnRepository {
  readonly place: GitPlace;
  readonly git: Git;
  /** Starts anew with the tips of the base and of the work branch; null for a branch that the remote has not. */
  fetch(note: Note): Promise<{ readonly base: string | null; readonly remote: string | null }>;
  /** Looks again where the work branch stands on the remote. */
  refetch(branch: string): Promise<string | null>;
  /** Brings a commit of the workspace here, as data. */
  take(from: GitPlace, sha: string): Promise<void>;
  get(ref: RefName): Promise<string | null>;
  set(ref: RefName, sha: string): Promise<void>;
  isAncestor(older: string, newer: string): Promise<boolean>;
  /** How many commits `sha` has that none of the known tips holds. */
  newCommits(sha: string): Promise<number>;
  /** Puts the commits after `since` on top of `onto`; null when they conflict. */
  rebase(sha: string, since: string, onto: string): Promise<string | null>;
  /** Fast-forward only. */
  push(sha: string, branch: string): Promise<PushReport>;
  /** Fetches the whole history where it was cut. */
  deepen(): Promise<void>;
  remember(note: Note): Promise<void>;
  /** What an earlier process has left here, or null. */
  remembered(): Promise<Note | null>;
}

export function ownRepository({ directory, remoteUrl, token, bot }: OwnRepositoryOptions): OwnRepository {
  const place = { directory };
  const git = gitIn(place);
  const network = tokenEnvironment(remoteUrl, token);
  const noteFile = join(directory, "dispatch.json");

  async function fetchRefs(refspecs: readonly string[], flags: readonly string[] = []): Promise<void> {
    const args = ["fetch", "-q", "--no-tags", "--no-write-fetch-head", ...flags, "--", remoteUrl, ...refspecs];
    await patiently(() => git(args, { env: network }));
  }

  async function get(ref: RefName): Promise<string | null> {
    const { code, stdout } = await git(["rev-parse", "--verify", "-q", `${REFS[ref]}^{commit}`], { allow: [1] });
    return code === 0 ? stdout.trim() : null;
  }

  async function known(): Promise<string[]> {
    const tips = await Promise.all([get("source"), get("remote"), get("base")]);
    return [...new Set(tips.filter((tip) => tip !== null))];
  }

  async function isAncestor(older: string, newer: string): Promise<boolean> {
    return (await git(["merge-base", "--is-ancestor", older, newer], { allow: [1] })).code === 0;
  }

  async function remembered(): Promise<Note | null> {
    const text = await readFile(noteFile, "utf8").catch(() => null);
    return text === null ? null : (Note.safeParse(JSON.parse(text)).data ?? null);
  }

  async function deepen(): Promise<void> {
    const note = await remembered();
    if (note === null || !(await isCut(git))) return;
    const branch = (await get("remote")) === null ? [] : [branchRefspec(note.branch)];
    await fetchRefs([`+refs/heads/${note.base}:${REFS.base}`, ...branch], ["--unshallow"]);
  }

  return {
    place,
    git,
    get,
    isAncestor,
    deepen,
    remembered,

    async fetch(note) {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
      await git(["init", "-q", "--bare", "--template=", "."]);
      await writeFile(noteFile, JSON.stringify(note));
      const refspecs = [`+refs/heads/${note.base}:${REFS.base}`, branchRefspec(note.branch)];
      await fetchPresent((present) => fetchRefs(present, [`--depth=${DEPTH}`]), refspecs);
      return { base: await get("base"), remote: await get("remote") };
    },

    async refetch(branch) {
      await git(["update-ref", "-d", REFS.remote]);
      await fetchPresent((present) => fetchRefs(present), [`+refs/heads/${branch}:${REFS.remote}`]);
      return get("remote");
    },

    async take(from, sha) {
      const there = gitIn(from);
      const shared: string[] = [];
      for (const tip of await known()) {
        if ((await there(["cat-file", "-e", `${tip}^{commit}`], { allow: [1, 128] })).code === 0) shared.push(tip);
      }
      if (shared.includes(sha)) return;
      const revisions = [sha, ...shared.map((tip) => `^${tip}`)];
      try {
        await copyObjects(from, place, revisions);
      } catch (error) {
        // The worker may build on a commit that lies beyond the cut of our history.
        if (!(error instanceof GitFailure) || !(await isCut(git))) throw error;
        await deepen();
        await copyObjects(from, place, revisions);
      }
    },

    async set(ref, sha) {
      await git(["update-ref", REFS[ref], sha]);
    },

    async newCommits(sha) {
      const { stdout } = await git(["rev-list", "--count", sha, "--not", ...(await known())]);
      return Number(stdout);
    },

    async rebase(sha, since, onto) {
      const tree = join(directory, "rebase");
      await rm(tree, { recursive: true, force: true });
      await git(["worktree", "prune"]);
      await git(["worktree", "add", "-q", "--detach", tree, sha]);
      try {
        const there = gitIn({ directory: tree });
        const env = { GIT_COMMITTER_NAME: bot.name, GIT_COMMITTER_EMAIL: bot.email };
        // Merges of the worker stay merges: flattening them would copy other people's commits.
        const args = ["rebase", "-q", "--rebase-merges", "--no-fork-point", "--no-autostash", "--onto", onto, since];
        const { code } = await there(args, { env, allow: [1, 128] });
        return code === 0 ? (await there(["rev-parse", "HEAD"])).stdout.trim() : null;
      } finally {
        await git(["worktree", "remove", "--force", tree], { allow: [128] });
      }
    },

    async push(sha, branch) {
      const args = ["push", "--porcelain", "--no-follow-tags", "--", remoteUrl, `${sha}:refs/heads/${branch}`];
      const allow = [1, 128];
      let result: GitResult = await git(args, { env: network, allow });
      // A push with a lost reply may be repeated: a second one finds its commit there.
      for (const pause of PAUSES) {
        if (result.code === 0 || !isPassing(result.stderr)) break;
        await sleep(pause);
        result = await git(args, { env: network, allow });
      }
      return readPushReport(result);
    },

    async remember(note) {
      await writeFile(noteFile, JSON.stringify(note));
    },
  };
}

const PAUSES = [500, 2000, 5000];

/**
 * A pattern may match nothing, where a plain name that the remote does not have would be an error: a new task's branch does not
 * exist yet, and asking first would cost a round trip.
 */
function branchRefspec(branch: string): string {
  return branch.startsWith("dispatch/")
    ? `+refs/heads/${branch}*:${REFS.remote}*`
    : `+refs/heads/${branch}:${REFS.remote}`;
}

/** Fetches those of the branches that the remote has. */
async function fetchPresent(
  fetchRefs: (refspecs: readonly string[]) => Promise<void>,
  refspecs: readonly string[],
): Promise<void> {
  try {
    if (refspecs.length > 0) await fetchRefs(refspecs);
  } catch (error) {
    // A pattern alone that matches nothing fails as well, without a word.
    if (error instanceof GitFailure && error.stderr.trim() === "") return;
    const missing = error instanceof GitFailure ? /couldn't find remote ref (\S+)/.exec(error.stderr)?.[1] : undefined;
    const rest = refspecs.filter((refspec) => !refspec.startsWith(`+${missing}:`));
    if (missing === undefined || rest.length === refspecs.length) throw error;
    await fetchPresent(fetchRefs, rest);
  }
}

async function patiently(attempt: () => Promise<unknown>): Promise<void> {
  for (const pause of PAUSES) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!(error instanceof GitFailure) || !isPassing(error.stderr)) throw error;
      await sleep(pause);
    }
  }
  await attempt();
}

async function isCut(git: Git): Promise<boolean> {
  return (await git(["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
}
