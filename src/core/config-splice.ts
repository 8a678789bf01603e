import type { Pair, YAMLMap } from "yaml";
import { addedToBlock, addedToFlow, filled } from "./config-add.ts";
import {
  column,
  keyRange,
  lineBreak,
  lineStart,
  mapAt,
  nextLine,
  type Path,
  pairOf,
  readSheet,
  type Sheet,
  type Span,
  trimmedEnd,
  valueRange,
} from "./config-sheet.ts";
import { flow, lines, quoteAt, type Written } from "./config-words.ts";

/*
 * YAML's own writer sets a whole file anew. Here only the lines that a change is about are touched; each way of doing so is a
 * proposal, and the first one that makes the text say exactly what it should is taken.
 */

/** The text with a value at a path, whatever stood there; null where that cannot be written without touching anything else. */
export function withValue(text: string, path: Path, value: Written): string | null {
  const sheet = readSheet(text);
  if (sheet === null) return null;
  const wanted = canonical(setIn(sheet.value, path, value));
  return proposals(sheet, path, value).find((candidate) => says(candidate, wanted)) ?? null;
}

/** The text without what stands at a path; a section that is empty then goes as well, unless comments are in it. */
export function without(text: string, path: Path): string | null {
  const sheet = readSheet(text);
  const map = sheet === null ? null : mapAt(sheet, path.slice(0, -1));
  const pair = map === null ? null : pairOf(map, path.at(-1) ?? "");
  if (sheet === null || map === null || pair === null) return null;
  const parent = path.slice(0, -1);
  if (map.items.length === 1 && parent.length > 0 && !map.flow && !holdsComments(sheet, parent)) {
    return without(text, parent);
  }
  const wanted = canonical(dropIn(sheet.value, path));
  const cuts = map.flow ? [cutFromFlow(sheet, map, pair)] : cutsFromBlock(sheet, pair);
  const texts = cuts.map((cut) => (cut === null ? null : withoutSpan(text, cut)));
  return texts.find((candidate) => candidate !== null && says(candidate, wanted)) ?? null;
}

/** The text with a key called differently; its value and everything around stay. */
export function withKey(text: string, path: Path, name: string): string | null {
  const sheet = readSheet(text);
  const map = sheet === null ? null : mapAt(sheet, path.slice(0, -1));
  const pair = map === null ? null : pairOf(map, path.at(-1) ?? "");
  const span = pair === null ? null : keyRange(pair);
  if (span === null) return null;
  const renamed = `${text.slice(0, span.start)}${flow(name)}${text.slice(span.end)}`;
  return readSheet(renamed) === null ? null : renamed;
}

/** The text with a change within the words of a value as they are written, quotes and all. */
export function withinValue(
  text: string,
  path: Path,
  change: (source: string) => string,
  value: string,
): string | null {
  const sheet = readSheet(text);
  const map = sheet === null ? null : mapAt(sheet, path.slice(0, -1));
  const pair = map === null ? null : pairOf(map, path.at(-1) ?? "");
  const span = pair === null ? null : valueRange(pair);
  if (sheet === null || span === null) return null;
  const changed = `${text.slice(0, span.start)}${change(text.slice(span.start, span.end))}${text.slice(span.end)}`;
  const found = readSheet(changed);
  // White space at its ends, as a block has it, is no part of a command.
  const isRight = found !== null && sameWords(valueAt(found.value, path), value);
  return isRight && canonical(setIn(found.value, path, "")) === canonical(setIn(sheet.value, path, ""))
    ? changed
    : null;
}

function sameWords(found: unknown, wanted: string): boolean {
  return typeof found === "string" && found.replace(/\s+/g, " ").trim() === wanted.replace(/\s+/g, " ").trim();
}

function proposals(sheet: Sheet, path: Path, value: Written): readonly string[] {
  let depth = path.length - 1;
  while (depth > 0 && mapAt(sheet, path.slice(0, depth)) === null) depth -= 1;
  const map = mapAt(sheet, path.slice(0, depth));
  const key = path[depth] ?? "";
  const nested = path.slice(depth + 1).reduceRight<Written>((inner, name) => ({ [name]: inner }), value);
  if (map === null) return sheet.value === null ? [begun(sheet, key, nested)] : [];
  const pair = pairOf(map, key);
  if (pair === null)
    return map.flow ? addedToFlow(sheet, map, key, nested) : addedToBlock(sheet, map, { key, nested, depth });
  const span = valueRange(pair);
  if (span === null) return filled(sheet, map, pair, nested);
  return depth === path.length - 1 ? replaced(sheet, pair, span, value) : replaced(sheet, pair, span, nested);
}

/** A file that says nothing yet, but may hold comments. */
function begun({ text }: Sheet, key: string, value: Written): string {
  const eol = lineBreak(text);
  const entry = lines(key, value, { indent: 0, step: 2, inner: null, space: " ", quote: "", innerQuote: "" }).join(eol);
  return `${text}${text === "" || text.endsWith("\n") ? "" : eol}${entry}${eol}`;
}

