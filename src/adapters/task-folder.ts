import { watch } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { TaskFiles } from "../core/task.ts";
import type { TaskFolder } from "../flows/machine-ports.ts";
import { distrustfulReader, listTaskFiles, readTaskFile } from "./task-folder-read.ts";
import { writeTaskFile } from "./task-folder-write.ts";

/** The safety net below the file events, which some file systems do not send. */
const POLL_MS = 1000;
/** One change of a worker is several events. */
const SETTLE_MS = 25;

/** The folder through which a worker and its run talk. The worker may put anything there; only expected, plain files are read. */
export function taskFolderAt(directory: string): TaskFolder {
  const read = distrustfulReader(directory);
  return {
    directory,
    read,
    async write(files: TaskFiles) {
      for (const [path, text] of Object.entries(files)) await writeTaskFile(directory, path, text);
    },
    edit: (path, change) => edit(directory, path, change),
    changes: (signal) => changesIn(directory, signal),
  };
}

/** More often than this nobody writes the same file by chance. */
const MAX_EDITS = 10;

async function edit(directory: string, path: string, change: (text: string) => string | null): Promise<void> {
  for (let tries = 0; tries < MAX_EDITS; tries += 1) {
    const before = await readTaskFile(directory, path);
    const after = change(before);
    if (after === null) return;
    const isUntouched = async () => (await readTaskFile(directory, path)) === before;
    if (await writeTaskFile(directory, path, after, isUntouched)) return;
  }
}

async function* changesIn(directory: string, signal: AbortSignal): AsyncGenerator<void> {
  const bell = new ChangeBell(directory);
  signal.addEventListener("abort", bell.ring, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const poll = async () => {
    await bell.look();
    if (!bell.closed) timer = setTimeout(() => void poll(), POLL_MS);
  };
  void poll();
  try {
    // The first value covers whatever changed before the watching began.
    while (!signal.aborted) {
      yield;
      await bell.rung;
      bell.reset();
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
  } finally {
    clearTimeout(timer);
    bell.close();
    signal.removeEventListener("abort", bell.ring);
  }
}

/** Rings for every event in the folder, and for every difference that a look finds without one. */
class ChangeBell {
  readonly #directories: readonly string[];
  readonly #directory: string;
  readonly #watchers = new Map<string, { readonly inode: bigint; readonly close: () => void }>();
  #seen: string | null = null;
  closed = false;
  #signal = Promise.withResolvers<void>();

  constructor(directory: string) {
    this.#directory = directory;
    this.#directories = [directory, join(directory, "ipc")];
  }

  readonly ring = (): void => this.#signal.resolve();

  get rung(): Promise<void> {
    return this.#signal.promise;
  }

  reset(): void {
    this.#signal = Promise.withResolvers<void>();
  }

  close(): void {
    this.closed = true;
    for (const { close } of this.#watchers.values()) close();
    this.#watchers.clear();
  }

  async look(): Promise<void> {
    for (const directory of this.#directories) await this.#follow(directory);
    const found = await fingerprint(this.#directory);
    if (this.#seen !== null && this.#seen !== found) this.ring();
    this.#seen = found;
  }

  /** A folder that was deleted and made again is another one to the system. */
  async #follow(directory: string): Promise<void> {
    const found = await lstat(directory, { bigint: true }).catch(() => null);
    const known = this.#watchers.get(directory);
    const inode = found?.isDirectory() ? found.ino : null;
    if (known?.inode === inode && known !== undefined) return;
    known?.close();
    this.#watchers.delete(directory);
    if (inode === null || this.closed) return;
    try {
      const watcher = watch(directory, { persistent: false }, () => {
        this.ring();
        // `ipc/` may just have come into being: its files must not wait for the next poll.
        if (directory === this.#directory) void this.#follow(join(directory, "ipc"));
      });
      watcher.on("error", () => watcher.close());
      this.#watchers.set(directory, { inode, close: () => watcher.close() });
      this.ring();
    } catch {
      // No events here (too many watches, gone again): the poll sees it.
    }
  }
}

async function fingerprint(directory: string): Promise<string> {
  const { paths } = await listTaskFiles(directory);
  const marks = await Promise.all(
    paths.map(async (path) => {
      const found = await lstat(join(directory, path), { bigint: true }).catch(() => null);
      return found === null ? "" : `${path}:${found.ino}:${found.size}:${found.mtimeNs}`;
    }),
  );
  return marks.join("\n");
}
