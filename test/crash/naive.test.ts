import { expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { NAIVE } from "./naive.ts";
import { type Case, runCases, type Story, singles, storyOf, sum, table } from "./series.ts";

// What the harness is worth: against Dispatch as one would write it first, it must find all three kinds of harm. (Without a server nobody
// acknowledges anything; there, what was not accepted leaves a red job, and is lost by no acknowledgement.)
it.each(["server", "action"] as const)(
  "the naive variant loses, doubles and repeats (%s)",
  { timeout: 3_600_000 },
  async (hosting) => {
    const story = await storyOf({ hosting, story: "answered", seed: 1 });
    const all = singles(story);
    const rows = await runCases(story, IN_FULL ? all : all.filter((one) => isTelling(story, one)), { dispatch: NAIVE });
    console.log(table(`naive, ${hosting}`, rows));
    const { lost, twice, duplicates } = sum(rows.values());
    if (hosting === "server") expect(lost).toBeGreaterThan(0);
    expect(twice).toBeGreaterThan(0);
    expect(duplicates).toBeGreaterThan(0);
  },
);

/** Who is killed while a task is accepted, and lost replies to what makes something: these are enough to see it. */
function isTelling({ calls, phaseOf }: Story, { faults }: Case): boolean {
  return faults.every(({ at, kind }) => {
    const call = calls[at]?.call ?? "";
    if (kind === "crash-after") return phaseOf(at) === "accept";
    return kind === "lost" && /^POST |^mutation /.test(call);
  });
}
