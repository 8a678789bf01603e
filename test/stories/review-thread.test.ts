import { describe, expect, it } from "vitest";
import { toldBy } from "./hostings.ts";
import { manyTempers } from "./rows.ts";
import { HELLO, World } from "./world.ts";

const PULL = 2;
const PLACE = { ...HELLO, pull_number: PULL };
const COMMAND = "/dispatch use opus to add a /options endpoint";

/** What stands at the lines of the pull request. */
async function remarks(world: World) {
  const { data } = await world.as("mona").pulls.listReviewComments({ ...PLACE, per_page: 100 });
  return data.map(({ id, in_reply_to_id: to = null, user, body }) => ({ id, to, author: user.login, body }));
}

async function sayAtLine(world: World, body: string): Promise<number> {
  const mona = world.as("mona");
  const { head } = (await mona.pulls.get(PLACE)).data;
  const line = { path: "docs/greeting.md", line: 3, commit_id: head.sha, body };
  return (await mona.pulls.createReviewComment({ ...PLACE, ...line })).data.id;
}

async function replyAtLine(world: World, to: number, body: string, login = "mona"): Promise<number> {
  const { data } = await world.as(login).pulls.createReplyForReviewComment({ ...PLACE, comment_id: to, body });
  return data.id;
}

async function question(world: World) {
  return world.eventually("the question at the line", async () =>
    (await remarks(world)).find(({ body }) => body.startsWith("<!-- dispatch:question")),
  );
}

async function answered(world: World, id: number, by: string) {
  return world.eventually("the answer to show", async () =>
    (await remarks(world)).find((one) => one.id === id && one.body.includes(`**${by}** answered`)),
  );
}

async function questionsInConversation(world: World) {
  return (await world.comments(PULL)).filter(({ body }) => body.startsWith("<!-- dispatch:question"));
}

describe.each(toldBy("action"))("a task that was asked for at a line (%s)", (hosting) => {
  const start = () => World.start({ hosting, config: manyTempers() });

  it("asks in that thread, and goes on with a reply there by anybody who may write", { timeout: 180_000 }, async () => {
    await using world = await start();
    const first = await sayAtLine(world, COMMAND);
    const asked = await question(world);
    expect(asked).toMatchObject({ to: first, author: "github-actions[bot]" });
    const status = await world.comment(PULL, "<!-- dispatch:status");
    await world.becomes(status, `#discussion_r${asked.id}`);
    await replyAtLine(world, first, "1", "hubot");
    await answered(world, asked.id, "hubot");
    expect((await world.comment(PULL, "<!-- dispatch:result")).body).toContain("✅");
    expect(await questionsInConversation(world)).toEqual([]);
    expect((await remarks(world)).filter(({ author }) => author === "github-actions[bot]")).toHaveLength(1);
    expect(await world.labels(PULL)).not.toContain("dispatch: waiting");
  });

  it("hears a tick there, also where the command was a reply", { timeout: 180_000 }, async () => {
    await using world = await start();
    const first = await sayAtLine(world, "This could say more.");
    await replyAtLine(world, first, COMMAND);
    const asked = await question(world);
    expect(asked.to).toBe(first);
    const body = asked.body.replace("- [ ]", "- [x]");
    await world.as("hubot").pulls.updateReviewComment({ ...HELLO, comment_id: asked.id, body });
    await answered(world, asked.id, "hubot");
    expect((await world.comment(PULL, "<!-- dispatch:result")).body).toContain("✅");
  });

  it("asks in the conversation when the thread is gone", { timeout: 180_000 }, async () => {
    await using world = await start();
    const match = { method: "POST", path: /\/replies$/ };
    world.playground.github.faults.order({ match, times: 1, then: { status: 404 } });
    await sayAtLine(world, COMMAND);
    const asked = await world.comment(PULL, "<!-- dispatch:question");
    await world.say(PULL, "1");
    await world.becomes(asked, "**mona** answered");
    await world.comment(PULL, "<!-- dispatch:result");
    expect((await remarks(world)).filter(({ author }) => author.endsWith("[bot]"))).toEqual([]);
  });
});
