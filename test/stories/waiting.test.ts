import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demoConfig } from "../../src/playground/demo-config.ts";
import { World } from "./world.ts";

const COMMAND = "/dispatch use opus to add a /health endpoint";

async function taskId(world: World): Promise<string> {
  const branch = await world.eventually("the branch", async () => (await world.branches("dispatch/tasks/1/"))[0]);
  return branch.replace("dispatch/tasks/1/", "");
}

describe("a question", () => {
  it("is answered by a tick", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, COMMAND);
    const question = await world.comment(1, "<!-- dispatch:question");
    const [, option] = /- \[ \] (.+?)(?: <!--|$)/m.exec(question.body) ?? [];
    await world.tick(question.id, option ?? "", "hubot");
    await world.comment(1, "<!-- dispatch:result");
    const answered = await world.comment(1, "<!-- dispatch:question");
    expect(answered.body).toContain("hubot");
    expect(answered.body).toContain(option);
    expect((await world.runs()).length).toBe(1);
  });

  it("is not answered by people without write access, nor by talk to others", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:question");
    await world.say(1, "Return the moon", "stranger");
    await world.say(1, "@hubot what do you think?");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const id = await taskId(world);
    expect(await world.file(`dispatch/tasks/1/${id}`, `.dispatch/tasks/${id}/ipc/001.answer`)).toBeNull();
    await world.say(1, "Just the status");
    await world.comment(1, "<!-- dispatch:result");
    expect(await world.file(`dispatch/tasks/1/${id}`, `.dispatch/tasks/${id}/ipc/001.answer`)).toBe(
      "Just the status\n",
    );
  });

  it("parks the task when nobody answers, and goes on with the answer afterwards", { timeout: 180_000 }, async () => {
    const config = demoConfig({ backend: "demo", pace: 40, env: [] });
    await using world = await World.start({ config: `${config}\nanswer_timeout: 3s\n` });
    await world.say(1, COMMAND);
    const question = await world.comment(1, "<!-- dispatch:question");
    const id = await taskId(world);
    const read = (file: string) => world.file(`dispatch/tasks/1/${id}`, `.dispatch/tasks/${id}/${file}`);
    await world.eventually(
      "the task to be parked",
      async () => (await read("task.yaml"))?.includes("kind: parked"),
      40_000,
    );
    await world.quiet();
    expect(await read("context.md")).toMatch(/\S/);
    expect(await read("plan.md")).toMatch(/^- \[\?\] /m);
    const parked = (await world.comments(1)).find((comment) => comment.id === question.id);
    expect(parked?.body).toMatch(/any time/i);
    expect(await world.labels(1)).toContain("dispatch: waiting");

    await world.say(1, "Status and uptime");
    const result = await world.comment(1, "<!-- dispatch:result", 60_000);
    expect(result.body).toContain("@mona");
    expect(await read("plan.md")).not.toMatch(/^- \[[ ?!]\]/m);
    expect((await world.runs()).length).toBe(2);
  });

  it("that is answered while its worker gives up goes on in the same run, and is not asked again", {
    timeout: 180_000,
  }, async () => {
    const config = demoConfig({ backend: "gives-up", pace: null, env: [] });
    await using world = await World.start({ config, toolPath: [join(import.meta.dirname, "../fixtures/workers")] });
    await world.say(1, "/dispatch use opus to open a port\n\n- Choose a port\n- Open it");
    await world.comment(1, "<!-- dispatch:question");
    await world.say(1, "8080");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("✅");
    await world.quiet();
    expect((await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:question"))).toHaveLength(1);
    expect(await world.runs()).toHaveLength(1);
    const id = await taskId(world);
    expect(await world.file(`dispatch/${id}`, "answer.txt")).toBe("8080\n");
    expect(await world.file(`dispatch/tasks/1/${id}`, `.dispatch/tasks/${id}/ipc/001.done`)).not.toBeNull();
  });

  it("survives the death of the server", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:question");
    await world.playground.server?.kill("SIGKILL");
    await world.playground.server?.start();
    await world.say(1, "Status and uptime");
    await world.comment(1, "<!-- dispatch:result");
    expect((await world.runs()).length).toBe(1);
  });

  it("and a command are heard after all when they come while the server is dead", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:question");
    await world.playground.server?.kill("SIGKILL");
    await world.say(1, "Status and uptime");
    await world.say(1, "/dispatch help");
    await world.playground.server?.start();
    await world.comment(1, "<!-- dispatch:result");
    await world.comment(1, "<!-- dispatch:reply", 60_000);
    await world.quiet();
    for (const kind of ["question", "result", "reply"]) {
      const found = (await world.comments(1)).filter(({ body }) => body.startsWith(`<!-- dispatch:${kind}`));
      expect(found, kind).toHaveLength(1);
    }
    expect((await world.runs()).length).toBe(1);
  });
});
