import { openQuestions } from "../core/lifecycle.ts";
import { TokenRefused } from "../core/problem.ts";
import type { LiveTask } from "./live-task.ts";
import type { RunPorts } from "./run-ports.ts";

const POLL_MS = 5_000;
/** While somebody may be answering. */
const POLL_ASKING_MS = 2_000;

/**
 * Looks at the task's branch, again and again, until the signal.
 * @param tell gets each head that is not the one we know ("gone" for none), or why GitHub will not say any more
 */
export async function watchBranch(
  live: LiveTask,
  tell: (seen: string | TokenRefused) => void,
  signal: AbortSignal,
  { clock, branches, log }: Pick<RunPorts, "clock" | "branches" | "log">,
): Promise<void> {
  while (!signal.aborted) {
    const asking = openQuestions(live.task.state).length > 0;
    await clock.sleep(asking ? POLL_ASKING_MS : POLL_MS, signal);
    if (signal.aborted) return;
    try {
      const seen = await branches.head(live.ref, live.head);
      if (seen !== "same") tell(seen === "gone" ? seen : seen.head);
    } catch (error) {
      if (error instanceof TokenRefused) return tell(error);
      log.warning(`The task's branch could not be looked at: ${String(error)}`);
    }
  }
}
