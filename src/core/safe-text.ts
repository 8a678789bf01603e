import { defuse } from "./defuse.ts";
import { indentOf } from "./markdown.ts";
import { type PlainLine, plainLines } from "./markdown-lines.ts";
import { visibleText } from "./visible-text.ts";

export { maskSecrets } from "./mask-secrets.ts";

const LIMIT = 20_000;
const LINE_LIMIT = 200;
const COMMAND = /^(\s*)\/(?=[A-Za-z])/;
const ORDERED = /^(\s*\d{1,9})([.)])(?=\s|$)/;
const TASK_BOX = /^\[([ xX])\](?=\s)/;
/** Footnotes hold blocks of their own, and a label such as `!NOTE` or `x` would change what our own text means. */
const DEFINITION = /^(\s*)\[(?=\s*[\^!xX](?:[^\]\\]|\\.)*\]:)/;
const BLOCK_START = /^(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|~~~|=|--|\*\*\*|__|\||\[(?=[ xX]\](?:\s|$)|[^\]]*\]:))/;

/**
 * Markdown that a worker or another person wrote, fit to stand in a comment of ours: it mentions nobody, refers to nothing, commands
 * nothing, holds no HTML, picture, box or mark, hides nothing, and ends with every code block closed. Ordinary text stays as it is.
 * Never longer than `limit`; what is cut ends in "…".
 */
export function workerText(text: string, limit: number = LIMIT): string {
  return fittedText(text, limit).text;
}

/** `workerText`, and whether something of the text is missing. */
export function fittedText(text: string, limit: number): { readonly text: string; readonly cut: boolean } {
  const visible = visibleText(text.slice(0, limit * 4));
  const lines = plainLines(visible.replace(/^(?:[ \t]*\n)+/, "").trimEnd());
  const kept: string[] = [];
  let length = 0;
  let open = "";
  for (const line of lines) {
    const safe = safeLine(line, line.text);
    const closing = line.closer === "" ? 0 : line.closer.length + 1;
    if (length + safe.length + 1 + closing + 2 > limit) {
      return { text: cut({ kept, open, line, room: limit - length - 2 }), cut: true };
    }
    kept.push(safe);
    length += safe.length + 1;
    open = line.closer;
  }
  if (open !== "") kept.push(open);
  const isCut = text.length > limit * 4;
  return { text: [...kept, ...(isCut ? ["…"] : [])].join("\n"), cut: isCut };
}

/**
 * The same for one line, such as a title or an entry of a list: line breaks become spaces, and it can start a line of ours without
 * becoming a heading, a quote or a list.
 */
export function plainLine(text: string, limit: number = LINE_LIMIT): string {
  const line = visibleText(text.slice(0, limit * 4 + 4))
    .replace(/\s+/g, " ")
    .trim();
  const safe = oneLine(line);
  return safe.length <= limit && text.length <= limit * 4 + 4 ? safe : fitting(line, limit, oneLine);
}

/**
 * One line for places without Markdown, such as commit messages and titles of pull requests, where code is no shelter: signs that
 * GitHub would act on are left out.
 */
export function commitLine(text: string, limit: number = LINE_LIMIT): string {
  const line = visibleText(text.slice(0, limit * 4 + 4))
    .replace(/\s+/g, " ")
    .trim();
  return fitting(line, limit, (part) =>
    part
      .replace(/\/+(issues|pulls?|discussions)\/+(?=\d)/gi, " $1 ")
      .replace(/(?<![A-Za-z0-9])@(?=[A-Za-z0-9])/g, "")
      .replace(/#(?=\d)/g, " ")
      .replace(/\bGH-(?=\d)/gi, "GH ")
      .replace(/\[+(skip ci|ci skip|no ci|skip actions|actions skip)\]+/gi, " $1 ")
      .replace(/ {2,}/g, " ")
      .trim(),
  );
}

/** Text inside a block quote of ours. A tab would count fewer columns there, and might end a code block early. */
export function quoted(markdown: string): string {
  const lines = markdown.split("\n").map((line) => `${" ".repeat(indentOf(line))}${line.replace(/^[ \t]+/, "")}`);
  return lines.map((line) => `> ${line}`.replace(/ +$/, "")).join("\n");
}

/** `@login`, for those whom we do mean to notify; bots are named, not called. */
export function mention(login: string): string {
  return /^[A-Za-z\d](?:[A-Za-z\d_]|-(?=[A-Za-z\d_]))*$/.test(login) ? `@${login}` : person(login);
}

/** A person's name in bold, without notifying them. */
export function person(login: string): string {
  return `**${login.replace(/[^A-Za-z\d_[\]-]/g, "").replace(/[[\]_]/g, "\\$&") || "somebody"}**`;
}

/** Our marks, wherever they stand: even in code they must not be found. */
function withoutMarks(text: string): string {
  return text.replace(/<!--(?=\s*dispatch:)/gi, "<! --");
}

function safeLine({ kind, prefix, item, table }: PlainLine, text: string): string {
  if (kind === "code") return `${prefix}${withoutMarks(text)}`.replace(/[ \t]+$/, "");
  const safe = withoutMarks(defuse(text, { table }))
    .replace(COMMAND, "$1\\/")
    .replace(DEFINITION, "$1\\[")
    // No list for us, so it must be none for anybody: a number that cannot interrupt a paragraph, or that entities have spelt.
    .replace(ORDERED, "$1\\$2");
  return `${prefix}${item ? safe.replace(TASK_BOX, (_, sign: string) => (sign === " " ? "⬜" : "✅")) : safe}`;
}

function oneLine(line: string): string {
  const safe = withoutMarks(defuse(line, { table: false })).trim();
  return safe
    .replace(COMMAND, "$1\\/")
    .replace(ORDERED, "$1\\$2")
    .replace(BLOCK_START, (start) => `\\${start}`);
}

interface Cut {
  readonly kept: readonly string[];
  /** What closes the code block that the kept lines leave open. */
  readonly open: string;
  readonly line: PlainLine;
  readonly room: number;
}

/** The kept lines and what still fits of the next one. */
function cut({ kept, open, line, room }: Cut): string {
  if (room < 1) return [...kept, ...(open === "" ? [] : [open])].join("\n");
  const start = (text: string) => safeLine({ ...line, prefix: "" }, text);
  const left = room - line.prefix.length;
  const part = line.kind === "text" && left > 20 ? `${line.prefix}${fitting(line.text, left, start)}` : "…";
  return [...kept, ...(open === "" ? [] : [open]), part].join("\n");
}

/** The longest beginning of a text that is no longer than `limit` once it is safe; "…" says that something is missing. */
function fitting(text: string, limit: number, safe: (part: string) => string): string {
  const whole = safe(text);
  if (whole.length <= limit) return whole;
  for (let size = Math.min(text.length, limit - 1); size > 0; size = Math.floor(size * 0.8)) {
    const part = safe(beginning(text, size));
    if (part.length < limit) return `${part}…`;
  }
  return limit > 0 ? "…" : "";
}

/** Up to `size` characters of a text, without half an emoji and, where it can be helped, without half a word. */
function beginning(text: string, size: number): string {
  const start = text.slice(0, size).replace(/(?:[\uD800-\uDBFF]|\u200D|\uFE0F|\s)+$/, "");
  return /^\S/.test(text.slice(start.length)) ? start.replace(/(?<=\S)\s+\S{1,20}$/, "") : start;
}
