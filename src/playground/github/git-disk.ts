import { randomUUID } from "node:crypto";
import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { encodeObject, ZERO_OID } from "./git-objects.ts";
import { CatFile, runGit } from "./git-process.ts";
import type { GitObject, GitRef, GitStore } from "./git-store.ts";

const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
\tlogallrefupdates = false
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[receive]
\thideRefs = refs/pull
\tautogc = false
[gc]
\tauto = 0
`;

const CACHED_OBJECTS = 5_000;
const CACHED_SIZE = 64 * 1024;
const compress = promisify(deflate);

/** A real bare repository. Refs move by `git update-ref`; objects are written as git writes them. */
export class GitOnDisk implements GitStore {
  readonly directory: string;
  readonly #catFile: CatFile;
  readonly #cache = new Map<string, GitObject>();
  // Writers of this process queue here, so that none waits for git's lock file and gives up.
  #moves: Promise<unknown> = Promise.resolve();

  private constructor(directory: string) {
    this.directory = directory;
    this.#catFile = new CatFile(directory);
  }

  /** Opens the bare repository in this folder; makes it when there is none. */
  static async open(directory: string, defaultBranch: string): Promise<GitOnDisk> {
    const made = await access(join(directory, "HEAD")).then(
      () => true,
      () => false,
    );
    if (!made) {
      for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags"]) {
        await mkdir(join(directory, folder), { recursive: true });
      }
      await writeFile(join(directory, "config"), CONFIG);
      await writeFile(join(directory, "HEAD"), `ref: refs/heads/${defaultBranch}\n`);
    }
    return new GitOnDisk(directory);
  }

  async object(oid: string): Promise<GitObject | null> {
    if (!/^[0-9a-f]{40}$/.test(oid)) return null;
    const known = this.#cache.get(oid);
    if (known !== undefined) return known;
    const object = await this.#catFile.read(oid);
    if (object !== null) this.#remember(object);
    return object;
  }

  async write(type: GitObject["type"], data: Uint8Array): Promise<string> {
    const { oid, bytes } = encodeObject(type, data);
    if ((await this.object(oid)) !== null) return oid;
    const folder = join(this.directory, "objects", oid.slice(0, 2));
    const temporary = join(folder, `tmp_${randomUUID()}`);
    await mkdir(folder, { recursive: true });
    await writeFile(temporary, await compress(bytes, { level: 1 }), { mode: 0o444 });
    await rename(temporary, join(folder, oid.slice(2)));
    this.#remember({ oid, type, data: Buffer.from(data) });
    return oid;
  }

  async ref(name: string): Promise<string | null> {
    if (!isRefName(name)) return null;
    return (await this.#catFile.read(name))?.oid ?? null;
  }

  async refs(prefix: string): Promise<readonly GitRef[]> {
    // for-each-ref matches whole path components only; the rest is filtered here.
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const args = ["for-each-ref", "--format=%(objectname) %(refname)", ...(folder === "" ? [] : [folder])];
    const { stdout } = await runGit({ args, directory: this.directory });
    const lines = stdout
      .toString()
      .split("\n")
      .filter((line) => line !== "");
    return lines
      .map((line) => ({ oid: line.slice(0, 40), name: line.slice(41) }))
      .filter(({ name }) => name.startsWith(prefix));
  }

  moveRef(move: Parameters<GitStore["moveRef"]>[0]): Promise<boolean> {
    const result = this.#moves.then(() => this.#moveRef(move));
    this.#moves = result.catch(() => {});
    return result;
  }

  async #moveRef({ name, next, previous }: Parameters<GitStore["moveRef"]>[0]): Promise<boolean> {
    if (!isRefName(name)) return false;
    const old = previous === undefined ? [] : [previous ?? ZERO_OID];
    const args = next === null ? ["update-ref", "-d", name, ...old] : ["update-ref", name, next, ...old];
    return (await runGit({ args, directory: this.directory })).code === 0;
  }

  close(): Promise<void> {
    return this.#catFile.close();
  }

  #remember(object: GitObject): void {
    if (object.data.length > CACHED_SIZE) return;
    if (this.#cache.size >= CACHED_OBJECTS) this.#cache.delete(this.#cache.keys().next().value ?? "");
    this.#cache.set(object.oid, object);
  }
}

/** What `git check-ref-format` accepts, as far as it matters: a full name that no revision syntax hides in. */
export function isRefName(name: string): boolean {
  if (!/^refs\/[^\s\0-\x20\x7f~^:?*[\\]+$/.test(name)) return false;
  if (name.includes("..") || name.includes("@{") || name.endsWith("/") || name.endsWith(".")) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}
