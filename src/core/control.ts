import type { ConfigChange } from "./config-change.ts";
import { plainLine } from "./safe-text.ts";
import { parseTaskRef, type TaskRef, type Trigger } from "./task.ts";

/** The words that a box is about: a comment, a review comment, … */
export type Source = Pick<Trigger, "kind" | "id">;

/** Something that a person can tick in one of our comments. */
export type Control =
  | { readonly kind: "cancel"; readonly ref: TaskRef }
  | { readonly kind: "skip"; readonly ref: TaskRef }
  /** `model` null: with the same one as before. */
  | { readonly kind: "retry"; readonly ref: TaskRef; readonly model: string | null; readonly makeDefault: boolean }
  /** Start a task that waits for this choice; `all`: every one of the same comment that does. */
  | { readonly kind: "model"; readonly ref: TaskRef; readonly model: string; readonly all: boolean }
  /** The plan as it stood at this commit. */
  | { readonly kind: "approve"; readonly ref: TaskRef; readonly commit: string }
  /** An option of a question; `index` counts from 0. */
  | { readonly kind: "option"; readonly ref: TaskRef; readonly question: string; readonly index: number }
  /** "Which question?": the words of `source` answer this one. */
  | { readonly kind: "answer"; readonly ref: TaskRef; readonly question: string; readonly source: Source }
  /** "Which task?": the command `key` in `source` means this one. */
  | { readonly kind: "choose"; readonly ref: TaskRef; readonly source: Source; readonly key: string }
  | { readonly kind: "config"; readonly change: BoxedChange };

/** Changes of the config that a box can ask for. */
type BoxedChange =
  | Extract<ConfigChange, { kind: "set-default" | "remove" }>
  | Extract<ConfigChange, { kind: "mend-codex" | "migrate" }>;

const LABEL_LIMIT = 300;
const OPEN_BOX = /^- \[ \] (.*)$/;
const TICKED_BOX = /^- \[[xX]\] (.*)$/;
const MARK = /<!-- dispatch:do ([a-z-]+(?: [\w.:/@+-]+){0,5}) -->$/;

export function renderControl(control: Control, label: string): string {
  return `- [ ] ${plainLine(label, LABEL_LIMIT)} <!-- dispatch:do ${words(control).join(" ")} -->`;
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
  const kept = linesOf(body).filter((line) => !isControl(line));
  return `${kept.join("\n").trimEnd()}\n\n${note}`;
}

/** One control has had its effect: its line says so, and the others stay. */
export function withEffect(body: string, control: Control, note: string): string {
  const mark = words(control).join(" ");
  const lines = linesOf(body).map((line) => (isControl(line) && MARK.exec(line)?.[1] === mark ? `- ${note}` : line));
  return lines.join("\n");
}

function isControl(line: string): boolean {
  return MARK.test(line) && (OPEN_BOX.test(line) || TICKED_BOX.test(line));
}

function readControl(text: string): Control | null {
  const [kind = "", first = "", second, third, fourth] = (MARK.exec(text)?.[1] ?? "").split(" ");
  if (kind === "config") return readChange(first, second);
  const ref = parseTaskRef(first);
  if (ref === null) return null;
  switch (kind) {
    case "cancel":
    case "skip":
      return second === undefined ? { kind, ref } : null;
    case "retry":
    case "retry-default":
      return { kind: "retry", ref, model: second ?? null, makeDefault: kind === "retry-default" };
    case "model":
    case "model-all":
      return second === undefined ? null : { kind: "model", ref, model: second, all: kind === "model-all" };
    case "approve":
      return second !== undefined && /^[0-9a-f]{40,64}$/.test(second) ? { kind, ref, commit: second } : null;
    case "option":
      return isNumber(second) && third !== undefined && /^\d{1,2}$/.test(third)
        ? { kind, ref, question: second, index: Number(third) }
        : null;
    case "answer": {
      const source = readSource(third);
      return isNumber(second) && source !== null ? { kind, ref, question: second, source } : null;
    }
    case "choose": {
      const source = readSource(second);
      return source !== null && third !== undefined && fourth === undefined ? { kind, ref, source, key: third } : null;
    }
    default:
      return null;
  }
}

function readChange(kind: string, name: string | undefined): Control | null {
  switch (kind) {
    case "set-default":
    case "remove":
      return name === undefined ? null : { kind: "config", change: { kind, name } };
    case "mend-codex":
    case "migrate":
      return name === undefined ? { kind: "config", change: { kind } } : null;
    default:
      return null;
  }
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{3}$/.test(text);
}

/** `comment-123`, `review-comment-45`. */
function readSource(text: string | undefined): Source | null {
  const [, kind = "", id] = /^(comment|issue|review|review-comment)-(\d{1,15})$/.exec(text ?? "") ?? [];
  switch (kind) {
    case "comment":
    case "issue":
    case "review":
    case "review-comment":
      return { kind, id: Number(id) };
    default:
      return null;
  }
}

/** A source in one word. */
export function sourceName({ kind, id }: Source): string {
  return `${kind}-${id}`;
}

function words(control: Control): readonly string[] {
  if (control.kind === "config") {
    const { change } = control;
    return "name" in change ? [control.kind, change.kind, change.name] : [control.kind, change.kind];
  }
  const { kind, ref } = control;
  const name = `${ref.thread}/${ref.id}`;
  switch (kind) {
    case "cancel":
    case "skip":
      return [kind, name];
    case "retry":
      return [control.makeDefault ? "retry-default" : kind, name, ...(control.model === null ? [] : [control.model])];
    case "model":
      return [control.all ? "model-all" : kind, name, control.model];
    case "approve":
      return [kind, name, control.commit];
    case "option":
      return [kind, name, control.question, String(control.index)];
    case "answer":
      return [kind, name, control.question, sourceName(control.source)];
    case "choose":
      return [kind, name, sourceName(control.source), control.key];
  }
}

function linesOf(body: string): readonly string[] {
  return body
    .replace(/\r\n?/g, "\n")
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}
