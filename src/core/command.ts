import { readMarkdown } from "./markdown.ts";

/** A command as it stands in a comment, without the leading `/dispatch`. */
export interface CommandText {
  readonly text: string;
  /** Which one among equal texts of the same comment, from 0. */
  readonly nth: number;
}

/** `task` is a full id, or null where the comment names none. */
export type Command =
  | { readonly kind: "warm-up" }
  | { readonly kind: "help" }
  | { readonly kind: "task"; readonly text: string }
  | { readonly kind: "status"; readonly task: string | null }
  | { readonly kind: "cancel"; readonly task: string | null }
  | { readonly kind: "retry"; readonly task: string | null; readonly model: string | null }
  | { readonly kind: "answer"; readonly task: string | null; readonly question: string | null; readonly text: string }
  | { readonly kind: "note"; readonly task: string; readonly text: string }
  /** The words before a task's id fit several tasks. */
  | { readonly kind: "unclear"; readonly prefix: string; readonly candidates: readonly string[] };

const COMMAND_LINE = /^\/dispatch(?!\S)/i;

/** The commands of a comment in their order; each runs to the next command line or the end. */
export function findCommands(body: string): readonly CommandText[] {
  if (!mayHoldCommand(body)) return [];
  const lines = readMarkdown(body);
  const starts = [...lines.keys()].filter((index) => COMMAND_LINE.test(lines[index]?.own ?? ""));
  const seen = new Map<string, number>();
  return starts.map((start, index) => {
    const text = textOf(lines.slice(start, starts[index + 1]).map((line) => line.text));
    const nth = seen.get(text) ?? 0;
    seen.set(text, nth + 1);
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

/** True when reading the command needs the ids of the thread's tasks. */
export function mayNameTask(text: string): boolean {
  return /^\s*(?:status|cancel|retry|answer|note)(?!\S)/i.test(text);
}

/** A control verb counts only where what follows fits its grammar; all other words are a task. */
export function readCommand(text: string, taskIds: readonly string[]): Command {
  if (text.trim() === "") return { kind: "warm-up" };
  const control = readControl(text.trim(), taskIds);
  return control ?? { kind: "task", text };
}

function readControl(text: string, taskIds: readonly string[]): Command | null {
  const [, word = "", rest = ""] = /^(\S+)([\s\S]*)$/.exec(text) ?? [];
  const verb = word.toLowerCase();
  // What stands below an empty line (a remark, an e-mail's quoted tail) is no part of a verb that takes no free text.
  const words = collapse(rest.split(/\n[ \t]*\n/)[0] ?? "");
  switch (verb) {
    case "help":
      return words === "" ? { kind: "help" } : null;
    case "status":
    case "cancel":
      return withTask(words, taskIds, (task) => ({ kind: verb, task }));
    case "retry":
      return readRetry(words, taskIds);
    case "answer":
      return readAnswer(rest.trim(), taskIds);
    case "note":
      return readNote(rest.trim(), taskIds);
  }
  return null;
}

function readRetry(words: string, taskIds: readonly string[]): Command | null {
  const [, name = "", model = null] = /^(.*?) ?(?:(?<!\S)with (\S+))?$/i.exec(words) ?? [];
  return withTask(name, taskIds, (task) => ({ kind: "retry", task, model: model === null ? null : bare(model) }));
}

function readNote(rest: string, taskIds: readonly string[]): Command | null {
  const [, name = "", text = ""] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? [];
  if (name === "" || text.trim() === "") return null;
  return withTask(name, taskIds, (task) => (task === null ? null : { kind: "note", task, text: text.trim() }));
}

function readAnswer(rest: string, taskIds: readonly string[]): Command | null {
  if (rest === "") return null;
  const [, name = "", gap = "", after = ""] = /^(\S+)(\s+)([\s\S]+)$/.exec(rest) ?? [];
  const numbered = /^#?(\d{3})(?:[:.)]?)\s+([\s\S]+)$/.exec(after);
  if (namesTask(name, numbered !== null)) {
    const found = matching(name, taskIds);
    if (found.length > 1) return { kind: "unclear", prefix: bare(name), candidates: found };
    const task = found[0];
    if (task !== undefined)
      return { kind: "answer", task, question: numbered?.[1] ?? null, text: (numbered?.[2] ?? after).trim() };
  }
  // Without a task, only numbers that look like a question's: "answer 200 is fine" speaks of HTTP.
  const question = gap === "" ? null : (/^#?(0\d\d)[:.)]?$/.exec(name)?.[1] ?? null);
  return { kind: "answer", task: null, question, text: (question === null ? rest : after).trim() };
}

/** Words with which an answer may well start; as a task's name they count only where a question's number follows. */
const ORDINARY = new Set(
  "add allow also ask both change check create delete don't drop either fix for go help ignore improve just keep leave let make move never none not only option please put refactor remove rename replace run set skip start stop test the they this try update use with write yes you".split(
    " ",
  ),
);

function namesTask(name: string, numbered: boolean): boolean {
  if (numbered || name.endsWith(":") || name.includes("-")) return name !== "";
  return name.length >= 3 && !ORDINARY.has(name.toLowerCase());
}

/** Completes a command with the task that `name` stands for; null when it stands for none. */
function withTask(
  name: string,
  taskIds: readonly string[],
  complete: (task: string | null) => Command | null,
): Command | null {
  if (name === "") return complete(null);
  const found = matching(name, taskIds);
  if (found.length > 1) return { kind: "unclear", prefix: bare(name), candidates: found };
  return found[0] === undefined ? null : complete(found[0]);
}

/** The task with this id, else those whose id starts with it. */
function matching(name: string, taskIds: readonly string[]): readonly string[] {
  const prefix = bare(name).toLowerCase();
  if (prefix === "") return [];
  if (taskIds.includes(prefix)) return [prefix];
  return [...new Set(taskIds)].filter((id) => id.startsWith(prefix));
}

/** A name without the code marks and punctuation that people put around it. */
function bare(name: string): string {
  return name.replace(/^[`"'“‘]+|[`"'”’.,:;!?]+$/g, "");
}

function textOf([first = "", ...below]: readonly string[]): string {
  const head = first.replace(COMMAND_LINE, "").trim();
  const text = [head, ...below].join("\n").trimEnd();
  return head === "" ? text.replace(/^(?:[ \t]*\n)+/, "") : text;
}

function collapse(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
