import { expect, it } from "vitest";
import { findCommands, readCommand } from "../../src/core/command.ts";
import { readParts } from "../../src/core/fan-out.ts";
import { IN_FULL } from "../stories/hostings.ts";
import { soak } from "./soak.ts";
import { Dice } from "./soak-dice.ts";
import { wish } from "./soak-words.ts";

it("says the same for the same seed, whatever else is thrown meanwhile", () => {
  const dice = new Dice("7");
  const other = new Dice("7");
  other.next();
  const said = (from: Dice) => Array.from({ length: 20 }, (_, nr) => wish(from.for(`wish ${nr}`), nr).text);
  expect(said(other)).toEqual(said(dice));
  expect(said(new Dice("8"))).not.toEqual(said(dice));
});

it("asks for as many tasks as it says, whatever is asked for", () => {
  const wishes = Array.from({ length: 300 }, (_, nr) => wish(new Dice(`wish ${nr}`), nr));
  const wrong = wishes.filter(({ text, tasks }) => {
    const commands = findCommands(text).flatMap(({ text: words }) => {
      const read = readCommand(words, []);
      return read.kind === "task" ? [{ text: read.text, nth: 0, planFirst: read.planFirst }] : [];
    });
    return readParts(commands, { taskIds: [], names: (words) => /opus|sonnet|haiku/.test(words) }).length !== tasks;
  });
  expect(wrong).toEqual([]);
});

it.runIf(IN_FULL)("loses nothing and does nothing twice in a short soak", { timeout: 600_000 }, async () => {
  const { counts, faults, violations } = await soak({ minutes: 0.7, seed: 7, tell: console.log });
  expect(violations).toEqual([]);
  expect(counts["done"]).toBeGreaterThan(0);
  expect(Object.keys(faults).length).toBeGreaterThan(2);
});
