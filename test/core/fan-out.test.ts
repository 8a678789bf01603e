import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCommands, readCommand } from "../../src/core/command.ts";
import { readConfig } from "../../src/core/config.ts";
import { orderDiagram, readParts, type TaskPart } from "../../src/core/fan-out.ts";
import { resolveWorker } from "../../src/core/model.ts";
import { Problem } from "../../src/core/problem.ts";

const CONFIG = readConfig(null);
const TASKS = ["fix-login-bug-7k2q", "fix-logout-ab3d", "button-colour-q4rs"];
const names = (text: string) => resolveWorker(text, CONFIG).named;

function partsOf(body: string): readonly TaskPart[] {
  const commands = findCommands(body).flatMap(({ text, nth }) => {
    const command = readCommand(text, TASKS);
    return command.kind === "task" ? [{ text: command.text, nth, planFirst: command.planFirst }] : [];
  });
  return readParts(commands, { taskIds: TASKS, names });
}

function problemOf(body: string): Problem {
  try {
    partsOf(body);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("No problem.");
}

const FIVE = `/dispatch we launch on Thursday, here is the list:
1) use opus to audit the session code, this has
   to be watertight:
   - cookies
   - tokens
2) the settings page takes 4 s. Use sonnet to make it fast
3) haiku: integration tests for the payment hook
4) use sonnet to write the migration guide
5) opus: update the changelog

All in worktrees. 4 after 1 and 2. Ask me if anything is unclear.`;

describe("readParts", () => {
  it("makes a task of each item that five workers are asked for", () => {
    const parts = partsOf(FIVE);
    expect(parts.map(({ text }) => text)).toEqual([
      "use opus to audit the session code, this has\nto be watertight:\n- cookies\n- tokens",
      "the settings page takes 4 s. Use sonnet to make it fast",
      "haiku: integration tests for the payment hook",
      "use sonnet to write the migration guide",
      "opus: update the changelog",
    ]);
    expect(parts.map(({ after }) => after)).toEqual([
      [],
      [],
      [],
      [
        { kind: "part", index: 0 },
        { kind: "part", index: 1 },
      ],
      [],
    ]);
    for (const { remarks } of parts) {
      expect(remarks).toBe(
        "we launch on Thursday, here is the list:\n\nAll in worktrees. 4 after 1 and 2. Ask me if anything is unclear.",
      );
    }
    expect(new Set(parts.map(({ nth, command, planFirst }) => `${nth} ${command} ${planFirst}`))).toEqual(
      new Set(["0 0 false"]),
    );
  });

  it("leaves a list without directives to one task, word for word", () => {
    const text = "do these, opus:\n1. fix the login\n2. write tests\n\nAsk me if anything is unclear.";
    expect(partsOf(`/dispatch ${text}`)).toEqual([
      { text, nth: 0, remarks: "", planFirst: false, after: [], command: 0 },
    ]);
  });

  it("tells from which command a part comes", () => {
    const parts = partsOf("/dispatch fix a\n/dispatch\n1. opus: b\n2. haiku: c\n/dispatch fix d");
    expect(parts.map(({ command }) => command)).toEqual([0, 1, 1, 2]);
  });

  it.each([
    ["items of one list", "/dispatch\n1. opus: fix it\n2. opus: fix it\n3. opus: fix it", [0, 1, 2]],
    ["commands", "/dispatch fix it\n/dispatch fix it", [0, 1]],
    ["the plan of the same", "/dispatch plan fix it\n/dispatch fix it", [0, 1]],
    ["an item and a command", "/dispatch opus: fix it\n/dispatch\n1. opus: fix it\n2. haiku: test it", [0, 1, 0]],
    ["an item and a later command", "/dispatch\n1. opus: fix it\n2. haiku: test it\n/dispatch opus: fix it", [0, 0, 1]],
  ])("counts equal texts: %s", (_, body, nths) => {
    expect(partsOf(body).map(({ nth }) => nth)).toEqual(nths);
  });

  it.each([
    ["below a list", "/dispatch\n1. opus: a\n2. haiku: b\n\nAsk me.", ["a", "b"].map(() => "Ask me.")],
    [
      "right below the last item",
      "/dispatch\n1. opus: a\n2. haiku: b\nask me if unclear",
      ["ask me if unclear", "ask me if unclear"],
    ],
    ["above a list", "/dispatch mind the tests:\n1. opus: a\n2. haiku: b", ["mind the tests:", "mind the tests:"]],
    [
      "between items",
      "/dispatch\n1. opus: a\n\n## Then the page\n2. haiku: b",
      ["## Then the page", "## Then the page"],
    ],
    ["without a mail's tail", "/dispatch\n1. opus: a\n2. haiku: b\n\nAsk me.\n\n-- \nmona", ["Ask me.", "Ask me."]],
    [
      "below the last of several commands",
      "/dispatch opus: a\n/dispatch haiku: b\n\nAsk me if unclear.",
      ["Ask me if unclear.", "Ask me if unclear."],
    ],
    ["that are details of the last command", "/dispatch opus: a\n/dispatch haiku: b\n\nThe file is b.txt.", ["", ""]],
    ["of one command only", "/dispatch opus: a\n\nAsk me if unclear.", [""]],
    [
      "of an earlier command's list",
      "/dispatch for a start:\n1. opus: a\n2. haiku: b\n/dispatch c",
      ["for a start:", "for a start:", ""],
    ],
  ])("gives every task the words for all: %s", (_, body, remarks) => {
    expect(partsOf(body).map((part) => part.remarks)).toEqual(remarks);
  });

  it.each([
    [
      "wrapped lines at the margin",
      "/dispatch\n1. opus: fix\nthe login\n2. haiku: write\nthe docs",
      ["opus: fix\nthe login", "haiku: write\nthe docs"],
    ],
    [
      "bullets at the margin",
      "/dispatch\n1. opus: fix\n- a\n- b\n2. haiku: docs\n- c",
      ["opus: fix\n- a\n- b", "haiku: docs\n- c"],
    ],
    [
      "code at the margin",
      "/dispatch\n1. opus: fix\n\n```\n2. x\n```\n\n2. haiku: docs",
      ["opus: fix\n\n```\n2. x\n```", "haiku: docs"],
    ],
    [
      "a checklist of its own",
      "/dispatch\n1. opus: fix\n   - [ ] a\n   - [ ] b\n2. haiku: docs",
      ["opus: fix\n- [ ] a\n- [ ] b", "haiku: docs"],
    ],
    ["a command's sign", "/dispatch\n1. /dispatch fix it\n2. /dispatch test it", ["fix it", "test it"]],
    [
      "numbers in one line",
      "/dispatch 1) opus: fix, 2) haiku: docs and 3) sonnet: tests",
      ["opus: fix", "haiku: docs", "sonnet: tests"],
    ],
  ])("keeps what belongs to an item: %s", (_, body, texts) => {
    expect(partsOf(body).map(({ text }) => text)).toEqual(texts);
  });

  it.each([
    ["the verb", "/dispatch plan these:\n1. opus: a\n2. haiku: b", [true, true]],
    ["an item", "/dispatch\n1. opus: a, plan first\n2. haiku: b", [true, false]],
    ["the closing words", "/dispatch\n1. opus: a\n2. haiku: b\n\nPlan first, please.", [true, true]],
    ["one of several commands", "/dispatch plan a\n/dispatch b", [true, false]],
    ["words below several commands", "/dispatch a\n/dispatch b\n\nPlan first, all of you.", [true, true]],
  ])("knows which are planned first: %s", (_, body, planned) => {
    expect(partsOf(body).map(({ planFirst }) => planFirst)).toEqual(planned);
  });
});

describe("what waits for what", () => {
  const list = (...items: readonly string[]) => items.map((item, index) => `${index + 1}. opus: ${item}`).join("\n");
  const waits = (body: string) =>
    partsOf(body).map(({ after }) => after.map((one) => (one.kind === "task" ? one.id : one.index + 1)));

  it.each([
    ["2 after 1, 3 after 1 and 2", [[], [1], [1, 2]]],
    ["2 waits for 1. 3 depends on 2.", [[], [1], [2]]],
    ["3 needs 1 and 2.", [[], [], [1, 2]]],
    ["Start 3 only when 1-2 are done", [[], [], [1, 2]]],
    ["once task 1 is finished, run 2 and 3", [[], [1], [1]]],
    ["the last one after all the others", [[], [], [1, 2]]],
    ["do 1 before 2 and 3", [[], [1], [1]]],
    ["1, then 2 and 3", [[], [1], [1]]],
    ["1 → 2 → 3", [[], [1], [2]]],
    ["do 3 last", [[], [], [1, 2]]],
    ["2 first", [[2], [], [2]]],
    ["one after the other", [[], [1], [2]]],
    ["in order, please", [[], [1], [2]]],
    ["3 after fix-login-bug-7k2q", [[], [], ["fix-login-bug-7k2q"]]],
    ["all of this after `button`", [["button-colour-q4rs"], ["button-colour-q4rs"], ["button-colour-q4rs"]]],
    ["tell me when 2 is done", [[], [], []]],
    ["it takes 3 hours after 2 attempts", [[], [], []]],
    ["3 after #1", [[], [], []]],
  ])("below three tasks, %j", (remark, expected) => {
    expect(waits(`/dispatch\n${list("a", "b", "c")}\n\n${remark}`)).toEqual(expected);
    expect(waits(`/dispatch ${remark}\n\n${list("a", "b", "c")}`)).toEqual(expected);
    expect(waits(`/dispatch opus: a\n/dispatch opus: b\n/dispatch opus: c\n\nFor all of these: ${remark}`)).toEqual(
      expected,
    );
  });

  it.each([
    ["c after 1 and 2", [1, 2]],
    ["c, but only once 1 and 2 are finished", [1, 2]],
    ["after the first one: c", [1]],
    ["c after the previous one", [2]],
    ["c after both", [1, 2]],
    ["c when the others are done", [1, 2]],
    ["c (after 2, 1)", [1, 2]],
    ["c after fix-login and button-colour-q4rs", ["fix-login-bug-7k2q", "button-colour-q4rs"]],
    ["c after 1 and fix-logout", [1, "fix-logout-ab3d"]],
    ["c after 2.5 seconds", []],
    ["c when 2 is clicked", []],
    ["c after 1 failed attempt", []],
    ["press 1 then 2", []],
    ["c after 3", []],
  ])("as the third task, %j", (item, expected) => {
    expect(waits(`/dispatch\n${list("a", "b", item)}`).at(-1)).toEqual(expected);
  });

  it.each([
    ["/dispatch a\n/dispatch then b", [[], [1]]],
    ["/dispatch a\n\nthen:\n\n/dispatch b", [[], [1]]],
    ["/dispatch a\n/dispatch b\n/dispatch finally, write c", [[], [], [1, 2]]],
    ["/dispatch a\n/dispatch then:\n1. opus: b\n2. opus: c", [[], [1], [1]]],
    ["/dispatch\n1. opus: a\n2. opus: b\n/dispatch after 1, do c", [[], [], [1, 2]]],
    ["/dispatch\n1. opus: a\n2. then opus: b\n3. opus: c", [[], [1], []]],
    ["/dispatch\n1. opus: a\n2. opus: b\n\nand then\n\n3. opus: c\n4. opus: d", [[], [], [1, 2], [1, 2]]],
    ["/dispatch\n5. opus: a\n6. opus: b after 5", [[], [1]]],
    ["/dispatch\n1. opus: a\n1. opus: b after 1", [[], [1]]],
    ["/dispatch then fix it", [[]]],
  ])("%j", (body, expected) => {
    expect(waits(body)).toEqual(expected);
  });

  it.each([
    ["dependency-cycle", `/dispatch\n${list("a after 2", "b after 1")}`, "Tasks 1 and 2 wait for each other"],
    ["dependency-cycle", `/dispatch\n${list("a", "b after 4", "c after 2", "d after 3")}`, "Tasks 2, 3 and 4 wait"],
    ["no-such-part", `/dispatch\n${list("a", "b after 7")}`, "wait for number 7"],
    ["no-such-task", "/dispatch fix it after fix-search-q7x2", "`fix-search-q7x2`"],
    ["ambiguous-task", "/dispatch fix it after fix-log", "`fix-login-bug-7k2q` and `fix-logout-ab3d`"],
    ["too-many-tasks", `/dispatch\n${list(...Array.from({ length: 51 }, () => "a"))}`, "51 tasks"],
  ])("says what is wrong: %s", (code, body, words) => {
    const problem = problemOf(body);
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(words);
    expect(problem.nextStep).toMatch(/\.$/);
  });
});

it("reads any comment, loses no word of a single task, and names every part once", () => {
  const word = fc.constantFrom(
    "1. ",
    "2) ",
    "- ",
    "opus",
    "haiku:",
    "after",
    "1",
    "2",
    "then",
    "when",
    "is done",
    "\n",
    "\n\n",
    "\n/dispatch ",
    "fix",
    "`",
    "> ",
    "in a worktree",
    ",",
    "before",
    "the others",
    "plan first",
    "ask me",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(word, { maxLength: 30 }).map((words) => words.join(" ")),
        fc.string({ unit: "binary" }),
      ),
      (text) => {
        try {
          const parts = partsOf(`/dispatch ${text}`);
          expect(new Set(parts.map((part) => `${part.nth} ${part.text}`)).size).toBe(parts.length);
          for (const [index, { after }] of parts.entries()) {
            for (const one of after)
              if (one.kind === "part") expect(one.index !== index && one.index < parts.length).toBe(true);
          }
          expect(partsOf(`/dispatch ${text}`)).toEqual(parts);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

it("reads hostile comments quickly", () => {
  const started = performance.now();
  for (const unit of [
    "1. opus\n",
    "after 1 and ",
    "1, ",
    "then\n",
    " ",
    "\n",
    "1 → ",
    "when ",
    "a-",
    "2 after 1, ",
    "- opus\n\n",
    "1) ",
    "in order ",
    "each in ",
    "plan ",
  ]) {
    const long = unit.repeat(65_000 / unit.length);
    for (const body of [
      `/dispatch ${long}`,
      `/dispatch 1. opus: a\n2. opus: b\n\n${long}`,
      `/dispatch a\n/dispatch b\n\n${long}`,
    ]) {
      try {
        partsOf(body);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
  }
  expect(performance.now() - started).toBeLessThan(20_000);
}, 60_000);

describe("orderDiagram", () => {
  it("draws what waits for what", () => {
    const parts = [
      { label: "1 Build the API", after: [] },
      { label: "2 Build the page", after: [0] },
      { label: "3 Write the docs", after: [0, 1, 1] },
    ];
    expect(orderDiagram(parts)).toBe(
      [
        "```mermaid",
        "flowchart LR",
        '  t1["1 Build the API"]',
        '  t2["2 Build the page"]',
        '  t3["3 Write the docs"]',
        "  t1 --> t2",
        "  t1 --> t3",
        "  t2 --> t3",
        "```",
      ].join("\n"),
    );
  });

  it("draws nothing where nothing waits", () => {
    expect(orderDiagram([])).toBe("");
    expect(
      orderDiagram([
        { label: "a", after: [] },
        { label: "b", after: [1, 7, -1, 0.5] },
      ]),
    ).toBe("");
  });

  it.each([
    ['say "hi"', "say #34;hi#34;"],
    ["a]; click t1 call x()", "a#93;#59; click t1 call x#40;#41;"],
    ["`md` **b**", "#96;md#96; #42;#42;b#42;#42;"],
    ["a\n```\n%% x", "a #96;#96;#96; #37;#37; x"],
    ["<b>&amp;</b> #quot;", "#60;b#62;#38;amp#59;#60;#47;b#62; #35;quot#59;"],
    ["修复 🚀 Żółw", "修复 🚀 Żółw"],
    ["\u200b\u202e", "1"],
    ["x".repeat(60), `${"x".repeat(39)}…`],
  ])("writes %j as %j", (label, written) => {
    const drawn = orderDiagram([
      { label, after: [] },
      { label: "b", after: [0] },
    ]);
    expect(drawn.split("\n")[2]).toBe(`  t1["${written}"]`);
  });

  it("lets no label out of its box", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (label) => {
        const lines = orderDiagram([
          { label, after: [] },
          { label: "b", after: [0] },
        ]).split("\n");
        expect(lines).toHaveLength(6);
        expect(lines[2]).toMatch(/^ {2}t1\["[^"`[\](){}<>|\\%&@]*"\]$/u);
      }),
      { numRuns: 1_000 },
    );
  });
});
