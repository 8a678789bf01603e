import { dedent } from "./checklist.ts";
import { isThenAlone } from "./fan-out-order.ts";
import { withoutMailTail } from "./mail.ts";
import { indentOf, type MarkdownLine, readMarkdown } from "./markdown.ts";

/** One item of a request's list, which may become a task of its own. */
interface ListItem {
  /** The number that was written before it; null for a bullet. */
  readonly label: number | null;
  readonly text: string;
  /** What stands between the item before and this one: a heading, or "then:". */
  readonly between: string;
}

/** A request that is a list. */
export interface ListedRequest {
  readonly opening: string;
  readonly items: readonly ListItem[];
  readonly closing: string;
}

interface Mark {
  readonly line: number;
  readonly label: number | null;
  readonly indent: number;
  /** The column at which the item's text starts. */
  readonly width: number;
}

const NUMBERED =
  /^([ \t]*)(?:\((\d{1,3})\)[ \t]+|(\d{1,3})(?:[.)．][ \t]+|[、）][ \t]*)|(\d)\uFE0F?\u20E3[ \t]*)(?=\S)/u;
const BULLET = /^([ \t]*)[-*+•][ \t]+(?=\S)/;
const BREAK = /^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$/;
/** Boxes are the steps of one plan. */
const BOX = /^[ \t]*[-*+][ \t]+\[[ \txX?!]\][ \t]/;
/** An imperative of this kind speaks to whoever reads the whole list. */
const CLOSING_WORDS =
  /^(?:please[, ]+)?(?:ask|all|use|let|tell|thanks|thank you|thx|don['’]t|do not|each|every|everything|run|keep|no|no one|when|if|after|once|then|open|make sure|worktrees?|in (?:separate )?worktrees|plan|show|wait|frag|alle|demande|pregunta|and|\d{1,2} (?:and|after|when|once|depends))(?![\p{L}\p{N}_])/iu;

/** Splits a request into its list's items and the words around them; null where there is no list. */
export function listedRequest(text: string): ListedRequest | null {
  const body = withoutMailTail(text).text;
  const lines = readMarkdown(body);
  const marks = marksOf(lines);
  return marks.length >= 2 ? byLines(lines, marks) : inOneLine(lines);
}

function marksOf(lines: readonly MarkdownLine[]): readonly Mark[] {
  const numbered = atOneLevel(lines.flatMap((line, index) => markOf(line, index, NUMBERED)));
  if (numbered.length >= 2) return numbered;
  return atOneLevel(lines.flatMap((line, index) => (BOX.test(line.text) ? [] : markOf(line, index, BULLET))));
}

function markOf({ kind, text, own }: MarkdownLine, line: number, pattern: RegExp): readonly Mark[] {
  if (kind !== "text" || BREAK.test(text) || !pattern.test(own)) return [];
  const [whole = "", indent = "", ...numbers] = pattern.exec(text) ?? [];
  const number = numbers.find((each) => each !== undefined);
  return [{ line, label: number === undefined ? null : Number(number), indent: indentOf(indent), width: whole.length }];
}

/** A list in a list belongs to its item. */
function atOneLevel(marks: readonly Mark[]): readonly Mark[] {
  const base = marks[0]?.indent ?? 0;
  return marks.filter(({ indent }) => indent <= base + 1);
}

function byLines(lines: readonly MarkdownLine[], marks: readonly Mark[]): ListedRequest {
  const wraps = marks.slice(0, -1).some(({ line }, index) => isWrapped(lines, line + 1, marks[index + 1]?.line ?? 0));
  let between = "";
  const items: ListItem[] = [];
  for (const [index, mark] of marks.entries()) {
    const next = marks[index + 1]?.line ?? null;
    const end = next === null ? endOfLast(lines, mark, wraps) : endOfItem(lines, mark, next);
    items.push({ label: mark.label, text: itemText(lines.slice(mark.line, end), mark.width), between });
    between = textOf(lines.slice(end, next ?? lines.length));
  }
  return { opening: textOf(lines.slice(0, marks[0]?.line ?? 0)), items, closing: between };
}

/** Whether somebody breaks an item's lines without indenting them. */
function isWrapped(lines: readonly MarkdownLine[], from: number, to: number): boolean {
  const line = lines[from];
  return from < to && line !== undefined && isRunning(line) && !isThenAlone(line.text);
}

function isRunning({ kind, text }: MarkdownLine): boolean {
  return kind === "text" && /^ ?\S/.test(text) && !BULLET.test(text) && !/^#{1,6} /.test(text);
}

/** Below an empty line, words at the margin are no part of the item above. */
function endOfItem(lines: readonly MarkdownLine[], { line: start }: Mark, next: number): number {
  for (let at = start + 1; at < next; at += 1) {
    const line = lines[at];
    if (line === undefined || line.kind === "code" || line.text.trim() === "") continue;
    const parted = lines[at - 1]?.text.trim() === "";
    if (/^#{1,6} /.test(line.text) || isThenAlone(line.text)) return at;
    if (parted && /^ ?\S/.test(line.text) && !BULLET.test(line.text) && !NUMBERED.test(line.text)) return at;
  }
  return next;
}

/** Right below the last item, words at the margin are a closing remark, unless the other items are wrapped like that. */
function endOfLast(lines: readonly MarkdownLine[], mark: Mark, wraps: boolean): number {
  const end = endOfItem(lines, mark, lines.length);
  for (let at = mark.line + 1; at < end; at += 1) {
    const line = lines[at];
    if (line === undefined || !isRunning(line) || lines[at - 1]?.kind === "code") continue;
    if (!wraps || CLOSING_WORDS.test(line.text.trim())) return at;
  }
  return end;
}

function itemText(lines: readonly MarkdownLine[], width: number): string {
  const [first, ...below] = lines;
  // What is indented at all belongs to the item, if only by two columns.
  const margin = Math.min(width, ...below.filter(({ text }) => text.trim() !== "").map(({ text }) => indentOf(text)));
  const rest = below.map(({ text }) => dedent(text, margin));
  return [(first?.text ?? "").slice(width).trim(), ...rest].join("\n").trimEnd();
}

function textOf(lines: readonly MarkdownLine[]): string {
  return lines
    .map(({ text }) => text)
    .join("\n")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

const INLINE = /(?:^|(?<=[\s:;,]))\(?(\d{1,2})\)\s{1,3}(?=\S)|(?:^|(?<=[\s:;,]))(\d{1,2})\.\s{1,3}(?=[\p{L}`])/gu;
const LAST_SENTENCE =
  /(?<=[.!?;])\s{1,3}(?=(?:please[, ]+)?(?:ask me|let me know|all (?:of (?:them|these) )?in|use (?:separate )?worktrees|thanks|\d{1,2} after)\b)/iu;

/** "1) … 2) … 3) …" within one paragraph. */
function inOneLine(lines: readonly MarkdownLine[]): ListedRequest | null {
  const text = textOf(lines);
  const own = lines.map((line) => line.own).join("\n");
  const start = own.length - own.replace(/^(?:[ \t]*\n)+/, "").length;
  const found: { readonly at: number; readonly end: number }[] = [];
  for (const match of own.slice(start).matchAll(INLINE)) {
    if (Number(match[1] ?? match[2]) !== found.length + 1) continue;
    found.push({ at: match.index, end: match.index + match[0].length });
  }
  if (found.length < 2) return null;
  const bodies = found.map(({ end }, index) => text.slice(end, found[index + 1]?.at ?? text.length));
  const [last = "", ...more] = (bodies.at(-1) ?? "").split(/\n[ \t]*\n/);
  const cut = LAST_SENTENCE.exec(last)?.index ?? last.length;
  const items = [...bodies.slice(0, -1), last.slice(0, cut)].map((body, index) => ({
    label: index + 1,
    text: body.trim().replace(/[,;]?(?:\s(?:and|und|et|y))?$/i, ""),
    between: "",
  }));
  const closing = [last.slice(cut).trim(), ...more].filter((part) => part !== "").join("\n\n");
  return { opening: text.slice(0, found[0]?.at ?? 0).trim(), items, closing };
}
