import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe("a task on a pull request", () => {
  it("commits to the pull request's own branch", { timeout: 180_000 }, async () => {
    await using world = await World.start({ pace: 500 });
    const [pull] = (await world.pulls()).filter(({ number }) => number === 2);
    const branch = pull?.head.ref ?? "";
    await world.say(2, "/dispatch use sonnet to tidy up\n\n- Write down what changed\n- Mention it in the log");
    await world.comment(2, "<!-- dispatch:result");
    expect(await world.subjects(branch)).toEqual(
      expect.arrayContaining(["Write down what changed", "Mention it in the log"]),
    );
    expect((await world.pulls()).map(({ number }) => number).sort()).toEqual([2, 3]);
  });

  it("goes to a branch and a pull request of its own in a worktree", { timeout: 180_000 }, async () => {
    await using world = await World.start({ pace: 500 });
    const [pull] = (await world.pulls()).filter(({ number }) => number === 2);
    const branch = pull?.head.ref ?? "";
    const before = await world.subjects(branch);
    await world.say(
      2,
      "/dispatch use sonnet in a worktree to tidy up\n\n- Write down what changed\n- Mention it in the log",
    );
    await world.comment(2, "<!-- dispatch:result");
    expect(await world.subjects(branch)).toEqual(before);
    const own = (await world.pulls()).filter(({ head }) => head.ref.startsWith("dispatch/"));
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ base: { ref: branch }, draft: false });
    expect(await world.subjects(own[0]?.head.ref ?? "", branch)).toEqual([
      "Write down what changed",
      "Mention it in the log",
    ]);
  });
});
