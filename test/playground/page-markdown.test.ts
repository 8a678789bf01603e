import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../../src/playground/page/markdown.ts";
import "../seed.ts";

const render = (text: string) => renderMarkdown(text, { owner: "octo-org", repo: "hello" });

describe("renderMarkdown", () => {
  it.each([
    { what: "a mention", text: "hi @mona!", html: '<a href="/mona" class="user-mention">@mona</a>!' },
    {
      what: "an issue here",
      text: "see #12.",
      html: '<a href="/octo-org/hello/issues/12" class="issue-link">#12</a>.',
    },
    { what: "an issue elsewhere", text: "a/b#3", html: '<a href="/a/b/issues/3" class="issue-link">a/b#3</a>' },
    {
      what: "an address",
      text: "https://example.com/x",
      html: '<a href="https://example.com/x">https://example.com/x</a>',
    },
    {
      what: "an address without scheme",
      text: "www.example.com",
      html: '<a href="http://www.example.com">www.example.com</a>',
    },
    { what: "struck text", text: "~~old~~", html: "<s>old</s>" },
    { what: "a line break", text: "one\ntwo", html: "one<br />\ntwo" },
    { what: "a right-aligned cell", text: "|a|\n|-:|\n|1|", html: '<td align="right">1</td>' },
    {
      what: "a mermaid diagram, as code",
      text: "```mermaid\nA-->B\n```",
      html: '<code class="language-mermaid">A--&gt;B',
    },
    {
      what: "folded text",
      text: "<details open><summary>More</summary>\n\n*x*\n</details>",
      html: '<summary>More</summary>\n<p dir="auto"><em>x</em></p>',
    },
  ])("shows $what", ({ text, html }) => {
    expect(render(text)).toContain(html);
  });

  it.each([
    "`@mona #1`",
    "[@mona](https://example.com)",
    "mona@example.com",
    "a#1b",
    "issue-#",
    "plan.md",
    "<a href='/x'>#1</a>",
  ])("makes no reference of %s", (text) => {
    expect(render(text)).not.toMatch(/user-mention|issue-link|md"/);
  });

  it("turns [!WARNING] into an alert, but only at the top and with words below it", () => {
    expect(render("> [!WARNING]\n> Mind the gap")).toContain(
      '<div class="markdown-alert markdown-alert-warning">\n<p dir="auto"><span class="markdown-alert-title">Warning</span>Mind the gap</p>',
    );
    expect(render("> [!NOTE]\n>\n> - a list")).toContain("markdown-alert-note");
    expect(render("> [!NOTE]")).not.toContain("markdown-alert");
    expect(render("- > [!NOTE]\n  > inside")).not.toContain("markdown-alert");
    expect(render("> [!NOTE] same line")).not.toContain("markdown-alert");
  });

  it("gives each box its number and its line", () => {
    const boxes = [
      ...render(
        "# Title\n\n- [ ] one\n- [x] two\n  1. [X] inner\n\n> - [ ] quoted\n\n- [y] none\n- `[ ]` none",
      ).matchAll(/<input [^>]*>/g),
    ];
    expect(
      boxes.map(([box]) => [/index="(\d+)"/.exec(box)?.[1], /line="(\d+)"/.exec(box)?.[1], box.includes("checked")]),
    ).toEqual([
      ["0", "2", false],
      ["1", "3", true],
      ["2", "4", true],
      ["3", "6", false],
    ]);
  });

  it("lets only its own boxes through", () => {
    expect(render('<input type="checkbox" data-task-line="0" data-ours="x"> text')).not.toContain("<input");
  });

  it("leaves no trace of HTML comments", () => {
    expect(
      render("<!-- dispatch:status 1/x -->\n### Title\n\n- [ ] Cancel <!-- dispatch:do cancel 1/x -->"),
    ).not.toMatch(/dispatch|<!--/);
  });

  it("keeps hostile markup out", () => {
    const hostile = fc.constantFrom(
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "<a href='javascript:alert(1)'>x</a>",
      "[x](javascript:alert(1))",
      "<svg/onload=alert(1)>",
      "<iframe src=//x>",
      "<style>*{display:none}</style>",
      "<p style='position:fixed' onclick='x()' id=new-comment>",
      "<form action=/x><button>",
      "<details ontoggle=alert(1) open>",
      "<input data-task-line=1>",
      "<!--",
      "-->",
      "`",
      "```\n",
      "> ",
      "- [ ] ",
      "\n\n",
      "<div>",
      "</div>",
      "&lt;script&gt;",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, fc.string()), { maxLength: 12 }), (parts) => {
        for (const [tag] of render(parts.join("")).matchAll(/<[a-z][^>]*>/gi)) {
          expect(tag).not.toMatch(
            /^<(script|svg|iframe|style|form|button)\b|\son\w+\s*=|href="javascript:|\s(style|id)=/i,
          );
        }
      }),
      { numRuns: 400 },
    );
  });
});
