import { createHash } from "node:crypto";
import type { GitObjectType, GitStore } from "./git-store.ts";

export const ZERO_OID = "0".repeat(40);
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

export type FileMode = "100644" | "100755" | "120000" | "040000" | "160000";

export interface TreeEntry {
  readonly name: string;
  readonly mode: FileMode;
  readonly oid: string;
}

export interface Signer {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, to the second. */
  readonly date: string;
}

export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signer;
  readonly committer: Signer;
  readonly message: string;
  readonly signed: boolean;
}

/** The bytes that git stores and names: header, then content. */
export function encodeObject(type: GitObjectType, data: Uint8Array): { oid: string; bytes: Buffer } {
  const bytes = Buffer.concat([Buffer.from(`${type} ${data.length}\0`), data]);
  return { oid: createHash("sha1").update(bytes).digest("hex"), bytes };
}

export function parseTree(data: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const end = data.indexOf(0, space);
    const mode = data.toString("latin1", at, space).padStart(6, "0") as FileMode;
    entries.push({ mode, name: data.toString("utf8", space + 1, end), oid: data.toString("hex", end + 1, end + 21) });
    at = end + 21;
  }
  return entries;
}

function encodeTree(entries: readonly TreeEntry[]): Buffer {
  // git sorts folders as if their names ended in a slash.
  const key = (entry: TreeEntry) => Buffer.from(entry.mode === "040000" ? `${entry.name}/` : entry.name);
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, oid }) => [
      Buffer.from(`${mode.replace(/^0/, "")} ${name}\0`),
      Buffer.from(oid, "hex"),
    ]),
  );
}

function parseSigner(line: string): Signer {
  const match = /^(.*?) ?<(.*?)> (-?\d+) [+-]\d{4}$/.exec(line);
  const seconds = Number(match?.[3] ?? 0);
  return {
    name: match?.[1] ?? "",
    email: match?.[2] ?? "",
    date: new Date(seconds * 1000).toISOString().replace(".000Z", "Z"),
  };
}

function parseCommit(oid: string, data: Buffer): Commit {
  const text = data.toString("utf8");
  const split = text.indexOf("\n\n");
  const head = text.slice(0, split).split("\n");
  const values = (key: string) =>
    head.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return {
    oid,
    tree: values("tree")[0] ?? EMPTY_TREE,
    parents: values("parent"),
    author: parseSigner(values("author")[0] ?? ""),
    committer: parseSigner(values("committer")[0] ?? ""),
    message: text.slice(split + 2).replace(/\n$/, ""),
    signed: values("gpgsig").length > 0,
  };
}

// What stands in for GitHub's own signature: git keeps it with the commit, nobody can verify it.
const SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n playground\n -----END PGP SIGNATURE-----";

function encodeCommit(commit: Omit<Commit, "oid">): Buffer {
  const signer = ({ name, email, date }: Signer) => {
    const clean = (text: string) => text.replaceAll(/[<>\n]/g, "");
    return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1000)} +0000`;
  };
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signer(commit.author)}`,
    `committer ${signer(commit.committer)}`,
    ...(commit.signed ? [SIGNATURE] : []),
  ];
  return Buffer.from(`${head.join("\n")}\n\n${commit.message}`);
}

export async function readTree(store: GitStore, oid: string): Promise<readonly TreeEntry[] | null> {
  if (oid === EMPTY_TREE) return [];
  const object = await store.object(oid);
  return object?.type === "tree" ? parseTree(object.data) : null;
}

export function writeTree(store: GitStore, entries: readonly TreeEntry[]): Promise<string> {
  return store.write("tree", encodeTree(entries));
}

export function writeCommit(store: GitStore, commit: Omit<Commit, "oid">): Promise<string> {
  return store.write("commit", encodeCommit(commit));
}

/** The commit of this name, or the one that a tag of this name stands for. */
export async function readCommit(store: GitStore, oid: string): Promise<Commit | null> {
  const object = await store.object(oid);
  if (object?.type === "commit") return parseCommit(object.oid, object.data);
  if (object?.type !== "tag") return null;
  const target = /^object ([0-9a-f]{40})/.exec(object.data.toString("utf8"))?.[1];
  return target === undefined ? null : readCommit(store, target);
}
