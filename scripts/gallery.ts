import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { chromium } from "playwright-core";
import { addComment, openIssue } from "../src/playground/github/conversation.ts";
import { Playground } from "../src/playground/playground.ts";
import { EXHIBITS } from "../test/gallery/states.ts";

// Shows every comment that people can meet as the page renders it, one picture each: `node scripts/gallery.ts [folder] [name …]`.

const [folder = ".tmp/gallery", ...names] = process.argv.slice(2);
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

mkdirSync(folder, { recursive: true });
await using playground = await Playground.start({ port: 0 });
const { github, repository } = playground;
const bot = github.addUser("dispatch-app[bot]", { type: "Bot" });
const actor = { account: bot, tokenKind: "installation" } as const;
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: FLAGS.split(" "),
});
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  for (const { name, body } of EXHIBITS.filter((exhibit) => names.length === 0 || names.includes(exhibit.name))) {
    const issue = openIssue(github.world, actor, { repository, title: name, body: "" });
    addComment(github.world, actor, issue, body);
    await page.goto(`${playground.url}/${repository.fullName}/issues/${issue.number}`);
    const comment = page.locator("article.remark").last();
    await comment.waitFor();
    await page.waitForTimeout(150);
    await comment.screenshot({ path: join(folder, `${name}.png`) });
  }
} finally {
  await browser.close();
}
