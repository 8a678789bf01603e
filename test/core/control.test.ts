import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Control, readTick, renderControl } from "../../src/core/control.ts";
import { ID, REF } from "./sample-task.ts";

const CONTROLS: readonly Control[] = [
  { kind: "cancel", ref: REF },
  { kind: "retry", ref: { thread: "run", id: ID } },
  { kind: "option", ref: REF, question: "001", index: 0 },
  { kind: "option", ref: REF, question: "012", index: 5 },
];

const BODY = `Hello\n\n${CONTROLS.map((control) => renderControl(control, `Do ${control.kind}`)).join("\n")}`;

function tick(body: string, index: number): string {
  const lines = body.split("\n");
  lines[index + 2] = lines[index + 2]?.replace("[ ]", "[x]") ?? "";
  return lines.join("\n");
}

describe("a control", () => {
  it("is a task-list item with a hidden mark", () => {
    expect(renderControl({ kind: "cancel", ref: REF }, "Cancel this task")).toBe(
      `- [ ] Cancel this task <!-- dispatch:do cancel 1/${ID} -->`,
    );
  });

  it.each(CONTROLS.map((control, index) => ({ control, index })))(
    "is read from its tick: $control.kind $index",
    ({ control, index }) => {
      expect(readTick(BODY, tick(BODY, index))).toEqual(control);
    },
  );

  it.each([
    ["GitHub's web editor sends CRLF", BODY, tick(BODY, 0).replaceAll("\n", "\r\n")],
    ["both sides have CRLF", BODY.replaceAll("\n", "\r\n"), tick(BODY, 0).replaceAll("\n", "\r\n")],
    ["white space at the ends of lines", BODY, `${tick(BODY, 0).replaceAll("\n", "  \n")}\n\n`],
    ["a capital X", BODY, tick(BODY, 0).replace("[x]", "[X]")],
  ])("is read although %s", (_, before, after) => {
    expect(readTick(before, after)).toEqual(CONTROLS[0]);
  });

  it.each([
    ["nothing changed", BODY, BODY],
    ["two boxes ticked", BODY, tick(tick(BODY, 0), 1)],
    ["a box unticked", tick(BODY, 0), BODY],
    ["something else changed too", BODY, tick(BODY, 0).replace("Hello", "Hullo")],
    ["a line added", BODY, `${tick(BODY, 0)}\nmore`],
    ["the label changed with the tick", BODY, tick(BODY, 0).replace("Do cancel", "Do not cancel")],
    ["the mark changed with the tick", BODY, tick(BODY, 0).replace(`1/${ID}`, "1/other")],
    ["a box without a mark", "- [ ] a", "- [x] a"],
    ["a mark that is no control", "- [ ] a <!-- dispatch:do delete 1/x -->", "- [x] a <!-- dispatch:do delete 1/x -->"],
    ["a mark without a task", "- [ ] a <!-- dispatch:do cancel ../x -->", "- [x] a <!-- dispatch:do cancel ../x -->"],
    [
      "an option without a number",
      "- [ ] a <!-- dispatch:do option 1/x -->",
      "- [x] a <!-- dispatch:do option 1/x -->",
    ],
    ["a mark in the middle", "- [ ] <!-- dispatch:do cancel 1/x --> a", "- [x] <!-- dispatch:do cancel 1/x --> a"],
    ["a box inside a quote", "> - [ ] a <!-- dispatch:do cancel 1/x -->", "> - [x] a <!-- dispatch:do cancel 1/x -->"],
  ])("is not read when %s", (_, before, after) => {
    expect(readTick(before, after)).toBeNull();
  });

  it("survives any label, and no label is another control", () => {
    const control: Control = { kind: "option", ref: REF, question: "001", index: 1 };
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (label) => {
        const line = renderControl(control, `${label} <!-- dispatch:do cancel 1/x -->`);
        expect(line).not.toContain("\n");
        expect(readTick(line, line.replace("[ ]", "[x]"))).toEqual(control);
      }),
      { numRuns: 500 },
    );
  });
});
