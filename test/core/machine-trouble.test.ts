import { describe, expect, it } from "vitest";
import { machineTrouble } from "../../src/core/machine-trouble.ts";
import { notSaved } from "../../src/core/outcome.ts";
import { parsePlan } from "../../src/core/plan.ts";
import { doingOrSilent } from "../../src/core/silence.ts";

describe("what a machine runs out of", () => {
  it.each([
    { text: "ENOSPC: no space left on device, write", says: "The runner's disk is full." },
    { text: "error: unable to create temporary file: No space left on device", says: "The runner's disk is full." },
    { text: "fatal: write error: File too large", says: "The runner's disk is full." },
    { text: "EROFS: read-only file system, open '/x'", says: "The runner's disk cannot be written to." },
    { text: "spawn EMFILE", says: "The runner has too many files open." },
    { text: "fatal: bad object HEAD", says: undefined },
  ])("is read from $text", ({ text, says }) => {
    expect(machineTrouble(text)?.sentence).toBe(says);
  });

  it("is the ending of a task whose work could not be saved", () => {
    const plan = parsePlan("# Plan\n\n- [x] a\n- [ ] b\n");
    expect(notSaved(plan, "git add: No space left on device")).toMatchObject({
      cause: "not-saved",
      sentence: "1 of 2 items are done. The work could not be saved. The runner's disk is full.",
      nextStep: expect.stringContaining("Free space"),
    });
    expect(notSaved(plan, "git commit: bad object HEAD")).toMatchObject({
      sentence: "1 of 2 items are done. The work could not be saved. git commit: bad object HEAD",
    });
  });
});

describe("a worker that is silent", () => {
  it.each([
    { doing: "Reading", minutes: 4.9, says: "Reading" },
    { doing: null, minutes: 4.9, says: null },
    { doing: null, minutes: 12.5, says: "no sign from the CLI for 12 minutes" },
    { doing: "Reading", minutes: 7, says: "no sign from the CLI for 7 minutes; the last was: Reading" },
  ])("for $minutes minutes is shown as $says", ({ doing, minutes, says }) => {
    expect(doingOrSilent(doing, minutes * 60_000)).toBe(says);
  });
});
