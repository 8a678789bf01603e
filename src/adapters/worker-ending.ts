import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../flows/ports.ts";
import { type ProcessMark, processesOf, signal, type Worker } from "./worker-processes.ts";

const LOOK_MS = 50;
/** A process that survives SIGKILL this long hangs in the kernel. */
const KILLED_MS = 5000;
/** So often a worker that multiplies is looked at again before it is killed. */
const MOST_FREEZES = 20;

/** Ends a worker whole: asked by SIGTERM, killed after the grace time. Resolves when nothing of it is left. */
export async function endWorker(worker: Worker, graceMs: number, log: Log): Promise<void> {
  // Before the signal: afterwards a child whose parent has gone is nobody's child any more.
  let left = await processesOf(worker);
  if (left.length === 0) return;
  signal(left, "SIGTERM");
  left = await untilGone(worker, left, { graceMs, before: async () => {} });
  left = await untilGone(worker, left, { graceMs: KILLED_MS, before: (found) => freezeAndKill(worker, found) });
  if (left.length > 0)
    log.warning(`Processes of the worker could not be ended: ${left.map(({ pid }) => pid).join(", ")}`);
}

interface Patience {
  readonly graceMs: number;
  /** What happens before each look. */
  readonly before: (left: readonly ProcessMark[]) => Promise<void>;
}

async function untilGone(
  worker: Worker,
  found: readonly ProcessMark[],
  { graceMs, before }: Patience,
): Promise<readonly ProcessMark[]> {
  // Not by the clock on the wall, which may be set while we wait.
  const until = performance.now() + graceMs;
  let left = found;
  while (left.length > 0) {
    await before(left);
    const rest = until - performance.now();
    if (rest <= 0) break;
    await sleep(Math.min(LOOK_MS, rest));
    left = await processesOf(worker, left);
  }
  return left;
}

/** Stopped first: of a worker that forks faster than it can be listed, each kill would meet only the parents. */
async function freezeAndKill(worker: Worker, found: readonly ProcessMark[]): Promise<void> {
  let all = found;
  for (let round = 0; round < MOST_FREEZES; round += 1) {
    signal(all, "SIGSTOP");
    const known = new Set(all.map(({ pid, started }) => `${pid} ${started}`));
    const now = await processesOf(worker, all);
    all = now;
    if (now.every(({ pid, started }) => known.has(`${pid} ${started}`))) break;
  }
  signal(all, "SIGKILL");
}
