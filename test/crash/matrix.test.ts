import { describe, expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { allPairs, type Case, caseOf, nameOf, runCases, singles, somePairs, storyOf, sum, table } from "./series.ts";
import { chanceFrom } from "./simulation.ts";
import { runTrial } from "./trial.ts";
import { isClean } from "./verdict.ts";

// Every call of GitHub's API is a place where something can go wrong. `DISPATCH_SEED` draws other pairs, `DISPATCH_PAIRS` more of them or
// `all`, and `DISPATCH_TRIAL` tells one trial again by the name that it was printed with.

const SEED = Number(process.env["DISPATCH_SEED"] ?? 7);
const PAIRS = process.env["DISPATCH_PAIRS"] ?? (IN_FULL ? "600" : "5");
const SINGLES = IN_FULL ? Number.POSITIVE_INFINITY : 8;
const TRIAL = process.env["DISPATCH_TRIAL"];

const STORIES = (["server", "action"] as const).flatMap((hosting) =>
  (["answered", "parked"] as const).map((story) => ({ hosting, story, seed: 1 })),
);

describe.skipIf(TRIAL !== undefined).each(STORIES)("with faults: $hosting, $story", (plan) => {
  const seldom = { timeout: 3 * 3_600_000 };

  it("loses nothing and does nothing twice when one call goes wrong", seldom, async () => {
    const story = await storyOf(plan);
    const rows = await runCases(story, drawn(singles(story), SINGLES));
    console.log(table(`${plan.hosting}, ${plan.story}: one fault`, rows));
    expect(sum(rows.values()).harmed).toEqual([]);
  });

  it(`nor when two do (seed ${SEED})`, seldom, async () => {
    const story = await storyOf(plan);
    const cases = PAIRS === "all" ? allPairs(story) : somePairs(story, Number(PAIRS), SEED);
    const rows = await runCases(story, cases);
    console.log(table(`${plan.hosting}, ${plan.story}: two faults`, rows));
    expect(sum(rows.values()).harmed).toEqual([]);
  });
});

it.runIf(TRIAL !== undefined)("the trial of this name", { timeout: 60_000 }, async () => {
  const { plan, faults } = caseOf(TRIAL ?? "");
  const { calls, verdict, world } = await runTrial({ ...plan, faults });
  console.log(calls.map(({ number, by, call, fault }) => `${number} ${by} ${call} ${fault ?? ""}`).join("\n"));
  console.log(world.log.join("\n"));
  expect(verdict).toEqual({ lost: [], twice: [], duplicates: [], wrong: [] });
});

it("goes the same way every time", { timeout: 60_000 }, async () => {
  const plan = { hosting: "server", story: "answered", seed: 3, faults: [{ at: 20, kind: "crash-after" }] } as const;
  const [first, second] = [await runTrial(plan), await runTrial(plan)];
  expect(second.calls).toEqual(first.calls);
  expect(isClean(first.verdict)).toBe(true);
});

it("is told again by its name", () => {
  const one: Case = {
    plan: { hosting: "action", story: "parked", seed: 9 },
    faults: [
      { at: 3, kind: "lost" },
      { at: 41, kind: "5xx" },
    ],
  };
  expect(caseOf(nameOf(one))).toEqual(one);
});

function drawn(cases: readonly Case[], most: number): readonly Case[] {
  if (cases.length <= most) return cases;
  const random = chanceFrom(SEED);
  const order = cases.map((one) => ({ one, place: random() })).sort((a, b) => a.place - b.place);
  return order.slice(0, most).map(({ one }) => one);
}
