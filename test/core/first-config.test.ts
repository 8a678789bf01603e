import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readConfig } from "../../src/core/config.ts";
import { firstConfig } from "../../src/core/first-config.ts";
import { ListedModel } from "../../src/core/setup.ts";
import { CLAUDE, CODEX, CURSOR, sampleSetup, without } from "./sample-setup.ts";

const fixture = (name: string) => join(import.meta.dirname, "../fixtures/first-config", name);

it.each([
  ["only-claude.yml", [CLAUDE], "opus"],
  ["claude-and-codex.yml", [CLAUDE, CODEX], "gpt-6.1-sol"],
  ["cursor.yml", [CURSOR, without(CODEX)], "gpt-5.3-codex"],
  ["all.yml", [CLAUDE, CODEX, CURSOR], "sonnet"],
])("proposes %s", async (name, clis, model) => {
  const text = firstConfig(sampleSetup(clis), model);
  await expect(text).toMatchFileSnapshot(fixture(name));
  const config = readConfig(text);
  expect(config.default).toBe(model);
  expect(Object.keys(config.models)).toHaveLength(
    new Set(clis.filter(({ access }) => access.kind !== "none").flatMap(({ models }) => models.map(({ id }) => id)))
      .size,
  );
});

it("says where editors find the schema, in the first line", () => {
  expect(firstConfig(sampleSetup([CLAUDE]), "opus").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=https://raw.githubusercontent.com/dispatch-dev/dispatch/v1/docs/dispatch.schema.json",
  );
});

it.each([
  ["opus", [], "claude"],
  ["gpt-5.9", [CLAUDE], "codex"],
  ["grok-4", [CLAUDE], "cursor"],
  ["Opus", [CLAUDE], "claude"],
])("adds the default %s where nothing lists it", (model, clis, backend) => {
  const config = readConfig(firstConfig(sampleSetup(clis), model));
  expect(config.models[config.default]).toEqual({ backend });
});

it("is a config whatever a CLI lists", () => {
  const id = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,20}$/),
    fc.constantFrom("true", "null", "no", "1e5", "4.5", "0x1F", "2026-11-20", "a:", "constructor"),
  );
  const models = fc.uniqueArray(fc.record({ id, name: fc.oneof(fc.string(), fc.constant("a\n\u0085b # c: d")) }), {
    selector: (model) => model.id.toLowerCase(),
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(models, (listed) => {
      const setup = sampleSetup([{ ...CURSOR, models: listed.map((model) => ListedModel.parse(model)) }]);
      const [first] = listed;
      const config = readConfig(firstConfig(setup, first?.id ?? ""));
      expect(Object.keys(config.models).toSorted()).toEqual(listed.map((model) => model.id).toSorted());
    }),
  );
});

it("fits into the largest config that is read", () => {
  const models = Array.from({ length: 200 }, (_, at) => ({ id: `${at}${"x".repeat(96)}`, name: "N".repeat(100) }));
  expect(() => readConfig(firstConfig(sampleSetup([{ ...CURSOR, models }]), "opus"))).not.toThrow();
});
