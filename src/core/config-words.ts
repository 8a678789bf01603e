import { parse } from "yaml";

/** A value of the config, as it is to be written. */
export type Written = string | number | boolean | readonly string[] | { readonly [key: string]: Written };

/** A text as YAML reads it back, in quotes only where they are needed. */
function word(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text);
}

function isPlain(text: string): boolean {
  if (text === "" || text.length > 1_000 || !/^[A-Za-z0-9._/~$(][^\n\r\t]*$/.test(text)) return false;
  // What ends or divides a plain word: in a flow map some more than elsewhere, and it may be moved into one.
  if (/[:#](?=\s|$)|\s#|[,[\]{}]|\s$|[^ -~\u00A0-\u{10FFFF}]/u.test(text)) return false;
  // YAML 1.1 readers, editors among them, take these for true and false.
  if (/^(?:y|n|yes|no|on|off)$/i.test(text)) return false;
  try {
    return parse(`{ k: ${text} }`).k === text && parse(`k: ${text}`).k === text;
  } catch {
    return false;
  }
}

/**
 * A value within one line.
 * @param space what stands between braces and their contents
 * @param quote what stands around all words; empty: only what must have quotes has them
 */
export function flow(value: Written, space: string = " ", quote: Quote = ""): string {
  if (typeof value === "string") return quotedWord(value, quote);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (isList(value)) return `[${value.map((part) => quotedWord(part, quote)).join(", ")}]`;
  const entries = Object.entries(value).map(([key, part]) => `${quotedWord(key, quote)}: ${flow(part, space, quote)}`);
  return entries.length === 0 ? "{}" : `{${space}${entries.join(", ")}${space}}`;
}

export type Quote = "" | '"' | "'";

/** The quote that a word begins with; empty for none. */
export function quoteAt(text: string, at: number): Quote {
  const letter = text[at];
  return letter === '"' || letter === "'" ? letter : "";
}

/** A text in the quotes that stand around its neighbours. */
export function quotedWord(text: string, quote: Quote): string {
  if (quote === '"') return JSON.stringify(text);
  return quote === "'" && /^[ -&(-~]*$/.test(text) ? `'${text}'` : word(text);
}

/** How the lines of a new entry are set. */
export interface Layout {
  /** Columns in front of the key. */
  readonly indent: number;
  /** Columns that each level adds. */
  readonly step: number;
  /** Whether a map within stands in one line; null: where it has one field. */
  readonly inner: "flow" | "block" | null;
  readonly space: string;
  /** What stands around keys. */
  readonly quote: Quote;
  /** What stands around all words of the value. */
  readonly innerQuote: Quote;
}

/** A key and its value as lines of their own, without the last line break. */
export function lines(key: string, value: Written, layout: Layout): readonly string[] {
  const { indent, step, quote } = layout;
  const head = `${" ".repeat(indent)}${quotedWord(key, quote)}:`;
  if (typeof value === "object" && !isList(value) && isBlock(value, layout)) {
    const kept = layout.inner === "block" ? layout.inner : null;
    const inner: Layout = { ...layout, indent: indent + step, inner: kept, quote: "" };
    return [head, ...Object.entries(value).flatMap(([name, part]) => lines(name, part, inner))];
  }
  const literal = typeof value === "string" ? literalLines(value, indent + step) : null;
  return literal === null ? [`${head} ${flow(value, layout.space, layout.innerQuote)}`] : [`${head} |-`, ...literal];
}

function isBlock(value: { readonly [key: string]: Written }, { inner }: Layout): boolean {
  const parts = Object.values(value);
  if (parts.some((part) => typeof part === "string" && part.includes("\n"))) return true;
  if (inner !== null) return inner === "block";
  return parts.length !== 1 || parts.some((part) => typeof part === "object" && !isList(part));
}

/** A text of several lines, where a block can hold it as it is. */
function literalLines(text: string, indent: number): readonly string[] | null {
  if (!text.includes("\n") || /^[ \t\n]|[ \t]\n|\s$|[^ -~\n\u00A0-\u{10FFFF}]/u.test(text)) return null;
  return text.split("\n").map((line) => (line === "" ? "" : `${" ".repeat(indent)}${line}`));
}

function isList(value: Written): value is readonly string[] {
  return Array.isArray(value);
}
