import { isMap, isScalar, type Pair, type YAMLMap } from "yaml";
import {
  column,
  keyRange,
  lineBreak,
  lineEnd,
  lineStart,
  nextLine,
  type Sheet,
  trimmedEnd,
  valueRange,
} from "./config-sheet.ts";
import { flow, type Layout, lines, type Quote, quoteAt, quotedWord, type Written } from "./config-words.ts";

/** A key whose value is missing: `default:`, or a section whose lines are all comments. */
export function filled(sheet: Sheet, map: YAMLMap, pair: Pair, value: Written): readonly string[] {
  const { text } = sheet;
  const key = keyRange(pair);
  if (key === null) return [];
  const colon = text.indexOf(":", key.end) + 1;
  const inLine = `${text.slice(0, colon)} ${flow(value)}${text.slice(colon)}`;
  if (typeof value !== "object" || Array.isArray(value) || map.flow) return [inLine];
  const indent = column(text, key.start) + stepOf(sheet);
  const layout = { indent, step: stepOf(sheet), inner: null, space: " ", quote: "", innerQuote: "" } as const;
  const rows = Object.entries(value).flatMap(([name, part]) => lines(name, part, layout));
  return [insertedAt(text, nextLine(text, colon), rows), inLine];
}

export function addedToBlock(
  sheet: Sheet,
  map: YAMLMap,
  { key, nested, depth }: { readonly key: string; readonly nested: Written; readonly depth: number },
): readonly string[] {
  const { text } = sheet;
  const first = map.items[0] === undefined ? null : keyRange(map.items[0]);
  const last = map.items.at(-1);
  if (first === null || last === undefined) return [];
  const layout = layoutBeside(sheet, map, column(text, first.start), depth);
  const rows = lines(key, nested, layout);
  if (depth === 0) return [addedToRoot(sheet, map, key, rows)];
  // A block that keeps the empty lines at its end needs them before anything else.
  return [endOf(text, last), valueRange(last)?.end ?? text.length].map((end) =>
    insertedAt(
      text,
      lineStart(text, end) === end && end > 0 && text[end - 1] === "\n" ? end : nextLine(text, end),
      rows,
    ),
  );
}

/** Where sections stand among each other. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  models: ["backends", "default"],
  aliases: ["models", "backends"],
};

function addedToRoot(sheet: Sheet, map: YAMLMap, key: string, rows: readonly string[]): string {
  const { text } = sheet;
  const gap = isSpaced(text, map) && (rows.length > 1 || key === "default") ? [""] : [];
  if (key === "default" || (key === "backends" && map.items.some((pair) => nameOf(pair) === "models"))) {
    const next = key === "default" ? map.items[0] : map.items.find((pair) => nameOf(pair) === "models");
    const at = next === undefined ? null : keyRange(next);
    if (at !== null) return insertedAt(text, commentsAbove(text, lineStart(text, at.start)), [...rows, ...gap]);
  }
  const before = (BEFORE[key] ?? [])
    .map((name) => map.items.find((pair) => nameOf(pair) === name))
    .find((pair) => pair !== undefined && pair !== map.items.at(-1));
  if (before === undefined) return insertedAt(text, text.length, [...gap, ...rows]);
  return insertedAt(text, sectionEnd(text, endOf(text, before)), [...gap, ...rows]);
}

/** Comments right above a key are about it, those at the head of the file about the file. */
function commentsAbove(text: string, start: number): number {
  let at = start;
  while (at > 0) {
    const above = lineStart(text, at - 1);
    if (!text.startsWith("#", above)) return at;
    if (above === 0) return start;
    at = above;
  }
  return start;
}

