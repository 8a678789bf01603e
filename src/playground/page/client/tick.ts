/** A task-list line of a comment: where it stood and how it read when the box was drawn. */
export interface TaskLine {
  readonly line: number;
  readonly text: string;
}

// After quote marks and list markers. A marker may also stand on the line before.
const BOX = /^([\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)\[[ xX]\](?=[ \t])/;

/** The task line that a box with this line number belongs to, or null when there is none. */
export function taskLineAt(source: string, line: number): TaskLine | null {
  const text = splitLines(source)[line]?.text;
  return text !== undefined && BOX.test(text) ? { line, text } : null;
}

/**
 * The source with this one box set, everything else as it was. The line is looked for where it stood, then anywhere;
 * null when it is gone, changed, or there are several that read the same.
 */
export function setBox(source: string, wanted: TaskLine, checked: boolean): string | null {
  const lines = splitLines(source);
  const at = lines[wanted.line]?.text === wanted.text ? wanted.line : onlyIndex(lines, wanted.text);
  const found = lines[at];
  if (found === undefined) return null;
  const ticked = found.text.replace(BOX, (_, before: string) => `${before}${checked ? "[x]" : "[ ]"}`);
  return lines.map(({ text, end }, index) => (index === at ? ticked : text) + end).join("");
}

interface Line {
  readonly text: string;
  readonly end: string;
}

// The same line ends that the renderer counts.
function splitLines(source: string): readonly Line[] {
  return [...source.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)].map(([, text = "", end = ""]) => ({ text, end }));
}

function onlyIndex(lines: readonly Line[], text: string): number {
  const first = lines.findIndex((line) => line.text === text);
  const last = lines.findLastIndex((line) => line.text === text);
  return first === last ? first : -1;
}
