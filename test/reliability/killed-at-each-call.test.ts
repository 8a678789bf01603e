import { describe, expect, it } from "vitest";
import { isClean } from "../crash/verdict.ts";
import { HOSTINGS, type Hosting, IN_FULL } from "../stories/hostings.ts";
import { STORIES, Stage, type StoryName } from "./story.ts";
import { lineOf, type Row, tableOf } from "./table.ts";
import { nameTrial, planTrials, readTrial, type Trial } from "./trials.ts";

/** Tells trials again by the names that were printed, several with semicolons between them. */
const CHOSEN = process.env["DISPATCH_TRIAL"];
/** `DISPATCH_PART=2/40`: the second of 40 parts of everything. */
const [PART = 1, PARTS = 1] = (process.env["DISPATCH_PART"] ?? "1/1").split("/").map(Number);
const SEED = Number(process.env["DISPATCH_SEED"] ?? 7);
/** The quick gate's sample: the server after it has made a task, and a run after its claim. */
const SAMPLE: readonly string[] = [
  "server/answered server:0:kill-after:POST git/refs",
  "server/answered work:0:kill-after:mutation CommitToTask",
];
/** A world grows with every story that is told in it. */
const TRIALS_IN_A_WORLD = 12;
const AT_ONCE = IN_FULL ? 2 : 1;

async function trialsOf(hosting: Hosting, story: StoryName): Promise<readonly Trial[]> {
  if (CHOSEN === undefined && IN_FULL) {
    await using stage = await Stage.open(hosting, story);
    const planned = planTrials({ hosting, story, seed: SEED }, await stage.rehearse());
    return planned.filter((_, at) => at % PARTS === PART - 1);
  }
  const chosen = (CHOSEN?.split(";") ?? SAMPLE).map(readTrial);
  return chosen.filter((trial) => trial.hosting === hosting && trial.story === story);
}

/** Tells them one after the other in one world, as long as it is in order. */
async function tryAll(hosting: Hosting, story: StoryName, left: Trial[], note: (row: Row) => void): Promise<void> {
  while (left.length > 0) {
    await using stage = await Stage.open(hosting, story);
    for (let told = 0, isSound = true; isSound && told < TRIALS_IN_A_WORLD; told += 1) {
      const trial = left.shift();
      if (trial === undefined) return;
      const outcome = await stage.try(trial.strikes);
      note({ trial, outcome });
      isSound = isClean(outcome.verdict);
    }
  }
}

describe("whatever goes wrong at one call", () => {
  it("loses nothing and does nothing twice", { timeout: IN_FULL ? 14_400_000 : 300_000 }, async () => {
    const rows: Row[] = [];
    const note = (row: Row) => {
      rows.push(row);
      console.log(lineOf(row));
    };
    for (const hosting of HOSTINGS) {
      for (const story of STORIES) {
        const left = [...(await trialsOf(hosting, story))];
        await Promise.all(Array.from({ length: AT_ONCE }, () => tryAll(hosting, story, left, note)));
      }
    }
    console.log(tableOf(rows));
    const failed = rows.filter(({ outcome }) => !isClean(outcome.verdict));
    expect(failed.map(({ trial, outcome }) => [`DISPATCH_TRIAL="${nameTrial(trial)}"`, outcome.verdict])).toEqual([]);
    // A blow that no longer falls tries nothing: the quick gate's are chosen, and have to.
    if (!IN_FULL) expect(rows.filter(({ outcome }) => !outcome.fell).map(({ trial }) => nameTrial(trial))).toEqual([]);
  });
});
