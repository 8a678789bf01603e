import type { RepositoryName } from "../core/links.ts";
import type { Background, Clock, Log } from "../flows/ports.ts";
import type { ThreadPorts } from "../flows/thread-ports.ts";
import type { GitHubApi } from "./github-api.ts";
import { githubComments } from "./github-comments.ts";
import { githubConfigProposals } from "./github-config-proposals.ts";
import { githubConversations } from "./github-conversation.ts";
import { githubLabels } from "./github-labels.ts";
import { githubPermissions } from "./github-permissions.ts";
import { githubReactions } from "./github-reactions.ts";
import { githubReviewThreads } from "./github-review-threads.ts";
import { githubRuns } from "./github-runs.ts";
import { githubTaskBranches } from "./github-task-branch.ts";
import { githubTaskIndex } from "./github-task-index.ts";

/** What the thread handler reaches of one repository, through one client. */
export function githubThread(options: {
  readonly api: GitHubApi;
  readonly repository: RepositoryName;
  readonly self: readonly string[];
  readonly clock: Clock;
  readonly background: Background;
  readonly log: Log;
}): Omit<ThreadPorts, "hearMissed"> {
  const { api, repository, self, clock, background, log } = options;
  const access = { api, owner: repository.owner, repo: repository.repo, clock };
  return {
    repository,
    self,
    branches: githubTaskBranches(access),
    index: githubTaskIndex(access),
    comments: githubComments({ ...access, self }),
    reviewThreads: githubReviewThreads({ ...access, self }),
    reactions: githubReactions(access),
    labels: githubLabels(access),
    permissions: githubPermissions(access),
    conversations: githubConversations(access),
    runs: githubRuns(access),
    proposals: githubConfigProposals({ ...access, self, repository }),
    clock,
    background,
    log,
  };
}
