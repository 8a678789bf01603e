import fc from "fast-check";
import { expect, it } from "vitest";
import { type CommentMark, readMark, renderMark, sameMark } from "../../src/core/marker.ts";

const ref = { thread: "1", id: "fix-7k2q" };

const MARKS: readonly { mark: CommentMark; line: string }[] = [
  { mark: { kind: "status", ref }, line: "<!-- dispatch:status 1/fix-7k2q -->" },
  { mark: { kind: "question", ref, question: "001" }, line: "<!-- dispatch:question 1/fix-7k2q 001 -->" },
  { mark: { kind: "ask", ref, attempt: 2 }, line: "<!-- dispatch:ask 1/fix-7k2q 2 -->" },
  { mark: { kind: "result", ref, attempt: 2 }, line: "<!-- dispatch:result 1/fix-7k2q 2 -->" },
  { mark: { kind: "review", ref, attempt: 2 }, line: "<!-- dispatch:review 1/fix-7k2q 2 -->" },
  {
    mark: { kind: "overview", thread: 1, trigger: "review-comment-1234567890123" },
    line: "<!-- dispatch:overview 1 review-comment-1234567890123 -->",
  },
  { mark: { kind: "overview", thread: 1, trigger: "comment-5" }, line: "<!-- dispatch:overview 1 comment-5 -->" },
  { mark: { kind: "reply", to: 1234567890123, key: "7k2q0" }, line: "<!-- dispatch:reply 1234567890123 7k2q0 -->" },
  {
    mark: { kind: "reply", to: 5, key: "7k2q0-fix-it-abcd" },
    line: "<!-- dispatch:reply 5 7k2q0-fix-it-abcd -->",
  },
  {
    mark: { kind: "warm-up", to: 5, key: "7k2q0", by: 21031067 },
    line: "<!-- dispatch:warm-up 5 7k2q0 21031067 -->",
  },
  { mark: { kind: "status", ref: { ...ref, thread: "run" } }, line: "<!-- dispatch:status run/fix-7k2q -->" },
];

it.each(MARKS)("writes and finds again $line", ({ mark, line }) => {
  expect(renderMark(mark)).toBe(line);
  expect(readMark(`${line}\n### Title`)).toEqual(mark);
  expect(readMark(`${line}\r\n### Title`)).toEqual(mark);
});

it.each([
  { what: "nothing", body: "" },
  { what: "plain words", body: "Looks good to me" },
  { what: "a mark further down", body: "Look:\n<!-- dispatch:status 1/fix-7k2q -->" },
  { what: "a mark that is quoted", body: "> <!-- dispatch:status 1/fix-7k2q -->" },
  { what: "another kind", body: "<!-- dispatch:secret 1/fix-7k2q -->" },
  { what: "no task", body: "<!-- dispatch:status -->" },
  { what: "a damaged task", body: "<!-- dispatch:status 1/../fix -->" },
  { what: "a question without its number", body: "<!-- dispatch:question 1/fix-7k2q -->" },
  { what: "no end", body: "<!-- dispatch:status 1/fix-7k2q" },
  { what: "a question with one word too many", body: "<!-- dispatch:question 1/fix-7k2q 001 2 -->" },
  { what: "an overview of no thread", body: "<!-- dispatch:overview run comment-5 -->" },
  { what: "an overview of nothing", body: "<!-- dispatch:overview 1 -->" },
  { what: "a result of no attempt", body: "<!-- dispatch:result 1/fix-7k2q x -->" },
  { what: "a reply without a key", body: "<!-- dispatch:reply 5 -->" },
  { what: "a reply to nothing", body: "<!-- dispatch:reply x 7k2q0 -->" },
  { what: "a warm-up by nobody", body: "<!-- dispatch:warm-up 5 7k2q0 -->" },
  { what: "a warm-up by a name", body: "<!-- dispatch:warm-up 5 7k2q0 mona -->" },
  { what: "a mark behind white space", body: " <!-- dispatch:status 1/fix-7k2q -->" },
  { what: "too many words", body: "<!-- dispatch:status 1/fix-7k2q a b -->" },
])("reads no mark from $what", ({ body }) => {
  expect(readMark(body)).toBeNull();
});

it("tells marks apart by everything in them", () => {
  for (const [at, { mark }] of MARKS.entries()) {
    expect(MARKS.map((other) => sameMark(mark, other.mark))).toEqual(MARKS.map((_, index) => index === at));
  }
});

it("never throws, and what it reads it would write the same", () => {
  const words = fc.constantFrom(
    "status",
    "question",
    "ask",
    "result",
    "review",
    "overview",
    "reply",
    "warm-up",
    "comment-5",
    "1/fix",
    "run/a",
    "001",
    "2",
    "-->",
    " ",
    "x",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(words), (parts) => {
      const body = `<!-- dispatch:${parts.join(" ")}`;
      const mark = readMark(body);
      if (mark !== null) expect(readMark(renderMark(mark))).toEqual(mark);
    }),
    { numRuns: 1_000 },
  );
});

it("remembers each result by its attempt; one without a number is of the first", () => {
  expect(readMark("<!-- dispatch:result 1/fix-7k2q -->")).toEqual({ kind: "result", ref, attempt: 1 });
});
