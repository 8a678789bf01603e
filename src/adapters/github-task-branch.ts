import { z } from "zod";
import { type TaskRef, taskBranch, taskFolder } from "../core/task.ts";
import type { Change, Snapshot, TaskBranches } from "../flows/ports.ts";
import { checkedAccess, checkedRef, type GitHubAccess } from "./github-api.ts";
import { NotNow } from "./github-budget.ts";
import { call } from "./github-call.ts";
import { graphqlErrors, hasGraphqlType, statusOf } from "./github-error.ts";
import { createTaskBranch, pathOnBranch, skippingCi } from "./github-task-branch-create.ts";
import { Blob, FILE_TEXT, filesIn, TASK_FOLDER_FRAGMENTS, TaskFolderTree, textOf } from "./github-task-files.ts";

const READ = `
query TaskBranch($owner: String!, $repo: String!, $branch: String!, $folder: String!) {
  repository(owner: $owner, name: $repo) {
    ref(qualifiedName: $branch) {
      target { oid ... on Commit { file(path: $folder) { object { ... on Tree { ...TaskFolder } } } } }
    }
  }
}
${TASK_FOLDER_FRAGMENTS}`;

const Read = z.object({
  repository: z.object({
    ref: z
      .object({
        target: z.object({
          oid: z.string(),
          file: z.object({ object: TaskFolderTree.partial().nullable() }).nullish(),
        }),
      })
      .nullable(),
  }),
});

const COMMIT = `
mutation CommitToTask($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

const Committed = z.object({ createCommitOnBranch: z.object({ commit: z.object({ oid: z.string() }) }) });

/** Task branches on GitHub. What `head` has seen is kept in memory, so that asking again is free while nothing moves. */
export function githubTaskBranches(given: GitHubAccess): TaskBranches {
  const access = checkedAccess(given);
  const seen = new Map<string, Seen>();
  return {
    read: (ref) => read(checkedRef(ref), access),
    create: (ref, files, message) => createTaskBranch(checkedRef(ref), files, message, access),
    commit: (ref, head, change) => commit(checkedRef(ref), head, change, access),
    fileAt: (ref, commit, path) => fileAt(checkedRef(ref), commit, path, access),
    remove: (ref) => remove(checkedRef(ref), access),
    head: (ref, known) => head(checkedRef(ref), known, seen, access),
  };
}

async function read(ref: TaskRef, access: GitHubAccess): Promise<Snapshot | null> {
  const { api, owner, repo } = access;
  const variables = { owner, repo, branch: `refs/heads/${taskBranch(ref)}`, folder: taskFolder(ref) };
  const reply = Read.parse(await call((once) => api.graphql<unknown>(READ, { ...variables, ...once }), access));
  const target = reply.repository.ref?.target;
  if (target === undefined) return null;
  return { ref, head: target.oid, files: await filesIn({ entries: target.file?.object?.entries ?? null }, access) };
}

type CommitResult = Awaited<ReturnType<TaskBranches["commit"]>>;

async function commit(ref: TaskRef, expected: string, change: Change, access: GitHubAccess): Promise<CommitResult> {
  const { api, owner, repo } = access;
  const input = {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: taskBranch(ref) },
    message: skippingCi(change.message),
    expectedHeadOid: expected,
    fileChanges: fileChanges(ref, change.files),
  };
  try {
    // Harmless to repeat: when the first try took place after all, the head has moved and the second is stale.
    const reply = await call((once) => api.graphql<unknown>(COMMIT, { input, ...once }), access);
    return { head: Committed.parse(reply).createCommitOnBranch.commit.oid };
  } catch (error) {
    if (isStale(error)) return "stale";
    if (hasGraphqlType(error, "NOT_FOUND") && (await currentHead(ref, access)) === "gone") return "gone";
    throw error;
  }
}

function isStale(error: unknown): boolean {
  if (hasGraphqlType(error, "STALE_DATA")) return true;
  // Two commits in the same instant: git's own words for having lost the race.
  return graphqlErrors(error).some(({ message }) => /expected branch to point to|cannot lock ref/i.test(message));
}

function fileChanges(ref: TaskRef, files: Change["files"]) {
  const all = Object.entries(files).map(([path, text]) => ({ path: pathOnBranch(ref, path), text }));
  return {
    additions: all.flatMap(({ path, text }) => (text === null ? [] : [{ path, contents: base64(text) }])),
    deletions: all.flatMap(({ path, text }) => (text === null ? [{ path }] : [])),
  };
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

const FILE_AT = `
query TaskFileAt($owner: String!, $repo: String!, $expression: String!) {
  repository(owner: $owner, name: $repo) { object(expression: $expression) { __typename ...FileText } }
}
${FILE_TEXT}`;

const FileAt = z.object({
  repository: z.object({
    object: z.union([Blob, z.object({ __typename: z.enum(["Tree", "Commit", "Tag"]) })]).nullable(),
  }),
});

async function fileAt(ref: TaskRef, sha: string, path: string, access: GitHubAccess): Promise<string | null> {
  // A name in its place could be anything that git can resolve.
  if (!/^[0-9a-f]{40,64}$/.test(sha)) return null;
  const { api, owner, repo } = access;
  const variables = { owner, repo, expression: `${sha}:${pathOnBranch(ref, path)}` };
  const reply = FileAt.parse(await call((once) => api.graphql<unknown>(FILE_AT, { ...variables, ...once }), access));
  const { object } = reply.repository;
  return object?.__typename === "Blob" ? textOf(object, access) : null;
}

async function remove(ref: TaskRef, access: GitHubAccess): Promise<void> {
  const { api, owner, repo } = access;
  const route = "DELETE /repos/{owner}/{repo}/git/refs/{ref}";
  try {
    await call((once) => api.request(route, { owner, repo, ref: `heads/${taskBranch(ref)}`, ...once }), access);
  } catch (error) {
    // 422: "Reference does not exist".
    if (statusOf(error) !== 404 && statusOf(error) !== 422) throw error;
  }
}

interface Seen {
  readonly etag: string;
  readonly head: string;
}

async function head(
  ref: TaskRef,
  known: string,
  seen: Map<string, Seen>,
  access: GitHubAccess,
): ReturnType<TaskBranches["head"]> {
  const branch = taskBranch(ref);
  const now = await currentHead(ref, { ...access, urgency: "poll" }, seen.get(branch)).catch((error: unknown) => {
    if (error instanceof NotNow) return null;
    throw error;
  });
  if (now === null) return "same";
  if (now === "gone") {
    seen.delete(branch);
    return now;
  }
  if (now.etag !== null) seen.set(branch, { etag: now.etag, head: now.head });
  return now.head === known ? "same" : { head: now.head };
}

async function currentHead(
  ref: TaskRef,
  access: GitHubAccess,
  seen?: Seen,
): Promise<{ readonly etag: string | null; readonly head: string } | "gone"> {
  const { api, owner, repo } = access;
  const headers = seen === undefined ? {} : { "if-none-match": seen.etag };
  try {
    const { data, headers: got } = await call(
      (once) =>
        api.request("GET /repos/{owner}/{repo}/git/ref/{ref}", {
          owner,
          repo,
          ref: `heads/${taskBranch(ref)}`,
          headers,
          ...once,
        }),
      access,
    );
    return { etag: got.etag ?? null, head: data.object.sha };
  } catch (error) {
    // Octokit throws on 304.
    if (statusOf(error) === 304 && seen !== undefined) return seen;
    if (statusOf(error) === 404) return "gone";
    throw error;
  }
}
