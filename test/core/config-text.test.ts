import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/core/config.ts";
import { proposalBody, proposalMessage } from "../../src/core/config-proposal.ts";
import { renderConfig, renderConfigChanged, renderConfigForms } from "../../src/core/config-text.ts";

const MARK = "<!-- mark -->";
const HERE = { configFrom: "repository", setup: null } as const;

describe("the config as it is shown", () => {
  it("lists names, roles, and what is set otherwise", () => {
    const config = readConfig(`
default: reviewer
models: { opus: { backend: claude }, gpt-5.3: { backend: codex } }
aliases: { reviewer: { model: opus, prompt: "You review | @mona\\n# loudly" }, fast: { model: gpt-5.3 } }
answer_timeout: 90s
timeout: 2h
commanders: [mona, hubot]
budget_usd: 2.5
`);
    expect(renderConfig(MARK, config, HERE)).toBe(`<!-- mark -->
### Config

From \`.github/dispatch.yml\` on the default branch. The default is \`reviewer\`.

| model | runs on |
|---|---|
| \`opus\` | claude |
| \`gpt-5.3\` | codex |

| alias | model | role |
|---|---|---|
| \`reviewer\` (default) | \`opus\` | You review \\| \`@mona\` # loudly |
| \`fast\` | \`gpt-5.3\` |  |

Set otherwise than built in:

- \`answer_timeout\`: 1.5 min
- \`timeout\`: 2 h
- \`budget_usd\`: 2.5
- \`commanders\`: \`mona\`, \`hubot\`

To change it, say so: \`/dispatch switch default to …\`, \`/dispatch add … to my config\`. A pull request shows you the change first.`);
  });

  it.each([
    [{ configFrom: "organisation", setup: null }, "the organisation's `.github` repository"],
    [{ configFrom: null, setup: "version: 1" }, "`/dispatch doctor` has found"],
    [{ configFrom: null, setup: null }, "the built-in settings"],
  ] as const)("says where it comes from: %j", (from, words) => {
    const text = renderConfig(MARK, readConfig(null), from);
    expect(text).toContain(words);
    expect(text).not.toContain("Set otherwise");
  });

  it("says how the old format becomes the new one", () => {
    const text = renderConfig(MARK, readConfig("agents: { a: { command: x } }"), HERE);
    expect(text).toContain("| `a` (default) | its own command |");
    expect(text).toContain("`/dispatch migrate my config`");
  });
});

describe("a change", () => {
  const said = ["`sonnet` is the default now, instead of `opus`.", "`opus` is removed."];

  it.each([
    ["proposed", { said, url: "https://example.com/5", number: 5 }, "Proposed in [#5](https://example.com/5)"],
    [
      "not let through",
      { said, url: "https://example.com/compare", number: null },
      "[Open the pull request](https://example.com/compare)",
    ],
    ["not needed", { said, url: null, number: null }, "Nothing is left to change"],
  ])("%s", (_, proposed, words) => {
    const text = renderConfigChanged(MARK, proposed);
    expect(text).toContain(words);
    expect(text).toContain("- `sonnet` is the default now, instead of `opus`.\n- `opus` is removed.");
  });
});

describe("the pull request's words", () => {
  const first = proposalBody(null, ["`sonnet` is the default now."], { by: "mona", thread: 12 });

  it("say what, who and where", () => {
    expect(first).toMatch(/\n- `sonnet` is the default now\. \(\*\*mona\*\*, #12\)$/);
  });

  it("grow with every change, and keep what people have written there", () => {
    const edited = `${first}\r\n\r\nCloses #3`;
    expect(proposalBody(edited, ["`opus` is removed."], { by: "hubot", thread: null })).toBe(
      `${first}\n- \`opus\` is removed. (**hubot**)\n\nCloses #3`,
    );
  });

  it("stay within what GitHub takes", () => {
    let body: string | null = null;
    for (let round = 0; round < 400; round += 1)
      body = proposalBody(body, ["x".repeat(280)], { by: "mona", thread: 1 });
    expect(body?.length).toBeLessThan(60_000);
    expect(body).toContain("Changes of `.github/dispatch.yml`");
  });

  it("and the commit's, without marks", () => {
    expect(proposalMessage(["`sonnet` is the default now."])).toBe("Dispatch config: sonnet is the default now");
    expect(proposalMessage(["`a` is added.", "`b` is removed."])).toBe(
      "Change the Dispatch config\n\n- a is added.\n- b is removed.",
    );
  });
});

it("shows the forms for what cannot be read, and repeats it without effect", () => {
  const text = renderConfigForms(MARK, "add @mona <!-- dispatch:do --> to my config");
  expect(text).toContain("/dispatch config set answer_timeout 30m");
  expect(text).not.toContain("<!-- dispatch:");
  expect(text).not.toMatch(/(?<!`)@mona/);
});
