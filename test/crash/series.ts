import type { CallRecord, Fault, FaultKind, Phase } from "./faults.ts";
import { FAULTS } from "./faults.ts";
import { chanceFrom } from "./simulation.ts";
import { runTrial, type Trial, type TrialPlan } from "./trial.ts";
import { isClean } from "./verdict.ts";

/** A trial by its faults, so that it can be told again: `server/answered/1 17:lost 23:5xx`. */
export interface Case {
  readonly plan: Pick<TrialPlan, "hosting" | "story" | "seed">;
  readonly faults: readonly Fault[];
}

export function nameOf({ plan, faults }: Case): string {
  return [`${plan.hosting}/${plan.story}/${plan.seed}`, ...faults.map(({ at, kind }) => `${at}:${kind}`)].join(" ");
}

/** The case of a name, for telling one again. */
export function caseOf(name: string): Case {
  const [place = "", ...faults] = name.split(/ (?=\d)/);
  const [hosting, story, seed] = place.split("/");
  return {
    plan: {
      hosting: hosting === "action" ? "action" : "server",
      story: story === "parked" ? "parked" : "answered",
      seed: Number(seed),
    },
    faults: faults.map((text) => {
      const [at, kind] = text.split(":");
      const found = FAULTS.find((known) => known === kind);
      if (found === undefined) throw new Error(`No fault is called ${kind}.`);
      return { at: Number(at), kind: found };
    }),
  };
}

export interface Story {
  readonly plan: Case["plan"];
  readonly calls: readonly CallRecord[];
  readonly phaseOf: (call: number) => Phase;
}

/** The calls of a story in which nothing goes wrong, each with its phase. */
export async function storyOf(plan: Case["plan"]): Promise<Story> {
  const { calls, phases } = await runTrial({ ...plan, faults: [] });
  const phaseOf = (call: number) => phases.findLast(({ from }) => from <= call)?.phase ?? "accept";
  return { plan, calls, phaseOf };
}

/** Every call of the story with every fault. */
export function singles({ plan, calls }: Story): readonly Case[] {
  return calls.flatMap(({ number: at }) => FAULTS.map((kind) => ({ plan, faults: [{ at, kind }] })));
}

/** Pairs within one phase, or of neighbouring phases, drawn by the seed; each at most once. */
export function somePairs(story: Story, count: number, seed: number): readonly Case[] {
  const random = chanceFrom(seed);
  const draw = <T>(from: readonly T[]): T => {
    const drawn = from[Math.floor(random() * from.length)];
    if (drawn === undefined) throw new Error("There is nothing to draw from.");
    return drawn;
  };
  const pairs = new Map<string, Case>();
  for (let tries = 0; pairs.size < count && tries < 20 * count; tries += 1) {
    const numbers = [draw(story.calls).number, draw(story.calls).number].sort((a, b) => a - b);
    const [first = 0, second = 0] = numbers;
    if (first === second || !areNear(story, first, second)) continue;
    const one = { plan: story.plan, faults: numbers.map((at) => ({ at, kind: draw(FAULTS) })) };
    pairs.set(nameOf(one), one);
  }
  return [...pairs.values()];
}

/** All of them: some tens of thousands. */
export function allPairs(story: Story): readonly Case[] {
  return story.calls.flatMap(({ number: first }) =>
    story.calls
      .filter(({ number: second }) => first < second && areNear(story, first, second))
      .flatMap(({ number: second }) =>
        FAULTS.flatMap((one) =>
          FAULTS.map((other) => ({
            plan: story.plan,
            faults: [
              { at: first, kind: one },
              { at: second, kind: other },
            ],
          })),
        ),
      ),
  );
}

const ORDER: readonly (readonly Phase[])[] = [["accept"], ["question"], ["answer", "park"], ["finish"]];

function areNear({ phaseOf }: Story, first: number, second: number): boolean {
  const place = (call: number) => ORDER.findIndex((phases) => phases.includes(phaseOf(call)));
  return Math.abs(place(second) - place(first)) <= 1;
}

/** What a row of trials has come to. */
export interface Tally {
  trials: number;
  lost: number;
  twice: number;
  duplicates: number;
  wrong: number;
  /** Names of the trials that came to harm, with what it was. */
  readonly harmed: string[];
}

export function newTally(): Tally {
  return { trials: 0, lost: 0, twice: 0, duplicates: 0, wrong: 0, harmed: [] };
}

/** Runs the cases, and counts what they come to by phase and kind of fault. */
export async function runCases(
  story: Story,
  cases: readonly Case[],
  variant: Partial<Pick<TrialPlan, "dispatch">> = {},
): Promise<ReadonlyMap<string, Tally>> {
  const rows = new Map<string, Tally>();
  for (const one of cases) {
    const trial = await runTrial({ ...one.plan, ...variant, faults: one.faults });
    const [first] = one.faults;
    const row = first === undefined ? "none" : `${story.phaseOf(first.at)} ${kindsOf(one.faults)}`;
    const tally = rows.get(row) ?? newTally();
    rows.set(row, tally);
    count(tally, one, trial);
  }
  return rows;
}

function kindsOf(faults: readonly Fault[]): FaultKind | "pair" {
  const [only, ...others] = faults;
  return only !== undefined && others.length === 0 ? only.kind : "pair";
}

export function count(tally: Tally, one: Case, { verdict }: Pick<Trial, "verdict">): void {
  tally.trials += 1;
  tally.lost += verdict.lost.length > 0 ? 1 : 0;
  tally.twice += verdict.twice.length > 0 ? 1 : 0;
  tally.duplicates += verdict.duplicates.length > 0 ? 1 : 0;
  tally.wrong += verdict.wrong.length > 0 ? 1 : 0;
  if (!isClean(verdict)) tally.harmed.push(`${nameOf(one)}: ${Object.values(verdict).flat().join("; ")}`);
}

export function sum(rows: Iterable<Tally>): Tally {
  const total = newTally();
  for (const row of rows) {
    total.trials += row.trials;
    total.lost += row.lost;
    total.twice += row.twice;
    total.duplicates += row.duplicates;
    total.wrong += row.wrong;
    total.harmed.push(...row.harmed);
  }
  return total;
}

/** The rows as people read them. */
export function table(title: string, rows: ReadonlyMap<string, Tally>): string {
  const line = (name: string, { trials, lost, twice, duplicates, wrong }: Tally) =>
    [name.padEnd(24), ...[trials, lost, twice, duplicates, wrong].map((number) => String(number).padStart(8))].join("");
  const head = [
    title.padEnd(24),
    ...["trials", "lost", "twice", "dupl.", "wrong"].map((word) => word.padStart(8)),
  ].join("");
  return [head, ...[...rows].map(([name, tally]) => line(name, tally)), line("together", sum(rows.values()))].join(
    "\n",
  );
}
