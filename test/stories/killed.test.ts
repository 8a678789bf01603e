import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

/** The process of the Action's main step in this world. */
function mainStep(world: World): number | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return command.includes("dist/main.js") && environment.includes(`GITHUB_SERVER_URL=${world.playground.url}\0`);
      } catch {
        return false; // gone, or not ours to look at
      }
    });
}

describe("a run whose process is killed outright", () => {
  it("is ended by the post step, with its work saved, and can be retried", { timeout: 180_000 }, async () => {
    await using world = await World.start({ pace: 300 });
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    await world.comment(1, "<!-- dispatch:question");
    const pid = await world.eventually("the Action's process", async () => mainStep(world));
    process.kill(pid, "SIGKILL");

    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toMatch(/1 of 5 items are done.*ended without a word/s);
    await world.quiet();
    const [branch = ""] = await world.branches("dispatch/tasks/1/");
    const id = branch.replace("dispatch/tasks/1/", "");
    expect(await world.subjects(`dispatch/${id}`)).toHaveLength(1);
    expect(await world.labels(1)).not.toContain("dispatch: waiting");

    await world.say(1, "/dispatch retry");
    const again = await world.eventually("the question again", async () =>
      (await world.comments(1)).find(({ body }) => /^<!-- dispatch:question \S+ 002/.test(body)),
    );
    expect(again.body).toContain("@mona");
    await world.say(1, "Status and uptime");
    const done = await world.comment(1, /^<!-- dispatch:result \S+ 2 -->/);
    expect(done.body).toContain("✅");
    expect(await world.subjects(`dispatch/${id}`)).toHaveLength(4);
  });
});
