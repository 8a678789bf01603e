import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

async function planOf(world: World): Promise<string> {
  const branch = await world.eventually("the branch", async () => (await world.branches("dispatch/tasks/1/"))[0]);
  const id = branch.replace("dispatch/tasks/1/", "");
  return (await world.file(branch, `.dispatch/tasks/${id}/plan.md`)) ?? "";
}

describe("the plan", () => {
  it("is the comment's checklist, word for word", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(
      1,
      "/dispatch use opus to prepare the release\r\n\r\n- [ ] Bump the version\r\n- [ ] Write the notes, *all* of them\r\n",
    );
    await world.comment(1, "<!-- dispatch:result");
    expect(await planOf(world)).toMatch(
      /^# .+\n\n- \[x\] Bump the version\n(?: .*\n)*- \[x\] Write the notes, \*all\* of them\n/,
    );
  });

  it("is made of the comment's list", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, "/dispatch use opus to prepare the release\n\n1. Bump the version\n2. Write the notes\n");
    await world.comment(1, "<!-- dispatch:result");
    const plan = await planOf(world);
    expect(plan).toContain("- [x] Bump the version");
    expect(plan).toContain("- [x] Write the notes");
  });

  it("is the worker's own where there is neither", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    await world.comment(1, "<!-- dispatch:question");
    const plan = await planOf(world);
    expect(plan.match(/^- \[[ x]\]/gm)?.length).toBeGreaterThanOrEqual(3);
    const items = Array.from(plan.matchAll(/^- \[[ x]\] (.+)$/gm), ([, item]) => item ?? "");
    await world.eventually("the whole plan in the status comment", async () => {
      const [status] = (await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:status"));
      return items.every((item) => status?.body.includes(item.replace(/ to \.dispatch.*/, "")));
    });
  });
});
