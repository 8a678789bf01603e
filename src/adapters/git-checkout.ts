import { join } from "node:path";
import { Problem } from "../core/problem.ts";
import type { Work } from "../core/task.ts";
import type { Checkout, CommitText, Pushed, WorkSummary } from "../flows/machine-ports.ts";
import type { Log, PullState } from "../flows/ports.ts";
import { editedAgentConfig, type Replaced, replaceAgentConfig, showHidden } from "./git-agent-config.ts";
import { GitFailure } from "./git-command.ts";
import { removeCredentials } from "./git-credentials.ts";
import { ownRepository, REFS } from "./git-own-repository.ts";
import { bringBack, pushHead } from "./git-push.ts";
import { NOTHING, savedLines, summarize } from "./git-summary.ts";
import {
  clearTaskFolders,
  commitChanges,
  ensureIdentity,
  ensureRepository,
  excludeLeftovers,
  fetchLocally,
  type Identity,
  resetTo,
  switchTo,
  taskTrailer,
  workHeads,
  workspaceAt,
} from "./git-workspace.ts";

export interface GitCheckoutOptions {
  readonly workspace: string;
  readonly remoteUrl: string;
  /** The token of the moment: one that ends is replaced by another while we work. */
  readonly token: () => Promise<string>;
  /** A directory of ours, outside the workspace. */
  readonly tempDir: string;
  /** Who the commits are made by. */
  readonly bot: Identity;
  readonly log: Log;
}

/**
 * The workspace and, beside it, a repository of our own that does everything that needs the token. Commits travel between the two as
 * data only.
 */
