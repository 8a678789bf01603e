import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

const PATH = /^(?:ipc\/)?(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/** Puts a file into the task's folder, whole or not at all, whatever the worker has put in its place. */
export async function writeTaskFile(
  directory: string,
  path: string,
  text: string,
  /** Asked at the last moment; false leaves everything as it is. */
  isStillWanted: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  if (!PATH.test(path)) throw new Error(`Not a path inside a task's folder: ${path}`);
  const target = join(directory, path);
  const folder = dirname(target);
  await ensureRealDirectories(directory);
  const temporary = join(folder, `.${randomBytes(6).toString("hex")}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(temporary, flags, 0o644);
  try {
    await file.writeFile(text);
    // The umask has a say in the mode above; the worker may be another user.
    await file.chmod(0o644);
    await file.close();
    const wanted = await isStillWanted();
    if (wanted) await moveOver(temporary, target);
    else await rm(temporary, { force: true });
    return wanted;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

async function moveOver(temporary: string, target: string): Promise<void> {
  const found = await lstat(target).catch(() => null);
  if (found?.isDirectory()) await rm(target, { recursive: true, force: true });
  await rename(temporary, target);
}

/**
 * From `.dispatch` down, a link to elsewhere is replaced: nothing of ours is ever written outside the workspace. The mailbox is always
 * there, since a worker that only knows how to rename a file into it must not fail.
 */
async function ensureRealDirectories(directory: string): Promise<void> {
  const tasks = dirname(directory);
  await mkdir(dirname(dirname(tasks)), { recursive: true });
  for (const level of [dirname(tasks), tasks, directory, join(directory, "ipc")]) {
    const found = await lstat(level).catch(() => null);
    if (found?.isDirectory()) continue;
    if (found !== null) await rm(level, { force: true });
    await mkdir(level).catch(async (error: unknown) => {
      if (!(await lstat(level)).isDirectory()) throw error;
    });
  }
}
