import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { indentOf, ownText, readMarkdown } from "../../src/core/markdown.ts";

const visible = (body: string) =>
  ownText(body)
    .split("\n")
    .filter((line) => line.trim() !== "");

describe("ownText keeps the author's own running text", () => {
  it.each([
    ["plain lines", "one\ntwo", ["one", "two"]],
    ["a fence", "one\n```\ncode\n```\ntwo", ["one", "two"]],
    ["a fence of tildes with an info string", "~~~sh `x`\ncode\n~~~\ntwo", ["two"]],
    ["a longer fence, which a shorter one does not close", "`````\n```\ncode\n`````\ntwo", ["two"]],
    ["a fence that tildes do not close", "```\n~~~\ncode", []],
    ["a fence without an end", "one\n```\ncode\n\nmore", ["one"]],
    ["inline code that only looks like a fence", "```one``` two\nthree", ["```one``` two", "three"]],
    ["a fence in a list item, which ends with the item", "- one\n  ```\n  code\ntwo", ["- one", "two"]],
    ["indented code", "one\n\n    code\n\ntwo", ["one", "two"]],
    ["indented code after a tab", "one\n\n\tcode", ["one"]],
    ["an indented line that goes on with a paragraph", "one\n    two", ["one", "    two"]],
    ["an indented paragraph of a list item", "- one\n\n  two\n\n      code", ["- one", "  two"]],
    ["a quote", "> one\n\ntwo", ["two"]],
    ["a quote and its lazy lines", "> one\ntwo\nthree\n\nfour", ["four"]],
    ["a quoted heading, after which no line is lazy", "> # one\ntwo", ["two"]],
    ["a quoted fence, after which no line is lazy", "> ```\ntwo", ["two"]],
    ["a quoted list item and its lazy line", "> - one\ntwo", []],
    ["a quote in a list", "- > one\ntwo\n\nthree", ["three"]],
    ["a comment on one line", "one <!-- two --> three", ["one              three"]],
    ["a comment on several lines", "<!-- one\n\ntwo --> three", ["        three"]],
    ["a comment that starts within a line", "one <!-- two\nthree -->\nfour", ["one         ", "four"]],
    ["a comment without an end hides the rest", "one\n<!-- two\n\nthree", ["one"]],
    ["an opening in the text that nothing closes", "one <!-- two\nthree", ["one <!-- two", "three"]],
    ["an opening in inline code", "use `<!--` here\ntwo -->", ["use `<!--` here", "two -->"]],
    ["an escaped opening", "\\<!-- one\ntwo -->", ["\\<!-- one", "two -->"]],
    ["the shortest comments", "<!--> one\n<!---> two", ["      one", "       two"]],
    ["preformatted HTML", "<pre>\none\n\n</pre>\ntwo", ["two"]],
    ["an HTML quote", "<blockquote>one\n\ntwo\n</blockquote>\nthree", ["three"]],
    ["details, whose content is read", "<details>\n\none\n\n</details>", ["<details>", "one", "</details>"]],
    ["CRLF", "one\r\n> two\r\n\r\nthree\r", ["one", "three"]],
  ])("%s", (_, body, lines) => {
    expect(visible(body)).toEqual(lines);
  });

  it("blanks without moving anything", () => {
    expect(ownText("a\n> b😀\n```\nc")).toBe("a\n     \n   \n ");
  });
});

it.each([
  ["  a", 2],
  ["\ta", 4],
  ["  \t a", 5],
  ["a", 0],
])("indentOf(%j) is %i", (line, columns) => expect(indentOf(line)).toBe(columns));

const part = fc.constantFrom(
  "a",
  "b c",
  "",
  "    ",
  "\t",
  "  ",
  "> ",
  ">",
  "- ",
  "1. ",
  "2. ",
  "* ",
  "# ",
  "---",
  "===",
  "```",
  "````",
  "~~~",
  "``",
  "<!--",
  "-->",
  "<pre>",
  "</pre>",
  "<blockquote>",
  "\\",
);
const line = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""));
const body = fc.array(line, { maxLength: 14 }).map((lines) => lines.join("\n"));

it("keeps length and line structure, and changes nothing but to spaces", () => {
  fc.assert(
    fc.property(fc.oneof(body, fc.string({ unit: "binary" })), (text) => {
      const lf = text.replace(/\r\n?/g, "\n");
      const own = ownText(text);
      expect(own).toHaveLength(lf.length);
      for (let at = 0; at < lf.length; at++) {
        if (own[at] !== lf[at] && (own[at] !== " " || lf[at] === "\n")) expect.fail(`${own[at]} stands for ${lf[at]}`);
      }
    }),
    { numRuns: 500 },
  );
});

/** The lines that markdown-it, another reading of CommonMark, puts into code or quotes. */
function hiddenLines(text: string): ReadonlySet<number> {
  const hidden = new Set<number>();
  for (const token of new MarkdownIt("commonmark").parse(text, {})) {
    const isCode = token.type === "fence" || token.type === "code_block";
    if (token.map === null || !(isCode || token.type === "blockquote_open")) continue;
    for (let at = token.map[0]; at < token.map[1]; at++) hidden.add(at);
  }
  return hidden;
}

it("agrees with markdown-it about what is code and quotes", () => {
  const block = fc.constantFrom(
    "p",
    "",
    "",
    "> q",
    ">",
    "> > q",
    "> - i",
    "- i",
    "  - i",
    "- > q",
    "1. i",
    "7. i",
    "   i",
    "    c",
    "      c",
    "\tc",
    "# h",
    "---",
    "===",
    "```",
    "````",
    "  ```",
    "> ```",
    "- ```",
    "~~~",
    "> # h",
    ">     c",
    "* * *",
    "-   i",
    "-      c",
  );
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 10 }), (lines) => {
      const hidden = hiddenLines(lines.join("\n"));
      const ours = readMarkdown(lines.join("\n")).map((one) => one.kind === "code" || one.kind === "quote");
      for (const [at, text] of lines.entries()) {
        if (text.trim() !== "") expect({ at, hidden: ours[at] }).toEqual({ at, hidden: hidden.has(at) });
      }
    }),
    { numRuns: 3000 },
  );
});

it("is not slowed down by hostile nesting and marks", () => {
  const texts = [
    `${"- ".repeat(16000)}x${"\n".repeat(60000)}`,
    "> ".repeat(30000),
    "<!---->".repeat(9000),
    "` ``".repeat(15000),
    "<!--".repeat(16000),
    `${"* ".repeat(30000)}x`,
  ];
  for (const text of texts) expect(ownText(text)).toHaveLength(text.length);
});
