import type { components } from "@octokit/openapi-types";
import { Problem } from "../core/problem.ts";
import type { PullRequest, PullRequestDraft, PullRequests, PullState } from "../flows/ports.ts";
import { checkedAccess, checkedBranch, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { isInvalid, statusOf, wordsOf } from "./github-error.ts";

const READY = `
mutation Ready($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`;

export function githubPullRequests(given: GitHubAccess): PullRequests {
  const access = checkedAccess(given);
  return {
    open: (draft) => open(draft, access),
    describe: (number, change) => describe(number, change, access),
    stateOf: async (number) => stateOf(await read(number, access)),
    markReady: (pull) => markReady(pull, access),
  };
}

async function open(draft: PullRequestDraft, access: GitHubAccess): Promise<PullRequest> {
  const { api, owner, repo } = access;
  const head = checkedBranch(draft.branch);
  const base = checkedBranch(draft.base);
  const { title, body } = draft;
  try {
    const { data } = await call(
      (once) =>
        api.request("POST /repos/{owner}/{repo}/pulls", {
          owner,
          repo,
          head,
          base,
          title,
          body,
          draft: draft.draft,
          ...once,
        }),
      access,
      async () => {
        const present = await openFrom(head, access);
        return present === null ? null : { data: present };
      },
    );
    return pullRequest(data);
  } catch (error) {
    if (statusOf(error) === 422 && /pull request already exists/i.test(wordsOf(error))) {
      const present = await openFrom(head, access);
      if (present !== null) return pullRequest(present);
    }
    throw refusal(error, draft) ?? error;
  }
}

type Listed = components["schemas"]["pull-request-simple"];

/** The open pull request of a branch of this repository. */
async function openFrom(branch: string, access: GitHubAccess): Promise<Listed | null> {
  const { api, owner, repo } = access;
  const parameters = { owner, repo, head: `${owner}:${branch}`, state: "open" } as const;
  const { data } = await call(
    (once) => api.request("GET /repos/{owner}/{repo}/pulls", { ...parameters, ...once }),
    access,
  );
  // GitHub ignores a `head` that it cannot read and lists everything.
  return data.find(({ head }) => head.ref === branch) ?? null;
}

function refusal(error: unknown, draft: PullRequestDraft): Problem | null {
  const status = statusOf(error);
  const words = wordsOf(error);
  const cause = { cause: error };
  if (status === 422 && draft.draft && /draft pull requests are not supported/i.test(words)) {
    return new Problem(
      "drafts-refused",
      "GitHub does not allow draft pull requests in this repository.",
      "Set `pull_request: ready` in `.github/dispatch.yml`.",
      cause,
    );
  }
  if (status === 422 && isInvalid("base", error)) {
    return new Problem(
      "base-missing",
      `The branch \`${draft.base}\`, which the pull request was to go to, does not exist any more.`,
      "Open the pull request yourself, onto another branch.",
      cause,
    );
  }
  if (status !== 403 && status !== 422) return null;
  const sentence = `GitHub refused to open the pull request: ${words}`;
  return new Problem("pull-request-refused", sentence, remedy(status, words), cause);
}

function remedy(status: 403 | 422, words: string): string {
  if (/not permitted to create or approve/i.test(words)) {
    return 'Turn on "Allow GitHub Actions to create and approve pull requests" in the repository\'s settings under Actions → General.';
  }
  if (status === 403) return "Give Dispatch the permission `pull-requests: write`.";
  return "Open the pull request yourself from the branch.";
}

async function describe(
  number: number,
  change: { readonly title: string; readonly body: string },
  access: GitHubAccess,
): Promise<PullState> {
  const { api, owner, repo } = access;
  const { title, body } = change;
  const route = "PATCH /repos/{owner}/{repo}/pulls/{pull_number}";
  const { data } = await call(
    (once) => api.request(route, { owner, repo, pull_number: number, title, body, ...once }),
    access,
  );
  return stateOf(data);
}

async function markReady(pull: PullRequest, access: GitHubAccess): Promise<void> {
  if (!pull.draft) return;
  try {
    await call((once) => access.api.graphql<unknown>(READY, { id: pull.nodeId, ...once }), access);
  } catch (error) {
    // GitHub refuses what is ready already: somebody else did it, or a try of ours whose reply was lost.
    if ((await read(pull.number, access)).draft === true) throw error;
  }
}

type Pull = components["schemas"]["pull-request"];

async function read(number: number, access: GitHubAccess): Promise<Pull> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
  const { data } = await call((once) => api.request(route, { owner, repo, pull_number: number, ...once }), access);
  return data;
}

function stateOf({ state, merged }: Pick<Pull, "state" | "merged">): PullState {
  if (state === "open") return "open";
  return merged ? "merged" : "closed";
}

function pullRequest(data: Pick<Listed, "number" | "html_url" | "node_id" | "draft">): PullRequest {
  return { number: data.number, url: data.html_url, nodeId: data.node_id, draft: data.draft === true };
}
