import { Problem } from "../core/problem.ts";
import type { TaskRef } from "../core/task.ts";
import type { Change, Clock, Snapshot, TaskBranches } from "./ports.ts";

/**
 * What to change, seen from the branch as it stands; null when nothing is left to do. Called again whenever somebody else was faster, and
 * when the reply to our own commit was lost: then what it wanted stands there already.
 */
export type Decide = (snapshot: Snapshot) => Change | null;

export interface Updated {
  /** The branch after our change, or as it was read when there was nothing to change. */
  readonly snapshot: Snapshot;
  readonly changed: boolean;
}

interface Ports {
  readonly branches: Pick<TaskBranches, "read" | "commit">;
  readonly clock: Clock;
}

/** How long a change that matters is tried before it fails loudly. */
const DEADLINE_MS = 60_000;

/**
 * Moves a task's branch forward by one decision: read, decide, compare-and-swap; whoever loses the race reads and decides again.
 * @param from a snapshot at hand, which saves the first read
 * @returns null when the branch is gone
 * @throws Problem "task-busy" when the branch moved under every try for a minute
 */
export async function updateTask(
  ref: TaskRef,
  decide: Decide,
  { branches, clock }: Ports,
  from?: Snapshot,
): Promise<Updated | null> {
  const giveUpAt = clock.now().getTime() + DEADLINE_MS;
  let snapshot = from ?? (await branches.read(ref));
  for (let tries = 1; snapshot !== null; tries += 1) {
    const change = decide(snapshot);
    if (change === null) return { snapshot, changed: false };
    const result = await branches.commit(ref, snapshot.head, change);
    if (result === "gone") return null;
    if (result !== "stale") return { snapshot: after(snapshot, change, result.head), changed: true };
    if (clock.now().getTime() > giveUpAt) throw busy(ref);
    await clock.sleep(pause(tries, clock.random()));
    snapshot = await branches.read(ref);
  }
  return null;
}

function after(snapshot: Snapshot, change: Change, head: string): Snapshot {
  const files = { ...snapshot.files };
  for (const [path, text] of Object.entries(change.files)) {
    if (text === null) delete files[path];
    else files[path] = text;
  }
  return { ref: snapshot.ref, head, files };
}

/** Full jitter, so that two writers who collided do not collide again. */
function pause(tries: number, chance: number): number {
  return chance * Math.min(2_000, 50 * 2 ** tries);
}

function busy(ref: TaskRef): Problem {
  return new Problem(
    "task-busy",
    `The branch of task \`${ref.id}\` kept changing for a minute, so this change could not be made.`,
    "Try again in a moment.",
  );
}
