import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The process and everything it has started and that still hangs on it, deepest last. */
export async function processTree(root: number): Promise<readonly number[]> {
  const parents = await parentsByPid();
  const tree = [root];
  for (const parent of tree) {
    for (const [pid, ppid] of parents) if (ppid === parent && !tree.includes(pid)) tree.push(pid);
  }
  return tree;
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already, or another user's: nothing that we could end.
    }
  }
}

/**
 * Ends what a job has left behind, as a hosted runner does by vanishing: processes that carry the job's mark in their
 * environment, and those without a terminal whose working directory lies in the job's folder. Linux only.
 */
export async function endOrphans(mark: string, folder: string): Promise<readonly number[]> {
  const ended = new Set<number>();
  // Again until none is left: a process may start another one while it is being looked for, and dying takes a moment.
  for (let round = 0; round < 100; round += 1) {
    const orphans = await findOrphans(mark, folder);
    if (orphans.length === 0) break;
    for (const pid of orphans) ended.add(pid);
    signalAll(orphans, "SIGKILL");
    await sleep(10);
  }
  return [...ended];
}

async function findOrphans(mark: string, folder: string): Promise<readonly number[]> {
  const pids = (await pidsInProc()).filter((pid) => pid !== process.pid);
  const belonging = await Promise.all(pids.map((pid) => belongs(pid, mark, folder)));
  return pids.filter((_, at) => belonging[at]);
}

async function belongs(pid: number, mark: string, folder: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  if (environment.split("\0").includes(`RUNNER_TRACKING_ID=${mark}`)) return true;
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => "");
  if (directory !== folder && !directory.startsWith(`${folder}/`)) return false;
  // Somebody's shell that looks around in the folder has a terminal; it is not ours to end.
  return (await statFields(pid))[4] === "0";
}

async function parentsByPid(): Promise<ReadonlyMap<number, number>> {
  const pids = await pidsInProc();
  if (pids.length > 0) {
    const pairs = await Promise.all(pids.map(async (pid) => [pid, Number((await statFields(pid))[1])] as const));
    return new Map(pairs);
  }
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="]);
  return new Map(
    stdout
      .trim()
      .split("\n")
      .map((line) => {
        const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
        return [pid, parent];
      }),
  );
}

async function pidsInProc(): Promise<readonly number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** What follows the command's name in `/proc/<pid>/stat`: state, parent, group, session, terminal, … */
async function statFields(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
