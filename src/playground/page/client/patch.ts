export interface PatchLine {
  readonly kind: "hunk" | "added" | "removed" | "same" | "note";
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

/** The lines of a unified diff with their numbers on both sides. */
export function readPatch(patch: string): readonly PatchLine[] {
  let before = 0;
  let after = 0;
  return patch.split("\n").map((line): PatchLine => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      return { kind: "hunk", before: null, after: null, text: line };
    }
    const text = line.slice(1);
    if (line.startsWith("\\")) return { kind: "note", before: null, after: null, text: text.trim() };
    if (line.startsWith("+")) return { kind: "added", before: null, after: after++, text };
    if (line.startsWith("-")) return { kind: "removed", before: before++, after: null, text };
    return { kind: "same", before: before++, after: after++, text };
  });
}
