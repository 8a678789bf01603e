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
import { type FetchRefs, fetchPresent, PAUSES, patiently } from "./git-fetch.ts";
import { type PushReport, readPushReport } from "./git-push-report.ts";

/** The remote's branches as last seen, and how far the workspace is contained in them. */
export const REFS = {
  base: "refs/dispatch/base",
  /** The work branch on the remote, or the pull request that is only read. */
  remote: "refs/dispatch/remote/at",
  /** Where the work branch, or the base, was found at the latest look, whatever became of it since. */
  present: "refs/dispatch/present",
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
  /** False for a pull request's branch, which is other people's: if they delete it, it stays deleted. */
  isOurs: z.boolean().default(true),
  /** The pull request whose head is read instead of the branch: then nothing is pushed. */
  pull: z.number().nullable().default(null),
  /** What the remote has got from us, oldest first: commits that are ours, whoever's lie between the stretches. */
  stretches: z.array(z.object({ after: z.string(), until: z.string() })).default([]),
});
export type Note = z.infer<typeof Note>;

/** Enough to join other people's commits and to show the worker some history; more is fetched when it proves too little. */
const DEPTH = 100;

export interface OwnRepositoryOptions {
  readonly directory: string;
  readonly remoteUrl: string;
  /** Asked before every command that reaches the remote. */
  readonly token: () => Promise<string>;
  readonly bot: { readonly name: string; readonly email: string };
}

/**
 * A bare repository that the worker never writes to. Everything that needs the token happens here, so that nothing planted in the
 * workspace (hooks, `insteadOf`, credential helpers) ever meets it. Its refs and its note outlive the process.
 */
export interface OwnRepository {
  readonly place: GitPlace;
  readonly git: Git;
  /** Starts anew with the tips of the base and of the work branch (or the pull request); null for one that the remote has not. */
  fetch(note: z.input<typeof Note>): Promise<{ readonly base: string | null; readonly remote: string | null }>;
  /** Looks where a branch stands on the remote now. */
  look(branch: string): Promise<string | null>;
  /** Brings a commit of the workspace here, as data. */
  take(from: GitPlace, sha: string): Promise<void>;
  get(ref: RefName): Promise<string | null>;
  set(ref: RefName, sha: string): Promise<void>;
  isAncestor(older: string, newer: string): Promise<boolean>;
  /** How many commits `sha` has that none of the known tips holds. */
  newCommits(sha: string): Promise<number>;
  /** Their messages, oldest first. */
  newMessages(sha: string): Promise<readonly string[]>;
  /** Puts the commits after `since` on top of `onto`; null when they conflict. */
  rebase(sha: string, since: string, onto: string): Promise<string | null>;
  /** The commit after which `onto` begins to lack what lies between the two, by content; null when it has it all. */
  lackingAfter(stretch: { readonly after: string; readonly until: string }, onto: string): Promise<string | null>;
  /**
   * Fast-forward only.
   * @param expected where the branch must stand for that, null for nowhere; `sha` lies on top of it
   */
  push(sha: string, branch: string, expected?: string | null): Promise<PushReport>;
  /** Writes a bundle of what `sha` has beyond what the remote still holds. */
  bundle(sha: string, branch: string): Promise<string>;
  /** Fetches the whole history where it was cut. */
  deepen(): Promise<void>;
  remember(note: Note): Promise<void>;
  /** What an earlier process has left here, or null. */
  remembered(): Promise<Note | null>;
}

