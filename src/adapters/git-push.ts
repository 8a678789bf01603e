import type { Moved, Pushed, RefusedPush } from "../flows/machine-ports.ts";
import type { PullState } from "../flows/ports.ts";
import { GitFailure, type GitPlace } from "./git-command.ts";
import { isRewritten, joinWith, replayOurs, sinceWhen } from "./git-join.ts";
import { type Note, type OwnRepository, REFS } from "./git-own-repository.ts";
import { fetchLocally, isAtRest, type Workspace } from "./git-workspace.ts";

const TRIES = 5;

export interface Head {
  readonly sha: string;
  /** True for the work branch itself, false for commits that the worker has made elsewhere. */
  readonly onWorkBranch: boolean;
}

/**
 * Brings one head of the workspace to the work branch. Nothing is ever forced.
 * @param pull how the pull request stands whose branch that is
 */
export async function pushHead(
  own: OwnRepository,
  workspace: GitPlace,
  { sha: head, onWorkBranch }: Head,
  pull: PullState,
): Promise<Pushed> {
  try {
    await own.take(workspace, head);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return {
      kind: "refused",
      sentence: `The worker's commits cannot be read: ${error.message}`,
      commits: [],
    };
  }
  if ((await own.newCommits(head)) === 0) return { kind: "nothing" };
  const note = await branchNote(own);
  if (pull !== "open" && !note.isOurs) return leaveClosed(own, head, pull);
  const known = await own.get("remote");
  let present = known;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const isDeleted = known !== null && present === null;
    if (isDeleted && !note.isOurs) return moveAside(own, head, { why: "deleted", base: note.base });
    const where = { known, present };
    const rewritten = await isRewritten(own, where);
    const joined = await joinWith(own, head, { ...where, mayReplace: onWorkBranch && attempt === 0 });
    if (joined === null) {
      // Whoever merges it decides what of the two histories stays.
      if (present !== null) await own.set("base", present);
      return moveAside(own, head, { why: rewritten ? "rewritten" : "conflict", base: note.branch });
    }
    const report = await own.push(joined, note.branch, present);
    switch (report.kind) {
      case "ok": {
        const after = present ?? known ?? (await own.get("base"));
        // After a rewriting, all that is ours lies on top of what was found.
        const before = rewritten ? [] : note.stretches;
        const stretches = after === null ? before : withStretch(before, { after, until: joined });
        await arrived(own, head, { ...note, stretches }, joined);
        const found = rewritten ? "rewritten" : isDeleted ? "deleted" : null;
        return { kind: "pushed", head: joined, ...(found === null ? {} : { found }) };
      }
      case "refused":
        return refused(own, head, report.sentence);
      case "behind":
        present = await own.look(note.branch);
        break;
    }
  }
  return refused(own, head, `Others push to ${note.branch} faster than the work could be joined with theirs.`);
}

async function refused(own: OwnRepository, head: string, sentence: string): Promise<RefusedPush> {
  return { kind: "refused", sentence, commits: await own.newMessages(head) };
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

interface Aside {
  readonly why: Moved["why"];
  /** Where the pull request of the branch goes to. */
  readonly base: string;
  /** What goes there, where it is not the workspace's head. */
  readonly commit?: string;
}

/** A branch of the task's own for work that has no place on the branch it was for. Later pushes go there too. */
async function moveAside(own: OwnRepository, head: string, { why, base, commit = head }: Aside): Promise<Pushed> {
  const note = await branchNote(own);
  const names = [`dispatch/${note.task}`, ...[2, 3, 4, 5].map((nth) => `dispatch/${note.task}-${nth}`)];
  for (const branch of names.filter((name) => name !== note.branch)) {
    const report = await own.push(commit, branch);
    if (report.kind === "refused") return refused(own, head, report.sentence);
    if (report.kind === "behind") continue;
    const after = await sinceWhen(own, head, (await own.get("base")) ?? head);
    const stretches = [...note.stretches, { after, until: head }];
    await arrived(own, head, { ...note, branch, base, isOurs: true, stretches }, commit);
    return { kind: "moved", branch, base, why, head: commit };
  }
  return refused(own, head, `No branch is free for the work: ${names.join(", ")} all hold something else.`);
}

/** Nobody looks at the branch of a closed pull request any more. After a merge only what is ours and new is of use. */
async function leaveClosed(own: OwnRepository, head: string, pull: "closed" | "merged"): Promise<Pushed> {
  const { base } = await branchNote(own);
  const known = await own.get("remote");
  const tip = pull === "merged" ? await own.look(base) : null;
  if (tip === null) return moveAside(own, head, { why: pull, base });
  await own.set("base", tip);
  if (known !== null && (await own.isAncestor(known, tip))) return moveAside(own, head, { why: pull, base });
  const commit = (await replayOurs(own, head, { known, onto: tip })) ?? head;
  return commit === tip ? { kind: "nothing" } : moveAside(own, head, { why: pull, base, commit });
}

async function arrived(own: OwnRepository, head: string, note: Note, remote: string): Promise<void> {
  await own.remember(note);
  await own.set("remote", remote);
  await own.set("source", head);
}

/** Commits that follow one another are one stretch, however many pushes have brought them. */
function withStretch(stretches: Note["stretches"], added: Note["stretches"][number]): Note["stretches"] {
  const last = stretches.at(-1);
  if (last === undefined || last.until !== added.after) return [...stretches, added];
  return [...stretches.slice(0, -1), { after: last.after, until: added.until }];
}

async function branchNote(own: OwnRepository) {
  const note = await own.remembered();
  if (note === null) throw new Error("The workspace has not been prepared.");
  return note;
}