export function gitCheckout({ workspace, remoteUrl, token, tempDir, bot, log }: GitCheckoutOptions): Checkout {
  const tree = workspaceAt(workspace, log);
  const own = ownRepository({ directory: join(tempDir, "repository.git"), remoteUrl, token, bot });
  // An item is committed the moment it is ticked, also while an earlier one is still on its way to GitHub.
  const inTree = queue();
  /** What has been put in the place of the branch's own configuration for agents. */
  let replaced: readonly Replaced[] = [];
  /** Files of which people know that what the worker made of them stays here. */
  const told = new Set<string>();
  const inOwn = queue();

  async function heads(): Promise<readonly string[]> {
    const note = await own.remembered();
    if (note === null) throw new Error("The workspace has not been prepared.");
    return workHeads(tree, note.local);
  }

  async function prepare(work: Work, task: string): Promise<void> {
    const pull = work.readOnly === true ? work.pull : null;
    const { base: onto, branch, onPullRequest } = work;
    const { base, remote } = await own.fetch({
      task,
      base: onto,
      branch,
      local: branch,
      pull,
      isOurs: !onPullRequest,
    });
    if (pull !== null && remote === null) throw missingPull(pull);
    // What is beyond the base could not be told, and no pull request could be opened.
    if (base === null && pull === null) throw missingBase(onto);
    const tip = remote ?? base;
    if (tip === null) throw missingBase(onto);
    await own.set("source", tip);
    await ensureRepository(tree, remoteUrl);
    await removeCredentials(tree.git);
    const seen = pull === null ? work.branch : `pull/${pull}`;
    const refs = [`+${REFS.source}:refs/remotes/origin/${remote === null ? work.base : seen}`];
    if (remote !== null && base !== null) refs.push(`+${REFS.base}:refs/remotes/origin/${work.base}`);
    await fetchLocally(tree, own.place.directory, refs);
    await showHidden(tree);
    await switchTo(tree, work.branch, tip);
    await clearTaskFolders(tree);
    replaced = await replaceAgentConfig(tree, onPullRequest || pull !== null ? { base, tip } : null);
    await excludeLeftovers(tree);
    await ensureIdentity(tree, bot);
  }

  async function save(text: CommitText): Promise<boolean> {
    const [note, source] = await Promise.all([own.remembered(), own.get("source")]);
    if (note === null || source === null) throw new Error("The workspace has not been prepared.");
    // A worker that has deleted `.git` has still worked on the files.
    if (await ensureRepository(tree, remoteUrl)) {
      await fetchLocally(tree, own.place.directory, [REFS.source]);
      await resetTo(tree, note.local, source);
    }
    const tip = (await own.get("remote")) ?? source;
    // After a rebase that the workspace has not followed, the remote's tip is not known there.
    const { code } = await tree.git(["cat-file", "-e", `${tip}^{commit}`], { allow: [1, 128] });
    await warnOfAgentConfig();
    return commitChanges(tree, { text, bot, tip: code === 0 ? tip : "HEAD" });
  }

  async function warnOfAgentConfig(): Promise<void> {
    const untold = (await editedAgentConfig(tree, replaced)).filter((path) => !told.has(path));
    if (untold.length === 0) return;
    for (const path of untold) told.add(path);
    log.warning(
      `The branch's own version of these files is kept, since the worker has never seen it: ${untold.join(", ")}`,
    );
  }

  /** Nothing of what was made on a fork's code leaves the runner. */
  async function isReadOnly(): Promise<boolean> {
    return ((await own.remembered())?.pull ?? null) !== null;
  }

  async function push(pull: PullState = "open"): Promise<Pushed> {
    if (await isReadOnly()) return { kind: "nothing" };
    let pushed: Pushed = { kind: "nothing" };
    for (const [index, head] of (await heads()).entries()) {
      const next = await pushHead(own, tree.place, { sha: head, onWorkBranch: index === 0 }, pull);
      if (next.kind === "pushed") await inTree(() => bringBack(own, tree, head));
      if (next.kind !== "nothing") pushed = next;
      if (next.kind === "refused") break;
    }
    return pushed;
  }

  async function summary(): Promise<WorkSummary> {
    if (await isReadOnly()) return NOTHING;
    const [head] = await heads();
    if (head !== undefined) await own.take(tree.place, head);
    const isNew = head !== undefined && (await own.newCommits(head)) > 0;
    return summarize(own, isNew ? head : ((await own.get("remote")) ?? head ?? null));
  }

  async function saved(task: string): Promise<readonly string[]> {
    const remote = await own.get("remote");
    return remote === null || (await isReadOnly()) ? [] : savedLines(own, remote, taskTrailer(task));
  }

  async function bundle(): Promise<string | null> {
    if (await isReadOnly()) return null;
    const note = await own.remembered();
    for (const head of await heads()) {
      await own.take(tree.place, head);
      if (note !== null && (await own.newCommits(head)) > 0) return own.bundle(head, note.branch);
    }
    return null;
  }

  return {
    directory: workspace,
    prepare: (work, { id }) => inOwn(() => prepare(work, id).catch(rethrowAsProblem)),
    adopt: (_work, { id }) => inOwn(async () => (await own.remembered())?.task === id),
    save: (text) => inTree(() => save(text)),
    push: (pull) => inOwn(() => push(pull)),
    summary: () => inOwn(summary),
    saved: (task) => inOwn(() => saved(task)),
    bundle: () => inOwn(bundle),
  };
}

function missingPull(pull: number): Problem {
  return new Problem(
    "checkout-failed",
    `The code of pull request #${pull} is not there any more.`,
    "Write the command again on a pull request that exists.",
  );
}

function missingBase(branch: string): Problem {
  return new Problem(
    "base-missing",
    `The branch \`${branch}\` does not exist in this repository.`,
    "Create it, or write the command again on a branch that exists.",
  );
}

function rethrowAsProblem(error: unknown): never {
  if (!(error instanceof GitFailure)) throw error;
  // Refused credentials make git ask for others.
  const unauthorized = /could not read Username|Authentication failed/.test(error.stderr);
  const words = unauthorized ? "the run's token is not accepted." : error.message;
  throw new Problem(
    "checkout-failed",
    `The repository could not be checked out: ${words}`,
    "Check that the run's token may read the repository (`permissions: contents: write`), then retry.",
    { cause: error },
  );
}

/** Two git commands at once in one repository would find each other's locks. */
function queue(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const result = last.then(action);
    last = result.catch(() => undefined);
    return result;
  };
}