export function ownRepository({ directory, remoteUrl, token, bot }: OwnRepositoryOptions): OwnRepository {
  const place = { directory };
  const git = gitIn(place);
  const network = async () => tokenEnvironment(remoteUrl, await token());
  const noteFile = join(directory, "dispatch.json");

  /** Nobody else writes here while this process does, and every item asks for the same few refs many times over. */
  const read = new Map<RefName, Promise<string | null>>();

  const fetchRefs: FetchRefs = async (refspecs, flags = []) => {
    const args = ["fetch", "-q", "--no-tags", "--no-write-fetch-head", ...flags, "--", remoteUrl, ...refspecs];
    try {
      await patiently(async () => git(args, { env: await network() }));
    } finally {
      read.clear();
    }
  };

  async function readRef(ref: RefName): Promise<string | null> {
    const { code, stdout } = await git(["rev-parse", "--verify", "-q", `${REFS[ref]}^{commit}`], { allow: [1] });
    return code === 0 ? stdout.trim() : null;
  }

  function get(ref: RefName): Promise<string | null> {
    const known = read.get(ref);
    if (known !== undefined) return known;
    const reading = readRef(ref);
    read.set(ref, reading);
    reading.catch(() => read.delete(ref));
    return reading;
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
    const branch = (await get("remote")) === null ? [] : [headRefspec(note)];
    await fetchPresent(fetchRefs, [`+refs/heads/${note.base}:${REFS.base}`, ...branch], ["--unshallow"]);
  }

  return {
    place,
    git,
    get,
    isAncestor,
    deepen,
    remembered,

    async fetch(given) {
      const note = Note.parse(given);
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
      read.clear();
      await git(["init", "-q", "--bare", "--template=", "."]);
      await writeFile(noteFile, JSON.stringify(note));
      const refspecs = [`+refs/heads/${note.base}:${REFS.base}`, headRefspec(note)];
      await fetchPresent(fetchRefs, refspecs, [`--depth=${DEPTH}`]);
      return { base: await get("base"), remote: await get("remote") };
    },

    async look(branch) {
      await git(["update-ref", "-d", REFS.present]);
      read.clear();
      await fetchPresent(fetchRefs, [`+refs/heads/${branch}:${REFS.present}`]);
      return get("present");
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
      read.delete(ref);
    },

    async newCommits(sha) {
      const { stdout } = await git(["rev-list", "--count", sha, "--not", ...(await known())]);
      return Number(stdout);
    },

    async newMessages(sha) {
      const { stdout } = await git(["log", "-z", "--reverse", "--format=%B", sha, "--not", ...(await known())]);
      return stdout.split("\0").flatMap((message) => (message.trim() === "" ? [] : [message.trim()]));
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

    async lackingAfter({ after, until }, onto) {
      const { stdout } = await git(["cherry", onto, until, after]);
      const lines = stdout.split("\n").filter((line) => line !== "");
      const first = lines.find((line) => line.startsWith("+ "));
      if (first !== undefined) return (await git(["rev-parse", `${first.slice(2)}^1`])).stdout.trim();
      // Merges are not in the list.
      return lines.length > 0 || (await isAncestor(until, onto)) ? null : after;
    },

    async push(sha, branch, expected) {
      // Of two histories that both lead to ours, plain git would take the older one for a branch that is behind, and so bring back
      // what somebody has removed. The lease makes the push a compare-and-swap; it only ever refuses more.
      const lease = expected === undefined ? [] : [`--force-with-lease=refs/heads/${branch}:${expected ?? ""}`];
      const target = `${sha}:refs/heads/${branch}`;
      const args = ["push", "--porcelain", "--no-follow-tags", ...lease, "--", remoteUrl, target];
      const allow = [1, 128];
      let result: GitResult = await git(args, { env: await network(), allow });
      // A push with a lost reply may be repeated: a second one finds its commit there.
      for (const pause of PAUSES) {
        if (result.code === 0 || !isPassing(result.stderr)) break;
        await sleep(pause);
        result = await git(args, { env: await network(), allow });
      }
      return readPushReport(result);
    },

    async bundle(sha, branch) {
      const file = join(directory, "dispatch-work.bundle");
      // A bundle names refs, and its readers know the branch's name.
      await git(["update-ref", `refs/heads/${branch}`, sha]);
      const there = [(await get("present")) ?? (await get("remote")), await get("base")].filter((tip) => tip !== null);
      await git(["bundle", "create", "-q", file, `refs/heads/${branch}`, "--not", ...new Set(there)]);
      return file;
    },

    async remember(note) {
      await writeFile(noteFile, JSON.stringify(note));
    },
  };
}

function headRefspec({ branch, pull }: Note): string {
  return pull === null ? branchRefspec(branch) : `+refs/pull/${pull}/head:${REFS.remote}`;
}

/**
 * A pattern may match nothing, where a plain name that the remote does not have would be an error: a new task's branch does not
 * exist yet, and asking first would cost a round trip.
 */
function branchRefspec(branch: string): string {
  return branch.startsWith("dispatch/")
    ? `+refs/heads/${branch}*:${REFS.remote}*`
    : `+refs/heads/${branch}:${REFS.remote}`;
}

async function isCut(git: Git): Promise<boolean> {
  return (await git(["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
}
