import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { World } from "./world.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

describe.skipIf(!existsSync(CHROMIUM))("the whole story in a browser", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser.close();
  });

  it("a comment starts a task, a tick answers its question, another one cancels the next task", {
    timeout: 180_000,
  }, async () => {
    await using world = await World.start({ pace: 300 });
    const page = await browser.newPage();
    page.setDefaultTimeout(40_000);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.goto(world.playground.url);
    expect(page.url()).toContain("/octo-org/hello/issues/1");

    const box = page.getByRole("textbox").first();
    await box.fill("/dispatch use opus to add a /health endpoint");
    await page.keyboard.press("Control+Enter");
    await page.getByText("What should /health return?").first().waitFor();
    await page.getByRole("checkbox", { name: /Status 200 and JSON/ }).check();
    await page.getByText("this is done").waitFor();
    await page.getByText("Answered: a question").waitFor();
    // Ticked while the worker waited, so the answer went to the same run.
    expect(await world.runs()).toHaveLength(1);

    await box.fill("/dispatch use opus to describe the server\n\n- Which audience?\n- Write it down");
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByText("A question about").waitFor();
    await page.getByRole("checkbox", { name: "Cancel this task" }).check();
    await page.getByText("this was cancelled by").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });
});
