import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const COMMAND = "/dispatch use opus to tidy up\n\n- Write down what changed\n- Mention it in the log";

async function expectOnce(world: World): Promise<void> {
  await world.comment(1, "<!-- dispatch:result");
  await world.quiet();
  expect(await world.branches("dispatch/tasks/")).toHaveLength(1);
  const kinds = (await world.comments(1)).flatMap(({ body }) => /^<!-- dispatch:(\w+)/.exec(body)?.[1] ?? []);
  expect(kinds.sort()).toEqual(["result", "status"]);
  const outcomes = await Promise.all((await world.runs()).map(({ id }) => world.log(id)));
  expect(outcomes.filter((log) => /demo worker \d+/i.test(log))).toHaveLength(1);
}

describe("the same delivery", () => {
  it("twice makes one task", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:status");
    await world.redeliver("issue_comment");
    await expectOnce(world);
  });

  it("handled by two servers at once makes one task", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await using _second = await world.secondServer();
    await world.say(1, COMMAND);
    await expectOnce(world);
  });
});
