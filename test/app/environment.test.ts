import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/app/environment.ts";
import { Problem } from "../../src/core/problem.ts";

const KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
const COMPLETE = { APP_ID: "123", PRIVATE_KEY: KEY, WEBHOOK_SECRET: "sixteen-letters-" };

function noFile(path: string): never {
  throw new Error(`ENOENT: no such file or directory, open '${path}'`);
}

/** The sentence in which the server says why it does not start. */
function refusal(variables: Readonly<Record<string, string | undefined>>): string {
  try {
    readEnvironment(variables, noFile);
  } catch (error) {
    if (error instanceof Problem && error.code === "environment-invalid") return error.message;
    throw error;
  }
  return "";
}

describe("the environment", () => {
  it("needs three variables; the rest has defaults", () => {
    expect(readEnvironment(COMPLETE, noFile)).toEqual({
      appId: 123,
      privateKey: KEY,
      webhookSecret: "sixteen-letters-",
      port: 3000,
      host: "127.0.0.1",
      apiUrl: "https://api.github.com",
      serverUrl: "https://github.com",
      logLevel: "info",
    });
  });

  it("may say more, for instance for GitHub Enterprise Server", () => {
    const more = {
      PORT: "8080",
      HOST: "0.0.0.0",
      GITHUB_API_URL: "https://ghe.example.com/api/v3/",
      GITHUB_SERVER_URL: "https://ghe.example.com/",
      LOG_LEVEL: "debug",
    };
    expect(readEnvironment({ ...COMPLETE, ...more }, noFile)).toMatchObject({
      port: 8080,
      host: "0.0.0.0",
      apiUrl: "https://ghe.example.com/api/v3",
      serverUrl: "https://ghe.example.com",
      logLevel: "debug",
    });
  });

  it("takes the key as text, with its line ends written out, or as a file", () => {
    const escaped = { ...COMPLETE, PRIVATE_KEY: KEY.replaceAll("\n", "\\n") };
    expect(readEnvironment(escaped, noFile).privateKey).toBe(KEY);
    const path = { ...COMPLETE, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "/run/secrets/key.pem" };
    expect(readEnvironment(path, (file) => (file === "/run/secrets/key.pem" ? KEY : "")).privateKey).toBe(KEY);
  });

  it("takes what is empty for not set", () => {
    const empty = { PRIVATE_KEY_PATH: "", PORT: "", HOST: "", LOG_LEVEL: "", GITHUB_API_URL: "" };
    expect(readEnvironment({ ...COMPLETE, ...empty }, noFile)).toEqual(readEnvironment(COMPLETE, noFile));
  });
});

describe("a server that cannot start", () => {
  it.each(["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"])("names %s when it is missing or empty", (name) => {
    for (const value of [undefined, ""]) {
      const sentence = refusal({ ...COMPLETE, [name]: value });
      expect(sentence).toContain(`${name}: `);
      const others = Object.keys(COMPLETE).filter((other) => other !== name);
      expect(others.filter((other) => sentence.includes(`${other}: `))).toEqual([]);
    }
  });

  it("names everything that is missing at once", () => {
    const sentence = refusal({ PORT: "many" });
    for (const name of ["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET", "PORT"]) expect(sentence).toContain(`${name}: `);
  });

  it.each([
    { name: "APP_ID", value: "dispatch" },
    { name: "APP_ID", value: "12 3" },
    { name: "WEBHOOK_SECRET", value: "development" },
    { name: "PORT", value: "70000" },
    { name: "PORT", value: "3000.5" },
    { name: "GITHUB_API_URL", value: "api.github.com" },
    { name: "GITHUB_SERVER_URL", value: "github" },
    { name: "LOG_LEVEL", value: "loud" },
  ])("names $name when it is $value", ({ name, value }) => {
    expect(refusal({ ...COMPLETE, [name]: value })).toContain(`${name}: `);
  });

  it("names the key's file when it cannot be read", () => {
    const sentence = refusal({ ...COMPLETE, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "/nowhere.pem" });
    expect(sentence).toContain("PRIVATE_KEY_PATH: the file /nowhere.pem cannot be read");
  });

  it("never repeats a secret", () => {
    expect(refusal({ ...COMPLETE, APP_ID: "x" })).not.toContain("MIIE");
    expect(refusal({ ...COMPLETE, WEBHOOK_SECRET: "tooshort" })).not.toContain("tooshort");
  });
});

it("is documented variable by variable", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../docs/server.md"), "utf8");
  const names = docs
    .split("\n")
    .filter((line) => /^\| *`[A-Z]/.test(line))
    .flatMap((row) => Array.from(row.split("|")[1]?.matchAll(/`([A-Z_]+)`/g) ?? [], ([, name = ""]) => name));
  const source = readFileSync(join(import.meta.dirname, "../../src/app/environment.ts"), "utf8");
  const read = Array.from(source.matchAll(/^ {4}([A-Z_]+): z/gm), ([, name = ""]) => name);
  expect(read).not.toEqual([]);
  expect(names.sort()).toEqual(read.sort());
});
