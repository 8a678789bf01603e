import { describe, expect, it } from "vitest";
import { IN_FULL, toldBy } from "./hostings.ts";
import { manyTempers } from "./rows.ts";
import { World } from "./world.ts";

const FIVE = `/dispatch please do these, each in a worktree:

1. use opus to add a /health endpoint
2. use sonnet to write the changelog for the release
3. have haiku check the README for typos
4. use sonnet to draft the announcement
5. use opus to review the tests

Ask me if anything is unclear.`;

async function overview(world: World) {
  return world.comment(1, "<!-- dispatch:overview");
}

describe.each(toldBy("action"))("one comment with five tasks (%s)", (hosting) => {
  it("becomes five plans, five runs at the same time, and one overview", { timeout: 300_000 }, async () => {
    await using world = await World.start({ hosting, config: manyTempers(), pace: 40 });
    await world.say(1, FIVE);
    const first = await overview(world);
    expect(first.body).toContain("5 tasks");
    expect(first.body).not.toContain("mermaid");
    await world.eventually("five runs at once", async () => {
      const runs = await world.runs();
      const working = runs.filter(({ status }) => status === "in_progress");
      return runs.length === 5 && working.length >= 4;
    });
    const ids = await world.tasks(1);
    expect(ids).toHaveLength(5);
    const files = await Promise.all(
      ids.map(async (id) => ({
        id,
        yaml: await world.taskFile(1, id, "task.yaml"),
        request: await world.taskFile(1, id, "request.md"),
      })),
    );
    for (const { yaml, request, id } of files) {
      expect(request).toContain("Ask me if anything is unclear.");
      expect(yaml).toContain(`branch: dispatch/${id}`);
    }
    expect(files.flatMap(({ yaml }) => /worker:\n {2}name: (\S+)/.exec(yaml)?.[1] ?? []).sort()).toEqual([
      "haiku",
      "opus",
      "opus",
      "sonnet",
      "sonnet",
    ]);
    // Each worker of the sample repository asks; each question is answered where it stands.
    for (const id of ids)
      await world.eventually(`the question of ${id}`, () => world.taskFile(1, id, "ipc/001.question"), 120_000);
    for (const id of ids) await world.say(1, `/dispatch answer ${id} 001 Status and uptime`);
    await world.eventually(
      "five results",
      async () => (await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:result")).length === 5,
      150_000,
    );
    const last = await world.becomes(first, "**5 of 5 done**");
    expect(last.body).toMatch(/### ✅ 5 tasks/);
    expect((await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:overview"))).toHaveLength(1);
    expect((await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:status"))).toHaveLength(5);
  });
});

describe("tasks that wait for others", () => {
  const ORDERED = `/dispatch work on these:

1. use opus to lay the bricks

   - Lay
   - Look at it
2. use sonnet to mix the paint

   - Mix
   - Look at it
3. have haiku sweep the yard

   - Sweep
   - Look at it
4. use opus to paint the wall

   - Paint
   - Look at it

4 after 1 and 2.`;

  it.each(toldBy("server"))("start when those are done (%s)", { timeout: 300_000 }, async (hosting) => {
    await using world = await World.start({ hosting, config: manyTempers() });
    await world.say(1, ORDERED);
    const board = await overview(world);
    expect(board.body).toContain("```mermaid");
    const wall = await world.eventually("the fourth", async () =>
      (await world.tasks(1)).find((id) => id.includes("wall")),
    );
    const status = await world.comment(1, "This starts by itself");
    expect(status.body).toMatch(/as soon as `\S+` and `\S+` are done/);
    await world.becomes(board, "**4 of 4 done**", 90_000);
    const runs = await world.runs();
    expect(runs).toHaveLength(4);
    // Also the one whose run was started by another run has one comment, and no twin.
    const statuses = (await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:status"));
    expect(statuses).toHaveLength(4);
    const started = (part: string) =>
      Date.parse(runs.find(({ display_title }) => display_title.includes(part))?.created_at ?? "");
    expect(started(wall)).toBeGreaterThanOrEqual(Math.max(started("bricks"), started("mix")));
  });

  it.runIf(IN_FULL)("start although the server was down when those ended", { timeout: 300_000 }, async () => {
    await using world = await World.start({ config: manyTempers() });
    await world.say(1, "/dispatch use slow-1 to lay the bricks\n\n- Lay\n- Rest\n- Lay more\n- Look");
    const bricks = await world.task(1);
    await world.say(1, `/dispatch use opus to plant a tree after ${bricks}\n\n- Dig\n- Plant`);
    const tree = await world.eventually("the tree to wait", async () => {
      const id = (await world.tasks(1)).find((name) => name.includes("tree"));
      return id !== undefined && (await world.taskFile(1, id, "task.yaml")).includes("kind: held") && id;
    });
    await world.playground.server?.kill("SIGKILL");
    await world.eventually("the tree to be planted", async () =>
      (await world.taskFile(1, tree, "task.yaml")).includes("kind: done"),
    );
    await world.playground.server?.start();
  });

  it.runIf(IN_FULL)(
    "are not started when one of those fails or is cancelled, and say so",
    { timeout: 300_000 },
    async () => {
      await using world = await World.start({ config: manyTempers() });
      await world.say(
        1,
        "/dispatch do these in order:\n\n1. use opus to choose a colour\n\n   - Which colour?\n2. use sonnet to paint, after 1\n\n   - Paint\n3. use haiku to admire it, after 2\n\n   - Admire",
      );
      await world.comment(1, "<!-- dispatch:question");
      const first = (await world.tasks(1)).find((id) => id.includes("colour")) ?? "";
      await world.say(1, `/dispatch cancel ${first}`);
      const results = await world.eventually("three endings", async () => {
        const found = (await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:result"));
        return found.length === 3 && found;
      });
      expect(results.filter(({ body }) => /was to start after .* which was cancelled/.test(body))).toHaveLength(1);
      expect(results.filter(({ body }) => /was to start after .* which could not be finished/.test(body))).toHaveLength(
        1,
      );
      expect(await world.runs()).toHaveLength(1);
    },
  );
});

describe("several tasks without a model", () => {
  it("are started by one tick in the overview", { timeout: 300_000 }, async () => {
    await using world = await World.start({ config: manyTempers() });
    await world.say(1, "/dispatch sweep the yard\n\n- Sweep\n- Look\n\n/dispatch mow the lawn\n\n- Mow\n- Look");
    const board = await overview(world);
    await world.becomes(board, "Start them with `opus`");
    await world.tick(board.id, "Start them with `sonnet`", "hubot");
    await world.becomes(board, "**2 of 2 done**", 90_000);
    for (const id of await world.tasks(1)) expect(await world.taskFile(1, id, "task.yaml")).toContain("name: sonnet");
  });
});
