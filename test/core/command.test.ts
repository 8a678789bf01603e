import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addedCommands, findCommands, mayHoldCommand, mayNameTask, readCommand } from "../../src/core/command.ts";

const texts = (body: string) => findCommands(body).map((command) => command.text);

describe("findCommands", () => {
  it.each([
    ["a task", "/dispatch fix the bug", ["fix the bug"]],
    ["the word alone", "/dispatch", [""]],
    ["any case, any white space", "/DisPatch\tfix it  ", ["fix it"]],
    ["after other text", "Hello\n/dispatch fix it", ["fix it"]],
    ["text up to the end of the comment", "/dispatch fix it\n\nDetails\nhere\n\n", ["fix it\n\nDetails\nhere"]],
    ["text below the line alone", "/dispatch\n\nFix the bug.", ["Fix the bug."]],
    ["several", "/dispatch one\nmore\n\n/dispatch two\r\n/dispatch", ["one\nmore", "two", ""]],
    [
      "quotes and code below, word for word",
      "/dispatch fix\n> /dispatch not this\n\n```\n/dispatch nor this\n```",
      ["fix\n> /dispatch not this\n\n```\n/dispatch nor this\n```"],
    ],
    ["indented code right below", "/dispatch\n\n    code()", ["    code()"]],
    ["a line below a list", "- item\n/dispatch go", ["go"]],
    ["no longer word", "/dispatch one\n/dispatched two", ["one\n/dispatched two"]],
    ["CRLF", "/dispatch one\r\ntwo\r\n", ["one\ntwo"]],
  ])("finds %s", (_, body, expected) => {
    expect(texts(body)).toEqual(expected);
  });

  it.each([
    ["an indented line", " /dispatch fix"],
    ["a longer word", "/dispatched\n/dispatch-fix\n/dispatch: fix"],
    ["text within a line", "please /dispatch fix"],
    ["a fence", "```\n/dispatch fix\n```"],
    ["a fence without an end", "~~~~\n/dispatch fix\n~~~"],
    ["a quote", "> /dispatch fix"],
    ["a lazy line of a quote", "> somebody wrote\n/dispatch fix"],
    ["a comment", "<!--\n\n/dispatch fix\n-->"],
    ["a comment that starts within a line", "text <!--\n/dispatch fix\n-->"],
    ["an HTML comment without an end", "<!-- template\n/dispatch fix"],
    ["preformatted HTML", "<pre>\n/dispatch fix\n</pre>"],
    ["nothing", ""],
  ])("does not find one in %s", (_, body) => {
    expect(texts(body)).toEqual([]);
  });

  it("counts equal texts", () => {
    expect(findCommands("/dispatch a\n/dispatch b\n/dispatch  a\n/dispatch A")).toEqual([
      { text: "a", nth: 0 },
      { text: "b", nth: 0 },
      { text: "a", nth: 1 },
      { text: "A", nth: 0 },
    ]);
  });

  it("counts a task and the plan of the same task as equal, for both become a task of that text", () => {
    expect(findCommands("/dispatch a\n/dispatch plan a\n/dispatch plan b\n/dispatch b").map(({ nth }) => nth)).toEqual([
      0, 1, 0, 1,
    ]);
  });

  const words = fc.stringMatching(/^[a-z ]{0,12}$/);
  const hidden = fc
    .tuple(words, words)
    .chain(([before, after]) =>
      fc.constantFrom(
        `\`\`\`${before}\n/dispatch ${after}\n\`\`\``,
        `~~~~\n${before}\n/dispatch\n${after}\n~~~~~`,
        `> ${before}\n> /dispatch ${after}`,
        `> x${before}\n/dispatch ${after}`,
        `<!-- ${before}\n\n/dispatch ${after}\n-->`,
        `    /dispatch ${after}`,
      ),
    );
  const harmless = fc.constantFrom("Some text.", "- item", "# Title", "1. one", "`code`", "**bold** <b>html</b>");

  it("never finds one within fences, quotes, comments or indented code", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(hidden, harmless), { maxLength: 8 }), (blocks) => {
        expect(findCommands(blocks.join("\n\n"))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("finds every one that stands free between them, in order", () => {
    const block = fc.oneof(
      fc.record({ body: hidden, command: fc.constant(false) }),
      fc.record({ body: harmless, command: fc.constant(false) }),
      fc.record({ body: fc.constant("/dispatch go"), command: fc.constant(true) }),
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const found = findCommands(blocks.map(({ body }) => body).join("\n\n"));
        expect(found).toHaveLength(blocks.filter(({ command }) => command).length);
      }),
      { numRuns: 500 },
    );
  });

  it("reads any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void findCommands(`/dispatch ${text}`)),
      { numRuns: 300 },
    );
  });

  it("is preceded by a cheap look that never says no to a command", () => {
    expect(mayHoldCommand("hello\r\n/Dispatch")).toBe(true);
    expect(mayHoldCommand("hello /dispatch\n /dispatch\n/dispatcher")).toBe(false);
  });
});

