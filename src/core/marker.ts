import { parseTaskRef, type TaskRef } from "./task.ts";

/** The hidden first line by which one of our comments is found again. It proves nothing: who wrote the comment does. */
export type CommentMark =
  | { readonly kind: "status"; readonly ref: TaskRef }
  | { readonly kind: "question"; readonly ref: TaskRef; readonly question: string }
  | { readonly kind: "result"; readonly ref: TaskRef; readonly attempt: number }
  /** A reply that starts nothing, to the comment (or issue, review, …) with this id; `nth` counts the commands in it from 0. */
  | { readonly kind: "reply"; readonly to: number; readonly nth: number };

const PATTERN = /^<!-- dispatch:(status|question|result|reply) (\S+)(?: (\S+))? -->/;

export function renderMark(mark: CommentMark): string {
  return `<!-- dispatch:${mark.kind} ${words(mark)} -->`;
}

/** The mark that a body starts with, or null. */
export function readMark(body: string): CommentMark | null {
  const match = PATTERN.exec(body);
  if (match === null) return null;
  const [, kind, first = "", second] = match;
  if (kind === "reply") return { kind, to: Number(first), nth: Number(second ?? 0) };
  const ref = parseTaskRef(first);
  if (ref === null) return null;
  if (kind === "status") return { kind, ref };
  if (kind === "question" && second !== undefined) return { kind, ref, question: second };
  if (kind === "result") return { kind, ref, attempt: Number(second ?? 1) };
  return null;
}

export function sameMark(a: CommentMark, b: CommentMark): boolean {
  return renderMark(a) === renderMark(b);
}

function words(mark: CommentMark): string {
  switch (mark.kind) {
    case "status":
      return `${mark.ref.thread}/${mark.ref.id}`;
    case "question":
      return `${mark.ref.thread}/${mark.ref.id} ${mark.question}`;
    case "result":
      return `${mark.ref.thread}/${mark.ref.id} ${mark.attempt}`;
    case "reply":
      return `${mark.to} ${mark.nth}`;
  }
}
