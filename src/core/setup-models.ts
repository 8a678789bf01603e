import { type ListedModel, MODEL_ID } from "./setup.ts";
import type { CliKind } from "./setup-clis.ts";

/** Claude Code's names for its families, which stay while versions come and go. */
export const CLAUDE_MODELS: readonly ListedModel[] = [
  { id: "opus", name: "Claude Opus" },
  { id: "sonnet", name: "Claude Sonnet" },
  { id: "haiku", name: "Claude Haiku" },
];

/**
 * Codex has no command that lists models. These are the larger ones of the catalogue that Codex 0.169.0 carries, best first, as of
 * November 2026. Whether an account may use them only OpenAI knows.
 */
export const OPENAI_MODELS: readonly ListedModel[] = [
  { id: "gpt-6.1-sol", name: "GPT-6.1 Sol" },
  { id: "gpt-6.1-terra", name: "GPT-6.1 Terra" },
  { id: "gpt-6-luna", name: "GPT-6 Luna" },
  { id: "gpt-5.5", name: "GPT-5.5" },
];

/** A listing of a CLI is a page or two. */
const MOST_LETTERS = 200_000;
const MOST_MODELS = 200;
const LONGEST_LINE = 300;

/** "Error - not logged in", "Tip - …": a sentence's first word, which no model's id looks like. */
const WORD = /^[A-Z][a-z]*:?$/;
/** Colours and movements of a terminal. */
const TERMINAL = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)?|\x1b[()][A-Z0-9]|\x1b[=>78cM]/g;
const LEADING_MARK = /^[*>•●○▸→➜✓✔-]\s+/u;
const TRAILING_MARK =
  /^(.*\S)\s*[([](?:current|default|selected|active)(?:, ?(?:current|default|selected|active))*[)\]]$/i;

/** Reads what `agent models` prints: lines `<id> - <Name>`, whose marks such as "(current)" are left out. Everything else is not a model. */
export function parseAgentModels(text: string): readonly ListedModel[] {
  const found = new Map<string, ListedModel>();
  for (const line of text
    .slice(0, MOST_LETTERS)
    .replace(TERMINAL, "")
    .split(/[\r\n]+/)) {
    const model = line.length > LONGEST_LINE ? null : readLine(line.trim());
    // Names in a config must differ in more than case.
    if (model !== null && !found.has(model.id.toLowerCase())) found.set(model.id.toLowerCase(), model);
    if (found.size === MOST_MODELS) break;
  }
  return [...found.values()];
}

function readLine(line: string): ListedModel | null {
  const [, id = "", rest = ""] = /^(\S+)\s+[-–—]\s+(.+)$/u.exec(line.replace(LEADING_MARK, "")) ?? [];
  const bare = id.replace(/\*$/, "");
  if (!MODEL_ID.test(bare) || WORD.test(bare)) return null;
  const name = withoutMarks(rest.replace(/[^\P{C}]/gu, ""));
  return { id: bare, name: name === "" ? bare : name.slice(0, 100) };
}

function withoutMarks(name: string): string {
  let left = name.trim();
  for (let cut = left; ; left = cut) {
    cut = (TRAILING_MARK.exec(left)?.[1] ?? left).replace(/\*$/, "").trim();
    if (cut === left) return left;
  }
}

/** The maker whose own CLI comes first for a model; null where only a CLI for several makers has it. */
export function cliOfMaker(model: string): Extract<CliKind, "claude" | "codex"> | null {
  if (/(?<![a-z])(?:opus|sonnet|haiku)(?![a-z])/i.test(model)) return "claude";
  return /gpt|codex|(?<![a-z0-9])(?:o1|o3|o4-mini)(?![a-z0-9])/i.test(model) ? "codex" : null;
}

const MAKERS = [
  [/claude|(?<![a-z])(?:opus|sonnet|haiku)(?![a-z])/i, "Anthropic"],
  [/gpt|codex|(?<![a-z0-9])(?:o1|o3|o4-mini)(?![a-z0-9])/i, "OpenAI"],
  [/gemini/i, "Google"],
  [/grok/i, "xAI"],
  [/composer|^auto$/i, "Cursor"],
  [/deepseek/i, "DeepSeek"],
  [/kimi/i, "Moonshot AI"],
  [/qwen/i, "Alibaba"],
  [/mistral|devstral|codestral/i, "Mistral AI"],
  [/llama/i, "Meta"],
] as const;

/** Who makes a model, for people to find it by. */
export function makerOf(model: string): string {
  return MAKERS.find(([pattern]) => pattern.test(model))?.[1] ?? "Others";
}

/** Where a maker's models stand among the others. */
export function makerRank(model: string): number {
  const at = MAKERS.findIndex(([pattern]) => pattern.test(model));
  return at < 0 ? MAKERS.length : at;
}

/** Best first, as far as names tell: the larger family, the newer version, the plain name before its variants. */
export function byRank(a: ListedModel, b: ListedModel): number {
  return sizeOf(a.id) - sizeOf(b.id) || versionOrder(a.id, b.id) || partsOf(a.id) - partsOf(b.id);
}

/** 0 for what a maker puts first, more for smaller, faster and poorer ones. */
function sizeOf(id: string): number {
  if (/^auto$|haiku|nano|lite/i.test(id)) return 3;
  if (/mini|flash|(?<![a-z])(?:fast|low)(?![a-z])/i.test(id)) return 2;
  return /sonnet/i.test(id) ? 1 : 0;
}

function versionOrder(a: string, b: string): number {
  const [one, other] = [numbersIn(a), numbersIn(b)];
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const difference = (other[at] ?? 0) - (one[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersIn(id: string): readonly number[] {
  return Array.from(id.matchAll(/\d{1,6}/g), ([digits]) => Number(digits));
}

function partsOf(id: string): number {
  return id.split("-").length;
}
