import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { DEFENCES } from "./defences.ts";
import { type Check, Lab, withoutDefence } from "./lab.ts";

// Each defence is taken away in a copy of the sources, and something must notice. One that nothing notices is one that nobody would miss.

const CHECK_MS = 180_000;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab.close());

it.each(DEFENCES)("$file still holds: $name", async (defence) => {
  expect(await withoutDefence(defence)).not.toBe("");
});

const removed = DEFENCES.filter(({ quick }) => IN_FULL || quick === true);

// The quick gate runs these tests anyway.
describe.runIf(IN_FULL)("with every defence in its place", () => {
  const checks = new Map(removed.map(({ check }) => [nameOf(check), whole(check)]));
  it.each([...checks])(
    "%s is well",
    async (_, check) => {
      const { ran, harm } = await lab.check(check);
      expect(harm).toEqual([]);
      expect(ran).toBeGreaterThan(0);
    },
    CHECK_MS,
  );
});

describe("without the defence that", () => {
  it.each(removed)(
    "$name, something fails",
    async ({ check, ...removal }) => {
      const { ran, harm } = await lab.checkWithout(removal, check);
      expect(ran).toBeGreaterThan(0);
      expect(harm).not.toEqual([]);
    },
    CHECK_MS,
  );
});

function nameOf(check: Check): string {
  return "trials" in check ? JSON.stringify(check.trials) : check.test;
}

/** All tests of a file at once, rather than one after the other. */
function whole(check: Check): Check {
  return "trials" in check ? check : { ...check, name: "" };
}
