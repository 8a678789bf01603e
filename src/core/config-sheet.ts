import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";

/** The text of a config as it is edited: with what it says, and where. Places count in `text`, which begins behind a byte order mark. */
export interface Sheet {
  readonly text: string;
  readonly document: Document;
  /** What the text says; null where it says nothing. */
  readonly value: unknown;
}

export type Path = readonly string[];

/** Null for what is not YAML. */
export function readSheet(text: string): Sheet | null {
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false });
  if (document.errors.length > 0) return null;
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { text, document, value };
  } catch {
    // An alias that stands for nothing, or for far too much.
    return null;
  }
}

/** The map at a path; null where there is none, or only a reference to one that stands elsewhere. */
export function mapAt({ document }: Sheet, path: Path): YAMLMap | null {
  let node: unknown = document.contents;
  for (const key of path) node = isMap(node) ? pairOf(node, key)?.value : null;
  return isMap(node) ? node : null;
}

export function pairOf(map: YAMLMap, key: string): Pair | null {
  return map.items.find((pair) => keyText(pair) === key) ?? null;
}

function keyText({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

/** Where a key begins, and where it ends. */
export function keyRange({ key }: Pair): Span | null {
  return isScalar(key) ? spanOf(key) : null;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a value stands; null for a value that is not there. */
export function valueRange({ value }: Pair): Span | null {
  if (!isScalar(value) && !isMap(value) && !isAlias(value) && !isSeq(value)) return null;
  const span = spanOf(value);
  return span === null || span.start === span.end ? null : span;
}

function isSeq(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "items" in value && "range" in value;
}

function spanOf({ range }: Node): Span | null {
  return range ? { start: range[0], end: range[1] } : null;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Before the line's break. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf("\n", at);
  const end = found < 0 ? text.length : found;
  return end > at && text[end - 1] === "\r" ? end - 1 : end;
}

/** Behind the line's break. */
export function nextLine(text: string, at: number): number {
  const found = text.indexOf("\n", at);
  return found < 0 ? text.length : found + 1;
}

/** The line break that the text uses; the mixed ones by their first. */
export function lineBreak(text: string): "\r\n" | "\n" {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
}

/** How far a place stands in its line. */
export function column(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** A range's end without the line breaks that a block takes with it. */
export function trimmedEnd(text: string, { start, end }: Span): number {
  let at = end;
  while (at > start && /\s/.test(text[at - 1] ?? "")) at -= 1;
  return at;
}
