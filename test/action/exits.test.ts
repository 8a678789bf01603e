import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const MAIN = join(import.meta.dirname, "../../src/action/main.ts");
const TROUBLE = pathToFileURL(join(import.meta.dirname, "../fixtures/step-trouble.mjs"));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dispatch-exit-"));
  for (const name of ["event.json", "state", "output", "summary"]) writeFileSync(join(folder, name), "");
  writeFileSync(join(folder, "event.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The main step of a run, as a process of its own. */
function step(trouble: string): Promise<{ readonly code: number; readonly printed: string }> {
  const env = {
    PATH: process.env["PATH"],
    GITHUB_API_URL: "http://localhost:8080",
    GITHUB_REPOSITORY: "octo-org/hello",
    GITHUB_EVENT_NAME: "workflow_dispatch",
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_STATE: join(folder, "state"),
    GITHUB_OUTPUT: join(folder, "output"),
    GITHUB_STEP_SUMMARY: join(folder, "summary"),
    GITHUB_RUN_ID: "1",
    GITHUB_ACTOR: "mona",
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
    INPUT_TASK: "1/add-page-aaaa",
    "INPUT_GITHUB-TOKEN": "ghs_none",
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [`--import=${TROUBLE.href}?trouble=${trouble}`, MAIN],
      { env, timeout: 20_000 },
      (error, stdout) => resolve({ code: Number(error?.code ?? 0), printed: stdout }),
    );
  });
}

it.each([
  { trouble: "throws", said: "::error::Error: Out of nothing" },
  { trouble: "rejects", said: "::error::" },
  { trouble: "falls-asleep", said: "::error::The step ended before its work did." },
])("a step that $trouble is red, and leaves the rest to the post step", async ({ trouble, said }) => {
  const { code, printed } = await step(trouble);
  expect(code).toBe(1);
  expect(printed).toContain(said);
  const state = readFileSync(join(folder, "state"), "utf8");
  expect(state).toContain("1/add-page-aaaa");
  expect(state).not.toContain("settled");
});
