import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Control,
  readTick,
  renderControl,
  sourceName,
  withEffect,
  withoutControls,
} from "../../src/core/control.ts";
import { ID, REF } from "./sample-task.ts";

const COMMIT = "c0ffee".padEnd(40, "0");
const OTHER_REF = { thread: "run", id: ID };

/** Every kind of control, each with each shape that it can have. */
const CONTROLS: readonly Control[] = [
  { kind: "cancel", ref: REF },
  { kind: "cancel", ref: OTHER_REF },
  { kind: "skip", ref: REF },
  { kind: "retry", ref: OTHER_REF, model: null, makeDefault: false },
  { kind: "retry", ref: REF, model: "sonnet", makeDefault: false },
  { kind: "retry", ref: REF, model: "sonnet", makeDefault: true },
  { kind: "retry", ref: REF, model: "a--b", makeDefault: false },
  { kind: "retry", ref: REF, model: "x/y:z@1", makeDefault: true },
  { kind: "model", ref: REF, model: "opus", all: false },
  { kind: "model", ref: REF, model: "opus", all: true },
  { kind: "model", ref: REF, model: "gpt-5.3-codex", all: false },
  { kind: "model", ref: REF, model: "a--b", all: true },
  { kind: "model", ref: REF, model: "x/y:z@1", all: false },
  { kind: "model", ref: REF, model: "a+b_c.", all: false },
  { kind: "approve", ref: REF, commit: COMMIT },
  { kind: "approve", ref: REF, commit: "a".repeat(64) },
  { kind: "option", ref: REF, question: "001", index: 0 },
  { kind: "option", ref: REF, question: "012", index: 5 },
  { kind: "answer", ref: REF, question: "001", source: { kind: "comment", id: 1234567890123 } },
  { kind: "answer", ref: REF, question: "002", source: { kind: "review-comment", id: 5 } },
  { kind: "choose", ref: REF, source: { kind: "comment", id: 5 }, key: "7k2q0" },
  { kind: "choose", ref: REF, source: { kind: "review", id: 5 }, key: "7k2q0" },
  { kind: "choose", ref: REF, source: { kind: "issue", id: 5 }, key: "7k2q0" },
  { kind: "config", change: { kind: "set-default", name: "sonnet" } },
  { kind: "config", change: { kind: "remove", name: "x/y:z@1" } },
  { kind: "config", change: { kind: "migrate" } },
  { kind: "config", change: { kind: "mend-codex" } },
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
    [
      "a skip with one word too many",
      "- [ ] a <!-- dispatch:do skip 1/x y -->",
      "- [x] a <!-- dispatch:do skip 1/x y -->",
    ],
    ["a model without a name", "- [ ] a <!-- dispatch:do model 1/x -->", "- [x] a <!-- dispatch:do model 1/x -->"],
    [
      "a commit that is a branch",
      "- [ ] a <!-- dispatch:do approve 1/x main -->",
      "- [x] a <!-- dispatch:do approve 1/x main -->",
    ],
    [
      "a source that is a run",
      "- [ ] a <!-- dispatch:do answer 1/x 001 workflow-5 -->",
      "- [x] a <!-- dispatch:do answer 1/x 001 workflow-5 -->",
    ],
    [
      "a choice without a key",
      "- [ ] a <!-- dispatch:do choose 1/x comment-5 -->",
      "- [x] a <!-- dispatch:do choose 1/x comment-5 -->",
    ],
    [
      "a change that no box may ask for",
      "- [ ] a <!-- dispatch:do config set timeout -->",
      "- [x] a <!-- dispatch:do config set timeout -->",
    ],
    [
      "a removal of nothing",
      "- [ ] a <!-- dispatch:do config remove -->",
      "- [x] a <!-- dispatch:do config remove -->",
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

describe("any control", () => {
  const letters = "abcxyzABZ019._:/@+-".split("");
  const name = fc
    .tuple(fc.constantFrom(..."azAZ09".split("")), fc.string({ unit: fc.constantFrom(...letters), maxLength: 99 }))
    .map((parts) => parts.join(""));
  const id = fc
    .tuple(fc.constantFrom("a", "z", "0"), fc.string({ unit: fc.constantFrom("a", "9", "-"), maxLength: 79 }))
    .map((parts) => parts.join(""));
  const ref = fc.record({
    thread: fc.oneof(fc.constant("run"), fc.integer({ min: 1, max: 9_999_999_999 }).map(String)),
    id,
  });
  const question = fc.integer({ min: 0, max: 999 }).map((number) => String(number).padStart(3, "0"));
  const source = fc.record({
    kind: fc.constantFrom("comment" as const, "issue" as const, "review" as const, "review-comment" as const),
    id: fc.integer({ min: 0, max: 999_999_999_999_999 }),
  });
  const commit = fc.oneof(
    ...[40, 64].map((length) =>
      fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: length, maxLength: length }),
    ),
  );
  const control: fc.Arbitrary<Control> = fc.oneof(
    fc.record({ kind: fc.constant("cancel" as const), ref }),
    fc.record({ kind: fc.constant("skip" as const), ref }),
    // "The same model again, and make it the default" is nothing that can be asked.
    fc.record({ kind: fc.constant("retry" as const), ref, model: fc.option(name), makeDefault: fc.boolean() }),
    fc.record({ kind: fc.constant("model" as const), ref, model: name, all: fc.boolean() }),
    fc.record({ kind: fc.constant("approve" as const), ref, commit }),
    fc.record({ kind: fc.constant("option" as const), ref, question, index: fc.integer({ min: 0, max: 99 }) }),
    fc.record({ kind: fc.constant("answer" as const), ref, question, source }),
    fc.record({ kind: fc.constant("choose" as const), ref, source, key: id }),
    fc.record({
      kind: fc.constant("config" as const),
      change: fc.oneof(
        fc.record({ kind: fc.constantFrom("set-default" as const, "remove" as const), name }),
        fc.record({ kind: fc.constantFrom("migrate" as const, "mend-codex" as const) }),
      ),
    }),
  );

  it("is read back from its tick, whatever names are in it and whatever its label says", () => {
    fc.assert(
      fc.property(control, fc.string({ unit: "grapheme", maxLength: 60 }), (one, label) => {
        const line = renderControl(one, label);
        expect(line).not.toContain("\n");
        expect(readTick(line, line.replace("[ ]", "[x]"))).toEqual(one);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is found among others when it has had its effect, and only it", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(control, { minLength: 1, maxLength: 6, selector: (one) => renderControl(one, "") }),
        (all) => {
          const [first, ...others] = all.map((one) => renderControl(one, "Do it"));
          const chosen = all[0];
          if (chosen === undefined) return;
          const body = ["Hello", "", first, ...others].join("\n");
          expect(withEffect(body, chosen, "✅ Done")).toBe(["Hello", "", "- ✅ Done", ...others].join("\n"));
          expect(withoutControls(body, "✅ Done")).toBe("Hello\n\n✅ Done");
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a comment whose boxes have had their effect", () => {
  const [cancel, skip] = [CONTROLS[0], CONTROLS[2]] as const;
  const body = `<!-- dispatch:result 1/${ID} 1 -->\n### Title\n\n- [x] a box of people's own\n- a list\n\n${BODY}`;

  it("loses its boxes, ticked and not, and says why; people's own boxes stay", () => {
    expect(withoutControls(body.replaceAll("[ ] Do", "[x] Do"), "🛑 Cancelled by **mona**.")).toBe(
      `<!-- dispatch:result 1/${ID} 1 -->\n### Title\n\n- [x] a box of people's own\n- a list\n\nHello\n\n🛑 Cancelled by **mona**.`,
    );
  });

  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ])("says so in that box's place with %s, where the others stay", (_, end) => {
    if (skip === undefined || cancel === undefined) throw new Error("The table has changed.");
    const two = [renderControl(cancel, "Cancel"), renderControl(skip, "Skip").replace("[ ]", "[x]")];
    expect(withEffect(two.join(end), skip, "⏭️ Skipped")).toBe(`${two[0]}\n- ⏭️ Skipped`);
  });

  it("stays as it is where the box is gone already", () => {
    if (skip === undefined) throw new Error("The table has changed.");
    expect(withEffect("Hello\n\n- [ ] mine", skip, "⏭️ Skipped")).toBe("Hello\n\n- [ ] mine");
  });

  it("cannot be ticked any more", () => {
    const settled = withoutControls(BODY, "Done");
    expect(readTick(settled, settled.replace("[ ]", "[x]"))).toBeNull();
  });
});

it("names a source in one word", () => {
  expect(sourceName({ kind: "review-comment", id: 5 })).toBe("review-comment-5");
});
