import { type TaskRef, taskBranch, taskFolder } from "./task.ts";

/** The repository that a handler or a run works for, and where people look at it. */
export interface RepositoryName {
  /** `https://github.com`, without a slash at the end. */
  readonly server: string;
  readonly owner: string;
  readonly repo: string;
}

export function repositoryUrl({ server, owner, repo }: RepositoryName): string {
  return `${server}/${owner}/${repo}`;
}

/** The plan as people read it in the browser. */
export function planUrl(repository: RepositoryName, ref: TaskRef): string {
  return taskFileUrl(repository, ref, "plan.md");
}

export function taskFileUrl(repository: RepositoryName, ref: TaskRef, file: string): string {
  return `${repositoryUrl(repository)}/blob/${taskBranch(ref)}/${taskFolder(ref)}/${file}`;
}

export function runUrl(repository: RepositoryName, runId: number): string {
  return `${repositoryUrl(repository)}/actions/runs/${runId}`;
}

/** The page where one click opens the pull request that we were not allowed to open. */
export function compareUrl(
  repository: RepositoryName,
  { base, branch, title }: { readonly base: string; readonly branch: string; readonly title: string },
): string {
  const query = new URLSearchParams({ expand: "1", title });
  return `${repositoryUrl(repository)}/compare/${path(base)}...${path(branch)}?${query.toString()}`;
}

function path(branch: string): string {
  return branch.split("/").map(encodeURIComponent).join("/");
}
