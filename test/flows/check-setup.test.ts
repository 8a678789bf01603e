import { describe, expect, it } from "vitest";
import { Problem } from "../../src/core/problem.ts";
import { readSetup, type Setup } from "../../src/core/setup.ts";
import { checkSetUp } from "../../src/flows/check-setup.ts";
import { CLAUDE, sampleSetup } from "../core/sample-setup.ts";

const found = sampleSetup([CLAUDE], {
  permissions: { contents: "unknown", issues: "write", "pull-requests": "write" },
});

function ports(write: (text: string) => Promise<void>) {
  const warnings: string[] = [];
  const log = { info: () => undefined, warning: (message: string) => void warnings.push(message) };
  return { warnings, probe: { look: async (): Promise<Setup> => found }, records: { write }, log };
}

describe("checking the set-up", () => {
  it("leaves a record, which proves that contents can be written", async () => {
    const written: string[] = [];
    const setup = await checkSetUp(ports(async (text) => void written.push(text)));
    expect(setup.permissions.contents).toBe("write");
    expect(written.map(readSetup)).toEqual([setup]);
  });

  it("goes on where the record is refused, and says so", async () => {
    const refused = ports(() => Promise.reject(new Problem("setup-record-refused", "GitHub refused.", "Allow it.")));
    expect(await checkSetUp(refused)).toEqual({ ...found, recordRefused: "GitHub refused." });
    expect(refused.warnings).toEqual(["GitHub refused. Allow it."]);
  });

  it("lets a bug rise", async () => {
    await expect(checkSetUp(ports(() => Promise.reject(new TypeError("x"))))).rejects.toThrow(TypeError);
  });
});
