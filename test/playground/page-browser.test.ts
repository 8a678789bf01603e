import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LocalActions } from "../../src/playground/actions/local-actions.ts";
import { addActionsRoutes } from "../../src/playground/actions/routes.ts";
import { pageRoutes } from "../../src/playground/page/routes.ts";
import { HELLO, type Playground, startPlayground } from "./github-fixture.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

describe.skipIf(!existsSync(CHROMIUM))("the page in a browser", { timeout: 30_000 }, () => {
  let playground: Playground;
  let actions: LocalActions;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let number: number;
  let troubles: string[];

  beforeAll(async () => {
    playground = await startPlayground();
    const { github } = playground;
    const tokens = Object.fromEntries(["mona", "hubot", "stranger"].map((login) => [login, github.tokenOf(login)]));
    actions = new LocalActions({ github, dataDir: playground.folder });
    addActionsRoutes(github, actions);
    github.app.route("/", pageRoutes({ github, tokens }));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await actions.close();
    await playground.end();
  });

  beforeEach(async () => {
    const { data } = await playground
      .as("mona")
      .issues.create({ ...HELLO, title: "Health check", body: "It gets a **404**." });
    number = data.number;
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(5_000);
    troubles = [];
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
    await page.goto(`${playground.address.url}/octo-org/hello/issues/${number}`);
    await page.getByRole("heading", { name: "Health check" }).waitFor();
  });
  afterEach(async () => {
    await context.close();
    if (troubles.length > 0) throw new Error(`The browser complained: ${troubles.join("\n")}`);
  });

  const comment = (login: string, body: string) =>
    playground.as(login).issues.createComment({ ...HELLO, issue_number: number, body });
  const bodies = async () => {
    const { data } = await playground.as("mona").issues.listComments({ ...HELLO, issue_number: number });
    return data.map(({ body }) => body);
  };
  const box = () => page.getByRole("textbox", { name: "Add a comment" });

  it("sends a comment by keyboard and shows it", async () => {
    await box().fill("/dispatch add a **health** endpoint");
    await box().press("Control+Enter");
    await page.locator(".remark strong", { hasText: /^health$/ }).waitFor();
    expect(await bodies()).toEqual(["/dispatch add a **health** endpoint"]);
    await expect.poll(() => box().inputValue()).toBe("");
  });

  it("previews what is written", async () => {
    await box().fill("see #1");
    await page.getByRole("tab", { name: "Preview" }).click();
    await page.locator(".preview .issue-link").waitFor();
    await page.getByRole("tab", { name: "Preview" }).press("ArrowLeft");
    expect(await box().inputValue()).toBe("see #1");
  });

  it("shows what others do, without disturbing who is writing", async () => {
    await box().fill("half a thou");
    const { data } = await comment("hubot", "<details><summary>Details</summary>\n\n1 s\n</details>");
    const summary = page.getByText("Details", { exact: true });
    await summary.click();
    await box().focus();
    await playground.as("hubot").issues.updateComment({
      ...HELLO,
      comment_id: data.id,
      body: "<details><summary>Details</summary>\n\n2 s\n</details>",
    });
    await page.getByText("2 s").waitFor();
    await page.keyboard.type("ght");
    expect(await box().inputValue()).toBe("half a thought");
  });

  it("ticks one box in the comment's source", async () => {
    await comment("hubot", "<!-- mark -->\r\nWhich port?\r\n\r\n- [ ] 8080 <!-- do 0 -->\r\n- [ ] 9090 <!-- do 1 -->");
    const option = page.getByRole("checkbox", { name: "9090" });
    await option.focus();
    await option.press("Space");
    await expect
      .poll(bodies)
      .toEqual(["<!-- mark -->\r\nWhich port?\r\n\r\n- [ ] 8080 <!-- do 0 -->\r\n- [x] 9090 <!-- do 1 -->"]);
    await expect.poll(() => option.isChecked()).toBe(true);
  });

  it("does not let a stranger tick", async () => {
    await comment("hubot", "- [ ] 8080");
    await page.getByRole("combobox", { name: "You are" }).selectOption("stranger");
    await page.getByText("stranger has no write access here").waitFor();
    expect(await page.getByRole("checkbox", { name: "8080" }).isDisabled()).toBe(true);
  });

  it("quotes a comment into the box", async () => {
    await comment("hubot", "Which port?\nOr none?");
    await page.getByRole("article", { name: "by hubot" }).getByRole("button", { name: "Quote reply" }).click();
    expect(await box().inputValue()).toBe("> Which port?\n> Or none?\n\n");
    expect(await page.evaluate("document.activeElement.id")).toBe("new-comment");
  });

  it("shows reactions soon, and gives and takes one", async () => {
    const { data } = await comment("mona", "/dispatch");
    await playground.as("hubot").reactions.createForIssueComment({ ...HELLO, comment_id: data.id, content: "eyes" });
    const eyes = page.getByRole("button", { name: "eyes: 1" });
    await eyes.click();
    const given = async () => {
      const { data: all } = await playground
        .as("mona")
        .reactions.listForIssueComment({ ...HELLO, comment_id: data.id });
      return all.map(({ user }) => user?.login);
    };
    await expect.poll(given).toEqual(["hubot", "mona"]);
    await page.getByRole("button", { name: "eyes: 2" }).click();
    await eyes.waitFor();
    expect(await given()).toEqual(["hubot"]);
  });

  it("edits a comment", async () => {
    await comment("mona", "frist");
    await page.getByRole("article", { name: "commented by mona" }).getByLabel("More about this comment").click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Edit comment" }).fill("first");
    await page.getByRole("button", { name: "Update comment" }).click();
    await page.locator(".markdown-body").getByText("first", { exact: true }).waitFor();
    expect(await bodies()).toEqual(["first"]);
  });

  it("says in words when GitHub refuses", async () => {
    playground.github.faults.order({
      match: { method: "POST", path: /comments$/ },
      times: 1,
      then: { status: 403, body: { message: "Not today." } },
    });
    await box().fill("hello");
    await box().press("Control+Enter");
    await page.getByRole("alert").getByText("Not today.").waitFor();
    expect(await box().inputValue()).toBe("hello");
    expect(troubles.splice(0)).toEqual([expect.stringContaining("403")]);
  });

  it("shows the tasks of the conversation and the plan on their branch", async () => {
    const mona = playground.as("mona");
    const path = ".dispatch/tasks/add-health-7k2q/plan.md";
    const { data: tree } = await mona.git.createTree({
      ...HELLO,
      tree: [{ path, mode: "100644", content: "# The plan\n- [x] one\n" }],
    });
    const { data: commit } = await mona.git.createCommit({ ...HELLO, message: "Accept", tree: tree.sha, parents: [] });
    await mona.git.createRef({ ...HELLO, ref: `refs/heads/dispatch/tasks/${number}/add-health-7k2q`, sha: commit.sha });
    await page.getByRole("link", { name: "add-health-7k2q" }).click();
    await page.getByRole("heading", { name: "The plan" }).waitFor();
    expect(await page.getByRole("checkbox").isChecked()).toBe(true);
  });

  it("shows a pull request's changes", async () => {
    const mona = playground.as("mona");
    const { data: main } = await mona.git.getRef({ ...HELLO, ref: "heads/main" });
    const branch = `dispatch/health-${number}`;
    await mona.git.createRef({ ...HELLO, ref: `refs/heads/${branch}`, sha: main.object.sha });
    const content = Buffer.from("export const healthy = true;\n").toString("base64");
    await mona.repos.createOrUpdateFileContents({
      ...HELLO,
      path: "src/health.js",
      message: "Be healthy",
      branch,
      content,
    });
    const { data: pull } = await mona.pulls.create({ ...HELLO, title: "Be healthy", head: branch, base: "main" });
    await page.goto(`${playground.address.url}/octo-org/hello/issues/${pull.number}`);
    await page.getByRole("link", { name: "Files changed 1" }).click();
    await page.locator(".diff-added", { hasText: "export const healthy = true;" }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/octo-org/hello/pull/${pull.number}/files`);
  });
});
