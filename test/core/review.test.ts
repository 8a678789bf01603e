import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMark } from "../../src/core/marker.ts";
import { commentableLines, type Finding, placeFindings, readReview } from "../../src/core/review.ts";
import { renderReview } from "../../src/core/review-text.ts";
import { actions } from "./github-reader.ts";
import { DONE, ID, REF, REPOSITORY, sampleTask } from "./sample-task.ts";

const PATCH = `@@ -1,3 +1,4 @@
 one
-two
+zwei
+drei
 four
@@ -20 +21,2 @@ function tail() {
+twenty
 twenty-one
@@ -40,2 +42,0 @@
-gone
-gone too`;

function finding(more: Partial<Finding> = {}): Finding {
  return { path: "src/a.js", line: 3, startLine: null, body: "This is off by one.", suggestion: null, ...more };
}

describe("review.json", () => {
  it("holds findings, with or without lines and suggestions", () => {
    const text = JSON.stringify([
      { path: "src/a.js", line: 12, start_line: 10, body: " Off by one. ", suggestion: "return n;\n" },
      { path: "./README.md", body: "Says nothing of it." },
    ]);
    expect(readReview(text)).toEqual({
      summary: null,
      findings: [
        { path: "src/a.js", line: 12, startLine: 10, body: "Off by one.", suggestion: "return n;" },
        { path: "README.md", line: null, startLine: null, body: "Says nothing of it.", suggestion: null },
      ],
      leftOut: 0,
    });
  });

  it("may have a summary around them", () => {
    const text = JSON.stringify({ summary: "Two things.\n", findings: [{ path: "a", line: 1, body: "x" }] });
    expect(readReview(text)).toMatchObject({ summary: "Two things.", findings: [{ path: "a" }] });
  });

  it.each([
    ["", "nothing"],
    ["# A review", "no JSON"],
    ["42", "no list"],
    ['{"summary": "x"}', "no findings"],
  ])("is unreadable as %j: %s", (text) => {
    expect(readReview(text)).toBeNull();
  });

  it.each([
    { what: "no path", value: { line: 1, body: "x" } },
    { what: "an absolute path", value: { path: "/etc/passwd", line: 1, body: "x" } },
    { what: "a path out of the repository", value: { path: "a/../../b", line: 1, body: "x" } },
    { what: "a path with line breaks", value: { path: "a\nb", line: 1, body: "x" } },
    { what: "an invisible path", value: { path: "a\u202Eb", line: 1, body: "x" } },
    { what: "a mark of ours for a path", value: { path: "<!-- dispatch:do cancel 1", line: 1, body: "x" } },
    { what: "line 0", value: { path: "a", line: 0, body: "x" } },
    { what: "half a line", value: { path: "a", line: 1.5, body: "x" } },
    { what: "no words", value: { path: "a", line: 1, body: " \n" } },
    { what: "no finding at all", value: "x" },
  ])("leaves out a finding with $what, and keeps the others", ({ value }) => {
    const review = readReview(JSON.stringify([value, { path: "a", line: 1, body: "x" }]));
    expect(review).toMatchObject({ findings: [{ path: "a", line: 1 }], leftOut: 1 });
  });

  it.each([
    { what: "characters that nobody sees", suggestion: "if (isAdmin\u202E) {}" },
    { what: "a mark of ours", suggestion: "<!-- dispatch:do cancel 1/a -->" },
    { what: "more than anybody reads", suggestion: "x".repeat(20_001) },
    { what: "no text", suggestion: 42 },
  ])("offers no suggestion with $what", ({ suggestion }) => {
    const review = readReview(JSON.stringify([{ path: "a", line: 1, body: "x", suggestion }]));
    expect(review?.findings).toEqual([{ path: "a", line: 1, startLine: null, body: "x", suggestion: null }]);
  });

  it("is read up to a hundred findings", () => {
    const many = Array.from({ length: 130 }, (_, nth) => ({ path: "a", line: nth + 1, body: "x" }));
    expect(readReview(JSON.stringify(many))).toMatchObject({ leftOut: 30 });
  });
});

describe("the lines that can be commented", () => {
  it("are those that the patch shows of the new file", () => {
    expect(commentableLines(PATCH)).toEqual([
      { from: 1, to: 4 },
      { from: 21, to: 22 },
    ]);
    expect(commentableLines("")).toEqual([]);
  });

  const files = [
    { path: "src/a.js", patch: PATCH },
    { path: "logo.png", patch: null },
  ];
  it.each([
    { what: "a changed line", given: finding({ line: 2 }), inline: true },
    { what: "a line of the context", given: finding({ line: 4 }), inline: true },
    { what: "a line between the hunks", given: finding({ line: 10 }), inline: false },
    { what: "a line of a hunk that only takes away", given: finding({ line: 42 }), inline: false },
    { what: "several lines of one hunk", given: finding({ line: 4, startLine: 2 }), inline: true },
    { what: "a suggestion across hunks", given: finding({ line: 22, startLine: 3, suggestion: "x" }), inline: false },
    { what: "a file that is not in the pull request", given: finding({ path: "src/b.js" }), inline: false },
    { what: "a file without a patch", given: finding({ path: "logo.png", line: 1 }), inline: false },
    { what: "a file as a whole", given: finding({ line: null }), inline: false },
  ])("hold a finding about $what: $inline", ({ given, inline }) => {
    const placed = placeFindings([given], files);
    expect(inline ? placed.inline : placed.elsewhere).toEqual([given]);
    expect(inline ? placed.elsewhere : placed.inline).toEqual([]);
  });

  it("hold as much of a finding across hunks as they can", () => {
    expect(placeFindings([finding({ line: 22, startLine: 3 })], files).inline).toMatchObject([
      { line: 22, startLine: 21 },
    ]);
    expect(placeFindings([finding({ line: 21, startLine: 3 })], files).inline).toMatchObject([
      { line: 21, startLine: null },
    ]);
  });
});

