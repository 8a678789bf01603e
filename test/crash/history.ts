import { isDeepStrictEqual } from "node:util";
import { next, type TaskEvent } from "../../src/core/lifecycle.ts";
import {
  type Outcome,
  parseTaskRef,
  type Run,
  readTask,
  type TaskFiles,
  type TaskRef,
  type TaskState,
  taskFolder,
} from "../../src/core/task.ts";
import { readCommit } from "../../src/playground/github/git-objects.ts";
import type { GitStore } from "../../src/playground/github/git-store.ts";
import { walkTree } from "../../src/playground/github/git-trees.ts";

/** One commit of a task's branch. */
export interface Moment {
  readonly oid: string;
  readonly message: string;
  readonly files: TaskFiles;
}

/** Every task branch of a repository, or of one thread, with all its commits, oldest first. */
export async function histories(
  git: GitStore,
  thread?: string,
): Promise<readonly { readonly ref: TaskRef; readonly moments: readonly Moment[] }[]> {
  const found = [];
  for (const { name, oid } of await git.refs(`refs/heads/dispatch/tasks/${thread === undefined ? "" : `${thread}/`}`)) {
    const ref = parseTaskRef(name.replace("refs/heads/dispatch/tasks/", ""));
    if (ref !== null) found.push({ ref, moments: await momentsOf(git, oid, ref) });
  }
  return found;
}

async function momentsOf(git: GitStore, head: string, ref: TaskRef): Promise<readonly Moment[]> {
  const moments: Moment[] = [];
  for (let oid: string | undefined = head; oid !== undefined; ) {
    const commit = await readCommit(git, oid);
    if (commit === null) throw new Error(`There is no commit ${oid}.`);
    moments.unshift({ oid, message: commit.message, files: await filesAt(git, commit.tree, `${taskFolder(ref)}/`) });
    oid = commit.parents[0];
  }
  return moments;
}

export async function filesAt(git: GitStore, tree: string, folder: string): Promise<TaskFiles> {
  const files: Record<string, string> = {};
  for (const { path, oid } of await walkTree(git, tree)) {
    if (path.startsWith(folder)) files[path.slice(folder.length)] = (await git.object(oid))?.data.toString() ?? "";
  }
  return files;
}

/**
 * Goes through a branch's history by the lifecycle alone: every state must follow from the one before it by an event.
 * @returns the state at the end, or the sentence that says where it breaks off
 */
export function replay(moments: readonly Moment[]): { readonly state: TaskState } | { readonly broken: string } {
  let state: TaskState | null = null;
  for (const { files, message } of moments) {
    const { state: live } = readTask(files);
    // The first commit is the acceptance; it says where the task begins.
    const replayed: TaskState | null = state === null ? live : reach(state, live);
    if (replayed === null) return { broken: `"${message}" leads from ${state?.kind} to ${live.kind} by no event.` };
    state = replayed;
  }
  return state === null ? { broken: "There is no commit." } : { state };
}

/** The state after what one commit stands for: an event, or several questions at once. */
function reach(from: TaskState, live: TaskState): TaskState | null {
  if (isDeepStrictEqual(from, live)) return from;
  // Which plan people have been shown is no step of the task's life: it is recorded once their comment stands.
  if (from.kind === "planned" && live.kind === "planned" && isDeepStrictEqual({ ...from, shown: live.shown }, live)) {
    return live;
  }
  for (const event of eventsBetween(from, live)) {
    const state = next(from, event);
    if (state === null) continue;
    if (isDeepStrictEqual(state, live)) return state;
    const further = event.kind === "asked" || event.kind === "answered" ? reach(state, live) : null;
    if (further !== null) return further;
  }
  return null;
}

/** Every event that the two states could be about. */
function eventsBetween(from: TaskState, to: TaskState): readonly TaskEvent[] {
  const at = "at" in to ? to.at : "since" in to ? to.since : "";
  const events: TaskEvent[] = [{ kind: "parked" }, { kind: "requeued", at }];
  const run: Run | null = "run" in to ? to.run : null;
  if (run !== null) events.push({ kind: "claimed", run });
  for (const question of "questions" in to ? to.questions : []) events.push({ kind: "asked", question });
  for (const question of "questions" in from ? from.questions : []) events.push({ kind: "answered", question, at });
  if ("by" in to) events.push({ kind: "cancel-requested", by: to.by, at });
  if (to.kind === "held" || to.kind === "planned" || to.kind === "queued") events.push({ kind: "cleared", to });
  if (to.kind === "confirming" || to.kind === "planned") events.push({ kind: "put-to-person", what: to.kind, at });
  if (to.kind === "finished") {
    const outcome: Outcome = to.outcome;
    events.push({ kind: "finished", outcome, at });
    if (outcome.kind === "cancelled") events.push({ kind: "cancel-requested", by: outcome.by, at });
  }
  return events;
}
