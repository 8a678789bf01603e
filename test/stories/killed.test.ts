import { describe, expect, it } from "vitest";
import { mainSteps, workerProcesses } from "./processes.ts";
import { World } from "./world.ts";

describe("a run whose process is killed outright", () => {
  it("is ended by the post step, with its work saved, and goes on with the answer to what it has asked", {
    timeout: 180_000,
  }, async () => {
    await using world = await World.start({ pace: 1_000 });
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    const question = await world.comment(1, "<!-- dispatch:question");
    const pid = await world.eventually("the Action's process", async () => mainSteps(world)[0]);
    process.kill(pid, "SIGKILL");

    await world.becomes(question, "the task is parked");
    await world.quiet();
    const id = await world.task(1);
    expect(workerProcesses(world, id)).toEqual([]);
    expect(await world.subjects(`dispatch/${id}`)).toHaveLength(1);
    expect(await world.labels(1)).toContain("dispatch: waiting");

    await world.say(1, "Status and uptime");
    const done = await world.comment(1, /^<!-- dispatch:result \S+ 2 -->/);
    expect(done.body).toContain("✅");
    expect(await world.subjects(`dispatch/${id}`)).toHaveLength(4);
    await world.quiet();
    expect(await world.labels(1)).not.toContain("dispatch: waiting");
  });
});