/** Behind the section's last line, comments that are set in like its entries included. */
function sectionEnd(text: string, end: number): number {
  let at = nextLine(text, end);
  for (let look = at; look < text.length; look = nextLine(text, look)) {
    const line = text.slice(look, lineEnd(text, look));
    if (/^[ \t]+#/.test(line)) at = nextLine(text, look);
    else if (line.trim() !== "") break;
  }
  return at;
}

/** Whether the file sets its sections apart by empty lines. */
function isSpaced(text: string, map: YAMLMap): boolean {
  const starts = map.items.flatMap((pair) => keyRange(pair)?.start ?? []);
  return starts.some((start, index) => {
    const next = starts[index + 1];
    return next !== undefined && /\n[ \t]*\r?\n/.test(text.slice(start, next));
  });
}

export function addedToFlow(sheet: Sheet, map: YAMLMap, key: string, nested: Written): readonly string[] {
  const { text } = sheet;
  const [open = 0, close = 0] = map.range ?? [];
  const last = map.items.at(-1);
  const layout = layoutBeside(sheet, map, 0, 1);
  const entry = `${quotedWord(key, layout.quote)}: ${flow(nested, layout.space, layout.innerQuote)}`;
  if (last === undefined) {
    const inner = text.slice(open + 1, close - 1);
    const space = layout.space;
    return [
      `${text.slice(0, open + 1)}${space}${entry}${inner.trim() === "" ? space : `, ${inner}`}${text.slice(close - 1)}`,
    ];
  }
  const end = endOf(text, last);
  const comma = /^\s*,/.exec(text.slice(end, close))?.[0].length ?? 0;
  const start = keyRange(last)?.start ?? end;
  const indent = text.slice(lineStart(text, start), start);
  if (indent.trim() === "" && lineEnd(text, end) < close) {
    const at = lineEnd(text, end);
    const eol = lineBreak(text);
    const head = comma > 0 ? text.slice(0, at) : `${text.slice(0, end)},${text.slice(end, at)}`;
    return [`${head}${eol}${indent}${entry}${comma > 0 ? "," : ""}${text.slice(at)}`];
  }
  const at = end + comma;
  return [`${text.slice(0, at)}${comma > 0 ? " " : ", "}${entry}${text.slice(at)}`];
}

/** A new entry looks like the last one that stands there. */
function layoutBeside(sheet: Sheet, map: YAMLMap, indent: number, depth: number): Layout {
  const { text } = sheet;
  const quote = quoteOf(text, map.items.at(-1));
  const step = stepOf(sheet);
  const sibling = map.items.map(({ value }) => value).findLast((value) => isMap(value));
  if (depth === 0 || !isMap(sibling)) return { indent, step, inner: null, space: " ", quote, innerQuote: "" };
  const [start = 0] = sibling.range ?? [];
  if (!sibling.flow) {
    return {
      indent,
      step: Math.max(1, column(text, start) - indent),
      inner: "block",
      space: " ",
      quote,
      innerQuote: "",
    };
  }
  const space = /\s/.test(text[start + 1] ?? " ") ? " " : "";
  return { indent, step, inner: "flow", space, quote, innerQuote: quoteOf(text, sibling.items[0]) };
}

function quoteOf(text: string, pair: Pair | undefined): Quote {
  const key = pair === undefined ? null : keyRange(pair);
  return key === null ? "" : quoteAt(text, key.start);
}

/** How far the file sets in its sections. */
function stepOf({ text, document }: Sheet): number {
  const root = document.contents;
  const section = isMap(root)
    ? root.items.map(({ value }) => value).find((value) => isMap(value) && !value.flow)
    : null;
  const [start] = isMap(section) ? (section.range ?? []) : [];
  return start === undefined ? 2 : Math.max(1, column(text, start));
}

function endOf(text: string, pair: Pair): number {
  const span = valueRange(pair);
  return span === null ? (keyRange(pair)?.end ?? text.length) : trimmedEnd(text, span);
}

function nameOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

/** @param at the start of a line, or the end of the text */
function insertedAt(text: string, at: number, rows: readonly string[]): string {
  const eol = lineBreak(text);
  const block = rows.join(eol);
  // A text that does not end its last line does so no more than before.
  if (at === text.length && text !== "" && !text.endsWith("\n")) return `${text}${eol}${block}`;
  return `${text.slice(0, at)}${block}${eol}${text.slice(at)}`;
}
