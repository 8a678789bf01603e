import { githubReviews } from "../adapters/github-reviews.ts";
import type { TaskFiles } from "../core/task.ts";
import { postReview } from "../flows/post-review.ts";
import type { Step } from "./step.ts";

/** The task has its ending: that its review was not taken must not make the run a failure. */
export async function reviewFrom(
  { api, clock, self, job: { repository }, log }: Step,
  files: TaskFiles,
): Promise<void> {
  const { owner, repo } = repository;
  const reviews = githubReviews({ api, owner, repo, self, clock });
  try {
    await postReview(files, { reviews, repository, log });
  } catch (error) {
    log.warning(`The review could not be posted: ${String(error)}`);
  }
}
