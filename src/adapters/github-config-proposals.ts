import { z } from "zod";
import { compareUrl, type RepositoryName } from "../core/links.ts";
import { Problem } from "../core/problem.ts";
import type { ConfigProposals } from "../flows/ports.ts";
import { checkedAccess, checkedBranch, type GitHubAccess, type OwnAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { graphqlErrors, hasGraphqlType, isRefusal, LostReply, statusOf, wordsOf } from "./github-error.ts";
import { githubPullRequests } from "./github-pull-requests.ts";
import { Blob, FILE_TEXT, textOf } from "./github-task-files.ts";

const BRANCH = "dispatch/config";
const FILE = ".github/dispatch.yml";

const READ = `
query ConfigProposal($owner: String!, $repo: String!, $branch: String!, $branchRef: String!, $file: String!) {
  repository(owner: $owner, name: $repo) {
    defaultBranchRef { name target { ...FileOnBranch } }
    branch: ref(qualifiedName: $branchRef) { target { ...FileOnBranch } }
    pullRequests(headRefName: $branch, last: 20) {
      nodes { number url title body state baseRefName headRefOid isCrossRepository }
    }
  }
}
fragment FileOnBranch on GitObject { oid ... on Commit { file(path: $file) { object { __typename ...FileText } } } }
${FILE_TEXT}`;

const Target = z.object({
  oid: z.string(),
  // A folder of that name, or anything else, is no config.
  file: z.object({ object: Blob.nullable().catch(null) }).nullish(),
});
type Target = z.infer<typeof Target>;

const Pull = z.object({
  number: z.number(),
  url: z.string(),
  title: z.string(),
  body: z.string(),
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  baseRefName: z.string(),
  headRefOid: z.string(),
  isCrossRepository: z.boolean(),
});
type Pull = z.infer<typeof Pull>;

const Read = z.object({
  repository: z.object({
    defaultBranchRef: z.object({ name: z.string(), target: Target }).nullable(),
    branch: z.object({ target: Target }).nullable(),
    pullRequests: z.object({ nodes: z.array(Pull.nullable()).nullable() }),
  }),
});

const COMMIT = `
mutation ProposeConfig($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

/** What the next proposal builds on. */
interface Base {
  readonly defaultBranch: string;
  readonly text: string | null;
  /** The commit that the next one comes after: the branch's head, or the default branch's where it begins anew. */
  readonly head: string;
  /** "stale": it is there, but only holds what was merged or turned down. */
  readonly branch: "current" | "missing" | "stale";
  readonly pull: Pull | null;
}

/**
 * One branch and one pull request collect all changes of the config until they are merged. `propose` builds on what this same object has
 * read before; where somebody else was faster it throws Problem "config-proposal-stale", and everything must be read again.
 */
export function githubConfigProposals(given: OwnAccess & { readonly repository: RepositoryName }): ConfigProposals {
  const access = checkedAccess(given);
  // What was read and not built upon yet. Several that differ cannot be told apart, so then nothing is built on any.
  let reads: readonly Base[] = [];
  return {
    async read() {
      const base = await read(access);
      reads = [...reads, base];
      return { text: base.text };
    },
    async propose(change) {
      const [base, ...others] = reads;
      reads = [];
      if (base === undefined || others.some(({ head }) => head !== base.head)) throw stale();
      // Asked again, or cut off between the commit and the pull request: only what is missing is done.
      if (base.branch !== "current" || base.text !== change.text) await written(base, change, access);
      return await opened(base, change, access);
    },
  };
}

async function read(access: GitHubAccess): Promise<Base> {
  const { api, owner, repo } = access;
  const variables = { owner, repo, branch: BRANCH, branchRef: `refs/heads/${BRANCH}`, file: FILE };
  const reply = Read.parse(await call((once) => api.graphql<unknown>(READ, { ...variables, ...once }), access));
  const { defaultBranchRef: main, branch, pullRequests } = reply.repository;
  if (main === null) {
    throw new Problem(
      "config-proposal-refused",
      "This repository has no commits yet, so nothing can be proposed.",
      "Make a first commit on the default branch, then write the command again.",
    );
  }
  const own = (pullRequests.nodes ?? []).filter((pull) => pull !== null && !pull.isCrossRepository);
  const pull = own.find((each) => each?.state === "OPEN" && each.baseRefName === main.name) ?? null;
  const isSpent = own.some((each) => each?.state !== "OPEN" && each?.headRefOid === branch?.target.oid);
  const text = await textAt(main.target, access);
  if (branch === null) return { defaultBranch: main.name, text, head: main.target.oid, branch: "missing", pull: null };
  const proposed = await textAt(branch.target, access);
  // Without a pull request, since GitHub refused it, the branch may still hold changes that wait for one.
  if (pull === null && (isSpent || proposed === null || proposed === text)) {
    return { defaultBranch: main.name, text, head: main.target.oid, branch: "stale", pull: null };
  }
  return { defaultBranch: main.name, text: proposed, head: branch.target.oid, branch: "current", pull };
}

async function textAt({ file }: Target, access: GitHubAccess): Promise<string | null> {
  const blob = file?.object ?? null;
  return blob === null ? null : textOf(blob, access);
}

type Change = Parameters<ConfigProposals["propose"]>[0];

async function written(base: Base, change: Change, access: GitHubAccess): Promise<void> {
  try {
    if (base.branch === "stale") await removeBranch(access);
    if (base.branch !== "current") await createBranch(base.head, access);
    await commit(base.head, change, access);
  } catch (error) {
    if (error instanceof Problem || !isRefusal(error)) throw error;
    const words = wordsOf(error);
    throw new Problem(
      "config-proposal-refused",
      `GitHub refused to write the branch \`${BRANCH}\`: ${/[.!?]$/.test(words) ? words : `${words}.`}`,
      "Give Dispatch `contents: write`, exclude `dispatch/**` from the repository's rulesets and branch protection rules, and see that no branch is called just `dispatch`.",
      { cause: error },
    );
  }
}

