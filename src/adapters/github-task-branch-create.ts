import { Problem } from "../core/problem.ts";
import { type TaskFiles, type TaskRef, taskBranch, taskFolder } from "../core/task.ts";
import type { GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { LostReply, statusOf, wordsOf } from "./github-error.ts";

/** A commit's message that asks CI systems beside Actions to leave it alone: pushes to task branches reach them too. */
export function skippingCi(message: string): { readonly headline: string; readonly body: string } {
  const [first = "", ...rest] = message.trim().split("\n");
  return { headline: `${first} [skip ci]`.trim(), body: rest.join("\n").trim() };
}

/** Where a task's file stands on its branch. Refuses a path that leaves the task's folder. */
export function pathOnBranch(ref: TaskRef, path: string): string {
  const sound = path.split("/").every((part) => !["", ".", "..", ".git"].includes(part.toLowerCase()));
  if (!sound || path.includes("\0") || path.includes("\\")) {
    throw new Error(`Not a path inside a task's folder: ${JSON.stringify(path.slice(0, 200))}`);
  }
  return `${taskFolder(ref)}/${path}`;
}

/** Publishes a task whole or not at all: a tree, a commit without parents, and only then the ref that makes them visible. */
export async function createTaskBranch(
  ref: TaskRef,
  files: TaskFiles,
  message: string,
  access: GitHubAccess,
): Promise<"created" | "exists"> {
  try {
    const sha = await createCommit(ref, files, message, access);
    return await createRef(ref, sha, access);
  } catch (error) {
    const status = statusOf(error);
    if (status === null || ![403, 404, 409, 422].includes(status)) throw error;
    throw await refusal(ref, error, access);
  }
}

async function createCommit(ref: TaskRef, files: TaskFiles, message: string, access: GitHubAccess): Promise<string> {
  const { api, owner, repo } = access;
  const tree = Object.entries(files).map(
    ([path, content]) => ({ path: pathOnBranch(ref, path), mode: "100644", type: "blob", content }) as const,
  );
  const made = await call(
    (once) => api.request("POST /repos/{owner}/{repo}/git/trees", { owner, repo, tree, ...once }),
    access,
  );
  const { headline, body } = skippingCi(message);
  const text = body === "" ? headline : `${headline}\n\n${body}`;
  const commit = await call(
    (once) =>
      api.request("POST /repos/{owner}/{repo}/git/commits", {
        owner,
        repo,
        message: text,
        tree: made.data.sha,
        parents: [],
        ...once,
      }),
    access,
  );
  return commit.data.sha;
}

async function createRef(ref: TaskRef, sha: string, access: GitHubAccess): Promise<"created" | "exists"> {
  const { api, owner, repo } = access;
  let tries = 0;
  const act = async (once: Parameters<Parameters<typeof call>[0]>[0]) => {
    tries++;
    try {
      await api.request("POST /repos/{owner}/{repo}/git/refs", {
        owner,
        repo,
        ref: `refs/heads/${taskBranch(ref)}`,
        sha,
        ...once,
      });
      return "created" as const;
    } catch (error) {
      // The commit that was made a moment ago has not reached every one of GitHub's servers.
      if (/object does not exist/i.test(wordsOf(error))) throw new LostReply(wordsOf(error), { cause: error });
      const status = statusOf(error);
      if (status !== 409 && status !== 422) throw error;
      // The status alone tells nothing: a ruleset and a branch in the way answer the same.
      const there = await refHead(taskBranch(ref), access);
      if (there === null) throw error;
      // An earlier try of ours may have made it, and only its reply was lost.
      return tries > 1 && there === sha ? "created" : "exists";
    }
  };
  return call(act, access);
}

/** The commit that a branch points to, or null when there is no such branch. */
async function refHead(branch: string, access: GitHubAccess): Promise<string | null> {
  const { api, owner, repo } = access;
  try {
    const { data } = await call(
      (once) =>
        api.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { owner, repo, ref: `heads/${branch}`, ...once }),
      access,
    );
    return data.object.sha;
  } catch (error) {
    // 409: a repository without commits.
    if (statusOf(error) === 404 || statusOf(error) === 409) return null;
    throw error;
  }
}

async function refusal(ref: TaskRef, error: unknown, access: GitHubAccess): Promise<Problem> {
  const sentence = `GitHub refused to create the branch \`${taskBranch(ref)}\`: ${fullStop(wordsOf(error))}`;
  return new Problem("task-branch-refused", sentence, await remedy(ref, error, access), { cause: error });
}

async function remedy(ref: TaskRef, error: unknown, access: GitHubAccess): Promise<string> {
  const words = wordsOf(error);
  if (/repository is empty/i.test(words)) {
    return "Make a first commit on the default branch, then write the command again.";
  }
  if (/archived/i.test(words)) return "Unarchive the repository, then write the command again.";
  if (statusOf(error) === 403 || statusOf(error) === 404) {
    return "Give Dispatch write access to the repository's contents (`contents: write`), then write the command again.";
  }
  const blocking = await branchInTheWay(ref, access);
  if (blocking !== null) {
    return `Rename or delete the branch \`${blocking}\`, since no branch can be called \`${blocking}/…\` beside it; then write the command again.`;
  }
  return "Exclude `dispatch/**` from the repository's rulesets and branch protection rules, then write the command again.";
}

/** Git keeps a branch as a file, so that `dispatch` and `dispatch/tasks/…` cannot both exist. */
async function branchInTheWay(ref: TaskRef, access: GitHubAccess): Promise<string | null> {
  const names = ["dispatch", "dispatch/tasks", `dispatch/tasks/${ref.thread}`];
  const heads = await Promise.all(names.map((name) => refHead(name, access)));
  return names.find((_, index) => heads[index] !== null) ?? null;
}

function fullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
