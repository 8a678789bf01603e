export interface LogLine {
  readonly kind: "line" | "error" | "warning" | "notice" | "debug" | "command";
  /** ISO time, or "" where the line has none. */
  readonly at: string;
  readonly text: string;
}

export type LogPart = LogLine | { readonly kind: "group"; readonly title: string; readonly lines: readonly LogLine[] };

/** How terminals colour. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g");
const MARK = /^##\[(group|endgroup|error|warning|notice|debug|command|section)\](.*)$/;

/** A job's log as GitHub writes it: each line begins with its time, groups fold, errors stand out. */
export function readLog(text: string): readonly LogPart[] {
  const parts: LogPart[] = [];
  let group: { kind: "group"; title: string; lines: LogLine[] } | null = null;
  for (const raw of text.trimEnd().split(/\r?\n/)) {
    const [, at = "", bare = ""] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)? ?(.*)$/.exec(raw.replaceAll(COLOURS, "")) ?? [];
    const [, mark, rest = ""] = MARK.exec(bare) ?? [];
    if (mark === "group") {
      group = { kind: "group", title: rest, lines: [] };
      parts.push(group);
    } else if (mark === "endgroup") group = null;
    else (group?.lines ?? parts).push({ kind: kindOf(mark), at, text: mark === undefined ? bare : rest });
  }
  return text.trim() === "" ? [] : parts;
}

function kindOf(mark: string | undefined): LogLine["kind"] {
  if (mark === "error" || mark === "warning" || mark === "notice" || mark === "debug" || mark === "command")
    return mark;
  return "line";
}
