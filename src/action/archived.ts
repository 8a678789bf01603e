import { isArchived } from "../adapters/github-error.ts";
import { Problem } from "../core/problem.ts";

/**
 * What an error means where the repository has been archived while we were at work.
 * @param isKept whether what GitHub did not take is in the run's artifact
 * @returns null for any other error
 */
export function archived(error: unknown, isKept: boolean): Problem | null {
  if (!isArchived(error)) return null;
  return new Problem(
    "repository-archived",
    "The repository was archived while the task was at work, so GitHub takes nothing more for it.",
    isKept
      ? "The work is kept in this run's artifact `dispatch-work`, as a git bundle. To go on, unarchive the repository and retry the task."
      : "To go on, unarchive the repository and retry the task.",
    { cause: error },
  );
}
