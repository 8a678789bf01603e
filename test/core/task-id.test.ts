import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Task } from "../../src/core/task.ts";
import { taskId, taskTitle } from "../../src/core/task-id.ts";

const slug = (request: string) => taskId(request, "seed").replace(/-[a-z2-7]{4}$/, "");

describe("taskId", () => {
  it.each([
    ["fix the login bug", "fix-login-bug"],
    ["use opus to add a /health endpoint", "add-health-endpoint"],
    ["please review this pull request for security problems and more", "review-pull-request-security-problems"],
    ["Füge Änderungen für Łódź & Straße hinzu", "fuge-anderungen-fur-lodz-strasse"],
    ["don't break naïve café", "dont-break-naive-cafe"],
    ["Fix `parse()` in [app/models.py](https://example.com/x)", "fix-parse-app-models-py"],
    ["see https://example.com/a/b and fix it", "see-fix"],
    ["\n\n## Tidy up\n\nmore words here", "tidy"],
    ["- [ ] write docs\n- [ ] write tests", "write-docs"],
    ["do it", "do-it"],
    ["after 1 and 2: use haiku to write the docs", "write-docs"],
    ["then use sonnet to build the page", "build-page"],
    ["once fix-login-bug-7k2q is merged, update the docs", "update-docs"],
    ["plan first: move to ESM", "move-esm"],
    ["修复登录错误", "task"],
    ["🚀🚀", "task"],
    ["", "task"],
    [`${"x".repeat(200)} y`, `${"x".repeat(24)}-y`],
    ["```\ncode\n```\nexplain that code", "explain-code"],
    ["> quoted\n\nreply to it", "reply"],
  ])("%j is called %s", (request, name) => {
    expect(slug(request)).toBe(name);
  });

  it("is a pure function, and another for another seed", () => {
    expect(taskId("fix it", "1/100/0")).toBe(taskId("fix it", "1/100/0"));
    const ids = new Set(Array.from({ length: 300 }, (_, index) => taskId("fix it", `1/${1000 + index}/0`)));
    expect(ids.size).toBeGreaterThan(298);
  });

  it("is always an id that a task may have, and short", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (request, seed) => {
        const id = taskId(request, seed);
        expect(Task.shape.id.safeParse(id).success).toBe(true);
        expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*-[a-z2-7]{4}$/);
        expect(id.length).toBeLessThanOrEqual(53);
      }),
      { numRuns: 500 },
    );
  });
});

describe("taskTitle", () => {
  it.each([
    ["fix the login bug", "Fix the login bug"],
    ["use opus to add a /health endpoint", "Add a /health endpoint"],
    ["fix it. Then test it.", "Fix it"],
    ["then fix it", "Fix it"],
    ["finally, use haiku to write the notes", "Write the notes"],
    ["and then: sonnet: build the page", "Build the page"],
    ["after 1 and 2, write the docs", "Write the docs"],
    ["when 2 is done, use haiku to write the docs", "Write the docs"],
    ["write the docs (after 1)", "Write the docs"],
    ["write the docs, but only once 1 and 3 are finished", "Write the docs"],
    ["write the docs after fix-login-bug-7k2q", "Write the docs"],
    ["after all the others: write the docs", "Write the docs"],
    ["plan first, then move to ESM", "Move to ESM"],
    ["move to ESM, plan first", "Move to ESM"],
    ["**opus**: move to ESM", "Move to ESM"],
    ["after 3 retries the page is blank", "After 3 retries the page is blank"],
    ["thenable promises leak", "Thenable promises leak"],
    ["next button is grey", "Next button is grey"],
    ["finally block is missing", "Finally block is missing"],
    ["see app/models.py v1.2 and fix it", "See app/models.py v1.2 and fix it"],
    ["what is this? I wonder", "What is this?"],
    ["do these:\n- a\n- b", "Do these"],
    ["## **Tidy** `up`\n\nmore", "Tidy `up`"],
    ["app/models.py is broken", "app/models.py is broken"],
    ["iOS build fails", "iOS build fails"],
    ["écrire les tests", "Écrire les tests"],
    ["修复登录。然后测试", "修复登录"],
    ["see [the docs](https://example.com)", "See the docs"],
    ["fix\u202E it\u200B <!-- now", "Fix it now"],
    ["", "Task"],
    ["> only a quote", "Only a quote"],
  ])("of %j is %j", (request, title) => {
    expect(taskTitle(request)).toBe(title);
  });

  it("cuts a long sentence between words", () => {
    const title = taskTitle(
      "rename every variable in every file of the whole repository so that it tells people what it holds",
    );
    expect(title).toBe("Rename every variable in every file of the whole repository so that it tells…");
  });

  it("is one line of at most 80 characters that says something", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (request) => {
        const title = taskTitle(request);
        expect([...title].length).toBeLessThanOrEqual(80);
        expect(title).toMatch(/\S/);
        expect(title).not.toMatch(/[\r\n\u2028\u2029]/);
      }),
      { numRuns: 500 },
    );
  });
});
