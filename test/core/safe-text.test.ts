import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitLine, maskSecrets, mention, person, plainLine, quoted, workerText } from "../../src/core/safe-text.ts";
import { visibleText } from "../../src/core/visible-text.ts";
import { HOSTILE } from "../hostile/hostile-text.ts";
import { actions, reading } from "./github-reader.ts";

/** `FUZZ=100 npx vitest run test/core/safe-text.test.ts` looks a hundred times harder. */
const SCALE = Number(process.env["FUZZ"] ?? 1);

describe("text of a worker", () => {
  it("does nothing on GitHub, whatever it is made of", () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        expect(actions(workerText(text))).toEqual([]);
      }),
      { numRuns: 3_000 * SCALE },
    );
  });

  it("does nothing in a quote of ours either, and swallows nothing of what stands below", () => {
    const below = (body: string) => actions(body).filter((action) => action.includes("@octocat")).length;
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const body = `${workerText(text)}\n\n${quoted(workerText(text))}\n\nEnd @octocat`;
        expect(below(body)).toBe(below("End @octocat"));
        expect(actions(body)).toHaveLength(below(body));
      }),
      { numRuns: 2_000 * SCALE },
    );
  });

  it("keeps to its limit and stays harmless where it is cut", () => {
    fc.assert(
      fc.property(HOSTILE, fc.integer({ min: 0, max: 120 }), (text, limit) => {
        const safe = workerText(text, limit);
        expect(safe.length).toBeLessThanOrEqual(limit);
        expect(actions(safe)).toEqual([]);
      }),
      { numRuns: 3_000 * SCALE },
    );
  });

  it.each([
    ["a table that ends a list", "2. a | b\n   --|--\n2. x\n   ```\n@mona\n```"],
    ["a table before a list", "a | b\n--|--\n2. x\n   ```\n@mona\n```"],
    ["a table in an item's first line", "10.     @mona|\n---\n"],
    ["a lazy line", "- a\nlazy\n  ```\n@mona\n  ```"],
    ["an empty item", "-\n  ```\n@mona\n  ```"],
    ["tabs after a list's mark", "- -\tx\n    ```\n  @mona"],
    ["a no-break space that looks like a blank line", "- a\n\u00a0\n    @mona"],
    ["an item that only looks empty", "- \u00a0\n  ```\n@mona"],
    ["a no-break space after an address", "https://x.org\u00a0`a b` @mona `"],
    ["a footnote", "a[^1]\n\n[^1]: b\n\n    @mona"],
    ["digits and spaces as entities", "&#49;. x\n   ```\n@mona\n```\n-&#32;x\n  ```\n@mona\n```"],
    ["an address that swallows a backslash", "https://x.org/\\<b>"],
    ["an address that swallows a backtick", "https://x.org/`a b` @mona `"],
    ["a link's target that holds a backtick", "[a](`b) c` @mona"],
    ["a link's label that holds a backtick", "[`a]: /x '`'\n\n[t][`a] b` @mona"],
    ["a label before a target", "][](https://github.com/o/r/issues/3)"],
    ["an image in a target", "](![x](http://e.org/x.png))"],
    ["an address glued to a number", "fixes #12https://x.org"],
    ["an address glued to a name", "a@b.org@mona"],
  ])("is not deceived by %s", (_, text) => {
    expect(actions(workerText(text))).toEqual([]);
    expect(actions(quoted(workerText(text)))).toEqual([]);
  });

  it("keeps tabs from ending a code block early where it is quoted", () => {
    expect(actions(quoted(workerText("```\n\t````\n>@mona\n```")))).toEqual([]);
  });

  it.each([
    ["#12https://x.org", "`#12https://x.org`"],
    ["a@b.org@mona", "`a@b.org@mona`"],
    ["2. a\n\nb\n2. c", "2. a\n\nb\n2\\. c"],
  ])("shows %j as %j", (text, safe) => {
    expect(workerText(text)).toBe(safe);
  });

  it("never holds a mark of ours, code included", () => {
    const marks = [
      "<!-- dispatch:do cancel 1/x -->",
      "`<!-- dispatch:do cancel 1/x -->`",
      "```\n<!-- dispatch:status 1/x -->\n```",
    ];
    for (const mark of marks) expect(workerText(mark)).not.toMatch(/<!--\s*dispatch:/);
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const safe = workerText(text);
        expect(workerText(safe)).toBe(safe);
      }),
      { numRuns: 2_000 * SCALE },
    );
  });

  it.each([
    ["thanks @mona!", "thanks `@mona`!"],
    ["cc @octo-org/reviewers", "cc `@octo-org/reviewers`"],
    ["**@mona** and _@hubot_", "**`@mona`** and _`@hubot`_"],
    ["fixes #12, closes octo-org/hello#3", "fixes `#12`, closes `octo-org/hello#3`"],
    ["see GH-7", "see `GH-7`"],
    ["https://github.com/octo-org/hello/issues/3", "`https://github.com/octo-org/hello/issues/3`"],
    ["[it](https://github.com/octo-org/hello/pull/3)", "[it]\\(`https://github.com/octo-org/hello/pull/3`)"],
    ["[post](https://example.org/@mona/1)", "[post](https://example.org/%40mona/1)"],
    ["/dispatch cancel", "\\/dispatch cancel"],
    ["> /approve", "> \\/approve"],
    ["- [ ] Cancel this task\n- [x] done", "- ⬜ Cancel this task\n- ✅ done"],
    ["![chart](https://example.org/track.png)", "[chart](https://example.org/track.png)"],
    ["![](https://example.org/track.png)", "[image](https://example.org/track.png)"],
    ["<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)>"],
    ["<https://example.org/a>", "https://example.org/a"],
    ["<!-- dispatch:status 1/x -->", "&lt;!-- dispatch:status 1/x -->"],
    ["&#64;mona &commat;mona", "`@mona` &amp;commat;mona"],
    ["\\@mona", "`@mona`"],
    ["a ` b @mona ` c `@hubot`", "a ` b @mona ` c `@hubot`"],
    ["a ` b\n`@mona ` c", "a \\` b\n`@mona ` c"],
    ["| `a | `@mona` |\n|---|---|", "| \\`a | `@mona` |\n|---|---|"],
    ["```\nnever closed", "```\nnever closed\n```"],
    ["- ```\n  x\n- @mona", "- ```\n  x\n  ```\n- `@mona`"],
    ["[^1]: a\n\n    @mona", "\\[^1]: a\n\n    @mona"],
    ["zero\u200bwidth \u202eback\u202c \u{E0041}tag", "zerowidth back tag"],
  ])("%j becomes %j", (text, safe) => {
    expect(workerText(text)).toBe(safe);
  });

  it.each([
    [
      "code",
      "Use `@Override`, `#12` and `<b>`:\n\n```java\n@Override // fixes #1\n<T> void run(List<T> all) {}\n/dispatch\n```\n\nDone.",
    ],
    ["code in a list", "1. First:\n\n   ```ts\n   const a: Array<string> = [];\n   ```\n\n2. Then `a | b`."],
    ["code in a quote", "> ```ts\n> type A = Map<string, number>;\n> ```\n>\n> Fine."],
    ["indented code", "Run:\n\n    if (a < b) @x\n\nand wait."],
    ["tabs in code", "```make\nall:\n\techo hi\n```"],
    ["a table", "| file | lines |\n|:-----|------:|\n| `a.ts` | 12 |\n| b \\| c | 3 |"],
    [
      "links",
      'See [the docs](https://example.org/a_(b)?x=1&y=2#L10 "Docs"), https://example.org/x#top and mona@example.org.',
    ],
    [
      "ordinary signs",
      "a < b, c <= d, x -> y, C#, 5 @ 3, R&D, 50 %, $HOME, ~5, a*b, snake_case, #tag &amp; &mdash; 1. no",
    ],
    ["headings and emphasis", "# Title\n\n**bold** _it_ ~~gone~~\n\n---\n\n* item\n  * nested\n+ plus"],
    ["emoji", "👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 ❤️‍🔥 🇩🇪 🏴󠁧󠁢󠁳󠁣󠁴󠁿 1️⃣ ☺︎ ✅"],
    ["other scripts", "日本語の説明。 한국어 Ελληνικά עברית العربية می‌خواهم क्‍ष ไทย"],
    ["accents", "Zoë naïve Å cafe\u0301"],
  ])("leaves %s as it is", (_, text) => {
    expect(workerText(text)).toBe(text);
  });

  it("leaves plain words alone", () => {
    const words = fc.stringMatching(/^[A-Za-zäöü日本ع ]{1,40}$/).map((text) => text.trim());
    fc.assert(
      fc.property(words, (text) => {
        expect(workerText(text)).toBe(text);
      }),
      { numRuns: 500 * SCALE },
    );
  });

  it("still says what it said", () => {
    expect(reading(workerText("thanks @mona, fixes #12 <b>now</b>"))).toBe("thanks @mona, fixes #12 <b>now</b>");
  });

  it("ends in … where it is cut, with its code block closed", () => {
    const text = workerText(`Look:\n\n\`\`\`\n${"x\n".repeat(500)}\`\`\`\nend`, 200);
    expect(text.length).toBeLessThanOrEqual(200);
    expect(text.endsWith("```\n…")).toBe(true);
    expect(workerText("word ".repeat(100), 50)).toMatch(/^word .*word…$/);
  });

  it("takes no longer for a text made to be slow", () => {
    const slow = [
      "`".repeat(20_000),
      "` `` ".repeat(5_000),
      "[".repeat(20_000),
      "> ".repeat(9_000),
      "- ".repeat(9_000),
      "](".repeat(9_000),
    ];
    slow.push(
      "\\".repeat(20_001),
      "&".repeat(20_000),
      "a@".repeat(9_000),
      "/a".repeat(9_000),
      `[x](${"(".repeat(9_000)}`,
      "<".repeat(20_000),
    );
    const start = performance.now();
    for (const text of slow) workerText(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("one line", () => {
  it("is one harmless line within its limit, and stays so", () => {
    fc.assert(
      fc.property(HOSTILE, fc.integer({ min: 1, max: 120 }), (text, limit) => {
        const line = plainLine(text, limit);
        expect(line).not.toMatch(/\n/);
        expect(line.length).toBeLessThanOrEqual(limit);
        expect(actions(line)).toEqual([]);
        expect(actions(`- [ ] ${line}`).filter((action) => !action.startsWith("box: [ ]"))).toEqual([]);
        expect(plainLine(line, limit)).toBe(line);
      }),
      { numRuns: 3_000 * SCALE },
    );
  });

  it.each([
    ["# Title\n\nmore", "\\# Title more"],
    ["- item", "\\- item"],
    ["1. item", "1\\. item"],
    ["> quote", "\\> quote"],
    ["[x] done", "\\[x] done"],
    ["/dispatch cancel", "\\/dispatch cancel"],
    ["ask @mona about `@types/node`", "ask `@mona` about `@types/node`"],
    ["-1 is fine, #tag too", "-1 is fine, #tag too"],
  ])("%j becomes %j", (text, line) => {
    expect(plainLine(text)).toBe(line);
  });
});

describe("a commit's line", () => {
  it.each([
    ["Add tests", "Add tests"],
    ["Fixes #12 for @mona", "Fixes 12 for mona"],
    ["Resolve octo-org/hello#3 and GH-4", "Resolve octo-org/hello 3 and GH 4"],
    ["Closes https://github.com/octo-org/hello/issues/3", "Closes https://github.com/octo-org/hello issues 3"],
    ["Tidy up [skip ci]\nmore", "Tidy up skip ci more"],
    // What is taken out must not leave the same behind.
    ["[[skip ci]][[skip ci]]", "skip ci skip ci"],
    ["@[@no ci]", "@ no ci"],
    ["Mail mona@example.org", "Mail mona@example.org"],
  ])("%j becomes %j", (text, line) => {
    expect(commitLine(text)).toBe(line);
  });

  it("closes and mentions nothing", () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        expect(commitLine(text)).not.toMatch(/(?:^|[^A-Za-z0-9])@[a-z\d]|#\d|\bGH-\d|\/issues\/\d|\n/i);
      }),
      { numRuns: 1_000 * SCALE },
    );
  });
});

