import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chosen, type OpenQuestion, readQuestion, readReply, replyText } from "../../src/core/question.ts";

describe("readQuestion", () => {
  it.each([
    { text: "Which port?\n\n- 3000\n- 8080\n", before: "Which port?", options: ["3000", "8080"] },
    { text: "Which?\r\n1. one\r\n2) two", before: "Which?", options: ["one", "two"] },
    { text: "Which?\na) one\nb) two\n\nc) three", before: "Which?", options: ["one", "two", "three"] },
    { text: "Which?\n- [ ] one\n* [x] **two**", before: "Which?", options: ["one", "**two**"] },
    {
      text: "- I read a\n- I read b\n\nWhich?\n- a\n- b",
      before: "- I read a\n- I read b\n\nWhich?",
      options: ["a", "b"],
    },
    { text: "\uFEFFWhich?\0\n- a\n- b", before: "Which?", options: ["a", "b"] },
  ])("finds the options of $text", ({ text, before, options }) => {
    expect(readQuestion("001", text)).toEqual({ number: "001", text: before, options });
  });

  it.each([
    "May I delete it?",
    "Which?\n- one",
    "Which?\n- 1\n- 2\n- 3\n- 4\n- 5\n- 6\n- 7",
    "- one\n- two",
    "Which of these is right?\n- one\n- two\n\nI would take the first.",
    "Which?\n```\n- one\n- two\n```",
    "Which?\n- same\n- Same",
    `Which?\n- ${"long ".repeat(50)}\n- short`,
    "",
  ])("finds no options in %j", (text) => {
    expect(readQuestion("002", text)).toEqual({ number: "002", text, options: [] });
  });

  it("loses no word of any text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a b", "- c", "1. d", "", "```", "> e", "b) f", "x\0"), { maxLength: 10 }),
        (lines) => {
          const { text, options } = readQuestion("001", lines.join("\n"));
          for (const letter of "abcdefx") {
            if (lines.some((line) => line.replace(/^b\)/, "").includes(letter)))
              expect([text, ...options].join(" ")).toContain(letter);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

const port: OpenQuestion = {
  ref: { thread: "1", id: "add-health-7k2q" },
  question: readQuestion("001", "Which port should the **server** use?\n- 3000\n- 8080\n- `/dev/null` socket"),
  requester: "mona",
  askedAt: "2026-11-02T10:00:00.400Z",
  commentUrl: null,
};
const name: OpenQuestion = {
  ref: { thread: "1", id: "fix-logout-ab3d" },
  question: readQuestion("001", "What should the endpoint be called?\n- /health\n- /status"),
  requester: "mona",
  askedAt: "2026-11-02T10:05:00Z",
  commentUrl: null,
};
const AT = "2026-11-02T11:00:00Z";
const read = (body: string, open: readonly OpenQuestion[] = [port], by = "mona", at = AT) =>
  readReply({ by, body, at }, open);

describe("readReply takes as the answer", () => {
  it.each([
    ["a plain reply", "use 9090, please", "use 9090, please"],
    [
      "several lines and code",
      "this:\r\n\r\n```sh\n/usr/bin/x\n-- \ny\n```",
      "this:\n\n```sh\n/usr/bin/x\n-- \ny\n```",
    ],
    ["an option's number", "2", "8080"],
    ["a number as people write it", " (1). ", "3000"],
    ["an option's letter", "B)", "8080"],
    ["'option 3'", "Option 3", "`/dev/null` socket"],
    ["an option's words", "/dev/null SOCKET.", "`/dev/null` socket"],
    ["a number that is no option's", "4", "4"],
    ["an option with more words", "2, but only locally", "2, but only locally"],
    ["a mention within the text", "8081, as @hubot said", "8081, as @hubot said"],
    [
      "a person's name at the start of a later line",
      "8081\n@hubot what do you think?",
      "8081\n@hubot what do you think?",
    ],
    ["an answer below a quote", "> Which port should the server use?\n\n3000", "3000"],
    ["an answer right below a quoted line", "> Which port should the server use?\n2", "8080"],
    ["an answer below a quote of something else", "> nice weather\n\n9090", "9090"],
    ["answers between quotes", "> first\n\nyes\n\n> second\n\nno", "yes\n\n> second\n\nno"],
    [
      "a mail without its quoted tail",
      "2\n\nOn Mon, Nov 2, 2026 at 10:01 AM dispatch-app[bot] <\nnotifications@github.com> wrote:\n\n> Which port should the server use?\n> - 3000",
      "8080",
    ],
    ["a German mail", "8081\n\nAm Mo., 2. Nov. 2026 um 10:01 Uhr schrieb dispatch <n@github.com>:\n> …", "8081"],
    [
      "a mail from Outlook",
      "8081\n\n________________________________\nFrom: dispatch-app[bot] <n@github.com>\nSent: Monday\nTo: mona\n\nWhich port",
      "8081",
    ],
    ["a mail from Outlook without a rule", "8081\n\nFrom: dispatch-app[bot]\nDate: Monday\nWhich port", "8081"],
    ["a signature", "8081\n-- \nMona\nOcto Org", "8081"],
    ["a telephone's signature", "8081\n\nSent from my iPhone\n\n> Which port", "8081"],
    ["trailing quotes", "8081\n\n> Which port\n>\n> - 3000\n", "8081"],
    [
      "'wrote:' in an ordinary sentence",
      "Take what the old code wrote:\n> 8081\nand so on",
      "Take what the old code wrote:\n> 8081\nand so on",
    ],
    ["text with a hidden comment", "<!-- template -->\n8081", "8081"],
  ])("%s", (_, body, text) => {
    expect(read(body)).toEqual({ kind: "answer", to: port, text });
  });

  it("the requester's words in any spelling of the login, and in the very second of the question", () => {
    expect(read("yes", [port], "MONA", "2026-11-02T10:00:00Z")).toMatchObject({ kind: "answer" });
  });

  it("an option that looks like a command", () => {
    expect(read("/health", [name])).toMatchObject({ kind: "answer", text: "/health" });
  });

  it("what quotes the question, from anybody, whichever of several it is", () => {
    expect(
      read(
        "> What should the endpoint be called?\n\n/status is no option\n".replace("/status", "status"),
        [port, name],
        "hubot",
      ),
    ).toMatchObject({ kind: "answer", to: name });
    expect(read("> should the server use?\n2", [port, name], "hubot")).toEqual({
      kind: "answer",
      to: port,
      text: "8080",
    });
    expect(
      read(
        "2\n\nOn 2 Nov 2026, at 10:06, dispatch wrote:\n\n> Which port should the server use?",
        [port, name],
        "hubot",
      ),
    ).toEqual({ kind: "answer", to: port, text: "8080" });
  });
});

it("readReply takes the answer that is quicker than our clock is exact", () => {
  expect(read("8080", [port], "mona", "2026-11-02T09:59:59Z")).toMatchObject({ kind: "answer" });
});

describe("readReply asks which question is meant", () => {
  it("when several are open and none is quoted", () => {
    expect(read("2", [port, name])).toEqual({ kind: "which", text: "2", among: [port, name] });
  });

  it("among those that a quote fits equally", () => {
    const twin = { ...port, ref: { thread: "1", id: "other-2222" } };
    expect(read("> Which port should the server use?\n\n9090", [port, name, twin], "hubot")).toEqual({
      kind: "which",
      text: "9090",
      among: [port, twin],
    });
  });

  it("even when only one of them is the requester's", () => {
    expect(read("9090", [port, { ...name, requester: "hubot" }])).toMatchObject({ kind: "which" });
  });
});

describe("readReply does not take", () => {
  it.each([
    ["a reply that starts with a mention", "@hubot what do you think?"],
    ["the same below a quote", "> Which port should the server use?\n\n@hubot you know this"],
    ["a command", "/dispatch status"],
    ["a command of another bot", "/retest"],
    ["a command below other text", "hm\n/lgtm"],
    ["a bot's name at the start of a line", "let us see\n@dependabot rebase"],
    ["only a quote", "> Which port should the server use?"],
    ["only a mail's tail", "On Mon, Nov 2, 2026 at 10:01 AM dispatch wrote:\n> Which port?"],
    ["only a comment", "<!-- nothing -->"],
    ["nothing", " \n"],
  ])("%s", (_, body) => {
    expect(read(body)).toMatchObject({ kind: "not-an-answer", reason: expect.stringMatching(/\.$/) });
  });

  it("somebody else's plain reply", () => {
    expect(read("8080", [port], "hubot")).toMatchObject({ kind: "not-an-answer" });
    expect(read("> nice weather\n\n8080", [port], "hubot")).toMatchObject({ kind: "not-an-answer" });
    expect(read("> 8080\n\nyes", [port, name], "hubot")).toMatchObject({ kind: "not-an-answer" });
  });

  it("a reply older than the question", () => {
    expect(read("8080", [port], "mona", "2026-11-02T09:59:57Z")).toMatchObject({ kind: "not-an-answer" });
    expect(read("9090", [port, name], "mona", "2026-11-02T10:04:00Z")).toMatchObject({ kind: "answer", to: port });
  });

  it("anything while no question is open", () => {
    expect(read("8080", [])).toMatchObject({ kind: "not-an-answer" });
  });
});

it.each([
  { options: ["1", "2", "4"], text: "2", is: "2" },
  { options: ["1", "2", "4"], text: "3", is: "4" },
  { options: ["yes", "no"], text: "No!", is: "no" },
  { options: ["yes", "no"], text: "c", is: "c" },
  { options: ["yes", "no"], text: "0", is: "0" },
  { options: [], text: "1", is: "1" },
])("of $options, $text stands for $is", ({ options, text, is }) => {
  expect(chosen({ number: "001", text: "?", options }, text)).toBe(is);
});

it("reads any reply, and an answer always holds words", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "> q",
      "",
      "@x",
      "/y",
      "-- ",
      "On 1.1.2026 a wrote:",
      "From: a",
      "To: b",
      "```",
      "2",
      "<!--",
      "> Which port should the server use?",
    ),
    fc.string({ unit: "binary", maxLength: 10 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const reading = read(lines.join("\n"), [port, name]);
      if (reading.kind !== "not-an-answer") expect(reading.text.trim()).not.toBe("");
    }),
    { numRuns: 500 },
  );
});

it("gives the bare words of a reply", () => {
  expect(replyText("> a\n\nyes\n\n-- \nMona")).toBe("yes");
});
