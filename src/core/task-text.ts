import { type ChecklistItem, currentItem, isProvisional, isSkipped, type Plan, progress } from "./plan.ts";
import { plainLine, quoted, workerText } from "./safe-text.ts";
import type { Task, TaskState } from "./task.ts";

/** What a run has used of its model so far. */
export interface TaskUsage {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars; null where the CLI does not say. */
  readonly costUsd: number | null;
}

export interface StateWords {
  readonly symbol: string;
  readonly word: string;
}

/** A task's state at a glance. */
export function stateWords({ state, phase }: Pick<Task, "state" | "phase">): StateWords {
  switch (state.kind) {
    case "confirming":
      return { symbol: "🤔", word: "Which model?" };
    case "held":
      return { symbol: "⏳", word: "Waiting for other tasks" };
    case "planned":
      return { symbol: "📋", word: "Waiting for approval" };
    case "queued":
      return { symbol: "⏳", word: "Starting" };
    case "running":
      return PHASES[phase];
    case "waiting":
      return { symbol: "❓", word: "Waiting for an answer" };
    case "cancelling":
      return { symbol: "🛑", word: "Cancelling" };
    case "parked":
      return { symbol: "⏸️", word: "Parked until answered" };
    case "finished":
      return ENDINGS[state.outcome.kind];
  }
}

const PHASES = {
  check: { symbol: "🩺", word: "Looking at the set-up" },
  plan: { symbol: "✏️", word: "Planning" },
  work: { symbol: "🔄", word: "Working" },
} as const;

const ENDINGS = {
  done: { symbol: "✅", word: "Done" },
  failed: { symbol: "❗", word: "Not finished" },
  cancelled: { symbol: "🛑", word: "Cancelled" },
} as const;

const BAR_WIDTH = 20;

/** `▓▓▓▓▓▓░░░░ 3 of 5`; empty while nobody knows how many steps there are. */
export function progressBar(plan: Plan): string {
  const { done, total } = progress(plan);
  if (total === 0 || isProvisional(plan)) return "";
  const width = Math.min(BAR_WIDTH, Math.max(10, total));
  const filled = Math.floor((done / total) * width);
  return `\`${"█".repeat(filled)}${"░".repeat(width - filled)}\` **${done} of ${total}**`;
}

export interface ChecklistView {
  /** What the first open item is: in progress, held up by a question, or not yet (or no longer) anybody's. */
  readonly current: "working" | "waiting" | "untouched";
  /** True when nobody will write a plan any more. */
  readonly over: boolean;
  /** How many characters there are for it. */
  readonly room: number;
  /** Where the whole plan is, for when it does not fit. */
  readonly planUrl: string | null;
}

const MAX_EXPLANATION = 1_000;
/** "Write a summary to .dispatch/tasks/…/output.md": the worker needs to know where, people do not. */
const REPORT_FILE = /\s+(?:in|into|to)\s+`?\.dispatch\/tasks\/[a-z0-9-]+\/output\.md`?/g;

/** How a task's state shows in its checklist. */
export function progressOf(state: TaskState): Pick<ChecklistView, "current" | "over"> {
  switch (state.kind) {
    case "running":
    case "cancelling":
      return { current: "working", over: false };
    case "waiting":
      return { current: "waiting", over: false };
    case "confirming":
    case "held":
    case "planned":
    case "queued":
    case "parked":
      return { current: "untouched", over: false };
    case "finished":
      return { current: "untouched", over: true };
  }
}

/** The plan's items with symbols, their explanations beneath. */
export function checklist(plan: Plan, { current, over, room, planUrl }: ChecklistView): string {
  if (isProvisional(plan) || plan.items.length === 0) {
    return over ? "_No plan was written._" : "_The plan appears here as soon as the worker has written it._";
  }
  const symbol = CURRENT_SYMBOLS[current];
  const currentIndex = symbol === null ? null : currentItem(plan);
  const shown: string[] = [];
  let left = room;
  for (const [index, item] of plan.items.entries()) {
    const text = itemText(item, index === currentIndex ? symbol : null);
    left -= text.length + 1;
    if (left < 0) {
      const rest = plan.items.length - index;
      const words = `… and ${rest} more ${rest === 1 ? "step" : "steps"}`;
      return [...shown, `- ${planUrl === null ? words : `${words}: [the whole plan](${planUrl})`}`].join("\n");
    }
    shown.push(text);
  }
  return shown.join("\n");
}

function itemText({ marker, text, explanation }: ChecklistItem, current: string | null): string {
  const words = plainLine(text.replace(REPORT_FILE, ""), 500);
  if (isSkipped({ marker, text })) return `- ⏭️ ${words}`;
  const first = current === null ? `- ${SYMBOLS[marker]} ${words}` : `- ${current} **${words.replaceAll("**", "")}**`;
  const below = workerText(explanation.join("\n"), MAX_EXPLANATION);
  return below.trim() === "" ? first : `${first}\n${quoted(below).replace(/^/gm, "  ")}`;
}

const SYMBOLS = { open: "⬜", done: "✅", blocked: "❓", error: "❗" } as const;
const CURRENT_SYMBOLS = { working: "🔄", waiting: "❓", untouched: null } as const;

/** `45 s`, `12 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** `10 minutes`, `1 hour`: how long somebody has. */
export function span(minutes: number): string {
  const [amount, unit] =
    minutes < 1 ? [minutes * 60, "second"] : minutes < 60 ? [minutes, "minute"] : [minutes / 60, "hour"];
  const rounded = Math.round(amount * 10) / 10;
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}

/** What the model has cost, in money where that is known. */
export function cost(usage: TaskUsage | null | undefined): string | null {
  if (usage === null || usage === undefined) return null;
  // A subscription has no price for what it gives, and a refused request costs nothing.
  if (usage.costUsd !== null && usage.costUsd > 0)
    return usage.costUsd < 0.01 ? "under $0.01" : `$${usage.costUsd.toFixed(2)}`;
  const tokens = usage.tokensIn + usage.tokensOut;
  if (tokens === 0) return null;
  return tokens < 10_000 ? `${tokens} tokens` : `${Math.round(tokens / 1_000)}k tokens`;
}

/** Parts of one line, those that are missing left out. */
export function line(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part !== null && part !== undefined && part !== "").join(" · ");
}

/** Paragraphs of one comment, those that are missing left out. */
export function paragraphs(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part !== null && part !== undefined && part !== "").join("\n\n");
}

export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** One of GitHub's coloured boxes. */
export function alert(kind: "NOTE" | "TIP" | "IMPORTANT" | "WARNING" | "CAUTION", body: string): string {
  return `> [!${kind}]\n${quoted(body)}`;
}

/** Sentences that people should be able to find and need not see. */
export function warningDetails(warnings: readonly string[] | undefined): string | null {
  if (warnings === undefined || warnings.length === 0) return null;
  const shown = warnings.slice(0, 20).map((warning) => `- ${plainLine(warning, 500)}`);
  const rest = warnings.length - shown.length;
  const body = [...shown, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join("\n");
  return details(warnings.length === 1 ? "⚠️ 1 warning" : `⚠️ ${warnings.length} warnings`, body);
}
