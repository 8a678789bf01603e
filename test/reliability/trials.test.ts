import { describe, expect, it } from "vitest";
import { tableOf } from "./table.ts";
import { nameTrial, planTrials, readTrial } from "./trials.ts";

const KINDS = [
  { caller: "server", call: "POST git/refs", times: 1 },
  { caller: "work", call: "mutation CommitToTask", times: 5 },
] as const;
const PLANNED = planTrials({ hosting: "server", story: "parked", seed: 7 }, KINDS);

describe("trials", () => {
  it("strike every kind of call with every blow, the second time with deaths alone", () => {
    const singles = PLANNED.filter(({ strikes }) => strikes.length === 1);
    expect(singles).toHaveLength(7 + 9 + 4);
    expect(new Set(PLANNED.map(nameTrial)).size).toBeGreaterThan(singles.length);
  });

  it("are the same for the same seed", () => {
    expect(planTrials({ hosting: "server", story: "parked", seed: 7 }, KINDS)).toEqual(PLANNED);
  });

  it("can be told again by their names", () => {
    expect(PLANNED.map(nameTrial).map(readTrial)).toEqual(PLANNED);
  });

  it.each(["", "server/answered", "server/answered cat:0:kill-after:GET x", "moon/answered work:0:5xx:GET x"])(
    "have names, and %j is none",
    (name) => {
      expect(() => readTrial(name)).toThrow(/no trial/);
    },
  );

  it("count a blow that did not fall apart from one that did no harm", () => {
    const verdict = { lost: [], twice: [], duplicates: [], wrong: [] };
    const common = { verdict, victims: 0, after: new Map(), retries: 0, runs: 1 };
    const rows = PLANNED.slice(0, 2).map((trial, at) => ({ trial, outcome: { ...common, fell: at === 0 } }));
    const figures = tableOf(rows).split("\n").at(-1)?.trim().split(/\s+/);
    expect(figures).toEqual(["2", "1", "0", "0", "0", "0", "0", "0", "all"]);
  });
});