/** Only ever what was merged or turned down, and what our own next commit would not come after. */
async function removeBranch(access: GitHubAccess): Promise<void> {
  const { api, owner, repo } = access;
  const route = "DELETE /repos/{owner}/{repo}/git/refs/{ref}";
  try {
    await call((once) => api.request(route, { owner, repo, ref: `heads/${BRANCH}`, ...once }), access);
  } catch (error) {
    // 422: "Reference does not exist". Somebody else has begun anew as well.
    if (statusOf(error) !== 404 && statusOf(error) !== 422) throw error;
  }
}

async function createBranch(sha: string, access: GitHubAccess): Promise<void> {
  const { api, owner, repo } = access;
  const act = async (once: object) => {
    try {
      await api.request("POST /repos/{owner}/{repo}/git/refs", {
        owner,
        repo,
        ref: `refs/heads/${BRANCH}`,
        sha,
        ...once,
      });
    } catch (error) {
      // A lost try of ours, or somebody else: the commit shows whether the branch stands where we expect it.
      if (statusOf(error) === 422 && /already exists/i.test(wordsOf(error))) return true;
      if (/object does not exist/i.test(wordsOf(error))) throw new LostReply(wordsOf(error), { cause: error });
      throw error;
    }
    return true;
  };
  await call(act, access);
}

async function commit(expected: string, { text, message }: Change, access: GitHubAccess): Promise<void> {
  const { api, owner, repo } = access;
  const [headline = "", ...rest] = message.trim().split("\n");
  const body = rest.join("\n").trim();
  const input = {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: BRANCH },
    message: body === "" ? { headline } : { headline, body },
    expectedHeadOid: expected,
    fileChanges: { additions: [{ path: FILE, contents: Buffer.from(text, "utf8").toString("base64") }] },
  };
  const isWritten = async () => {
    const now = await read(access);
    return now.branch === "current" && now.text === text ? true : null;
  };
  try {
    await call((once) => api.graphql<unknown>(COMMIT, { input, ...once }), access, isWritten);
  } catch (error) {
    if (isOvertaken(error)) throw stale(error);
    throw error;
  }
}

/** Somebody else was faster, or has just deleted the branch. */
function isOvertaken(error: unknown): boolean {
  if (hasGraphqlType(error, "STALE_DATA") || hasGraphqlType(error, "NOT_FOUND")) return true;
  return graphqlErrors(error).some(({ message }) => /expected branch to point to|cannot lock ref/i.test(message));
}

function stale(cause?: unknown): Problem {
  return new Problem(
    "config-proposal-stale",
    "The config was changed by somebody else in the same moment.",
    "Write the command again.",
    { cause },
  );
}

type Opened = Awaited<ReturnType<ConfigProposals["propose"]>>;

async function opened(
  { defaultBranch, pull }: Base,
  { title, body }: Change,
  access: GitHubAccess & { readonly repository: RepositoryName },
): Promise<Opened> {
  const pulls = githubPullRequests(access);
  if (pull !== null) {
    const now = body(pull.body);
    if (now !== pull.body) await pulls.describe(pull.number, { title: pull.title, body: now });
    return { number: pull.number, url: pull.url };
  }
  const base = checkedBranch(defaultBranch);
  try {
    const { number, url } = await pulls.open({ branch: BRANCH, base, title, body: body(null), draft: false });
    return { number, url };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "pull-request-refused") throw error;
    return { number: null, url: compareUrl(access.repository, { base, branch: BRANCH, title }) };
  }
}
