import { plainLine } from "./safe-text.ts";
import { parseTaskRef, type TaskRef } from "./task.ts";

/** Something that a person can tick in one of our comments. */
export type Control =
  | { readonly kind: "cancel"; readonly ref: TaskRef }
  | { readonly kind: "retry"; readonly ref: TaskRef }
  /** An option of a question; `index` counts from 0. */
  | { readonly kind: "option"; readonly ref: TaskRef; readonly question: string; readonly index: number };

const LABEL_LIMIT = 300;
const OPEN_BOX = /^- \[ \] (.*)$/;
const TICKED_BOX = /^- \[[xX]\] (.*)$/;
const MARK = /<!-- dispatch:do (cancel|retry|option) (\S+)(?: (\d{3}) (\d{1,2}))? -->$/;

export function renderControl(control: Control, label: string): string {
  return `- [ ] ${plainLine(label, LABEL_LIMIT)} <!-- dispatch:do ${words(control)} -->`;
}

/**
 * The control that an edit of our comment ticked: exactly one open box became a ticked one, and nothing else changed. Line ends and
 * white space at their end do not count; GitHub's web editor changes them.
 */
export function readTick(before: string, after: string): Control | null {
  const old = linesOf(before);
  const now = linesOf(after);
  if (old.length !== now.length) return null;
  const changed = now.flatMap((line, index) => (line === old[index] ? [] : [index]));
  const [only] = changed;
  if (only === undefined || changed.length > 1) return null;
  const was = OPEN_BOX.exec(old[only] ?? "")?.[1];
  const is = TICKED_BOX.exec(now[only] ?? "")?.[1];
  return was === undefined || was !== is ? null : readControl(is);
}

/** A comment of ours whose controls have had their effect: the boxes are gone, and `note` says why. */
export function withoutControls(body: string, note: string): string {
  const kept = linesOf(body).filter((line) => !MARK.test(line) || !(OPEN_BOX.test(line) || TICKED_BOX.test(line)));
  return `${kept.join("\n").trimEnd()}\n\n${note}`;
}

function readControl(text: string): Control | null {
  const [, kind, name = "", question, index] = MARK.exec(text) ?? [];
  const ref = parseTaskRef(name);
  if (ref === null) return null;
  if (kind === "option") {
    return question === undefined ? null : { kind, ref, question, index: Number(index) };
  }
  if (question !== undefined) return null;
  return kind === "cancel" || kind === "retry" ? { kind, ref } : null;
}

function words(control: Control): string {
  const { kind, ref } = control;
  const name = `${kind} ${ref.thread}/${ref.id}`;
  switch (kind) {
    case "cancel":
    case "retry":
      return name;
    case "option":
      return `${name} ${control.question} ${control.index}`;
  }
}

function linesOf(body: string): readonly string[] {
  return body
    .replace(/\r\n?/g, "\n")
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}
