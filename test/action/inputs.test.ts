import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type Inputs, readInputs } from "../../src/action/inputs.ts";
import { Problem } from "../../src/core/problem.ts";

const root = join(import.meta.dirname, "../..");
const NOTHING: Inputs = {
  task: null,
  attempt: null,
  prompt: null,
  model: null,
  issue: null,
  "time-limit": 360,
  settle: false,
  "github-token": "ghs_token",
  "app-id": null,
  "private-key": null,
};

/** The inputs as the runner hands them over: what is not given is empty. */
function read(given: Readonly<Record<string, string>>): Inputs {
  const values: Readonly<Record<string, string>> = { "github-token": "ghs_token", ...given };
  return readInputs((name) => values[name] ?? "");
}

/** The sentence that the step ends with. */
function refusal(given: Readonly<Record<string, string>>): string {
  try {
    read(given);
  } catch (error) {
    if (error instanceof Problem && error.code === "inputs-invalid") return error.message;
    throw error;
  }
  return "";
}

describe("the inputs", () => {
  it("may all be left out", () => {
    expect(read({})).toEqual(NOTHING);
  });

  it.each<{ name: keyof Inputs; text: string; value: unknown }>([
    { name: "task", text: "1/fix-7k2q", value: "1/fix-7k2q" },
    { name: "task", text: "  1/fix-7k2q\n", value: "1/fix-7k2q" },
    { name: "task", text: " \n", value: null },
    { name: "attempt", text: "2", value: 2 },
    { name: "attempt", text: " 2 ", value: 2 },
    { name: "prompt", text: "Tidy up\n\n- a\n- b\n", value: "Tidy up\n\n- a\n- b" },
    { name: "model", text: "opus", value: "opus" },
    { name: "model", text: "openai/gpt-5.3-codex:high", value: "openai/gpt-5.3-codex:high" },
    { name: "model", text: "vendor@model+1", value: "vendor@model+1" },
    { name: "issue", text: "12", value: 12 },
    { name: "issue", text: "#12", value: 12 },
    { name: "time-limit", text: "90", value: 90 },
    { name: "time-limit", text: "0.25", value: 0.25 },
    { name: "settle", text: "true", value: true },
    { name: "settle", text: "false", value: false },
  ])("$name: $text is $value", ({ name, text, value }) => {
    expect(read({ [name]: text })).toEqual({ ...NOTHING, [name]: value });
  });

  it.each([
    { name: "attempt", text: "two" },
    { name: "attempt", text: "0" },
    { name: "attempt", text: "1.5" },
    { name: "model", text: "--dangerous" },
    { name: "model", text: "opus; rm -r ." },
    { name: "model", text: "$(id)" },
    { name: "model", text: "a".repeat(101) },
    { name: "issue", text: "-1" },
    { name: "issue", text: "octo-org/hello#1" },
    { name: "issue", text: "12345678901" },
    { name: "time-limit", text: "6h" },
    { name: "time-limit", text: "0" },
    { name: "time-limit", text: "-1" },
    { name: "settle", text: "yes" },
    { name: "github-token", text: "" },
    { name: "app-id", text: "my-app" },
    { name: "app-id", text: "12; id" },
    { name: "private-key", text: "c2VjcmV0" },
  ])("$name: $text is refused by name", ({ name, text }) => {
    expect(refusal({ [name]: text })).toMatch(new RegExp(`^\`${name}\` must be (an? |the |\`)`));
  });

  it.each(["123456", "Iv23liABCdef.9"])("know an App by its id %s, and its key with line ends written out", (id) => {
    const key = "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----";
    expect(read({ "app-id": id, "private-key": key })).toEqual({
      ...NOTHING,
      "app-id": id,
      "private-key": "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    });
  });

  it.each([{ "app-id": "12" }, { "private-key": "-----BEGIN PRIVATE KEY-----" }])(
    "of an App go together: %o alone is refused",
    (given) => {
      expect(refusal(given)).toBe("`private-key` must be given together with `app-id`.");
    },
  );

  it("that are wrong are all named at once", () => {
    const sentence = refusal({ attempt: "x", issue: "y", settle: "z" });
    expect(sentence).toBe("`attempt` must be a number; `issue` must be a number; `settle` must be `true` or `false`.");
  });

  it("that are wrong are not repeated: one of them may be a secret in the wrong place", () => {
    expect(refusal({ issue: "ghp_16C7e42F292c6912E7710c838347Ae178B4a" })).not.toContain("ghp_");
  });
});

const Described = z.record(z.string(), z.object({ description: z.string().trim(), default: z.string().default("") }));
const Action = z.object({ inputs: Described, outputs: Described });
const action = Action.parse(parse(readFileSync(join(root, "action.yml"), "utf8")));

describe("action.yml", () => {
  it("has the inputs that are read, and no others", () => {
    const asked: string[] = [];
    readInputs((name) => {
      asked.push(name);
      return name === "github-token" ? "ghs_token" : "";
    });
    expect(asked.sort()).toEqual(Object.keys(action.inputs).sort());
  });

  it("has the outputs that are set, and no others", () => {
    const sources = ["work.ts", "saved-state.ts"].map((file) => readFileSync(join(root, "src/action", file), "utf8"));
    const named = sources.join("\n").replaceAll("setOutput(SETTLED", 'setOutput("settled"');
    const set = new Set(Array.from(named.matchAll(/setOutput\("([^"]+)"/g), ([, name = ""]) => name));
    expect([...set].sort()).toEqual(Object.keys(action.outputs).sort());
  });

  it("has defaults that are read without complaint", () => {
    const defaults = Object.entries(action.inputs).map(([name, { default: value }]) => [name, value]);
    expect(read(Object.fromEntries(defaults))).toMatchObject({ ...NOTHING, "github-token": expect.any(String) });
  });
});

describe("the README's table", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");

  /** Name and description by row, of the table whose head begins with this word. */
  function table(head: string): Record<string, string> {
    const lines = readme.split("\n");
    const start = lines.findIndex((line) => new RegExp(`^\\| *${head} *\\|`).test(line));
    expect(start).toBeGreaterThan(0);
    const rows = lines.slice(start + 2);
    const end = rows.findIndex((line) => !line.startsWith("|"));
    return Object.fromEntries(
      rows.slice(0, end).map((row) => {
        const [, name = "", description = ""] = row.split("|").map((cell) => cell.trim());
        return [name.replaceAll("`", ""), description];
      }),
    );
  }

  function described(part: z.infer<typeof Described>): Record<string, string> {
    return Object.fromEntries(Object.entries(part).map(([name, { description }]) => [name, description]));
  }

  it("of inputs is action.yml's", () => {
    expect(table("input")).toEqual(described(action.inputs));
  });

  it("of outputs is action.yml's", () => {
    expect(table("output")).toEqual(described(action.outputs));
  });
});
