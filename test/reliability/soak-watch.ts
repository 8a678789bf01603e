import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { World } from "../stories/world.ts";

/** How often the memory is to be sampled. */
export const SAMPLE_MS = 5_000;

interface Sample {
  readonly pid: number;
  readonly at: number;
  readonly mb: number;
}

/** What the longest-lived server's memory came to. */
export interface Memory {
  readonly seconds: number;
  readonly firstThirdMb: number;
  readonly lastThirdMb: number;
  readonly mostMb: number;
  /** One figure for each half minute of its life. */
  readonly traceMb: readonly number[];
}

/** Memory is a server's own: one that has just started says nothing about the next. */
const WARM_UP_MS = 60_000;
/** Node gathers its heap lazily: before so long a life, growth and laziness look alike. */
const SHORTEST_LIFE_S = 4 * 60;
const MOST_GROWTH = { share: 0.15, mb: 20 };
const TRACE_EVERY = 30_000 / SAMPLE_MS;

/** Looks at the machine from outside: the server's memory, and the workers that live. */
export class Watch {
  /** Tasks that had two live workers at the same moment, each once. */
  readonly overlaps = new Set<string>();
  readonly #world: World;
  readonly #samples: Sample[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  sampleMemory(): void {
    const pid = this.#world.playground.server?.pid ?? null;
    if (pid === null) return;
    const mb = residentMb(pid);
    if (mb !== null) this.#samples.push({ pid, at: Date.now(), mb });
  }

  get megabytes(): number {
    return this.#samples.at(-1)?.mb ?? 0;
  }

  lookAtWorkers(): void {
    const tasks = new Map<string, number[]>();
    for (const { pid, task } of this.workers()) tasks.set(task, [...(tasks.get(task) ?? []), pid]);
    for (const [task, pids] of tasks) if (pids.length > 1) this.overlaps.add(task);
  }

  /** Demo workers that live, with what they work on. */
  workers(): readonly { readonly pid: number; readonly task: string }[] {
    const { dataDir } = this.#world.playground;
    return everyProcess().flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("demo-worker.mjs")) return [];
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(dataDir)) return [];
        const task = /(?:^|\0)DISPATCH_TASK=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1];
        return task === undefined ? [] : [{ pid, task }];
      } catch {
        return []; // gone while it was looked at
      }
    });
  }

  /** Null when no server has lived long enough to be warm. */
  memory(): Memory | null {
    const byPid = Object.values(Object.groupBy(this.#samples, ({ pid }) => pid)).flatMap((list) =>
      list === undefined ? [] : [list],
    );
    const [longest = []] = byPid.toSorted((a, b) => b.length - a.length);
    const [first] = longest;
    if (first === undefined) return null;
    const warm = longest.filter(({ at }) => at - first.at >= WARM_UP_MS);
    const life = (longest.at(-1)?.at ?? first.at) - first.at;
    if (warm.length < 3) return null;
    const third = Math.floor(warm.length / 3);
    return {
      seconds: Math.round(life / 1_000),
      firstThirdMb: median(warm.slice(0, third)),
      lastThirdMb: median(warm.slice(-third)),
      mostMb: Math.max(...longest.map(({ mb }) => mb)),
      traceMb: longest.filter((_, at) => at % TRACE_EVERY === 0).map(({ mb }) => mb),
    };
  }
}

export function hasGrown({ seconds, firstThirdMb, lastThirdMb }: Memory): boolean {
  const allowed = Math.max(MOST_GROWTH.mb, firstThirdMb * MOST_GROWTH.share);
  return seconds >= SHORTEST_LIFE_S && lastThirdMb - firstThirdMb > allowed;
}

/** Processes that belong to a playground that is no more. */
export function leftOvers({ dataDir, url }: { readonly dataDir: string; readonly url: string }): readonly string[] {
  return everyProcess().flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      const isOurs =
        readlinkSync(`/proc/${pid}/cwd`).startsWith(dataDir) || environment.includes(`GITHUB_SERVER_URL=${url}\0`);
      return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()] : [];
    } catch {
      return []; // gone, or somebody else's
    }
  });
}

function everyProcess(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function residentMb(pid: number): number | null {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kb === undefined ? null : Math.round(Number(kb) / 1_024);
  } catch {
    return null;
  }
}

function median(samples: readonly Sample[]): number {
  return samples.map(({ mb }) => mb).toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
}
