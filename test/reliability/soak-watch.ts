import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { World } from "../stories/world.ts";

/** How often the memory is sampled. */
const SAMPLE_MS = 5_000;

interface Sample {
  readonly pid: number;
  readonly at: number;
  /** Bytes that are still held after a collection. */
  readonly heldBytes: number;
  /** What the machine has given to the process, in bytes. */
  readonly rss: number;
}

/** What the longest-lived server holds on to, in MB after a collection. */
export interface Memory {
  readonly seconds: number;
  readonly firstThirdMb: number;
  readonly lastThirdMb: number;
  readonly mostMb: number;
  /** What the machine had given to it, at most. */
  readonly mostResidentMb: number;
  /** One figure for each half minute of its life. */
  readonly traceMb: readonly number[];
}

/** Memory is a server's own: one that has just started says nothing about the next. */
const WARM_UP_MS = 60_000;
/** What a life so short has gathered says nothing of a day. */
const SHORTEST_LIFE_S = 4 * 60;
const MOST_GROWTH = { share: 0.1, mb: 4 };
const TRACE_EVERY = 30_000 / SAMPLE_MS;

/** Where servers write down what they hold. */
export class MemoryLog {
  readonly #file = join(tmpdir(), `dispatch-memory-${process.pid}-${Date.now()}.jsonl`);

  /** What a server's Node is to be started with. */
  get node(): readonly string[] {
    const probe = pathToFileURL(join(import.meta.dirname, "memory-probe.ts"));
    probe.search = String(new URLSearchParams({ to: this.#file, every: String(SAMPLE_MS) }));
    return ["--expose-gc", "--import", probe.href];
  }

  read(): readonly Sample[] {
    try {
      // A server may have been killed in the middle of its line.
      return readFileSync(this.#file, "utf8")
        .split("\n")
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line) as Sample);
    } catch {
      return []; // none has lived for so long
    }
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

/** Looks at the machine from outside: the server's memory, and the workers that live. */
export class Watch {
  /** Tasks that had two live workers at the same moment, with their process ids. */
  readonly overlaps = new Map<string, readonly number[]>();
  readonly #world: World;
  readonly #memory: MemoryLog;

  constructor(world: World, memory: MemoryLog) {
    this.#world = world;
    this.#memory = memory;
  }

  get megabytes(): number {
    return megabytes(this.#memory.read().at(-1)?.heldBytes ?? 0);
  }

  lookAtWorkers(): void {
    const tasks = new Map<string, number[]>();
    for (const { pid, task } of this.workers()) tasks.set(task, [...(tasks.get(task) ?? []), pid]);
    for (const [task, pids] of tasks) if (pids.length > 1) this.overlaps.set(task, pids);
  }

  /** Demo workers that live, with what they work on. */
  workers(): readonly { readonly pid: number; readonly task: string }[] {
    const found = this.#demoWorkers();
    // What a worker starts looks like the worker itself until it is the other program.
    return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent));
  }

  #demoWorkers(): readonly { readonly pid: number; readonly parent: number; readonly task: string }[] {
    const { dataDir } = this.#world.playground;
    return everyProcess().flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("demo-worker.mjs")) return [];
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(dataDir)) return [];
        const task = /(?:^|\0)DISPATCH_TASK=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1];
        const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
        return task === undefined ? [] : [{ pid, parent, task }];
      } catch {
        return []; // gone while it was looked at
      }
    });
  }

  /** Null when no server has lived long enough to be warm. */
  memory(): Memory | null {
    const byPid = Object.values(Object.groupBy(this.#memory.read(), ({ pid }) => pid)).flatMap((list) =>
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
      mostMb: megabytes(Math.max(...longest.map(({ heldBytes }) => heldBytes))),
      mostResidentMb: megabytes(Math.max(...longest.map(({ rss }) => rss))),
      traceMb: longest.filter((_, at) => at % TRACE_EVERY === 0).map(({ heldBytes }) => megabytes(heldBytes)),
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

function median(samples: readonly Sample[]): number {
  const held = samples.map(({ heldBytes }) => heldBytes).toSorted((a, b) => a - b);
  return megabytes(held[Math.floor(held.length / 2)] ?? 0);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 102.4) / 10;
}
