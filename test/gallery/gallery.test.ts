import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXHIBITS } from "./states.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/gallery");
const LIMIT = 65_536;

describe("every comment that people can meet", () => {
  it.each(EXHIBITS)("$name reads as it did", async ({ name, body }) => {
    await expect(`${body}\n`).toMatchFileSnapshot(join(FOLDER, `${name}.md`));
  });

  it.each(EXHIBITS)("$name fits, and shows no scaffolding", ({ body }) => {
    expect(body.length).toBeLessThan(LIMIT);
    const shown = body.replace(/<!--[\s\S]*?-->/g, "").replace(/\]\([^)]*\)/g, "]");
    expect(shown).not.toMatch(/undefined|null|NaN|\[object/);
    expect(shown).not.toMatch(/\.sh\b|\/proc\/|task\.yaml|expectedHeadOid/);
  });

  it("has no golden file that nothing is held against", () => {
    const names = EXHIBITS.map(({ name }) => `${name}.md`);
    expect(readdirSync(FOLDER).filter((file) => !names.includes(file))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
