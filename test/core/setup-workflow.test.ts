import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWorkflow, WORKFLOW_VERSION } from "../../src/core/setup-workflow.ts";

const root = join(import.meta.dirname, "../..");
const ALL = { contents: "write", issues: "write", "pull-requests": "write" };

describe("the ready-made workflow", () => {
  it.each([
    [".github/workflows/dispatch.yml", "action", "write"],
    ["docs/dispatch-with-server.yml", "server", "unknown"],
  ])("%s is understood", (path, hosting, startsRuns) => {
    const text = readFileSync(join(root, path), "utf8");
    expect(readWorkflow(text)).toMatchObject({
      kind: "read",
      hosting,
      startsRuns,
      handsOver: ["ANTHROPIC_API_KEY"],
      work: ALL,
    });
  });
});

function workflow({ head = "", permissions = "", job = "", step = "" } = {}): string {
  return `${head}on: { workflow_dispatch: {} }
${permissions}
jobs:
  elsewhere: { uses: octo-org/hello/.github/workflows/ci.yml@v1 }
  work:
    runs-on: ubuntu-latest
    ${job}
    steps:
      - run: npm ci
      - uses: dispatch-dev/dispatch@v1
        with: { task: "\${{ inputs.task }}" ${step} }
`;
}

describe("the version", () => {
  it.each([
    [`# dispatch-workflow: ${WORKFLOW_VERSION}\n`, WORKFLOW_VERSION],
    ["# Dispatch\r\n# dispatch-workflow: 12\r\n", 12],
    ["# dispatch-workflow: new\n", null],
    ["", null],
  ])("of %j is %s", (head, version) => {
    expect(readWorkflow(workflow({ head }))).toMatchObject({ version });
  });
});

describe("what the token may do", () => {
  it.each([
    ["nothing is said", {}, { contents: "unknown", issues: "unknown", "pull-requests": "unknown" }],
    ["the file says it", { permissions: "permissions: write-all" }, ALL],
    [
      "the file says reading",
      { permissions: "permissions: read-all" },
      { contents: "read", issues: "read", "pull-requests": "read" },
    ],
    [
      "the job says it, which counts more",
      { permissions: "permissions: write-all", job: "permissions: { contents: write, issues: read }" },
      { contents: "write", issues: "read", "pull-requests": "none" },
    ],
    [
      "another token is used",
      { permissions: "permissions: write-all", step: ', github-token: "${{ secrets.PAT }}"' },
      { contents: "unknown", issues: "unknown", "pull-requests": "unknown" },
    ],
  ])("where %s", (_, parts, work) => {
    expect(readWorkflow(workflow(parts))).toMatchObject({ kind: "read", work });
  });
});

it.each([
  [null, "missing"],
  ["", "unreadable"],
  ["on: [", "unreadable"],
  ["a: &a [*a]", "unreadable"],
  ["jobs: {}", "unreadable"],
  ["on: push\njobs: { a: 1, b: { steps: [1] } }", "read"],
  [`on: push\njobs: {}\n${"# \n".repeat(100_000)}`, "unreadable"],
])("reads %j as far as it can be read", (text, kind) => {
  expect(readWorkflow(text).kind).toBe(kind);
});

it("throws at nothing that a file may hold", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readWorkflow(text)));
});
