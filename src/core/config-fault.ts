import { type Document, isMap, isNode, isScalar, type LineCounter, type Node } from "yaml";
import { z } from "zod";

/** What is wrong with a config, and where. Lines and columns count from 1. */
export interface ConfigFault {
  readonly line: number;
  readonly col: number;
  readonly text: string;
}

type Path = readonly PropertyKey[];

/** Says what a schema's issue means to whoever wrote the file: what was expected, what was found, and where. */
export function explainIssue(
  issue: z.core.$ZodIssue,
  document: Document,
  lines: LineCounter,
  schema: z.ZodType,
): readonly ConfigFault[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, 100).map((key) => unknownKey([...issue.path, key], document, lines, schema));
  }
  if (issue.code === "invalid_key") {
    const name = issue.issues[0]?.message ?? "a name";
    const text = `expected ${name}, found ${shown(String(issue.path.at(-1)))}`;
    return [{ ...locate(document, lines, issue.path, "key"), text }];
  }
  const node = nodeAt(document, issue.path);
  const what = issue.path.length === 0 ? "" : ` for \`${issue.path.map(String).join(".")}\``;
  const found = node === null ? "nothing" : shown(node.toJS(document));
  return [
    { ...locate(document, lines, issue.path, "value"), text: `expected ${expected(issue)}${what}, found ${found}` },
  ];
}

function unknownKey(path: Path, document: Document, lines: LineCounter, schema: z.ZodType): ConfigFault {
  const key = String(path.at(-1));
  const near = nearest(key, keysAt(schema, path.slice(0, -1)));
  const hint = near === null ? "" : `; did you mean \`${near}\`?`;
  return { ...locate(document, lines, path, "key"), text: `${shown(key)} is not a key that is known here${hint}` };
}

function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return NOUNS[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small" && issue.origin === "number") return `a number above ${issue.minimum}`;
  if (issue.code === "too_big")
    return `at most ${issue.maximum} ${issue.origin === "string" ? "characters" : "entries"}`;
  return issue.message;
}

const NOUNS: Readonly<Record<string, string>> = {
  record: "a mapping",
  object: "a mapping",
  array: "a list",
  boolean: "true or false",
  string: "text",
};

/** The keys that a schema allows at a path. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysAt(schema.def.innerType, path);
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, path.slice(1));
  if (!(schema instanceof z.ZodObject)) return [];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(schema.shape);
  const inner = schema.shape[String(first)];
  return inner === undefined ? [] : keysAt(inner, rest);
}

/** Where a key or its value stands; where the file lacks it, where its closest parent does. */
export function locate(
  document: Document,
  lines: LineCounter,
  path: Path,
  part: "key" | "value",
): { readonly line: number; readonly col: number } {
  for (let length = path.length; length > 0; length -= 1) {
    const inner = path.slice(0, length);
    const own =
      length === path.length && part === "value"
        ? (nodeAt(document, inner) ?? keyAt(document, inner))
        : keyAt(document, inner);
    const start = own?.range?.[0];
    if (start !== undefined) return lines.linePos(start);
  }
  return { line: 1, col: 1 };
}

function nodeAt(document: Document, path: Path): Node | null {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path.map(String), true);
  const found = node ?? document.getIn(path, true);
  return isNode(found) ? found : null;
}

function keyAt(document: Document, path: Path): Node | null {
  const parent = nodeAt(document, path.slice(0, -1));
  if (!isMap(parent)) return nodeAt(document, path);
  const pair = parent.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(path.at(-1)));
  return isNode(pair?.key) ? pair.key : null;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return "a mapping";
  const text = String(value).replace(/\s+/g, " ").replaceAll("`", "'");
  return text === "" ? "empty text" : `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
}

/** The known name that takes the fewest edits, if they are few. */
export function nearest(name: string, known: readonly string[]): string | null {
  const ranked = known
    .map((other) => ({ other, edits: distance(name.slice(0, 100), other) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, name.length / 3) ? best.other : null;
}

/** Levenshtein's: how many letters must be added, removed or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, change));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
