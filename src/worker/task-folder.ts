import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { HelperError, type World } from "./world.ts";

/** A lock that is older than this was left by a helper that was killed. */
const STALE_LOCK_MS = 10_000;

/** The folder that the environment names, else the only task's folder around here. */
export function findTaskFolder(environment: World["environment"], directory: string): string {
  const named = environment["DISPATCH_TASK_FOLDER"];
  if (named !== undefined && named !== "") return named;
  for (let level = directory; ; level = dirname(level)) {
    const found = taskFoldersIn(join(level, ".dispatch", "tasks"));
    const [only] = found;
    if (found.length === 1 && only !== undefined) return only;
    if (found.length > 1)
      throw new HelperError("There are several tasks here: set DISPATCH_TASK_FOLDER to the folder of yours.");
    if (level === dirname(level)) break;
  }
  throw new HelperError(
    "No task's folder was found: set DISPATCH_TASK_FOLDER, or go to the checkout that holds .dispatch/tasks/.",
  );
}

function taskFoldersIn(tasks: string): string[] {
  if (!existsSync(tasks)) return [];
  const entries = readdirSync(tasks, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => join(tasks, name)).filter((folder) => existsSync(join(folder, "plan.md")));
}

export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Readers see the old text or the new one, never a part. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** Lets one helper at a time change the folder: an agent may run several at once. */
export async function locked<T>(
  folder: string,
  { now, sleep }: Pick<World, "now" | "sleep">,
  change: () => T,
): Promise<T> {
  const lock = join(folder, ".lock");
  mkdirSync(folder, { recursive: true });
  const deadline = now() + 2 * STALE_LOCK_MS;
  while (!tryLock(lock)) {
    if (now() > deadline) throw new HelperError(`Another dispatch-worker holds ${lock}; remove it if none runs.`);
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && now() - since > STALE_LOCK_MS) unlock(lock);
    else await sleep(20);
  }
  try {
    return change();
  } finally {
    unlock(lock);
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function unlock(lock: string): void {
  try {
    rmdirSync(lock);
  } catch {
    // Somebody else has cleared it meanwhile.
  }
}
