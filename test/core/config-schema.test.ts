import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configSchema, SCHEMA_PATH } from "../../scripts/schema.ts";
import { ConfigFile, readConfig } from "../../src/core/config.ts";

const root = join(import.meta.dirname, "../..");
const published: unknown = JSON.parse(readFileSync(join(root, SCHEMA_PATH), "utf8"));

it("is what the sources say; `node scripts/schema.ts` writes it", () => {
  expect(readFileSync(join(root, SCHEMA_PATH), "utf8")).toBe(configSchema());
});

describe("an editor judges a file as Dispatch does", () => {
  it.each([
    "",
    "default: opus",
    "default:\nmodels:\n",
    "backends: { claude: { command: claude -p } }\nmodels: { opus: { backend: claude } }",
    "models: { opus: { backend: claude } }\naliases: { r: { model: opus, prompt: You review. } }",
    "backends: { x: { command: y, kind: generic } }",
    "answer_timeout: 10m\ntimeout: 90",
    "budget_usd: 0.5",
    "commanders: maintain",
    "commanders: [mona]",
    'bots: ["renovate[bot]"]',
    "forks: read-only\nisolation: none\npull_request: ready\nsignoff: true\nkeep: 3\nconfirm_default: false",
    "env: [NPM_TOKEN]",
    "agents: { a: { command: x } }",
  ])("valid: %j", (text) => {
    expect(fits(parse(text) ?? {}, published)).toBe(true);
    expect(() => readConfig(text)).not.toThrow();
  });

  it.each([
    "- a",
    "modles: {}",
    "default: 4",
    "default: a b",
    "models: { opus: claude }",
    "models: { opus: { bakend: claude } }",
    "models: { opus: {} }",
    "models: { -x: { backend: claude } }",
    "backends: { x: { command: '' } }",
    "backends: { x: { command: y, kind: mine } }",
    "answer_timeout: soon",
    "timeout: 0",
    "timeout: 100000",
    "budget_usd: 0",
    "budget_usd: '5'",
    "commanders: everybody",
    "commanders: []",
    'bots: ["*"]',
    "bots: [renovate]",
    "forks: allow",
    "signoff: yes",
    "keep: -1",
    "env: [a-b]",
    "env: [GITHUB_TOKEN]",
    "agents: { a: agent -p }",
  ])("invalid: %j", (text) => {
    expect(fits(parse(text), published)).toBe(false);
    expect(() => readConfig(text)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });
});

describe("docs/config.md", () => {
  const docs = readFileSync(join(root, "docs/config.md"), "utf8");
  const rows = Array.from(docs.matchAll(/^\| `([a-z_]+)(?:\.<name>\.([a-z]+))?` +\| (.+?) +\| (.+?) +\|$/gm));

  it("has a row for every key, and for no other", () => {
    const { shape } = ConfigFile;
    const keys = Object.keys(shape).flatMap((key) => {
      if (key === "backends") return ["backends.command", "backends.kind"];
      if (key === "models") return ["models.backend"];
      if (key === "aliases") return ["aliases.model", "aliases.prompt"];
      // The old format has a section of its own.
      return key === "agents" ? [] : [key];
    });
    expect(rows.map(([, key, inner]) => (inner === undefined ? key : `${key}.${inner}`)).toSorted()).toEqual(
      keys.toSorted(),
    );
  });

  it("says the built-in values", () => {
    const values = ConfigFile.parse({});
    for (const [, key = "", inner, , said = ""] of rows) {
      if (inner !== undefined || key === "default") continue;
      const value = Object.entries(values).find(([name]) => name === key)?.[1];
      if (value === undefined) expect(said).toBe("no limit");
      else if (Array.isArray(value)) expect(said, key).toBe("none");
      else expect(said, key).toContain(`\`${JSON.stringify(value).replaceAll('"', "")}\``);
    }
  });

  it("shows configs that are valid", () => {
    for (const [, text = ""] of docs.matchAll(/```yaml\n([\s\S]*?)```/g)) expect(() => readConfig(text)).not.toThrow();
  });
});

/** As much of JSON Schema as the schema uses; what it does not know is an error of the test. */
function fits(value: unknown, schema: unknown): boolean {
  if (typeof schema === "boolean") return schema;
  if (typeof schema !== "object" || schema === null) throw new Error("Not a schema.");
  return Object.entries(schema).every(([keyword, wanted]) => holds(keyword, wanted, value, schema));
}

function holds(keyword: string, wanted: any, value: unknown, schema: object): boolean {
  const record = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  switch (keyword) {
    case "$schema":
    case "$id":
    case "title":
    case "description":
    case "default":
    case "deprecated":
      return true;
    case "type":
      return wanted === (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
    case "enum":
      return wanted.includes(value);
    case "anyOf":
      return wanted.some((each: unknown) => fits(value, each));
    case "allOf":
      return wanted.every((each: unknown) => fits(value, each));
    case "pattern":
      return typeof value !== "string" || new RegExp(wanted, "u").test(value);
    case "minLength":
      return typeof value !== "string" || value.length >= wanted;
    case "maxLength":
      return typeof value !== "string" || value.length <= wanted;
    case "maximum":
      return typeof value !== "number" || value <= wanted;
    case "exclusiveMinimum":
      return typeof value !== "number" || value > wanted;
    case "items":
      return !Array.isArray(value) || value.every((each) => fits(each, wanted));
    case "minItems":
      return !Array.isArray(value) || value.length >= wanted;
    case "maxItems":
      return !Array.isArray(value) || value.length <= wanted;
    case "properties":
      return record.every(([key, part]) => !Object.hasOwn(wanted, key) || fits(part, wanted[key]));
    case "required":
      return record.length === 0 && typeof value !== "object"
        ? true
        : wanted.every((key: string) => record.some(([name]) => name === key));
    case "propertyNames":
      return record.every(([key]) => fits(key, wanted));
    case "additionalProperties": {
      const known = "properties" in schema ? Object.keys(schema.properties as object) : [];
      return record.every(([key, part]) => known.includes(key) || fits(part, wanted));
    }
    default:
      throw new Error(`The schema uses ${keyword}, which this test does not know.`);
  }
}
