import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { devNull } from "node:os";
import type { GitObject, GitObjectType } from "./git-store.ts";

/** git as it comes, whatever this machine's or person's settings say. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: "0",
    ...extra,
  };
}

export interface GitResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitCall {
  readonly args: readonly string[];
  readonly directory: string;
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

export function runGit({ args, directory, input, env }: GitCall): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd: directory, env: gitEnvironment(env) });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // git may end before it has read everything, which is its right.
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.end(input);
  });
}

/** One long-lived `git cat-file --batch`: an object costs a round trip through a pipe instead of a process. */
export class CatFile {
  readonly #directory: string;
  #child: ChildProcessWithoutNullStreams | null = null;
  #received: Buffer = Buffer.alloc(0);
  readonly #waiting: { resolve(object: GitObject | null): void; reject(error: Error): void }[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The object of this name: its oid, or a full ref. */
  read(name: string): Promise<GitObject | null> {
    if (/[\s\0]/.test(name)) return Promise.resolve(null);
    const child = (this.#child ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      child.stdin.write(`${name}\n`);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin.end();
    await ended;
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn("git", ["cat-file", "--batch"], { cwd: this.#directory, env: gitEnvironment() });
    const fail = (error: Error) => {
      if (this.#child === child) this.#child = null;
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    };
    child.stdin.on("error", fail);
    child.on("error", fail);
    child.on("close", () => fail(new Error("git cat-file has ended")));
    child.stdout.on("data", (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      while (this.#takeOne()) continue;
    });
    return child;
  }

  #takeOne(): boolean {
    const end = this.#received.indexOf(10);
    if (end < 0) return false;
    const [oid = "", type = "", size = ""] = this.#received.toString("utf8", 0, end).split(" ");
    if (!/^\d+$/.test(size)) {
      // "<name> missing", "<name> ambiguous"
      this.#received = this.#received.subarray(end + 1);
      this.#waiting.shift()?.resolve(null);
      return true;
    }
    const last = end + 1 + Number(size);
    if (this.#received.length < last + 1) return false;
    const data = Buffer.from(this.#received.subarray(end + 1, last));
    this.#received = this.#received.subarray(last + 1);
    this.#waiting.shift()?.resolve({ oid, type: type as GitObjectType, data });
    return true;
  }
}
