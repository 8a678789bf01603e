import { readdir, readFile } from "node:fs/promises";

const IS_LINUX = process.platform === "linux";

/** A process as it is known at one moment. Ids are used again; together with the start they are not. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

interface ProcessEntry extends ProcessMark {
  readonly parent: number;
  readonly group: number;
  readonly isDead: boolean;
}

export interface Worker {
  /** The process that was started; also the id of its group. Null where that was before this process's time. */
  readonly pid: number | null;
  /** An entry of its environment, which everything it starts inherits. */
  readonly marker: string;
  /** Whether that process has ended. From then on its id may be somebody else's. */
  readonly hasEnded: () => boolean;
}

/**
 * All processes of a worker that live now: its group, its descendants, and those that carry its marker. The tools of coding agents
 * run in sessions of their own, where a signal to the group does not reach them.
 */
export async function processesOf(worker: Worker, known: readonly ProcessMark[] = []): Promise<readonly ProcessMark[]> {
  if (!IS_LINUX) return worker.pid !== null && send(-worker.pid, 0) ? [{ pid: worker.pid, started: "" }] : [];
  const all = await listProcesses();
  const found = new Map<number, ProcessEntry>();
  const isReused = worker.hasEnded() && all.some(({ pid, isDead }) => pid === worker.pid && !isDead);
  const knownStarts = new Map(known.map(({ pid, started }) => [pid, started]));
  for (const entry of all) {
    const isKnown = knownStarts.get(entry.pid) === entry.started;
    const isOurs = !isReused && (entry.pid === worker.pid || entry.group === worker.pid);
    if (isOurs || isKnown || (await carries(entry.pid, worker.marker))) {
      found.set(entry.pid, entry);
    }
  }
  for (let grown = true; grown; ) {
    const children = all.filter(({ pid, parent }) => found.has(parent) && !found.has(pid));
    for (const child of children) found.set(child.pid, child);
    grown = children.length > 0;
  }
  found.delete(process.pid);
  return [...found.values()].filter(({ isDead }) => !isDead);
}

/** Outside Linux, where only the group can be known, a process stands for its group. */
export function signal(processes: readonly ProcessMark[], name: "SIGTERM" | "SIGSTOP" | "SIGKILL"): void {
  for (const { pid } of processes) send(IS_LINUX ? pid : -pid, name);
}

function send(pid: number, name: "SIGTERM" | "SIGSTOP" | "SIGKILL" | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // Gone meanwhile, or another user's by now.
    return false;
  }
}

async function listProcesses(): Promise<readonly ProcessEntry[]> {
  const names = await readdir("/proc").catch(() => []);
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readEntry(Number(name))));
  return entries.filter((entry) => entry !== null);
}

async function readEntry(pid: number): Promise<ProcessEntry | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (text === null) return null;
  // The second field is the program's name in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent = "", group = ""] = fields;
  return {
    pid,
    started: fields[19] ?? "",
    parent: Number(parent),
    group: Number(group),
    // Ended, and only not yet fetched by its parent.
    isDead: state === "Z" || state === "X",
  };
}

async function carries(pid: number, marker: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(marker);
}
