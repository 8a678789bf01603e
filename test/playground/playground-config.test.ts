import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../src/core/config.ts";
import { readWorkflow } from "../../src/playground/actions/workflow.ts";
import { backendSecrets, demoConfig, demoWorkflow } from "../../src/playground/demo-config.ts";

const ROOT = join(import.meta.dirname, "..", "..");

describe.each(["demo", "claude", "codex", "cursor", "my-cli --quietly 'in the garden'"])(
  "the backend %s",
  (backend) => {
    it.each(["opus", "sonnet", "haiku"])("stands behind the name %s", (name) => {
      const config = readConfig(demoConfig({ backend, pace: null, env: ["SOME_URL"] }));
      const model = config.models[name] ?? config.models[config.aliases[name]?.model ?? ""];
      expect(model).toBeDefined();
      const { command } = config.backends[model?.backend ?? ""] ?? {};
      expect(command).toMatch(backend.includes(" ") ? backend : /^(dispatch-demo-worker|claude|codex|agent)/);
      expect(config).toMatchObject({
        default: "opus",
        confirmDefault: true,
        settings: { isolation: "none", env: ["SOME_URL"] },
      });
    });
  },
);

it.each([
  { backend: "claude", secrets: { ANTHROPIC_API_KEY: "sk-1" } },
  { backend: "codex", secrets: { OPENAI_API_KEY: "sk-2" } },
  { backend: "demo", secrets: {} },
])("takes for $backend no keys but its own", ({ backend, secrets }) => {
  expect(backendSecrets(backend, { ANTHROPIC_API_KEY: "sk-1", OPENAI_API_KEY: "sk-2", CURSOR_API_KEY: "" })).toEqual(
    secrets,
  );
});

describe.each(["server", "action"] as const)("the workflow for hosting by the %s", (hosting) => {
  it("installs nothing from the network, and gives the step what the backend needs", async () => {
    const text = await demoWorkflow(ROOT, {
      hosting,
      secrets: ["OPENAI_API_KEY"],
      env: { MODEL_URL: "http://127.0.0.1:1/" },
    });
    expect(await readWorkflow("dispatch.yml", text)).not.toHaveProperty("errors");
    expect(text).not.toMatch(/npm (install|i|ci)\b.*@/);
    const steps: { id?: string; env?: object }[] = parse(text).jobs.work.steps;
    expect(steps.find(({ id }) => id === "dispatch")?.env).toEqual({
      OPENAI_API_KEY: "${{ secrets.OPENAI_API_KEY }}",
      MODEL_URL: "http://127.0.0.1:1/",
    });
  });

  it("stays readable without any", async () => {
    const text = await demoWorkflow(ROOT, { hosting, secrets: [], env: {} });
    expect(await readWorkflow("dispatch.yml", text)).not.toHaveProperty("errors");
    expect(text).not.toContain("ANTHROPIC_API_KEY");
  });
});
