import type * as Graph from "@octokit/graphql-schema";
import { history, historyOf } from "../git-history.ts";
import { type Commit, readCommit, readTree, type TreeEntry } from "../git-objects.ts";
import { entryAt, entryType } from "../git-trees.ts";
import { refNodeId } from "../json/git.ts";
import { repositoryPage } from "../json/repositories.ts";
import type { Repository } from "../repository.ts";
import type { World } from "../world.ts";
import { connection, type Fields, type Paging } from "./frame.ts";
import { actorNode, repositoryNode } from "./nodes.ts";

// GitHub shows no more of a file than this.
const LONGEST_TEXT = 512 * 1024;

export function refNode(world: World, repository: Repository, name: string, oid: string) {
  const [, prefix = "", short = ""] = /^(refs\/[^/]+\/)(.+)$/.exec(name) ?? [];
  return {
    __typename: "Ref",
    id: refNodeId(repository, name),
    name: short,
    prefix,
    repository: () => repositoryNode(world, repository),
    target: () => objectNode(world, repository, oid),
  } satisfies Fields<Graph.Ref>;
}

export async function objectNode(world: World, repository: Repository, oid: string) {
  const object = await repository.git.object(oid);
  switch (object?.type) {
    case "commit": {
      const commit = await readCommit(repository.git, oid);
      return commit === null ? null : commitNode(world, repository, commit);
    }
    case "tree":
      return treeNode(world, repository, oid, "");
    case "blob":
      return blobNode(world, repository, oid);
    case "tag":
    case undefined:
      return null;
  }
}

function gitObject(world: World, repository: Repository, oid: string, kind: string) {
  const url = `${repositoryPage(world, repository)}/${kind}/${oid}`;
  return { oid, abbreviatedOid: oid.slice(0, 7), commitUrl: url, commitResourcePath: new URL(url).pathname };
}

export function commitNode(world: World, repository: Repository, commit: Commit) {
  const [headline = "", ...rest] = commit.message.split("\n");
  const person = (signer: Commit["author"]) => {
    const login = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/.exec(signer.email)?.[1];
    const account = login === undefined ? undefined : world.accounts.find(login);
    return { ...signer, user: account?.type === "User" ? actorNode(world, account) : null };
  };
  return {
    __typename: "Commit",
    id: `C_${commit.oid}`,
    ...gitObject(world, repository, commit.oid, "commit"),
    url: `${repositoryPage(world, repository)}/commit/${commit.oid}`,
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join("\n").trim(),
    authoredDate: commit.author.date,
    committedDate: commit.committer.date,
    author: () => person(commit.author),
    committer: () => person(commit.committer),
    repository: () => repositoryNode(world, repository),
    tree: () => treeNode(world, repository, commit.tree, ""),
    file: async ({ path }: { path: string }) => {
      const entry = await entryAt(repository.git, commit.tree, path);
      return entry === null ? null : entryNode(world, repository, entry, path);
    },
    parents: async (paging: Paging) => {
      const parents = await Promise.all(commit.parents.map((oid) => readCommit(repository.git, oid)));
      const found = parents.filter((parent) => parent !== null);
      return connection("parents", found, paging, (parent) => commitNode(world, repository, parent));
    },
    history: async ({ path, ...paging }: Paging & { path?: string }) => {
      const commits: Commit[] = [];
      const walk =
        path === undefined ? history(repository.git, commit.oid) : historyOf(repository.git, commit.oid, path);
      for await (const each of walk) commits.push(each);
      return connection("history", commits, paging, (each) => commitNode(world, repository, each));
    },
    signature: () => {
      const signature = {
        email: commit.committer.email,
        payload: commit.tree,
        signature: "playground",
        wasSignedByGitHub: true,
      };
      return commit.signed ? { __typename: "GpgSignature", isValid: true, state: "VALID", ...signature } : null;
    },
  } satisfies Fields<Graph.Commit>;
}

export function treeNode(world: World, repository: Repository, oid: string, path: string) {
  return {
    __typename: "Tree",
    id: `T_${oid}`,
    ...gitObject(world, repository, oid, "tree"),
    repository: () => repositoryNode(world, repository),
    entries: async () => {
      const entries = (await readTree(repository.git, oid)) ?? [];
      return entries.map((entry) =>
        entryNode(world, repository, entry, path === "" ? entry.name : `${path}/${entry.name}`),
      );
    },
  } satisfies Fields<Graph.Tree>;
}

function entryNode(world: World, repository: Repository, entry: TreeEntry, path: string) {
  const type = entryType(entry);
  return {
    name: entry.name,
    path,
    oid: entry.oid,
    type,
    mode: Number.parseInt(entry.mode, 8),
    extension: /\.[^./]+$/.exec(entry.name)?.[0] ?? "",
    isGenerated: false,
    size: async () => (type === "blob" ? ((await repository.git.object(entry.oid))?.data.length ?? 0) : 0),
    object: () => {
      return type === "tree" ? treeNode(world, repository, entry.oid, path) : objectNode(world, repository, entry.oid);
    },
    repository: () => repositoryNode(world, repository),
  } satisfies Fields<Graph.TreeEntry>;
}

async function blobNode(world: World, repository: Repository, oid: string) {
  const data = (await repository.git.object(oid))?.data ?? Buffer.alloc(0);
  const isBinary = data.subarray(0, 8_000).includes(0);
  return {
    __typename: "Blob",
    id: `B_${oid}`,
    ...gitObject(world, repository, oid, "blob"),
    byteSize: data.length,
    isBinary,
    isTruncated: data.length > LONGEST_TEXT,
    text: isBinary ? null : data.toString("utf8", 0, LONGEST_TEXT),
    repository: () => repositoryNode(world, repository),
  } satisfies Fields<Graph.Blob>;
}
