import { parseTaskRef, type TaskRef } from "./task.ts";

/** The hidden first line by which one of our comments is found again. It proves nothing: who wrote the comment does. */
export type CommentMark =
  | { readonly kind: "status"; readonly ref: TaskRef }
  | { readonly kind: "question"; readonly ref: TaskRef; readonly question: string }
  /** Calls the requester to choose a model or approve a plan, after a run has looked for them. */
  | { readonly kind: "ask"; readonly ref: TaskRef; readonly attempt: number }
  | { readonly kind: "result"; readonly ref: TaskRef; readonly attempt: number }
  /** A pull request review with a task's findings. */
  | { readonly kind: "review"; readonly ref: TaskRef; readonly attempt: number }
  /** All tasks that one comment (or issue, review, …) has asked for. */
  | { readonly kind: "overview"; readonly thread: number; readonly trigger: string }
  /** A reply that starts nothing, to the comment (or issue, review, …) with this id; `key` tells its commands apart. */
  | { readonly kind: "reply"; readonly to: number; readonly key: string }
  /** The same to a bare `/dispatch` of the person with the id `by`: it is remembered by standing there. */
  | { readonly kind: "warm-up"; readonly to: number; readonly key: string; readonly by: number };

const PATTERN =
  /^<!-- dispatch:(status|question|ask|result|review|overview|reply|warm-up) (\S+)(?: (\S+))?(?: (\d+))? -->/;

export function renderMark(mark: CommentMark): string {
  return `<!-- dispatch:${mark.kind} ${words(mark)} -->`;
}

/** The mark that a body starts with, or null. */
export function readMark(body: string): CommentMark | null {
  const [, kind = "", first = "", second = "", third] = PATTERN.exec(body) ?? [];
  const ref = parseTaskRef(first);
  switch (kind) {
    case "reply":
      return /^\d+$/.test(first) && second !== "" && third === undefined
        ? { kind, to: Number(first), key: second }
        : null;
    case "warm-up":
      return /^\d+$/.test(first) && second !== "" && third !== undefined
        ? { kind, to: Number(first), key: second, by: Number(third) }
        : null;
    case "overview":
      return /^\d+$/.test(first) && second !== "" && third === undefined
        ? { kind, thread: Number(first), trigger: second }
        : null;
    case "status":
      return ref === null || second !== "" ? null : { kind, ref };
    case "question":
      return ref === null || second === "" || third !== undefined ? null : { kind, ref, question: second };
    case "ask":
    case "result":
    case "review":
      return ref === null || !/^\d*$/.test(second) ? null : { kind, ref, attempt: Number(second || 1) };
    default:
      return null;
  }
}

export function sameMark(a: CommentMark, b: CommentMark): boolean {
  return renderMark(a) === renderMark(b);
}

function words(mark: CommentMark): string {
  switch (mark.kind) {
    case "status":
      return nameOf(mark.ref);
    case "question":
      return `${nameOf(mark.ref)} ${mark.question}`;
    case "ask":
    case "result":
    case "review":
      return `${nameOf(mark.ref)} ${mark.attempt}`;
    case "overview":
      return `${mark.thread} ${mark.trigger}`;
    case "reply":
      return `${mark.to} ${mark.key}`;
    case "warm-up":
      return `${mark.to} ${mark.key} ${mark.by}`;
  }
}

function nameOf({ thread, id }: TaskRef): string {
  return `${thread}/${id}`;
}
