import type { RepositoryName } from "../core/links.ts";
import { type ChangedFile, placeFindings, readReview } from "../core/review.ts";
import { type ReviewText, renderReview } from "../core/review-text.ts";
import { readTask, type TaskFiles, taskRef } from "../core/task.ts";
import type { Log } from "./ports.ts";

/** Pull request reviews of ours. */
export interface Reviews {
  changedFiles(pull: number): Promise<readonly ChangedFile[]>;
  /**
   * Posts a review that only comments. `body` starts with our mark: where a review of ours has it already, nothing is posted.
   * "refused" where GitHub does not take a comment at its line.
   */
  post(pull: number, review: ReviewText): Promise<"posted" | "there" | "refused">;
}

/** Posts what a task that is done has found in its pull request. Doing it again posts nothing. */
export async function postReview(
  files: TaskFiles,
  { reviews, repository, log }: { readonly reviews: Reviews; readonly repository: RepositoryName; readonly log: Log },
): Promise<void> {
  const text = files["review.json"];
  const task = readTask(files);
  const { state, thread } = task;
  if (text === undefined || thread?.kind !== "pull") return;
  if (state.kind !== "finished" || state.outcome.kind !== "done") return;
  const review = readReview(text);
  if (review === null) log.warning("review.json is no list of findings, so no review was posted.");
  if (review === null || review.findings.length === 0) return;
  const view = { task, ref: taskRef(task), review, repository };
  const placed = placeFindings(review.findings, await reviews.changedFiles(thread.number));
  if ((await reviews.post(thread.number, renderReview({ ...view, ...placed }))) !== "refused") return;
  // One line that GitHub does not take costs the whole review; the words must not be lost with it.
  log.warning("GitHub did not take the comments at their lines, so all of them stand in the review's text.");
  await reviews.post(thread.number, renderReview({ ...view, inline: [], elsewhere: review.findings }));
}
