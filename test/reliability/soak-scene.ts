import { isPending } from "../../src/core/lifecycle.ts";
import { readMark } from "../../src/core/marker.ts";
import { parseTaskRef, readTask, type Task, type TaskFiles, type TaskRef, taskFolder } from "../../src/core/task.ts";
import { readCommit } from "../../src/playground/github/git-objects.ts";
import type { IssueComment } from "../../src/playground/github/repository.ts";
import { filesAt } from "../crash/history.ts";
import type { World } from "../stories/world.ts";

/** A task as its branch has it now. */
export interface Seen {
  readonly ref: TaskRef;
  readonly task: Task;
  readonly files: TaskFiles;
  readonly oid: string;
}

/** What anybody could see on GitHub, looked up without a request: people's looking must not cost what they measure. */
export class Scene {
  readonly world: World;
  readonly #known = new Map<string, Seen>();

  constructor(world: World) {
    this.world = world;
  }

  /** Every task there is. */
  async tasks(): Promise<readonly Seen[]> {
    const { git } = this.world.playground.repository;
    const seen: Seen[] = [];
    for (const { name, oid } of await git.refs("refs/heads/dispatch/tasks/")) {
      const ref = parseTaskRef(name.replace("refs/heads/dispatch/tasks/", ""));
      if (ref === null) throw new Error(`${name} is no task's branch.`);
      const known = this.#known.get(name);
      if (known?.oid === oid) {
        seen.push(known);
        continue;
      }
      const commit = await readCommit(git, oid);
      if (commit === null) throw new Error(`There is no commit ${oid}.`);
      const files = await filesAt(git, commit.tree, `${taskFolder(ref)}/`);
      const fresh = { ref, files, oid, task: readTask(files) };
      this.#known.set(name, fresh);
      seen.push(fresh);
    }
    return seen;
  }

  comments(thread: number): readonly IssueComment[] {
    return this.world.playground.repository.issues.get(thread)?.comments ?? [];
  }

  /** Comments that Dispatch has written. */
  ours(thread: number): readonly IssueComment[] {
    return this.comments(thread).filter(({ user, body }) => user.login.endsWith("[bot]") && readMark(body) !== null);
  }

  /** The question as it stands in the thread, or undefined where it is not shown. */
  question({ ref }: Seen, number: string): IssueComment | undefined {
    return this.ours(Number(ref.thread)).find(({ body }) => {
      const mark = readMark(body);
      return mark?.kind === "question" && mark.ref.id === ref.id && mark.question === number;
    });
  }

  status({ ref }: Pick<Seen, "ref">): IssueComment | undefined {
    return this.ours(Number(ref.thread)).find(({ body }) => {
      const mark = readMark(body);
      return mark?.kind === "status" && mark.ref.id === ref.id;
    });
  }
}

/** Nobody has to do anything about it any more. What has waited for another one that failed stays as it is. */
export function isOver({ state }: Task): boolean {
  if (state.kind !== "finished") return false;
  return state.outcome.kind !== "failed" || state.outcome.cause === "dependency";
}

/** Somebody's machine works on it, or is about to. */
export function isBusy({ state }: Task): boolean {
  return state.kind !== "finished" && state.kind !== "parked" && !isPending(state);
}
