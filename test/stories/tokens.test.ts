import { describe, expect, it } from "vitest";
import { IN_FULL } from "./hostings.ts";
import { HELLO, World } from "./world.ts";

const WORKFLOW = ".github/workflows/dispatch.yml";

/** The ready-made workflow, with an App's id and key for the job that works. */
async function giveApp(world: World): Promise<void> {
  const { appId, privateKey } = world.playground.github.addApp({ slug: "our-app" });
  const mona = world.as("mona").repos;
  const { data } = await mona.getContent({ ...HELLO, path: WORKFLOW });
  if (!("content" in data)) throw new Error("The workflow is a file");
  const text = Buffer.from(data.content, "base64").toString();
  const given = `$1app-id: "${appId}"\n$1private-key: ${JSON.stringify(privateKey)}\n`;
  const changed = text.replace(/( +)(?=task: \$\{\{ inputs\.task \}\}\n)/, given.concat("$1"));
  expect(changed).not.toBe(text);
  const content = Buffer.from(changed).toString("base64");
  await mona.createOrUpdateFileContents({
    ...HELLO,
    path: WORKFLOW,
    message: "Work as our App",
    content,
    sha: data.sha,
  });
}

describe.runIf(IN_FULL)("a run that works as an App", () => {
  it("says and pushes everything in its name, also after its token was taken back", { timeout: 120_000 }, async () => {
    await using world = await World.start({ hosting: "action" });
    await giveApp(world);
    const { faults } = world.playground.github;
    const refused = (path: RegExp) =>
      faults.order({ match: { tokenKind: "installation", path }, times: 1, then: { status: 401 } });
    refused(/\/issues\/comments\/\d+$/);
    refused(/^\/graphql$/);
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    await world.comment(1, "<!-- dispatch:question");
    await world.say(1, "Status and uptime");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result).toMatchObject({ author: "our-app[bot]", body: expect.stringContaining("✅") });
    const question = (await world.comments(1)).find(({ body }) => body.startsWith("<!-- dispatch:question"));
    expect(question?.author).toBe("our-app[bot]");
    expect(faults.pending).toBe(0);
    const { data: pulls } = await world.as("mona").pulls.list({ ...HELLO, state: "open" });
    expect(pulls.map(({ user }) => user?.login)).toContain("our-app[bot]");
  });
});
