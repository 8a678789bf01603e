import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IN_FULL } from "./hostings.ts";
import { mainSteps, workerProcesses } from "./processes.ts";
import { World } from "./world.ts";

const WORKERS = join(import.meta.dirname, "../fixtures/workers");
const CONFIG = `default: worker
confirm_default: false
isolation: none
backends:
  worker: { command: will-not-end }
models:
  worker: { backend: worker }
`;

/** A task whose worker has done one item, ignores every signal, and goes on writing. */
async function stubbornWorker(world: World): Promise<{ readonly id: string; readonly run: number }> {
  await world.say(1, "/dispatch do both\n\n- First\n- Second");
  const id = await world.task(1);
  await world.eventually("the first item's commit", async () =>
    (await world.branches(`dispatch/${id}`)).includes(`dispatch/${id}`),
  );
  const [run] = await world.runsOf(1);
  return { id, run: run?.id ?? 0 };
}

describe("a worker that will not end", () => {
  it.runIf(IN_FULL)(
    "has ended, whole, before a cancelled run is killed, even where GitHub is slow",
    {
      timeout: 120_000,
    },
    async () => {
      await using world = await World.start({ config: CONFIG, toolPath: [WORKERS] });
      const { id, run } = await stubbornWorker(world);
      const { faults } = world.playground.github;
      faults.order({ match: { tokenKind: "job" }, times: 1_000, then: { waitMs: 500 } });
      const before = Date.now();
      await world.as("mona").actions.cancelWorkflowRun({ owner: "octo-org", repo: "hello", run_id: run });
      const result = await world.comment(1, "<!-- dispatch:result", 30_000);
      // GitHub kills what is left after ten.
      expect(Date.now() - before).toBeLessThan(10_000);
      expect(result.body).toMatch(/cancel/i);
      expect(workerProcesses(world, id)).toEqual([]);
      // The work first: it is on its branch when the ending is read.
      expect(await world.subjects(`dispatch/${id}`)).toEqual(["First", expect.stringContaining("what was left")]);
    },
  );

  it("is ended by the post step when the run's process is killed outright", { timeout: 120_000 }, async () => {
    await using world = await World.start({ config: CONFIG, toolPath: [WORKERS] });
    const { id, run } = await stubbornWorker(world);
    const pid = await world.eventually("the Action's process", async () => mainSteps(world)[0]);
    process.kill(pid, "SIGKILL");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toMatch(/1 of 2 items are done.*ended without a word/s);
    expect(workerProcesses(world, id)).toEqual([]);
    await world.quiet();
    // Not by the runner, which would have let it write while its work was being saved.
    expect(await world.log(run)).not.toContain("Terminate orphan processes");
    expect(await world.subjects(`dispatch/${id}`)).toEqual(["First", expect.stringContaining("what was left")]);
  });
});
