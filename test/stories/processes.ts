import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { World } from "./world.ts";

/** Processes of a task's worker that are still there. Tasks of other worlds may have the same id; their folders are others. */
export function workerProcesses(world: World, taskId: string): readonly number[] {
  return processes((pid) => {
    const isHere = readlinkSync(`/proc/${pid}/cwd`).startsWith(world.playground.dataDir);
    return isHere && environmentOf(pid).includes(`DISPATCH_TASK=${taskId}`);
  });
}

/** Processes of the Action's main steps in this world. */
export function mainSteps(world: World): readonly number[] {
  return processes((pid) => {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return command.includes("dist/main.js") && environmentOf(pid).includes(`GITHUB_SERVER_URL=${world.playground.url}`);
  });
}

function environmentOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
}

function processes(fits: (pid: number) => boolean): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return fits(pid);
    } catch {
      return false; // gone, or not ours to look at
    }
  });
}