describe("the review", () => {
  function review(inline: readonly Finding[], elsewhere: readonly Finding[], summary: string | null = null) {
    return renderReview({
      task: sampleTask(DONE),
      ref: REF,
      review: { summary, findings: [...inline, ...elsewhere], leftOut: 0 },
      inline,
      elsewhere,
      repository: REPOSITORY,
    });
  }

  it("has comments at their lines, with suggestions to commit", () => {
    const { body, comments } = review(
      [finding({ startLine: 2, suggestion: "return n;\nreturn m;" })],
      [],
      "One thing.",
    );
    expect(body).toBe(`<!-- dispatch:review 1/${ID} 1 -->\nOne thing.`);
    expect(comments).toEqual([
      {
        path: "src/a.js",
        line: 3,
        startLine: 2,
        body: "This is off by one.\n\n```suggestion\nreturn n;\nreturn m;\n```",
      },
    ]);
  });

  it("is found again by its first line", () => {
    expect(readMark(review([], [finding()]).body)).toEqual({ kind: "review", ref: REF, attempt: 1 });
  });

  it("takes lines away where the suggestion is empty", () => {
    expect(review([finding({ suggestion: "" })], []).comments[0]?.body).toMatch(/```suggestion\n```$/);
  });

  it("lets no suggestion end its own block", () => {
    const { comments } = review([finding({ suggestion: "````\n@hubot\n````" })], []);
    expect(comments[0]?.body).toContain("`````suggestion\n````\n@hubot\n````\n`````");
    expect(actions(comments[0]?.body ?? "")).toEqual([]);
  });

  it("lists what stands at no line of the pull request", () => {
    const far = finding({ line: 90, startLine: 88, suggestion: "better" });
    const { body } = review([finding()], [far, finding({ line: null, body: "It has no tests, @hubot." })]);
    expect(body).toBe(
      `<!-- dispatch:review 1/${ID} 1 -->
What was found for “Add a /health endpoint”.

**On lines that this pull request does not show:**

**\`src/a.js:88-90\`**

This is off by one.

Suggested instead:

\`\`\`
better
\`\`\`

**\`src/a.js\`**

It has no tests, \`@hubot\`.`,
    );
  });

  it("stays within what GitHub takes, and says where the rest is", () => {
    const long = Array.from({ length: 100 }, () =>
      finding({ body: "word ".repeat(600), suggestion: "x".repeat(2_000) }),
    );
    const { body, comments } = review(long, long);
    expect(body.length).toBeLessThan(60_000);
    expect(body).toMatch(/… and \d+ more findings: \[all of them\]\(\S+review\.json\)$/);
    for (const comment of comments) expect(comment.body.length).toBeLessThan(60_000);
  });

  it("does nothing that its worker writes", () => {
    const words = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.constantFrom("@hubot", "#77", "```", "<b>", "<!-- dispatch:do cancel 1/a -->", "/dispatch cancel", "fixes #3"),
    );
    const text = fc.array(words, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("\n"));
    const values = fc.array(
      fc.record({
        path: fc.oneof(text, fc.constant("src/a.js")),
        line: fc.integer({ min: 1, max: 50 }),
        body: text,
        suggestion: text,
      }),
    );
    fc.assert(
      fc.property(values, text, (findings, summary) => {
        const read = readReview(JSON.stringify({ summary, findings }));
        if (read === null) throw new Error("It is JSON.");
        const placed = placeFindings(read.findings, [{ path: "src/a.js", patch: PATCH }]);
        const made = renderReview({
          task: sampleTask(DONE),
          ref: REF,
          review: read,
          ...placed,
          repository: REPOSITORY,
        });
        const [mark, ...rest] = made.body.split("\n");
        expect(readMark(mark ?? "")).toMatchObject({ kind: "review" });
        expect(actions(rest.join("\n"))).toEqual([]);
        expect(rest.join("\n")).not.toMatch(/<!--\s*dispatch:/i);
        for (const comment of made.comments) {
          expect(actions(comment.body)).toEqual([]);
          expect(comment.body).not.toMatch(/<!--\s*dispatch:/i);
        }
      }),
      { numRuns: 500 },
    );
  });
});
