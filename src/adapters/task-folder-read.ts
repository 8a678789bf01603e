import { constants } from "node:fs";
import { type FileHandle, lstat, open, opendir, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskFiles } from "../core/task.ts";

const MAX_BYTES = 256 * 1024;
const MAX_FILES = 300;
/** Entries that are looked at before a folder is taken for an attack. */
const MAX_ENTRIES = 5000;
const LOOK_AGAIN_MS = 30;
/** A file that never comes to rest is read as it is after so many looks. */
const MAX_LOOKS = 20;

const FIXED = ["plan.md", "output.md", "context.md", "review.json"];
const SESSION = /^session[A-Za-z0-9._-]{0,64}$/;
const MAIL = /^(?:\d{3}\.(?:question|answer|done)|\.done)$/;

interface Found {
  readonly text: string;
  readonly warning: string | null;
}

type Read = () => Promise<{ readonly files: TaskFiles; readonly warnings: readonly string[] }>;

/** Reads the expected files of a folder that somebody else writes: no links, no devices, nothing oversized, nothing half written. */
export function distrustfulReader(directory: string): Read {
  const known = new Map<string, { readonly stamp: string; readonly found: Found }>();
  return async () => {
    const { paths, warnings } = await listTaskFiles(directory);
    const found = await Promise.all(
      paths.map(async (path): Promise<readonly [string, Found | string | null]> => {
        const stamp = await restingStamp(join(directory, path));
        if (stamp === null) return [path, null];
        const before = known.get(path);
        if (before?.stamp === stamp) return [path, before.found];
        const fresh = await readPlainFile(directory, path);
        if (fresh !== null && typeof fresh !== "string") known.set(path, { stamp, found: fresh });
        return [path, fresh];
      }),
    );
    const files: Record<string, string> = {};
    const said = [...warnings];
    for (const [path, result] of found) {
      if (result === null) continue;
      if (typeof result === "string") said.push(result);
      else {
        files[path] = result.text;
        if (result.warning !== null) said.push(result.warning);
      }
    }
    return { files, warnings: said };
  };
}

/** One file's text at this moment, finished or not; "" when there is none that may be read. */
export async function readTaskFile(directory: string, path: string): Promise<string> {
  const found = await readPlainFile(directory, path);
  return found === null || typeof found === "string" ? "" : found.text;
}

/** The expected names among what lies in the folder. */
export async function listTaskFiles(
  directory: string,
): Promise<{ readonly paths: readonly string[]; readonly warnings: readonly string[] }> {
  const top = await entriesOf(directory, (name) => SESSION.test(name));
  const mail = await entriesOf(join(directory, "ipc"), (name) => MAIL.test(name));
  const paths = [...FIXED, ...mail.names.map((name) => `ipc/${name}`), ...top.names];
  const tooMany = top.cut || mail.cut || paths.length > MAX_FILES;
  return {
    paths: paths.slice(0, MAX_FILES),
    warnings: [
      ...(top.closed || mail.closed ? ["The task's folder cannot be read."] : []),
      ...(tooMany ? [`The task's folder holds too many files; only ${MAX_FILES} are read.`] : []),
    ],
  };
}

async function entriesOf(directory: string, isExpected: (name: string) => boolean) {
  const names: string[] = [];
  let looked = 0;
  let closed = false;
  try {
    const isReal = (await lstat(directory)).isDirectory();
    for await (const { name } of isReal ? await opendir(directory) : []) {
      if (++looked > MAX_ENTRIES) break;
      if (isExpected(name)) names.push(name);
    }
  } catch (error) {
    closed = !isMissing(error);
  }
  return { names: names.sort(), cut: looked > MAX_ENTRIES, closed };
}

/** What tells one state of a file from another, once two looks agree. Null when there is no such file. */
async function restingStamp(path: string): Promise<string | null> {
  let before: string | null = null;
  for (let look = 0; ; look++) {
    const found = await lstat(path, { bigint: true }).catch(() => null);
    if (found === null) return null;
    const stamp = `${found.ino}:${found.size}:${found.mtimeNs}:${found.mode}:${found.nlink}`;
    const age = Date.now() - Number(found.mtimeNs / 1_000_000n);
    // Unchanged for a while already, or (a clock that was set back) as before.
    if (age >= LOOK_AGAIN_MS || stamp === before || look >= MAX_LOOKS) return stamp;
    before = stamp;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The text, or a warning that says why it is not read, or null when the file is gone. */
async function readPlainFile(directory: string, path: string): Promise<Found | string | null> {
  let file: FileHandle;
  try {
    // Not waiting: a pipe without a writer would hold us for ever.
    file = await open(join(directory, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return null;
    return `${path} is not read: it is a link or cannot be opened.`;
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return `${path} is not read: it is not a plain file.`;
    // Gone again, or replaced while we opened it.
    if (found.nlink === 0) return null;
    if (found.nlink > 1) return `${path} is not read: another name leads to the same file.`;
    if (!(await liesWithin(file, directory, path))) return `${path} is not read: it lies outside the task's folder.`;
    return await readText(file, path);
  } finally {
    await file.close();
  }
}

/** A folder on the way may have become a link since we looked; what counts is where the opened file is. */
async function liesWithin(file: FileHandle, directory: string, path: string): Promise<boolean> {
  const root = dirname(dirname(dirname(directory)));
  const inside = join(basename(dirname(dirname(directory))), basename(dirname(directory)), basename(directory), path);
  const expected = join(await realpath(root), inside);
  const actual = await readlink(`/proc/self/fd/${file.fd}`).catch(() =>
    realpath(join(directory, path)).catch(() => ""),
  );
  // Replaced by a rename since we opened it: then the text is that of a moment ago.
  return actual === expected || actual === `${expected} (deleted)`;
}

async function readText(file: FileHandle, path: string): Promise<Found> {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) break;
  }
  const isCut = length > MAX_BYTES;
  // As a stream, so that a character that the cut has halved is dropped instead of becoming a wrong one.
  const decoded = new TextDecoder().decode(buffer.subarray(0, Math.min(length, MAX_BYTES)), { stream: isCut });
  return {
    text: decoded.replaceAll("\0", ""),
    warning: isCut ? `${path} is longer than 256 KiB; the rest is left out.` : null,
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
