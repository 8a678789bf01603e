import { z } from "zod";
import { visibleText } from "./visible-text.ts";

/** What a reviewing worker has to say about one place in the code. */
export interface Finding {
  readonly path: string;
  /** The last line that it is about, as the pull request leaves the file; null for the file as a whole. */
  readonly line: number | null;
  /** The first of several lines; null where it is about one. */
  readonly startLine: number | null;
  readonly body: string;
  /** What these lines should be instead; an empty text takes them away. */
  readonly suggestion: string | null;
}

/** `review.json`, as far as it can be read. */
export interface Review {
  readonly summary: string | null;
  readonly findings: readonly Finding[];
  /** How many findings are left out: unreadable, or one too many. */
  readonly leftOut: number;
}

/** A file of a pull request. GitHub sends no patch for binary and very large ones. */
export interface ChangedFile {
  readonly path: string;
  readonly patch: string | null;
}

interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** More is not a review that anybody reads, and GitHub takes all of it in one call. */
const MAX_FINDINGS = 100;
const LONGEST_PATH = 500;
const LONGEST_SUGGESTION = 20_000;

const LineNumber = z.number().int().positive().max(10_000_000);
const RawFinding = z.object({
  path: z.string(),
  line: LineNumber.nullish(),
  start_line: LineNumber.nullish().catch(null),
  body: z.string(),
  suggestion: z.string().nullish().catch(null),
});
const RawReview = z.union([
  z.array(z.unknown()).transform((findings) => ({ summary: null, findings })),
  z.object({ summary: z.string().nullish().catch(null), findings: z.array(z.unknown()) }),
]);

/** Reads what a worker has left as its findings; one that cannot be read does not cost the others. Null when all of it is unreadable. */
export function readReview(text: string): Review | null {
  const raw = RawReview.safeParse(parseJson(text)).data;
  if (raw === undefined) return null;
  const findings = raw.findings.slice(0, MAX_FINDINGS).flatMap((value) => readFinding(value) ?? []);
  const summary = raw.summary?.trim() ?? "";
  return { summary: summary === "" ? null : summary, findings, leftOut: raw.findings.length - findings.length };
}

function readFinding(value: unknown): Finding | null {
  const raw = RawFinding.safeParse(value).data;
  if (raw === undefined) return null;
  const path = raw.path.replace(/^(?:\.\/)+/, "");
  const line = raw.line ?? null;
  const start = raw.start_line ?? null;
  const body = raw.body.trim();
  if (!isPath(path) || body === "") return null;
  const startLine = line !== null && start !== null && start < line ? start : null;
  return { path, line, startLine, body, suggestion: line === null ? null : suggestionOf(raw.suggestion ?? null) };
}

/** Inside the repository, and without anything that would look like another path, or like a mark of ours. */
function isPath(path: string): boolean {
  if (path.length > LONGEST_PATH || visibleText(path) !== path || /[\t\n]|<!--/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/**
 * One click commits a suggestion as it stands, so what nobody would see in it is not offered. Nor is what looks like one of our marks:
 * code has to stay as it is, and could not be made harmless.
 */
function suggestionOf(text: string | null): string | null {
  if (text === null || text.length > LONGEST_SUGGESTION) return null;
  const code = text.replace(/\r\n/g, "\n").replace(/\n$/, "");
  return visibleText(code) !== code || /<!--\s*dispatch:/i.test(code) ? null : code;
}

/** The lines that GitHub takes comments on: those that a patch shows of the file as the pull request leaves it, hunk by hunk. */
export function commentableLines(patch: string): readonly LineRange[] {
  return Array.from(patch.matchAll(/^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm), ([, start, count = "1"]) => ({
    from: Number(start),
    to: Number(start) + Number(count) - 1,
  })).filter(({ from, to }) => to >= from);
}

/** Which findings can stand at their lines, and which only in the review's own text. */
export function placeFindings(
  findings: readonly Finding[],
  files: readonly ChangedFile[],
): { readonly inline: readonly Finding[]; readonly elsewhere: readonly Finding[] } {
  const ranges = new Map(files.map(({ path, patch }) => [path, commentableLines(patch ?? "")]));
  const inline: Finding[] = [];
  const elsewhere: Finding[] = [];
  for (const finding of findings) {
    const placed = placedIn(finding, ranges.get(finding.path) ?? []);
    if (placed === null) elsewhere.push(finding);
    else inline.push(placed);
  }
  return { inline, elsewhere };
}

/** All lines of a comment stand in one hunk; GitHub takes no other. A suggestion is for all of its lines or for none. */
function placedIn(finding: Finding, hunks: readonly LineRange[]): Finding | null {
  const { line, startLine, suggestion } = finding;
  if (line === null) return null;
  const hunk = hunks.find(({ from, to }) => line >= from && line <= to);
  if (hunk === undefined) return null;
  if (startLine === null || startLine >= hunk.from) return finding;
  return suggestion === null ? { ...finding, startLine: hunk.from < line ? hunk.from : null } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
