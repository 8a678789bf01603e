import type { FileDiff } from "../git-diff.ts";
import type { Commit } from "../git-objects.ts";
import type { GitObject, GitRef } from "../git-store.ts";
import { entryType, type PathEntry } from "../git-trees.ts";
import type { Repository } from "../repository.ts";
import type { World } from "../world.ts";
import { accountJson, type Schemas } from "./accounts.ts";
import { repositoryPage, repositoryUrl } from "./repositories.ts";

export function refJson(world: World, repository: Repository, ref: GitRef, type: GitObject["type"] = "commit") {
  const url = repositoryUrl(world, repository);
  return {
    ref: ref.name,
    node_id: refNodeId(repository, ref.name),
    url: `${url}/git/${ref.name}`,
    object: { sha: ref.oid, type, url: `${url}/git/${type}s/${ref.oid}` },
  } satisfies Schemas["git-ref"];
}

export function refNodeId(repository: Repository, name: string): string {
  return `REF_${Buffer.from(`${repository.id}:${name}`).toString("base64url")}`;
}

function verification(commit: Commit) {
  return commit.signed
    ? {
        verified: true,
        reason: "valid" as const,
        signature: "playground",
        payload: commit.tree,
        verified_at: commit.committer.date,
      }
    : { verified: false, reason: "unsigned" as const, signature: null, payload: null, verified_at: null };
}

export function gitCommitJson(world: World, repository: Repository, commit: Commit) {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  return {
    sha: commit.oid,
    node_id: `C_${commit.oid}`,
    url: `${url}/git/commits/${commit.oid}`,
    html_url: `${page}/commit/${commit.oid}`,
    author: { ...commit.author },
    committer: { ...commit.committer },
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: verification(commit),
  } satisfies Schemas["git-commit"];
}

export function commitJson(world: World, repository: Repository, commit: Commit) {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  const account = (email: string) => {
    const login = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
    const found = login === undefined ? undefined : world.accounts.find(login);
    return found === undefined ? null : accountJson(world, found);
  };
  return {
    sha: commit.oid,
    node_id: `C_${commit.oid}`,
    commit: {
      author: { ...commit.author },
      committer: { ...commit.committer },
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.oid}`,
      comment_count: 0,
      verification: verification(commit),
    },
    url: `${url}/commits/${commit.oid}`,
    html_url: `${page}/commit/${commit.oid}`,
    comments_url: `${url}/commits/${commit.oid}/comments`,
    author: account(commit.author.email),
    committer: account(commit.committer.email),
    parents: commit.parents.map((sha) => ({ sha, url: `${url}/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
  } satisfies Schemas["commit"];
}

export function diffJson(world: World, repository: Repository, file: FileDiff, commit: string) {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.oid,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repositoryPage(world, repository)}/blob/${commit}/${path}`,
    raw_url: `${repositoryPage(world, repository)}/raw/${commit}/${path}`,
    contents_url: `${repositoryUrl(world, repository)}/contents/${path}?ref=${commit}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  } satisfies Schemas["diff-entry"];
}

export function treeEntryJson(world: World, repository: Repository, entry: PathEntry, size: number | null) {
  const type = entryType(entry);
  return {
    path: entry.path,
    mode: entry.mode,
    type,
    sha: entry.oid,
    ...(size === null ? {} : { size }),
    url: `${repositoryUrl(world, repository)}/git/${type}s/${entry.oid}`,
  } satisfies Schemas["git-tree"]["tree"][number];
}