function replaced({ text }: Sheet, pair: Pair, span: Span, value: Written): readonly string[] {
  const end = trimmedEnd(text, span);
  const inPlace = `${text.slice(0, span.start)}${flow(value, " ", quoteAt(text, span.start))}${text.slice(end)}`;
  const key = keyRange(pair);
  if (key === null) return [inPlace];
  const colon = text.indexOf(":", key.end) + 1;
  const onOneLine = `${text.slice(0, colon)} ${flow(value)}${text.slice(end)}`;
  const layout = {
    indent: column(text, key.start),
    step: 2,
    inner: null,
    space: " ",
    quote: "",
    innerQuote: "",
  } as const;
  const anew = `${text.slice(0, lineStart(text, key.start))}${lines(text.slice(key.start, key.end), value, layout).join(lineBreak(text))}${text.slice(end)}`;
  const isLong = text.slice(span.start, end).includes("\n");
  if (typeof value === "string" && value.includes("\n")) return [anew, inPlace];
  return isLong ? [onOneLine, inPlace] : [inPlace, onOneLine];
}

/** Comments that stand in a section, by themselves on their lines. */
function holdsComments({ text, ...sheet }: Sheet, path: Path): boolean {
  const map = mapAt({ text, ...sheet }, path.slice(0, -1));
  const key = map === null ? null : keyRange(pairOf(map, path.at(-1) ?? "") ?? ({ key: null } as Pair));
  if (key === null) return true;
  const indent = column(text, key.start);
  for (let at = nextLine(text, key.start); at < text.length; at = nextLine(text, at)) {
    const [, white = "", first = ""] = /^([ \t]*)(\S?)/.exec(text.slice(at, at + 200)) ?? [];
    if (first !== "" && white.length <= indent) return false;
    if (first === "#") return true;
  }
  return false;
}

function cutsFromBlock({ text }: Sheet, pair: Pair): readonly (Span | null)[] {
  const key = keyRange(pair);
  if (key === null) return [];
  const span = valueRange(pair);
  const start = lineStart(text, key.start);
  if (text.slice(start, key.start).trim() !== "") return [];
  const end = span === null ? key.end : trimmedEnd(text, span);
  // A block that keeps its empty lines at the end takes them along.
  return [end, ...(span === null ? [] : [span.end - 1])].map((last) => ({ start, end: nextLine(text, last) }));
}

function cutFromFlow({ text }: Sheet, map: YAMLMap, pair: Pair): Span | null {
  const at = map.items.indexOf(pair);
  const [own, before, after] = [at, at - 1, at + 1].map((index) => wholeRange(text, map.items[index]));
  if (own === null || own === undefined) return null;
  const start = lineStart(text, own.start);
  const isAlone =
    text.slice(start, own.start).trim() === "" && /^[ \t]*,?[ \t]*(?:#.*)?\r?$/.test(restOfLine(text, own.end));
  if (isAlone) return { start, end: nextLine(text, own.end) };
  if (after) return { start: own.start, end: after.start };
  if (before) return { start: before.end, end: own.end };
  const [open = 0, close = 0] = map.range ?? [];
  return { start: open + 1, end: close - 1 };
}

function restOfLine(text: string, at: number): string {
  return text.slice(at, nextLine(text, at)).replace(/\n$/, "");
}

function wholeRange(text: string, pair: Pair | undefined): Span | null {
  const key = pair === undefined ? null : keyRange(pair);
  if (key === null || pair === undefined) return null;
  const span = valueRange(pair);
  return { start: key.start, end: span === null ? key.end : trimmedEnd(text, span) };
}

/** What is left of a section's surroundings is not left with two empty lines, nor with one at its end. */
function withoutSpan(text: string, { start, end }: Span): string {
  const before = text.slice(0, start);
  const after = text.slice(end);
  const isGap = /(?:^|\n)\r?\n$/.test(before) && /^(?:\r?\n|$)/.test(after);
  const kept = isGap ? before.replace(/\r?\n$/, "") : before;
  return after === "" && !text.endsWith("\n") ? kept.replace(/\r?\n$/, "") : `${kept}${after}`;
}

function says(text: string, wanted: string): boolean {
  const sheet = readSheet(text);
  return sheet !== null && canonical(sheet.value) === wanted;
}

/** The same for two values that differ only in the order of keys, or in sections without anything in them. */
function canonical(value: unknown): string {
  const sections = isRecord(value) ? Object.entries(value).filter(([, part]) => !isNothing(part)) : [];
  return JSON.stringify(Object.fromEntries(sections), (_, part: unknown) => {
    if (!isRecord(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isNothing(part: unknown): boolean {
  return part === null || (isRecord(part) && Object.keys(part).length === 0);
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

function setIn(value: unknown, [key, ...rest]: Path, wanted: Written): unknown {
  if (key === undefined) return wanted;
  const record = isRecord(value) ? value : {};
  const inner = Object.hasOwn(record, key) ? record[key] : null;
  return { ...record, [key]: setIn(inner, rest, wanted) };
}

/** A section that has nothing left says null. */
function dropIn(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined || !isRecord(value)) return value;
  if (rest.length > 0) return { ...value, [key]: dropIn(value[key], rest) };
  const { [key]: _, ...kept } = value;
  return kept;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
