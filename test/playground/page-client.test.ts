import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLog } from "../../src/playground/page/client/log.ts";
import { readPatch } from "../../src/playground/page/client/patch.ts";
import { setBox, taskLineAt } from "../../src/playground/page/client/tick.ts";
import { renderMarkdown } from "../../src/playground/page/markdown.ts";
import "../seed.ts";

const boxes = (text: string) =>
  [...renderMarkdown(text, { owner: "o", repo: "r" }).matchAll(/<input [^>]*data-task-line="(\d+)"([^>]*)>/g)].map(
    ([, line, rest]) => ({
      line: Number(line),
      checked: rest?.includes("checked") ?? false,
    }),
  );

function tick(source: string, nth: number, checked: boolean, fresh = source): string | null {
  const wanted = taskLineAt(source, boxes(source)[nth]?.line ?? -1);
  return wanted === null ? null : setBox(fresh, wanted, checked);
}

describe("ticking a box", () => {
  it.each([
    { source: "- [ ] one\n- [ ] two", nth: 1, after: "- [ ] one\n- [x] two" },
    { source: "text\r\n\r\n* [ ] one\r\n", nth: 0, after: "text\r\n\r\n* [x] one\r\n" },
    { source: "```\n- [ ] code\n```\n1. [ ] real", nth: 0, after: "```\n- [ ] code\n```\n1. [x] real" },
    { source: "> - [ ] quoted [ ]", nth: 0, after: "> - [x] quoted [ ]" },
    { source: "- - [ ] nested", nth: 0, after: "- - [x] nested" },
    {
      source: "- [ ] Cancel <!-- dispatch:do cancel 1/x -->",
      nth: 0,
      after: "- [x] Cancel <!-- dispatch:do cancel 1/x -->",
    },
  ])("changes nothing else in $source", ({ source, nth, after }) => {
    expect(tick(source, nth, true)).toBe(after);
    expect(tick(after, nth, false)).toBe(source);
  });

  it("changes the line that was seen, wherever it stands now", () => {
    expect(tick("- [ ] one", 0, true, "new text\n\n- [ ] one")).toBe("new text\n\n- [x] one");
  });

  it("changes nothing when the line is gone, or cannot be told from another", () => {
    expect(tick("- [ ] one", 0, true, "- [ ] two")).toBeNull();
    expect(tick("- [ ] one", 0, true, "two\n- [ ] one\n- [ ] one")).toBeNull();
  });

  it("does for every rendered box what it shows", () => {
    const line = fc.constantFrom(
      "- [ ] a",
      "- [x] b",
      "  - [ ] c",
      "> 1. [ ] d",
      "text",
      "",
      "```",
      "<!--",
      "-->",
      "    - [ ] e",
      "* [ ]\tf",
      "- [ ]",
      "+ g\n  [ ] h",
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (lines, end) => {
        const source = lines.join(end);
        for (const [nth, { checked }] of boxes(source).entries()) {
          const after = tick(source, nth, !checked);
          expect(after).not.toBeNull();
          expect(boxes(after ?? "").map((box) => box.checked)).toEqual(
            boxes(source).map((box, at) => (at === nth ? !checked : box.checked)),
          );
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("readPatch", () => {
  it("numbers both sides", () => {
    const lines = readPatch("@@ -3,3 +3,3 @@ main\n same\n-old\n+new\n\\ No newline at end of file");
    expect(lines.map(({ kind, before, after, text }) => [kind, before, after, text])).toEqual([
      ["hunk", null, null, "@@ -3,3 +3,3 @@ main"],
      ["same", 3, 3, "same"],
      ["removed", 4, null, "old"],
      ["added", null, 4, "new"],
      ["note", null, null, "No newline at end of file"],
    ]);
  });
});

describe("readLog", () => {
  it("folds groups, marks errors and drops colours", () => {
    const at = "2026-11-23T13:00:00.000Z";
    const text = `${at} ##[group]Run it\n${at} inside\n${at} ##[endgroup]\n${at} \u001b[31mred\u001b[0m\n${at} ##[error]no network\n`;
    expect(readLog(text)).toEqual([
      { kind: "group", title: "Run it", lines: [{ kind: "line", at, text: "inside" }] },
      { kind: "line", at, text: "red" },
      { kind: "error", at, text: "no network" },
    ]);
  });

  it("reads an empty log as none", () => {
    expect(readLog("\n")).toEqual([]);
  });
});
