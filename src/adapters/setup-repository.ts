import type { Setup } from "../core/setup.ts";
import { type Grant, readWorkflow, WORKFLOW_PATH, type Workflow } from "../core/setup-workflow.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf } from "./github-error.ts";

const CONFIG_PATH = ".github/dispatch.yml";

export interface RepositoryLook extends Pick<Setup, "workflow" | "permissions" | "config"> {
  readonly configText: string | null;
}

/** Reads what a run may read of the repository and its organisation. Nothing is changed. */
export async function lookAtRepository(given: GitHubAccess): Promise<RepositoryLook> {
  const access = checkedAccess(given);
  const [workflow, own, issues, pulls] = await Promise.all([
    lookAtWorkflow(access),
    fileText(CONFIG_PATH, access),
    isRefused("issues", access),
    isRefused("pulls", access),
  ]);
  const config = typeof own === "string" ? ({ from: "repository", organisation: "not-needed" } as const) : null;
  const organisation = config === null ? await organisationConfig(access) : null;
  return {
    workflow,
    permissions: permissionsOf(workflow, { issues, pulls }),
    config: config ?? organisation?.config ?? { from: "none", organisation: "none" },
    configText: typeof own === "string" ? own : (organisation?.text ?? null),
  };
}

/** A symbol, for any text may stand in a file. */
const REFUSED = Symbol("refused");

/** The file's text on the default branch; null where there is none, or where GitHub does as if there were none. */
async function fileText(
  path: string,
  { owner, repo, ...access }: GitHubAccess,
): Promise<string | null | typeof REFUSED> {
  try {
    const { data } = await call(
      (once) => access.api.request("GET /repos/{owner}/{repo}/contents/{path}", { owner, repo, path, ...once }),
      access,
    );
    return !Array.isArray(data) && "content" in data ? Buffer.from(data.content, "base64").toString("utf8") : null;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    if (statusOf(error) === 403) return REFUSED;
    throw error;
  }
}

async function lookAtWorkflow(access: GitHubAccess): Promise<Workflow> {
  const text = await fileText(WORKFLOW_PATH, access);
  return text === REFUSED ? { kind: "unseen" } : readWorkflow(text);
}

/** A repository that cannot be seen and one that does not exist look the same. */
async function organisationConfig(
  access: GitHubAccess,
): Promise<{ readonly config: Setup["config"]; readonly text: string | null }> {
  const shared = { ...access, repo: ".github" };
  const text = await fileText(CONFIG_PATH, shared);
  if (typeof text === "string") return { config: { from: "organisation", organisation: "found" }, text };
  const isSeen = text === null && (await canSee(shared));
  return { config: { from: "none", organisation: isSeen ? "none" : "unseen" }, text: null };
}

async function canSee({ owner, repo, ...access }: GitHubAccess): Promise<boolean> {
  try {
    await call((once) => access.api.request("GET /repos/{owner}/{repo}", { owner, repo, ...once }), access);
    return true;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 403) return false;
    throw error;
  }
}

/** Whether GitHub will not even show these. Of a public repository everybody may see them, so a yes proves nothing. */
async function isRefused(what: "issues" | "pulls", { owner, repo, ...access }: GitHubAccess): Promise<boolean> {
  try {
    const page = { owner, repo, per_page: 1 };
    await call<unknown>(
      (once) =>
        what === "issues"
          ? access.api.request("GET /repos/{owner}/{repo}/issues", { ...page, ...once })
          : access.api.request("GET /repos/{owner}/{repo}/pulls", { ...page, ...once }),
      access,
    );
    return false;
  } catch (error) {
    // 410: the repository has no issues at all, which is no matter of permissions.
    if (statusOf(error) === 410) return false;
    if (statusOf(error) === 403 || statusOf(error) === 404) return true;
    throw error;
  }
}

function permissionsOf(
  workflow: Workflow,
  refused: { readonly issues: boolean; readonly pulls: boolean },
): Setup["permissions"] {
  const said: Setup["permissions"] =
    workflow.kind === "read" ? workflow.work : { contents: "unknown", issues: "unknown", "pull-requests": "unknown" };
  const unless = (isRefused: boolean, grant: Grant): Grant => (isRefused ? "none" : grant);
  return {
    contents: said.contents,
    issues: unless(refused.issues, said.issues),
    "pull-requests": unless(refused.pulls, said["pull-requests"]),
  };
}
