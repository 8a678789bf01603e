import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Git, GitPlace } from "./git-command.ts";

// `.git/info/exclude`: what is in the tree and is none of the worker's work. It says of files that git does not know; of others nothing.

interface Tree {
  readonly place: GitPlace;
  readonly git: Git;
}

/** Adds patterns to those that are there. */
export async function exclude(workspace: Tree, patterns: readonly string[]): Promise<void> {
  const { file, text } = await read(workspace);
  const known = new Set(text.split("\n"));
  const added = patterns.filter((pattern) => !known.has(pattern));
  if (added.length > 0) await write(file, `${text}${added.join("\n")}\n`);
}

/** Excludes these paths, and no other ones under this heading. */
export async function setExcluded(workspace: Tree, heading: string, paths: readonly string[]): Promise<void> {
  const { file, text } = await read(workspace);
  const [begin, end] = [`# ${heading}`, `# end of ${heading}`];
  const at = text.indexOf(`${begin}\n`);
  const until = text.indexOf(`${end}\n`, at);
  const others = at < 0 || until < 0 ? text : text.slice(0, at) + text.slice(until + end.length + 1);
  const section = paths.length === 0 ? "" : `${[begin, ...paths.map(patternFor), end].join("\n")}\n`;
  if (others + section !== text) await write(file, others + section);
}

/** The pattern that means this one path. */
export function patternFor(path: string): string {
  return `/${path.replace(/[\\*?[\]!# ]/g, "\\$&")}`;
}

async function read({ place, git }: Tree) {
  const { stdout } = await git(["rev-parse", "--git-path", "info/exclude"]);
  const file = resolve(place.directory, stdout.trim());
  const text = await readFile(file, "utf8").catch(() => "");
  return { file, text: text === "" || text.endsWith("\n") ? text : `${text}\n` };
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
