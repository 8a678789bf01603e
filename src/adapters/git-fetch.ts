import { setTimeout as sleep } from "node:timers/promises";
import { GitFailure, isPassing } from "./git-command.ts";

/** What is waited between two tries at a remote that stumbles. */
export const PAUSES = [500, 2000, 5000];

export type FetchRefs = (refspecs: readonly string[], flags?: readonly string[]) => Promise<void>;

/** Fetches those of the branches that the remote has. */
export async function fetchPresent(
  fetchRefs: FetchRefs,
  refspecs: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  try {
    if (refspecs.length > 0) await fetchRefs(refspecs, flags);
  } catch (error) {
    // A pattern alone that matches nothing fails as well, without a word.
    if (error instanceof GitFailure && error.stderr.trim() === "") return;
    const missing = error instanceof GitFailure ? /couldn't find remote ref (\S+)/.exec(error.stderr)?.[1] : undefined;
    const rest = refspecs.filter((refspec) => !refspec.startsWith(`+${missing}:`));
    if (missing === undefined || rest.length === refspecs.length) throw error;
    await fetchPresent(fetchRefs, rest, flags);
  }
}

export async function patiently(attempt: () => Promise<unknown>): Promise<void> {
  for (const pause of PAUSES) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!(error instanceof GitFailure) || !isPassing(error.stderr)) throw error;
      await sleep(pause);
    }
  }
  await attempt();
}
