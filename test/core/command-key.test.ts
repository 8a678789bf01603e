import { describe, expect, it } from "vitest";
import { addedCommands, findCommands } from "../../src/core/command.ts";
import { commandKey } from "../../src/core/command-key.ts";

const keys = (body: string) => findCommands(body).map(commandKey);

describe("a command's key", () => {
  it("is short, and one word of a mark", () => {
    expect(keys("/dispatch cancel")).toEqual([expect.stringMatching(/^[a-z2-7]{4}0$/)]);
  });

  it("tells the commands of one comment apart, equal ones too", () => {
    const all = keys("/dispatch status\n/dispatch cancel\n/dispatch status\n/dispatch");
    expect(new Set(all).size).toBe(4);
  });

  it("is the same for the same command, wherever it stands and however it is spaced", () => {
    const [alone] = keys("/dispatch cancel fix-7k2q");
    expect(keys("Hello\n\n/dispatch help\n/dispatch   cancel\tfix-7k2q  ")[1]).toBe(alone);
  });

  it("is another for a command that an edit has reworded", () => {
    const [added] = addedCommands("/dispatch status", "/dispatch cancel").map(commandKey);
    expect(keys("/dispatch status")).not.toContain(added);
  });
});
