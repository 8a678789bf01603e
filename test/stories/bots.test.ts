import { setTimeout as sleep } from "node:timers/promises";
import { Octokit } from "@octokit/rest";
import { describe, expect, it } from "vitest";
import { toldBy } from "./hostings.ts";
import { manyTempers } from "./rows.ts";
import { HELLO, World } from "./world.ts";

/** Another App at work in the repository, as its own token lets it speak. */
function bot(world: World, slug: string): Octokit {
  const { github } = world.playground;
  const { appId, bot: account, permissions } = github.addApp({ slug });
  const auth = github.issueToken({ account, kind: "installation", permissions, appId });
  return new Octokit({ auth, baseUrl: world.playground.api });
}

describe.each(toldBy("action"))("bots (%s)", (hosting) => {
  it("that the config names may command; others meet silence", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, config: manyTempers('bots: ["helper[bot]"]\n') });
    const thread = await world.openIssue("Nightly failed");
    const [helper, nosy] = [bot(world, "helper"), bot(world, "nosy")];
    const say = async (as: Octokit, body: string) =>
      (await as.issues.createComment({ ...HELLO, issue_number: thread, body })).data.id;

    const unheard = await say(nosy, "/dispatch use opus to tidy up\n\n- First");
    const heard = await say(helper, "The build broke.\n\n/dispatch use opus to mend it\n\n- First\n- Second");
    const result = await world.comment(thread, "<!-- dispatch:result");
    expect(result.body).toContain("✅");
    expect(result.body).toContain("**helper\\[bot\\]**");
    expect(await world.reactions(heard)).toEqual(["eyes"]);

    // Long enough for a run of the thread's handler.
    if (hosting === "action") await sleep(3_000);
    expect(await world.reactions(unheard)).toEqual([]);
    expect(await world.tasks(thread)).toHaveLength(1);
    const authors = (await world.comments(thread)).map(({ author }) => author);
    expect(authors.filter((author) => author === "nosy[bot]")).toHaveLength(1);
    expect((await world.comments(thread)).filter(({ body }) => body.startsWith("<!-- dispatch:reply"))).toEqual([]);
  });

  it("neither answer nor tick", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, config: manyTempers('bots: ["helper[bot]"]\n') });
    const thread = await world.openIssue("Colours");
    const helper = bot(world, "helper");
    await world.say(thread, "/dispatch use opus to add a /options endpoint");
    const asked = await world.comment(thread, "<!-- dispatch:question");
    await helper.issues.createComment({ ...HELLO, issue_number: thread, body: "> Which\n\nThe first." });
    const body = asked.body.replace("- [ ]", "- [x]");
    await helper.issues.updateComment({ ...HELLO, comment_id: asked.id, body });
    await sleep(3_000);
    const id = await world.task(thread);
    expect(await world.taskFile(thread, id, "ipc/001.answer")).toBe("");
    await world.say(thread, "1");
    await world.comment(thread, "<!-- dispatch:result");
  });
});
