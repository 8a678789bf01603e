import process from "node:process";
import type { FaultKind } from "../crash/faults.ts";
import { type Case, count, newTally, singles, storyOf, type Tally } from "../crash/series.ts";
import { everyOrder } from "../crash/simulation.ts";
import { runTrial, type TrialPlan } from "../crash/trial.ts";

/** Trials that a defence stands between and harm: every fault of `kinds` at the calls of a story that `calls` matches. */
export interface Draw extends Pick<TrialPlan, "hosting" | "story"> {
  readonly seed?: number;
  readonly servers?: number;
  readonly replies?: number;
  /** Which calls fail; left out where nothing has to. */
  readonly calls?: string;
  /** Whose calls: server, handler, run, post or settle. */
  readonly by?: string;
  readonly kinds?: readonly FaultKind[];
  /** Without faults: so many orders in which what happens at once can happen. */
  readonly orders?: number;
}

/** The seed decides whether a program's machine dies with it: of several, some have both. */
const SEEDS = 4;

/** @returns what they come to, and that there were any */
async function draw({ seed = 1, calls, by, kinds = [], orders, ...plan }: Draw): Promise<Tally> {
  const tally = newTally();
  const told = { ...plan, seed };
  if (orders !== undefined) {
    await everyOrder(async (choose) => {
      count(tally, { plan: told, faults: [] }, await runTrial({ ...told, faults: [], choose }));
    }, orders);
    return tally;
  }
  if (calls === undefined) {
    count(tally, { plan: told, faults: [] }, await runTrial({ ...told, faults: [] }));
    return tally;
  }
  for (let nth = 0; nth < SEEDS; nth += 1) {
    for (const one of await matching({ told: { ...told, seed: seed + nth }, calls, by, kinds })) {
      count(tally, one, await runTrial({ ...plan, ...one.plan, faults: one.faults }));
    }
  }
  return tally;
}

interface Wanted {
  readonly told: Case["plan"];
  readonly calls: string;
  readonly by: string | undefined;
  readonly kinds: readonly FaultKind[];
}

async function matching({ told, calls, by, kinds }: Wanted): Promise<readonly Case[]> {
  const story = await storyOf(told);
  const wanted = new RegExp(calls);
  const meant = story.calls.filter((each) => wanted.test(each.call) && (by === undefined || each.by === by));
  return singles({ ...story, calls: meant }).filter(({ faults }) => faults.every(({ kind }) => kinds.includes(kind)));
}

// The words of the command line are trusted: the test writes them.
if (import.meta.main) {
  const wanted: Draw = JSON.parse(process.argv[2] ?? "");
  console.log(JSON.stringify(await draw(wanted)));
}