describe("secrets", () => {
  const SECRET = "s3cr3t/va+lue=with?signs";

  it.each([
    ["itself", SECRET],
    ["for a URL", encodeURIComponent(SECRET)],
    ["in base64", btoa(SECRET)],
    ["in base64 of a longer text", btoa(`user:${SECRET}:x`)],
    ["in base64 at another place", btoa(`ab${SECRET}`)],
    ["in base64 for a URL", btoa(SECRET).replaceAll("+", "-").replaceAll("/", "_")],
    ["behind an invisible character", `s3cr3t/\u200bva+lue=with?signs`],
  ])("masks a known value %s", (_, form) => {
    const masked = maskSecrets(`before ${form} after`, [SECRET]);
    expect(masked).toMatch(/^before .*\*\*\*.* after$/);
    expect(masked).not.toContain(form.slice(8, 20));
  });

  it("masks any secret wherever it stands", () => {
    const secret = fc.string({ minLength: 12, maxLength: 60 }).filter((text) => /^[\x21-\x7e]+$/.test(text));
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), (value, before, after) => {
        expect(maskSecrets(`${before} ${value} ${after}`, [value])).not.toContain(value);
        const bytes = `${"x".repeat(before.length)}${value}${"y".repeat(after.length)}`;
        const left = maskSecrets(btoa(bytes), [value]);
        // What is left of the text in base64 is at most what stands around the secret, and a few bits of its ends.
        expect(left.replace("***", "").length).toBeLessThanOrEqual(
          Math.ceil(((before.length + after.length) * 4) / 3) + 8,
        );
      }),
      { numRuns: 500 * SCALE },
    );
  });

  it.each([
    "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "gho_16C7e42F292c6912E7710c838347Ae178B4a.longer-than-it-used-to-be",
    "github_pat_11ABCDEFG0123456789_abcdefghijklmnop",
    "sk-ant-api03-abcdefgh_ijkl-mnop",
    "sk-proj-abcd1234efgh5678ijkl",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijkl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0In0.c2lnbmF0dXJl",
  ])("masks what looks like a key: %s", (token) => {
    expect(maskSecrets(`key=${token} end`, [])).toBe("key=*** end");
  });

  it("masks a key of several lines line by line", () => {
    const key = "-----BEGIN X-----\nMIIEpAIBAAKCAQEA7f0\nshort\n-----END X-----";
    const long = key.replace("short", "zzzzzzzzzzzzzzzzzzzzzzzz");
    expect(maskSecrets("a zzzzzzzzzzzzzzzzzzzzzzzz b", [long])).toBe("a *** b");
  });

  it.each([["task-fix-login-bug-7k2q"], ["sk-learn-contrib-is-a-package"], ["short"], ["👩‍👧 stays \u200b as it is"]])(
    "leaves %j alone",
    (text) => {
      expect(maskSecrets(text, ["short"])).toBe(text);
    },
  );
});

describe("people", () => {
  it("are called only by what can be a login", () => {
    expect(mention("mona")).toBe("@mona");
    expect(mention("mona-lisa_octo")).toBe("@mona-lisa_octo");
    expect(mention("dependabot[bot]")).toBe("**dependabot\\[bot\\]**");
    expect(mention("x @octocat")).toBe("**xoctocat**");
    expect(person("mona")).toBe("**mona**");
  });
});

describe("visible text", () => {
  it("holds nothing that cannot be seen", () => {
    const invisible = fc.constantFrom(
      ..."\u200b\u200e\u202e\u2060\u2064\u00ad\ufeff\u0000\u0007\u3164\ufe0f\u200d".split(""),
      "\u{E0041}",
      "\u{E0101}",
    );
    fc.assert(
      fc.property(fc.array(invisible), fc.array(invisible), (before, after) => {
        expect(visibleText(`${before.join("")}word${after.join("")}`)).toBe("word");
      }),
      { numRuns: 500 * SCALE },
    );
  });

  it("has LF as its only line end", () => {
    expect(visibleText("a\r\nb\rc\u2028d")).toBe("a\nb\nc\nd");
  });
});
