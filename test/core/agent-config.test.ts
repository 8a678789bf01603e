import { expect, it } from "vitest";
import { isAgentConfig } from "../../src/core/agent-config.ts";

it.each([
  "CLAUDE.md",
  "Claude.md",
  "packages/api/AGENTS.md",
  ".claude/settings.json",
  ".CLAUDE/commands/deploy.md",
  "packages/api/.cursor/rules/all.mdc",
  ".mcp.json",
  ".npmrc",
  ".husky/pre-commit",
  ".gitmodules",
  ".claude",
  ".github/copilot-instructions.md",
])("%s tells agents what to do", (path) => {
  expect(isAgentConfig(path)).toBe(true);
});

it.each([
  "README.md",
  "docs/claude.md.txt",
  "src/claude/index.ts",
  "agents/md.ts",
  "npmrc",
  ".github/workflows/ci.yml",
  "",
])("%s does not", (path) => {
  expect(isAgentConfig(path)).toBe(false);
});
