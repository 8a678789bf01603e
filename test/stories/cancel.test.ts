import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const COMMAND = "/dispatch use opus to add a /health endpoint";

/** Processes of the worker that are still there. */
function workers(taskId: string): string[] {
  const found = execFileSync("bash", ["-c", `grep -lsz "DISPATCH_TASK=${taskId}" /proc/[0-9]*/environ || true`], {
    encoding: "utf8",
  });
  return found.split("\n").filter(Boolean);
}

describe.each(["server", "action"] as const)("/dispatch cancel (%s)", (hosting) => {
  it("ends the worker within seconds, keeps its work, and says so", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting });
    await world.say(1, COMMAND);
    await world.comment(1, "<!-- dispatch:question");
    const [branch = ""] = await world.branches("dispatch/tasks/1/");
    const id = branch.replace("dispatch/tasks/1/", "");
    expect(workers(id).length).toBeGreaterThan(0);
    await world.say(1, "/dispatch cancel");
    const result = await world.comment(1, "<!-- dispatch:result", 30_000);
    expect(result.body).toMatch(/cancel/i);
    expect(workers(id)).toEqual([]);
    expect((await world.subjects(`dispatch/${id}`)).length).toBeGreaterThan(0);
    const status = await world.comment(1, "<!-- dispatch:status");
    expect(status.body).toMatch(/cancel/i);
    await world.eventually("the label to go", async () => !(await world.labels(1)).includes("dispatch: waiting"));
    await world.quiet();
    expect((await world.runs())[0]?.conclusion).toBe("success");
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
  expect(workers(branch.replace("dispatch/tasks/1/", ""))).toEqual([]);
});
