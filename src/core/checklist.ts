import { indentOf, type MarkdownLine } from "./markdown.ts";

export type Marker = "open" | "done" | "blocked" | "error";

export interface ChecklistItem {
  readonly marker: Marker;
  readonly text: string;
  /** The lines below the item, without their indentation. */
  readonly explanation: readonly string[];
}

/** An item and the lines that belong to it, `end` not included. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** The column at which the item's text starts, and with it whatever belongs to the item. */
  readonly width: number;
  readonly item: ChecklistItem;
}

const SIGNS: Readonly<Record<Marker, string>> = { open: " ", done: "x", blocked: "?", error: "!" };
const BULLET = /^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\S.*)$/;
const BOX = /^\[([ \txX?!])\][ \t]+(\S.*)$/;
const BOXED_LINE = /^([ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)[ \txX?!](?=\])/;
const BREAK = /^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$/;

/** The items of a checklist: list items with a box. Those below another item belong to it. */
export function checklistBlocks(lines: readonly MarkdownLine[]): readonly Block[] {
  return blocksOf(lines, (text) => {
    const [, sign = "", words = ""] = BOX.exec(text) ?? [];
    return words === "" ? null : { marker: markerOf(sign), text: words.trimEnd() };
  });
}

/** The points of a list of any kind, as items that are open. */
export function listBlocks(lines: readonly MarkdownLine[]): readonly Block[] {
  return blocksOf(lines, (text) => ({ marker: "open", text: text.trimEnd() }));
}

/** The same line of a checklist with another marker. */
export function marked(line: string, marker: Marker): string {
  return line.replace(BOXED_LINE, `$1${SIGNS[marker]}`);
}

/** An item and its explanation as Markdown. */
export function renderItem({ marker, text, explanation }: ChecklistItem): string {
  const below = explanation.map((line) => (line.trim() === "" ? "" : `  ${line}`));
  return [`- [${SIGNS[marker]}] ${text}`, ...below].join("\n");
}

/**
 * Where each of these items stands among the others, or null. Workers add remarks when they tick, so "Add tests — 12 added"
 * is still "Add tests"; other words are another item.
 */
export function places(items: readonly ChecklistItem[], among: readonly ChecklistItem[]): readonly (number | null)[] {
  const found: (number | null)[] = items.map(() => null);
  const taken = new Set<number>();
  const keys = among.map((item) => keyOf(item.text));
  for (const same of [isSame, hasRemark]) {
    for (const [index, item] of items.entries()) {
      if (found[index] !== null) continue;
      const key = keyOf(item.text);
      const place = keys.findIndex((other, at) => !taken.has(at) && same(key, other));
      if (place < 0) continue;
      found[index] = place;
      taken.add(place);
    }
  }
  return found;
}

function keyOf(text: string): string {
  const plain = text.replace(/[*_~`]+/g, "").replace(/\s+/g, " ");
  return (
    plain
      .trim()
      .toLowerCase()
      .replace(/[.:;]$/, "") || text
  );
}

function isSame(key: string, other: string): boolean {
  return key === other;
}

function hasRemark(key: string, other: string): boolean {
  return other.startsWith(key) && /^\s*[^\p{L}\p{N}\s]/u.test(other.slice(key.length));
}

function markerOf(sign: string): Marker {
  if (sign === "?") return "blocked";
  if (sign === "!") return "error";
  return sign.trim() === "" ? "open" : "done";
}

function blocksOf(
  lines: readonly MarkdownLine[],
  read: (text: string) => Omit<ChecklistItem, "explanation"> | null,
): readonly Block[] {
  const blocks: Block[] = [];
  let next = 0;
  for (const [start, line] of lines.entries()) {
    const bullet = start < next ? null : bulletOf(line);
    const item = bullet === null ? null : read(bullet.text);
    if (bullet === null || item === null) continue;
    next = endOfBlock(lines, start, bullet.width);
    const explanation = lines.slice(start + 1, next).map((below) => dedent(below.text, bullet.width));
    blocks.push({ start, end: next, width: bullet.width, item: { ...item, explanation } });
  }
  return blocks;
}

function bulletOf(line: MarkdownLine): { readonly text: string; readonly width: number } | null {
  if (line.kind !== "text" || BREAK.test(line.text) || !BULLET.test(line.own)) return null;
  const [, indent = "", bullet = "", gap = "", text = ""] = BULLET.exec(line.text) ?? [];
  if (text === "") return null;
  return { text, width: indentOf(indent) + bullet.length + (gap.length > 4 ? 1 : gap.length) };
}

function endOfBlock(lines: readonly MarkdownLine[], start: number, width: number): number {
  let end = start + 1;
  for (let index = end; index < lines.length; index++) {
    const line = lines[index];
    if (line === undefined || line.text.trim() === "") continue;
    if (!belongs(line, width, end < index)) break;
    end = index + 1;
  }
  return end;
}

/** Whether a line is part of the item above it, whose text starts at column `width`. */
function belongs(line: MarkdownLine, width: number, afterBlank: boolean): boolean {
  const indent = indentOf(line.text);
  if (indent >= width) return true;
  if (line.kind !== "text" || BULLET.test(line.text) || BREAK.test(line.text)) return false;
  if (/^ {0,3}#{1,6}(?:\s|$)/.test(line.text)) return false;
  return indent >= 2 || !afterBlank;
}

/** The line without its first `width` columns of white space. */
export function dedent(line: string, width: number): string {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  if (!indent.includes("\t")) return line.slice(Math.min(indent.length, width));
  return " ".repeat(Math.max(0, indentOf(line) - width)) + line.slice(indent.length);
}
