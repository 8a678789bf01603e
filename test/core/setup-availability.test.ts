import { describe, expect, it } from "vitest";
import {
  canRun,
  cliForModel,
  listedModels,
  namesOf,
  notableModels,
  unavailable,
} from "../../src/core/setup-availability.ts";
import type { WorkerSpec } from "../../src/core/task.ts";
import { CLAUDE, CODEX, CURSOR, sampleSetup, without } from "./sample-setup.ts";

describe("canRun", () => {
  it.each([
    ["yes", sampleSetup([CLAUDE]), "claude"],
    ["yes", sampleSetup([{ ...CLAUDE, access: { kind: "login" } }]), "claude"],
    ["no", sampleSetup([without(CLAUDE)]), "claude"],
    ["no", sampleSetup([CLAUDE]), "codex"],
    ["unknown", sampleSetup([CLAUDE]), "generic"],
    ["unknown", null, "claude"],
  ] as const)("says %s", (answer, setup, kind) => {
    expect(canRun(setup, kind)).toBe(answer);
  });
});

describe("the CLI for a model", () => {
  it.each([
    ["sonnet-4.6", [CURSOR], "claude"],
    ["gpt-5.3-codex", [CODEX, CURSOR], "codex"],
    ["gpt-5.3-codex", [CURSOR], "cursor"],
    ["gpt-5.3-codex", [without(CODEX), CURSOR], "cursor"],
    ["gpt-5.3-codex", [CLAUDE], "codex"],
    ["grok-4", [CLAUDE], "cursor"],
  ] as const)("of %s is its maker's, else one that can run it", (model, clis, kind) => {
    expect(cliForModel(model, sampleSetup(clis))).toBe(kind);
  });

  it("is its maker's where nothing is known", () => {
    expect(cliForModel("gpt-5.3-codex", null)).toBe("codex");
  });
});

describe("listed models", () => {
  it("go to their makers' own CLIs, whoever lists them", () => {
    const backends = new Map(
      listedModels(sampleSetup([CLAUDE, CODEX, CURSOR])).map(({ id, backend }) => [id, backend]),
    );
    expect(Object.fromEntries(backends)).toMatchObject({
      opus: "claude",
      "sonnet-4.6": "claude",
      "gpt-6.1-sol": "codex",
      "gpt-5.3-codex": "codex",
      "grok-4": "cursor",
    });
    expect(backends.size).toBe(3 + 4 + 20);
  });

  it("are none of a CLI without a key", () => {
    expect(listedModels(sampleSetup([without(CLAUDE), without(CODEX)]))).toEqual([]);
  });
});

it.each([
  ["claude", [CLAUDE], ["opus", "sonnet", "haiku"]],
  ["claude and codex", [CLAUDE, CODEX], ["opus", "gpt-6.1-sol", "sonnet", "gpt-6.1-terra", "haiku", "gpt-6-luna"]],
  ["cursor", [CURSOR], ["opus-4.6", "gpt-5.3-codex", "gemini-3-pro", "grok-4", "composer-1", "kimi-k2.5"]],
  ["all", [CLAUDE, CODEX, CURSOR], ["opus", "gpt-6.1-sol", "gemini-3-pro", "grok-4", "composer-1", "kimi-k2.5"]],
  ["nothing", [], []],
])("with %s, the best of every maker are notable first", (_, clis, ids) => {
  expect(notableModels(sampleSetup(clis)).map(({ id }) => id)).toEqual(ids);
});

describe("unavailable", () => {
  const cursor: WorkerSpec = {
    name: "grok-9",
    model: "grok-9",
    backend: "cursor",
    kind: "cursor",
    command: "agent -p",
    role: null,
  };

  it("names what there is instead, notable models first", () => {
    const problem = unavailable(cursor, sampleSetup([CLAUDE, CURSOR]));
    expect(problem).toMatchObject({ code: "unknown-model", message: "Model `grok-9` isn't available." });
    expect(problem?.nextStep).toMatch(/^Use one of: opus, gpt-5\.3-codex, gemini-3-pro, grok-4, .* and 3 more\. If/);
  });

  it("is a model of Cursor's where Cursor cannot run", () => {
    expect(unavailable({ ...cursor, model: "grok-4", name: "grok-4" }, sampleSetup([CLAUDE]))).toMatchObject({
      nextStep: "Use one of: opus, sonnet, haiku. If it has just been added, `/dispatch doctor` looks again.",
    });
  });

  it.each([
    ["a model that is listed", { ...cursor, model: "GROK-4" }, [CURSOR]],
    ["a model where the listing failed", cursor, [{ ...CURSOR, models: [], modelsUnknown: "It printed nothing." }]],
    ["the CLI's own default", { ...cursor, model: null }, [CURSOR]],
    ["a CLI of its own maker's, which the run tells better", { ...cursor, kind: "claude" as const }, []],
    ["a program of one's own", { ...cursor, kind: "generic" as const }, []],
  ])("is not %s", (_, spec, clis) => {
    expect(unavailable(spec, sampleSetup(clis))).toBeNull();
  });
});

it("names every model once", () => {
  const names = namesOf(sampleSetup([CLAUDE, CODEX, CURSOR]));
  expect(names).toHaveLength(27);
  expect(new Set(names).size).toBe(27);
});
