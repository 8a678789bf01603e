import { expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { NAIVE } from "./naive.ts";
import { runCases, singles, storyOf, sum, table } from "./series.ts";

// What the harness is worth: against Dispatch as one would write it first, it must find all three kinds of harm. (Without a server nobody
// acknowledges anything; there, what was not accepted leaves a red job, and is lost by no acknowledgement.)
it.each(["server", "action"] as const)(
  "the naive variant loses, doubles and repeats (%s)",
  { timeout: 3_600_000 },
  async (hosting) => {
    const story = await storyOf({ hosting, story: "answered", seed: 1 });
    const all = singles(story);
    // Kills and lost replies while a task is accepted are enough to see it.
    const telling = all.filter(({ faults }) =>
      faults.every(
        ({ at, kind }) =>
          ["accept", "answer"].includes(story.phaseOf(at)) && at % 5 === 0 && /crash-after|lost/.test(kind),
      ),
    );
    const rows = await runCases(
      story,
      IN_FULL ? all : [...telling, ...all.filter(({ faults }) => isTelling(story, faults))],
      { dispatch: NAIVE },
    );
    console.log(table(`naive, ${hosting}`, rows));
    const { lost, twice, duplicates } = sum(rows.values());
    if (hosting === "server") expect(lost).toBeGreaterThan(0);
    expect(twice).toBeGreaterThan(0);
    expect(duplicates).toBeGreaterThan(0);
  },
);

/** The replies to "start a run" and "post the status comment" are lost. */
function isTelling(
  { calls }: Awaited<ReturnType<typeof storyOf>>,
  faults: readonly { readonly at: number; readonly kind: string }[],
): boolean {
  return faults.every(
    ({ at, kind }) => kind === "lost" && /dispatches|POST issues\/N\/comments/.test(calls[at]?.call ?? ""),
  );
}
