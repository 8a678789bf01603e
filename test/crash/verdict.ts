import { isDeepStrictEqual } from "node:util";
import { WAITING_LABEL } from "../../src/core/event.ts";
import { readMark, renderMark } from "../../src/core/marker.ts";
import { readTask } from "../../src/core/task.ts";
import { readCommit } from "../../src/playground/github/git-objects.ts";
import type { Repository } from "../../src/playground/github/local-github.ts";
import { histories, type Moment, replay } from "./history.ts";
import type { SimWorld } from "./sim-world.ts";

/** What a trial has come to. Every list is empty when nothing was lost and nothing done twice. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  readonly duplicates: readonly string[];
  /** Branches whose history does not give the state that they are in, labels that stay, work that goes on. */
  readonly wrong: readonly string[];
}

export function isClean({ lost, twice, duplicates, wrong }: Verdict): boolean {
  return [lost, twice, duplicates, wrong].every((list) => list.length === 0);
}

export interface Witness {
  readonly issue: number;
  /** Replies that people have written. */
  readonly said: readonly string[];
  /** False for a trial that was broken off: then nothing has to be done yet. */
  readonly isWhole: boolean;
  readonly isIdle: boolean;
}

export async function judge(world: SimWorld, witness: Witness): Promise<Verdict> {
  const { repository } = world;
  const lost: string[] = [];
  const twice: string[] = [];
  const wrong: string[] = [];
  const tasks = await histories(repository.git);
  if (tasks.length === 0) lost.push("the command made no task");
  if (tasks.length > 1) twice.push(`one command made ${tasks.length} tasks`);
  for (const { ref, moments } of tasks) {
    const head = moments.at(-1);
    if (head === undefined) continue;
    const { state } = readTask(head.files);
    twice.push(...claimedTwice(moments));
    if (!witness.isWhole) continue;
    if (state.kind !== "finished") lost.push(`${ref.id} is ${state.kind}`);
    else if (state.outcome.kind !== "done") lost.push(`${ref.id} ended as ${state.outcome.kind}`);
    const replayed = replay(moments);
    if ("broken" in replayed) wrong.push(replayed.broken);
    else if (!isDeepStrictEqual(replayed.state, state)) wrong.push(`the history of ${ref.id} gives another state`);
    const work = await itemsOnBranch(repository, `refs/heads/dispatch/${ref.id}`, (line) => line.startsWith("Step "));
    twice.push(...repeated(work).map((item) => `"${item}" was committed twice`));
    if (state.kind === "finished" && state.outcome.kind === "done") {
      for (const item of ["Step 1", "Step 2", "Step 3"]) {
        if (!work.some((line) => line.startsWith(item))) lost.push(`the work of ${item} is not on the branch`);
      }
    }
    lost.push(...unusedReplies(head, witness.said));
  }
  twice.push(...workedAtOnce(world));
  const marks = world.repository.issues.get(witness.issue)?.comments.map(({ body }) => readMark(body)) ?? [];
  const duplicates = repeated(marks.flatMap((mark) => (mark === null ? [] : [renderMark(mark)])));
  const labels = repository.issues.get(witness.issue)?.labels ?? [];
  if (!witness.isWhole) return { lost, twice, duplicates, wrong };
  if ([...labels].some((label) => nameOf(label) === WAITING_LABEL)) wrong.push("the waiting label is still there");
  if (!witness.isIdle) wrong.push("it never came to rest");
  for (const run of world.actions.runs) if (run.status !== "completed") wrong.push(`run ${run.id} is ${run.status}`);
  return { lost, twice, duplicates, wrong };
}

function nameOf(label: unknown): string {
  return typeof label === "string" ? label : String((label as { name?: unknown }).name);
}

/** An attempt belongs to one run. */
export function claimedTwice(moments: readonly Moment[]): readonly string[] {
  const claims = moments.flatMap(({ files, message }) => {
    const run = /^Claim \S+ for run (\d+)/.exec(message)?.[1];
    return run === undefined ? [] : [{ attempt: readTask(files).attempt, run }];
  });
  const attempts = new Map<number, Set<string>>();
  for (const { attempt, run } of claims) attempts.set(attempt, (attempts.get(attempt) ?? new Set()).add(run));
  return [...attempts]
    .filter(([, runs]) => runs.size > 1)
    .map(([attempt]) => `attempt ${attempt} was claimed by several runs`);
}

/** Two machines of one task must never work at the same time. */
function workedAtOnce({ overlaps }: SimWorld): readonly string[] {
  return overlaps.map((task) => `two workers of ${task} lived at the same time`);
}

/** The items in the messages of all commits of the work branch: one that was committed twice is there twice. */
export async function itemsOnBranch(
  { git, defaultBranch }: Repository,
  name: string,
  isItem: (line: string) => boolean,
): Promise<readonly string[]> {
  const base = await git.ref(`refs/heads/${defaultBranch}`);
  const items: string[] = [];
  for (let oid = await git.ref(name); oid !== null && oid !== base; ) {
    const commit = await readCommit(git, oid);
    items.push(...(commit?.message.split("\n").filter(isItem) ?? []));
    oid = commit?.parents[0] ?? null;
  }
  return items;
}

/** A reply is an answer, or a note that the plan keeps. */
export function unusedReplies({ files }: Moment, said: readonly string[]): readonly string[] {
  const kept = Object.entries(files)
    .filter(([path]) => path.endsWith(".answer") || path === "plan.md")
    .map(([, text]) => text)
    .join("\n");
  return said.filter((words) => !kept.includes(words)).map((words) => `nobody heard "${words}"`);
}

export function repeated(items: readonly string[]): readonly string[] {
  return [...new Set(items.filter((item, at) => items.indexOf(item) !== at))];
}
