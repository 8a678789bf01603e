import type { Cli, Setup } from "../../src/core/setup.ts";
import { CLAUDE_MODELS, OPENAI_MODELS, parseAgentModels } from "../../src/core/setup-models.ts";

export const CLAUDE: Cli = {
  kind: "claude",
  version: "2.1.330",
  access: { kind: "key", name: "ANTHROPIC_API_KEY" },
  models: [...CLAUDE_MODELS],
  modelsUnknown: null,
};
export const CODEX: Cli = {
  kind: "codex",
  version: "0.169.0",
  access: { kind: "key", name: "OPENAI_API_KEY" },
  models: [...OPENAI_MODELS],
  modelsUnknown: null,
};

/** Twenty models, in the order in which Cursor's CLI likes to list them. */
const LISTING = `Available models

auto - Auto
composer-1 - Composer 1 (current)
gpt-5.3-codex - GPT-5.3 Codex
gpt-5.3-codex-low - GPT-5.3 Codex Low
gpt-5.3-codex-low-fast - GPT-5.3 Codex Low Fast
gpt-5.3-codex-fast - GPT-5.3 Codex Fast
gpt-5.3-codex-high - GPT-5.3 Codex High
gpt-5.3-codex-xhigh - GPT-5.3 Codex Extra High
gpt-5.2 - GPT-5.2
gpt-5.2-high - GPT-5.2 High
gpt-5.1-codex-mini - GPT-5.1 Codex Mini
opus-4.6-thinking - Claude 4.6 Opus (Thinking) (default)
opus-4.6 - Claude 4.6 Opus
sonnet-4.6 - Claude 4.6 Sonnet
sonnet-4.5-thinking - Claude 4.5 Sonnet (Thinking)
haiku-4.5 - Claude 4.5 Haiku
gemini-3-pro - Gemini 3 Pro
gemini-3-flash - Gemini 3 Flash
grok-4 - Grok 4
kimi-k2.5 - Kimi K2.5

Tip: use --model <id> (or /model <id> in interactive mode) to switch.
`;
export const CURSOR: Cli = {
  kind: "cursor",
  version: "2026.11.04-a1b2c3d",
  access: { kind: "key", name: "CURSOR_API_KEY" },
  models: [...parseAgentModels(LISTING)],
  modelsUnknown: null,
};

/** A runner with these CLIs, in a repository where all is as it should be. */
export function sampleSetup(clis: readonly Cli[], more: Partial<Setup> = {}): Setup {
  return {
    version: 1,
    at: "2026-11-20T12:00:00.000Z",
    clis: [...clis],
    programs: [],
    userNamespaces: "refused",
    isolation: "none",
    workflow: {
      kind: "read",
      version: 1,
      hosting: "action",
      handsOver: ["ANTHROPIC_API_KEY"],
      work: { contents: "write", issues: "write", "pull-requests": "write" },
      startsRuns: "write",
    },
    permissions: { contents: "write", issues: "write", "pull-requests": "write" },
    config: { from: "repository", organisation: "not-needed" },
    startedBy: null,
    recordRefused: null,
    ...more,
  };
}

export function without(cli: Cli): Cli {
  return { ...cli, access: { kind: "none" } };
}
