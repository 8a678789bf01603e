import { readControl } from "./command-control.ts";
import type { Command } from "./command-meaning.ts";
import { readConfigRequest } from "./config-request.ts";
import { mayDependOnTask } from "./fan-out-order.ts";
import { withoutMailTail } from "./mail.ts";
import { readMarkdown } from "./markdown.ts";
import { plannedTask, wantsPlanFirst } from "./plan-first.ts";

/** A command as it stands in a comment, without the leading `/dispatch`. */
export interface CommandText {
  readonly text: string;
  /** Which one among equal texts of the same comment, from 0; "plan" before the same words makes no difference. */
  readonly nth: number;
}

const COMMAND_LINE = /^\/dispatch(?!\S)/i;

/** The commands of a comment in their order; each runs to the next command line or the end. */
export function findCommands(body: string): readonly CommandText[] {
  if (!mayHoldCommand(body)) return [];
  const lines = readMarkdown(body);
  const starts = [...lines.keys()].filter((index) => COMMAND_LINE.test(lines[index]?.own ?? ""));
  const seen = new Map<string, number>();
  return starts.map((start, index) => {
    const text = textOf(lines.slice(start, starts[index + 1]).map((line) => line.text));
    const words = plannedTask(text) ?? text;
    const nth = seen.get(words) ?? 0;
    seen.set(words, nth + 1);
    return { text, nth };
  });
}

/** False only for a body without any command; costs next to nothing. */
export function mayHoldCommand(body: string): boolean {
  return /^\/dispatch(?!\S)/im.test(body);
}

/** What an edit newly commands: texts that the old body did not hold. Changes of white space are no changes. */
export function addedCommands(before: string, after: string): readonly CommandText[] {
  const old = new Set(findCommands(before).map(({ text }) => collapse(text)));
  return findCommands(after).filter(({ text }) => !old.has(collapse(text)));
}

const NAMING_VERB =
  /^\s*(?:(?:please|pls),?\s+)?(?:status|cancel|retry|answer|note|approved?|skip|clean-?up|clean\s+up|stop|abort|re-?run|try\s+again|resume|continue|lgtm|go)(?![^\s:,.!?])/i;
/** True when reading the command needs the ids of the thread's tasks, or obeying it needs the tasks. */
export function mayNameTask(text: string): boolean {
  if (NAMING_VERB.test(text) || mayDependOnTask(text)) return true;
  const control = readControl(text.trim(), []);
  return control !== null && control.kind !== "help" && control.kind !== "doctor";
}

/** A control verb counts only where what follows fits its grammar; all other words are a task, unless they speak of the config. */
export function readCommand(text: string, taskIds: readonly string[]): Command {
  if (text.trim() === "") return { kind: "warm-up" };
  const control = readControl(text.trim(), taskIds);
  if (control !== null) return control;
  const request = readConfigRequest(withoutMailTail(text).text);
  if (request !== null) return { kind: "config", request };
  const planned = plannedTask(text);
  return { kind: "task", text: planned ?? text, planFirst: planned !== null || wantsPlanFirst(text) };
}

function textOf([first = "", ...below]: readonly string[]): string {
  const head = first.replace(COMMAND_LINE, "").trim();
  const text = [head, ...below].join("\n").trimEnd();
  return head === "" ? text.replace(/^(?:[ \t]*\n)+/, "") : text;
}

function collapse(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
