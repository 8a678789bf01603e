import { z } from "zod";
import { Problem } from "../core/problem.ts";
import { isNews } from "../core/setup.ts";
import type { SetupRecords } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { graphqlErrors, hasGraphqlType, isRefusal, LostReply, statusOf, wordsOf } from "./github-error.ts";
import { Blob, FILE_TEXT, textOf } from "./github-task-files.ts";

const BRANCH = "dispatch/setup";
const FILE = "setup.yaml";
const MESSAGE = "Record what doctor has found [skip ci]";
/** Two that write at once come to an end after one more look; more than a few would be something else. */
const MOST_TRIES = 5;

const READ = `
query SetupRecord($owner: String!, $repo: String!, $branch: String!, $file: String!) {
  repository(owner: $owner, name: $repo) {
    ref(qualifiedName: $branch) { target { oid ... on Commit { file(path: $file) { object { __typename ...FileText } } } } }
  }
}
${FILE_TEXT}`;

const Read = z.object({
  repository: z.object({
    ref: z
      .object({
        target: z.object({
          oid: z.string(),
          // A folder of that name, or anything else, is no record.
          file: z.object({ object: Blob.nullable().catch(null) }).nullish(),
        }),
      })
      .nullable(),
  }),
});

const COMMIT = `
mutation RecordSetup($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

/** The branch that holds what doctor last found. It has no history in common with the code. */
export function githubSetupRecords(given: GitHubAccess): SetupRecords {
  const access = checkedAccess(given);
  return {
    /** @throws Problem "setup-record-refused" with GitHub's own words */
    async write(text) {
      try {
        await record(text, access);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const words = wordsOf(error);
        throw new Problem(
          "setup-record-refused",
          `GitHub refused to write the branch \`${BRANCH}\`: ${/[.!?]$/.test(words) ? words : `${words}.`}`,
          "Give the run `contents: write`, and exclude `dispatch/**` from the repository's rulesets and branch protection rules.",
          { cause: error },
        );
      }
    },
  };
}

async function record(text: string, access: GitHubAccess): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const present = await read(access);
    if (present !== null && !isNews(text, present.text)) return;
    const isLast = tries === MOST_TRIES;
    const written =
      present === null ? await create(text, access, isLast) : await commit(text, present.head, access, isLast);
    if (written === "done") return;
  }
}

async function read(access: GitHubAccess): Promise<{ readonly head: string; readonly text: string | null } | null> {
  const { api, owner, repo } = access;
  const variables = { owner, repo, branch: `refs/heads/${BRANCH}`, file: FILE };
  const reply = Read.parse(await call((once) => api.graphql<unknown>(READ, { ...variables, ...once }), access));
  const target = reply.repository.ref?.target;
  if (target === undefined) return null;
  const blob = target.file?.object ?? null;
  return { head: target.oid, text: blob === null ? null : await textOf(blob, access) };
}

/** Somebody else may have been faster: then everything is looked at again. */
type Written = "done" | "again";

async function create(text: string, access: GitHubAccess, isLast: boolean): Promise<Written> {
  const { api, owner, repo } = access;
  const file = { path: FILE, mode: "100644", type: "blob", content: text } as const;
  const tree = await call(
    (once) => api.request("POST /repos/{owner}/{repo}/git/trees", { owner, repo, tree: [file], ...once }),
    access,
  );
  const made = { owner, repo, message: MESSAGE, tree: tree.data.sha, parents: [] };
  const { data } = await call(
    (once) => api.request("POST /repos/{owner}/{repo}/git/commits", { ...made, ...once }),
    access,
  );
  try {
    await call((once) => createRef(data.sha, access, once), access);
    return "done";
  } catch (error) {
    // The status alone tells nothing: the next look shows whether the branch is there, and a refusal comes again.
    if (isLast || (statusOf(error) !== 422 && statusOf(error) !== 409)) throw error;
    if (!/already exists/i.test(wordsOf(error))) throw error;
    return "again";
  }
}

async function createRef(sha: string, { api, owner, repo }: GitHubAccess, once: object): Promise<unknown> {
  try {
    return await api.request("POST /repos/{owner}/{repo}/git/refs", {
      owner,
      repo,
      ref: `refs/heads/${BRANCH}`,
      sha,
      ...once,
    });
  } catch (error) {
    // The commit that was made a moment ago has not reached every one of GitHub's servers.
    if (/object does not exist/i.test(wordsOf(error))) throw new LostReply(wordsOf(error), { cause: error });
    throw error;
  }
}

async function commit(text: string, expected: string, access: GitHubAccess, isLast: boolean): Promise<Written> {
  const { api, owner, repo } = access;
  const input = {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: BRANCH },
    message: { headline: MESSAGE },
    expectedHeadOid: expected,
    fileChanges: { additions: [{ path: FILE, contents: Buffer.from(text, "utf8").toString("base64") }] },
  };
  try {
    await call((once) => api.graphql<unknown>(COMMIT, { input, ...once }), access);
    return "done";
  } catch (error) {
    if (isLast || !isOvertaken(error)) throw error;
    return "again";
  }
}

/** Another run was faster, or somebody has just deleted the branch. */
function isOvertaken(error: unknown): boolean {
  if (hasGraphqlType(error, "STALE_DATA") || hasGraphqlType(error, "NOT_FOUND")) return true;
  return graphqlErrors(error).some(({ message }) => /expected branch to point to|cannot lock ref/i.test(message));
}