describe("addedCommands", () => {
  it.each([
    { before: "hi", after: "hi\n/dispatch fix", added: ["fix"] },
    { before: "/dispatch fix", after: "/dispatch fix\n\n/dispatch test", added: ["test"] },
    { before: "/dispatch fix", after: "/dispatch fix it", added: ["fix it"] },
    { before: "> /dispatch fix", after: "/dispatch fix", added: ["fix"] },
    { before: "/dispatch fix  the\r\nbug", after: "Typo corrected.\n\n/dispatch fix the\nbug\n", added: [] },
    { before: "/dispatch fix", after: "fixed", added: [] },
    { before: "/dispatch fix\n/dispatch test", after: "/dispatch test\n/dispatch fix", added: [] },
  ])("$before → $after", ({ before, after, added }) => {
    expect(addedCommands(before, after).map(({ text }) => text)).toEqual(added);
  });
});

describe("readCommand", () => {
  const ids = ["fix-login-bug-7k2q", "fix-logout-ab3d", "add-health-endpoint-zz77", "button-colour-q4rs"];

  function unclear(verb: string, prefix: string, more: object = {}) {
    const candidates = ["fix-login-bug-7k2q", "fix-logout-ab3d"];
    return { kind: "unclear", verb, prefix, candidates, model: null, question: null, text: null, ...more };
  }

  it.each([
    ["", { kind: "warm-up" }],
    ["  \n", { kind: "warm-up" }],
    ["help", { kind: "help" }],
    ["HELP\n\n-- \nmona", { kind: "help" }],
    ["status", { kind: "status", task: null }],
    ["Status fix-login", { kind: "status", task: "fix-login-bug-7k2q" }],
    ["status fix-login-bug-7k2q", { kind: "status", task: "fix-login-bug-7k2q" }],
    ["status `add`", { kind: "status", task: "add-health-endpoint-zz77" }],
    ["cancel", { kind: "cancel", task: null }],
    ["cancel button", { kind: "cancel", task: "button-colour-q4rs" }],
    ["cancel Add-Health.", { kind: "cancel", task: "add-health-endpoint-zz77" }],
    ["cancel\n\nSorry, that was the wrong branch.", { kind: "cancel", task: null }],
    ["cancel fix-logi\n\nOn Monday, mona wrote:\n> status", { kind: "cancel", task: "fix-login-bug-7k2q" }],
    ["cancel fix", unclear("cancel", "fix")],
    ["status fix-log", unclear("status", "fix-log")],
    ["approve fix", unclear("approve", "fix")],
    ["skip fix", unclear("skip", "fix")],
    ["cleanup fix", unclear("cleanup", "fix")],
    ["cancel fix-login and fix-logout", unclear("cancel", "")],
    ["cancel fix-login-bug-7k2q because it is the wrong branch", { kind: "cancel", task: "fix-login-bug-7k2q" }],
    ["skip add-health (it is flaky)", { kind: "skip", task: "add-health-endpoint-zz77" }],
    ["approve", { kind: "approve", task: null }],
    ["approve the plan", { kind: "approve", task: null }],
    ["skip this step", { kind: "skip", task: null }],
    ["clean up", { kind: "cleanup", task: null }],
    ["stop fix-login", { kind: "cancel", task: "fix-login-bug-7k2q" }],
    ["doctor", { kind: "doctor" }],
    ["plan", { kind: "help" }],
    ["note", { kind: "help" }],
    ["note button", { kind: "help" }],
    ["answer", { kind: "help" }],
    ["retry with sonnet please", { kind: "retry", task: null, model: "sonnet" }],
    ["retry the rest with the model quick", { kind: "retry", task: null, model: "quick" }],
    ["resume with gpt-5.3", { kind: "retry", task: null, model: "gpt-5.3" }],
    ["retry", { kind: "retry", task: null, model: null }],
    ["retry with opus", { kind: "retry", task: null, model: "opus" }],
    ["retry add-h with gpt-5.3-codex.", { kind: "retry", task: "add-health-endpoint-zz77", model: "gpt-5.3-codex" }],
    ["retry fix with opus", unclear("retry", "fix", { model: "opus" })],
    ["answer yes", { kind: "answer", task: null, question: null, text: "yes" }],
    ["answer 001 port 8080", { kind: "answer", task: null, question: "001", text: "port 8080" }],
    [
      "answer add-health 002 both\n\n    code",
      { kind: "answer", task: "add-health-endpoint-zz77", question: "002", text: "both\n\n    code" },
    ],
    ["answer add-health both", { kind: "answer", task: "add-health-endpoint-zz77", question: null, text: "both" }],
    ["answer butt red", { kind: "answer", task: "button-colour-q4rs", question: null, text: "red" }],
    ["answer add 001 both", { kind: "answer", task: "add-health-endpoint-zz77", question: "001", text: "both" }],
    ["answer add the index too", { kind: "answer", task: null, question: null, text: "add the index too" }],
    ["answer a or b", { kind: "answer", task: null, question: null, text: "a or b" }],
    ["answer 200 is fine", { kind: "answer", task: null, question: null, text: "200 is fine" }],
    ["answer 001", { kind: "answer", task: null, question: null, text: "001" }],
    ["answer fix-log both", unclear("answer", "fix-log", { text: "both" })],
    ["answer fix-log 002 both", unclear("answer", "fix-log", { question: "002", text: "both" })],
    [
      "note button use the design tokens\nplease",
      { kind: "note", task: "button-colour-q4rs", text: "use the design tokens\nplease" },
    ],
    ["note fix mind the tests", unclear("note", "fix", { text: "mind the tests" })],
  ])("%j is a control command", (text, command) => {
    expect(readCommand(text, ids)).toEqual(command);
  });

  it.each([
    "fix the bug",
    "cancel button is misaligned",
    "status page shows 500",
    "cancel\nthe button is misaligned",
    "cancel something-else",
    "retry failed uploads with exponential backoff",
    "retry uploads with backoff",
    "help users find the search box",
    "note the API version in the README",
    "statuspage",
    "use opus to cancel stale builds",
    "stop button",
    "cancel fix-login, then fix the logout",
    "continue with the refactoring",
    "retry on failure",
    "go ahead and fix the login",
    "skip the tests in CI",
    "cleanup the old code",
    "doctor the CSV export",
    "help me fix the login",
    "plan.md is out of date",
  ])("%j is a task", (text) => {
    expect(readCommand(text, ids)).toEqual({ kind: "task", text, planFirst: false });
  });

  it.each([
    ["plan the release", "the release"],
    ["Plan: move to ESM", "move to ESM"],
    ["plan and fix it", "fix it"],
    ["plan\n\n1. a\n2. b", "1. a\n2. b"],
    ["move to ESM, plan first", "move to ESM, plan first"],
    ["plan it first, then move to ESM", "plan it first, then move to ESM"],
    ["move to ESM. Don't start before I approve.", "move to ESM. Don't start before I approve."],
  ])("%j is planned first", (text, task) => {
    expect(readCommand(text, ids)).toEqual({ kind: "task", text: task, planFirst: true });
  });

  it("prefers a whole id to a prefix", () => {
    expect(readCommand("cancel fix-a-2222", ["fix-a-2222-b-3333", "fix-a-2222"])).toEqual({
      kind: "cancel",
      task: "fix-a-2222",
    });
  });

  it("needs the thread's tasks for control verbs, and where one task may wait for another", () => {
    const control = [
      "status",
      "status?",
      "cancel x",
      "RETRY with opus",
      "answer yes",
      "note a b",
      "approve",
      "go ahead",
    ];
    const verbs = ["skip it", "cleanup", "clean up", "stop", "please cancel", "list tasks", "try again", "lgtm"];
    const waiting = ["fix it after fix-login-bug-7k2q", "once `button` is done, fix it", "fix it after task button"];
    const naming = [...control, ...verbs, ...waiting];
    expect(naming.filter(mayNameTask)).toEqual(naming);
    const others = [
      "",
      "help",
      "doctor",
      "fix status",
      "statuses",
      "plan x",
      "1. a\n2. b after 1",
      "fix it after lunch",
    ];
    expect(others.filter(mayNameTask)).toEqual([]);
  });

  it("never loses the words of a task, and needs ids only where it says so", () => {
    const text = fc.array(
      fc.constantFrom(
        "status",
        "cancel",
        "with",
        "answer",
        "note",
        "fix",
        "button",
        "001",
        "\n",
        "\n\n",
        "x",
        "help",
        "retry",
        "`",
        "plan",
        "first",
        "approve",
        "skip",
        "go",
        "clean",
        "up",
        "stop",
        "please",
        "and",
        "fix-login",
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(text, (words) => {
        const joined = words.join(" ");
        const command = readCommand(joined, ids);
        if (command.kind === "task") expect(joined.trimEnd().endsWith(command.text.trimEnd())).toBe(true);
        if (command.kind === "task" && !command.planFirst) expect(command.text).toBe(joined);
        if (!mayNameTask(joined)) expect(readCommand(joined, [])).toEqual(command);
      }),
      { numRuns: 500 },
    );
  });

  it("reads any text, quickly", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const verb of ["", "cancel ", "retry ", "plan ", "answer ", "note ", "status "])
          readCommand(verb + text, ids);
        mayNameTask(text);
      }),
      { numRuns: 200 },
    );
    const started = performance.now();
    for (const unit of [
      "please ",
      "plan ",
      "\n",
      "\n \n",
      " ",
      "a-",
      "cancel ",
      "with x ",
      ".",
      "(",
      "before ",
      "`",
      "-",
    ]) {
      const long = unit.repeat(65_000 / unit.length);
      for (const text of [
        long,
        `cancel ${long}`,
        `retry ${long}`,
        `plan ${long}`,
        `answer ${long}x y`,
        `note ${long}x y`,
        `${long}wait for my approval`,
      ]) {
        readCommand(text, ids);
        mayNameTask(text);
      }
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
