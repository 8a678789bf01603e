import { describe, expect, it } from "vitest";
import { HOSTINGS, IN_FULL } from "./hostings.ts";
import { workerProcesses } from "./processes.ts";
import { World } from "./world.ts";

const COMMAND = "/dispatch use opus to add a /health endpoint";

describe.each(["server", "action"] as const)("/dispatch cancel (%s)", (hosting) => {
  it("ends the worker within seconds, keeps its work, and says so", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting });
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:question");
    const [branch = ""] = await world.branches("dispatch/tasks/1/");
    const id = branch.replace("dispatch/tasks/1/", "");
    expect(workerProcesses(world, id).length).toBeGreaterThan(0);
    await world.say(1, "/dispatch cancel");
    const result = await world.comment(1, "<!-- dispatch:result", 30_000);
    expect(result.body).toMatch(/cancel/i);
    expect(workerProcesses(world, id)).toEqual([]);
    expect((await world.subjects(`dispatch/${id}`)).length).toBeGreaterThan(0);
    const status = await world.comment(1, "<!-- dispatch:status");
    expect(status.body).toMatch(/cancel/i);
    await world.eventually("the label to go", async () => !(await world.labels(1)).includes("dispatch: waiting"));
    await world.quiet();
    expect((await world.runs())[0]?.conclusion).toBe("success");
  });
});

describe.runIf(IN_FULL).each(HOSTINGS)("a run that does not hear of the cancel (%s)", (hosting) => {
  it("is cancelled by GitHub after 20 seconds, and still saves its work and says its ending", {
    timeout: 180_000,
  }, async () => {
    await using world = await World.start({ hosting });
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:question");
    const looks = { method: "GET", path: /\/git\/ref\/heads(?:\/|%2F)dispatch/i, tokenKind: "job" } as const;
    world.playground.github.faults.order({ match: looks, times: 1_000, then: { status: 502 } });
    const asked = Date.now();
    await world.say(1, "/dispatch cancel");
    const result = await world.comment(1, "<!-- dispatch:result", 60_000);
    expect(result.body).toMatch(/cancel/i);
    expect(Date.now() - asked).toBeGreaterThan(20_000);
    await world.quiet();
    const [run] = await world.runsOf(1);
    expect(run?.conclusion).toBe("cancelled");
    const id = await world.task(1);
    expect(workerProcesses(world, id)).toEqual([]);
    expect((await world.subjects(`dispatch/${id}`)).length).toBeGreaterThan(0);
    const results = (await world.comments(1)).filter(({ body }) => body.includes("<!-- dispatch:result"));
    expect(results).toHaveLength(1);
  });
});

it("the Actions tab's own cancel is a cancel as well", { timeout: 180_000 }, async () => {
  await using world = await World.start();
  await world.say(1, COMMAND);
  await world.comment(1, "<!-- dispatch:question");
  const [run] = await world.runs();
  await world.as("mona").actions.cancelWorkflowRun({ owner: "octo-org", repo: "hello", run_id: run?.id ?? 0 });
  const result = await world.comment(1, "<!-- dispatch:result", 30_000);
  expect(result.body).toMatch(/cancel/i);
  const [branch = ""] = await world.branches("dispatch/tasks/1/");
  expect(workerProcesses(world, branch.replace("dispatch/tasks/1/", ""))).toEqual([]);
});
