import type { Pushed } from "../flows/ports.ts";
import { GitFailure, type GitPlace } from "./git-command.ts";
import { type OwnRepository, REFS } from "./git-own-repository.ts";
import { fetchLocally, isAtRest, type Workspace } from "./git-workspace.ts";

const TRIES = 5;

export interface Head {
  readonly sha: string;
  /** True for the work branch itself, false for commits that the worker has made elsewhere. */
  readonly onWorkBranch: boolean;
}

/** Brings one head of the workspace to the work branch. Nothing is ever forced. */
export async function pushHead(
  own: OwnRepository,
  workspace: GitPlace,
  { sha: head, onWorkBranch }: Head,
): Promise<Pushed> {
  try {
    await own.take(workspace, head);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return { kind: "refused", sentence: `The worker's commits cannot be read: ${error.message}` };
  }
  if ((await own.newCommits(head)) === 0) return { kind: "nothing" };
  const note = await branchNote(own);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const joined = await join(own, head, { mayReplace: onWorkBranch && attempt === 0 });
    if (joined === null) return moveAside(own, head);
    const report = await own.push(joined, note.branch);
    switch (report.kind) {
      case "ok":
        await own.set("remote", joined);
        await own.set("source", head);
        return { kind: "pushed", head: joined };
      case "refused":
        return report;
      case "behind":
        await own.refetch(note.branch);
        break;
    }
  }
  return {
    kind: "refused",
    sentence: `Others push to ${note.branch} faster than the work could be joined with theirs.`,
  };
}

/** Lets the workspace follow commits that were joined with other people's, unless the worker is in the middle of something. */
export async function bringBack(own: OwnRepository, tree: Workspace, head: string): Promise<void> {
  const { local } = await branchNote(own);
  const remote = await own.get("remote");
  if (remote === null || remote === head || !(await isAtRest(tree, local, head))) return;
  try {
    await fetchLocally(tree, own.place.directory, [REFS.remote]);
    // Refuses rather than overwrite what the worker changes at this moment.
    await tree.git(["reset", "-q", "--keep", remote]);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    tree.log.info(`The workspace stays without others' commits for now: ${error.message}`);
    return;
  }
  await own.set("source", remote);
}

/** The head as it can be pushed: on top of what the remote holds. Null when the two conflict. */
async function join(
  own: OwnRepository,
  head: string,
  { mayReplace }: { readonly mayReplace: boolean },
): Promise<string | null> {
  const remote = await own.get("remote");
  if (remote === null || (await own.isAncestor(remote, head))) return head;
  const source = await own.get("source");
  const since = source !== null && (await own.isAncestor(source, head)) ? source : remote;
  const rebased = await own.rebase(head, since, remote);
  if (rebased !== null || !mayReplace || source !== remote) return rebased;
  // Nobody else has pushed, so it is the worker who has rewritten its own commits: the result counts, as one more commit.
  return commitTree(own, head, remote);
}

async function commitTree(own: OwnRepository, head: string, parent: string): Promise<string> {
  const format = "%an%n%ae%n%ad%n%cn%n%ce%n%B";
  const { stdout } = await own.git(["show", "-s", "--date=raw", `--format=${format}`, head]);
  const [name = "", email = "", date = "", committer = "", committerEmail = "", ...message] = stdout.split("\n");
  const commit = await own.git(["commit-tree", `${head}^{tree}`, "-p", parent, "-F", "-"], {
    input: `${message.join("\n").trim()}\n`,
    env: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: committer,
      GIT_COMMITTER_EMAIL: committerEmail,
    },
  });
  return commit.stdout.trim();
}

/** A branch of the task's own for work that others' commits stand in the way of. Later pushes go there too. */
async function moveAside(own: OwnRepository, head: string): Promise<Pushed> {
  const note = await branchNote(own);
  const names = [`dispatch/${note.task}`, ...[2, 3, 4, 5].map((nth) => `dispatch/${note.task}-${nth}`)];
  for (const branch of names.filter((name) => name !== note.branch)) {
    const report = await own.push(head, branch);
    if (report.kind === "refused") return report;
    if (report.kind === "behind") continue;
    await own.remember({ ...note, branch });
    await own.set("remote", head);
    await own.set("source", head);
    return { kind: "moved", branch, head };
  }
  return { kind: "refused", sentence: `No branch is free for the work: ${names.join(", ")} all hold something else.` };
}

async function branchNote(own: OwnRepository) {
  const note = await own.remembered();
  if (note === null) throw new Error("The workspace has not been prepared.");
  return note;
}
