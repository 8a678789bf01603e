import { join } from "node:path";
import { Problem } from "../core/problem.ts";
import type { Work } from "../core/task.ts";
import type { Checkout, CommitText, Log, Pushed, WorkSummary } from "../flows/ports.ts";
import { GitFailure } from "./git-command.ts";
import { removeCredentials } from "./git-credentials.ts";
import { ownRepository, REFS } from "./git-own-repository.ts";
import { bringBack, pushHead } from "./git-push.ts";
import { summarize } from "./git-summary.ts";
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
  workHeads,
  workspaceAt,
} from "./git-workspace.ts";

export interface GitCheckoutOptions {
  readonly workspace: string;
  readonly remoteUrl: string;
  readonly token: string;
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
  const inOwn = queue();

  async function heads(): Promise<readonly string[]> {
    const note = await own.remembered();
    if (note === null) throw new Error("The workspace has not been prepared.");
    return workHeads(tree, note.local);
  }

  async function prepare(work: Pick<Work, "base" | "branch">, task: string): Promise<void> {
    const { base, remote } = await own.fetch({ task, base: work.base, branch: work.branch, local: work.branch });
    const tip = remote ?? base;
    if (tip === null) throw missingBranch(work.base);
    await own.set("source", tip);
    await ensureRepository(tree, remoteUrl);
    await removeCredentials(tree.git);
    const refs = [`+${REFS.source}:refs/remotes/origin/${remote === null ? work.base : work.branch}`];
    if (remote !== null && base !== null) refs.push(`+${REFS.base}:refs/remotes/origin/${work.base}`);
    await fetchLocally(tree, own.place.directory, refs);
    await switchTo(tree, work.branch, tip);
    // Configuration for agents that the branch ships is replaced here, before any worker sees the tree.
    await clearTaskFolders(tree);
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
    return commitChanges(tree, { text, bot, tip: code === 0 ? tip : "HEAD" });
  }

  async function push(): Promise<Pushed> {
    let pushed: Pushed = { kind: "nothing" };
    for (const [index, head] of (await heads()).entries()) {
      const next = await pushHead(own, tree.place, { sha: head, onWorkBranch: index === 0 });
      if (next.kind === "pushed") await inTree(() => bringBack(own, tree, head));
      if (next.kind !== "nothing") pushed = next;
      if (next.kind === "refused") break;
    }
    return pushed;
  }

  async function summary(): Promise<WorkSummary> {
    const [head] = await heads();
    if (head !== undefined) await own.take(tree.place, head);
    const isNew = head !== undefined && (await own.newCommits(head)) > 0;
    return summarize(own, isNew ? head : ((await own.get("remote")) ?? head ?? null));
  }

  return {
    directory: workspace,
    prepare: ({ base, branch }, { id }) => inOwn(() => prepare({ base, branch }, id).catch(rethrowAsProblem)),
    adopt: (_work, { id }) => inOwn(async () => (await own.remembered())?.task === id),
    save: (text) => inTree(() => save(text)),
    push: () => inOwn(push),
    summary: () => inOwn(summary),
  };
}

function missingBranch(branch: string): Problem {
  return new Problem(
    "checkout-failed",
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
