import { commitFiles } from "./github/commit-files.ts";
import { openIssue } from "./github/conversation.ts";
import type { LocalGitHub } from "./github/local-github.ts";
import { openPull } from "./github/pulls.ts";
import { moveRef } from "./github/refs.ts";
import type { Repository, RepositorySettings } from "./github/repository.ts";
import type { Actor } from "./github/world.ts";
import { FORK_PULL_REQUEST, ISSUE, PULL_REQUEST } from "./sample-repository.ts";

export const PEOPLE = ["mona", "hubot", "stranger"] as const;

/**
 * Fills a new local GitHub with octo-org/hello, its people, issue 1, pull request 2 and, from a fork, pull request 3.
 * @param files what the repository holds; null: not even a first commit, and so no pull requests
 */
export async function seed(
  github: LocalGitHub,
  {
    files,
    settings,
  }: { readonly files: Readonly<Record<string, string>> | null; readonly settings: Partial<RepositorySettings> },
): Promise<Repository> {
  github.addUser("octo-org", { type: "Organization" });
  const [mona, hubot, stranger] = PEOPLE.map((login) => person(github, login));
  if (mona === undefined || hubot === undefined || stranger === undefined) throw new Error("Somebody is missing.");
  const repository = await github.addRepository({
    owner: "octo-org",
    name: "hello",
    ...(files === null ? {} : { files }),
    collaborators: { mona: "admin", hubot: "write" },
    settings: { allowActionsToCreatePullRequests: true, ...settings },
  });
  openIssue(github.world, mona, { repository, ...ISSUE });
  if (files === null) return repository;
  const fork = await github.addRepository({ owner: "stranger", name: "hello", forkOf: repository });
  await openSeededPull(github, hubot, repository, repository, PULL_REQUEST);
  await openSeededPull(github, stranger, repository, fork, FORK_PULL_REQUEST);
  return repository;
}

function person(github: LocalGitHub, login: string): Actor {
  return { account: github.addUser(login), tokenKind: "user" };
}

interface SeededPull {
  readonly branch: string;
  readonly title: string;
  readonly body: string;
  readonly path: string;
  readonly text: string;
}

async function openSeededPull(
  github: LocalGitHub,
  by: Actor,
  repository: Repository,
  headRepository: Repository,
  { branch, title, body, path, text }: SeededPull,
): Promise<void> {
  const head = await headRepository.git.ref("refs/heads/main");
  const name = `refs/heads/${branch}`;
  await moveRef(github.world, by, { repository: headRepository, name, before: null, after: head });
  await commitFiles(github.world, by, {
    repository: headRepository,
    branch,
    expectedHead: head,
    message: title,
    additions: [{ path, contents: Buffer.from(text) }],
    deletions: [],
  });
  const baseRef = repository.defaultBranch;
  await openPull(github.world, by, { repository, headRepository, headRef: branch, baseRef, title, body, draft: false });
}
