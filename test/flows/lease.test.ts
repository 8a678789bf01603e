import { expect, it } from "vitest";
import { LiveTask } from "../../src/flows/live-task.ts";
import { RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryThread } from "./memory-thread.ts";

const MINUTE = 60_000;
const OTHER_RUN = { ...RUN, id: 78 };

async function taken() {
  const clock = new ManualClock();
  const world = new MemoryThread(clock);
  const ref = world.add("add-page-aaaa", { kind: "running", run: RUN });
  const snapshot = await world.branches.read(ref);
  if (snapshot === null) throw new Error("The task is gone.");
  return { clock, world, ref, live: new LiveTask(snapshot, RUN, world) };
}

it("says that it lives only after ten minutes in which nothing moved, and again after ten more", async () => {
  const { clock, world, ref, live } = await taken();
  const beats = async (minutes: number) => {
    await clock.advance(minutes * MINUTE);
    await live.keepLease();
    return world.branches.history(ref).length - 1;
  };
  expect(await beats(9)).toBe(0);
  expect(await beats(1)).toBe(1);
  expect(await beats(9)).toBe(1);
  expect(await beats(1)).toBe(2);
});

it("needs not say so where its work has", async () => {
  const { clock, world, ref, live } = await taken();
  await clock.advance(9 * MINUTE);
  await live.change(() => ({ files: { "plan.md": "# Other" }, message: "Update the plan" }));
  await clock.advance(9 * MINUTE);
  await live.keepLease();
  expect(world.branches.history(ref)).toEqual(["Accept", "Update the plan"]);
});

it("carries what was still to be recorded", async () => {
  const { clock, world, ref, live } = await taken();
  live.recordSession("s-1");
  await clock.advance(11 * MINUTE);
  await live.keepLease();
  expect(world.task(ref).session).toBe("s-1");
});

it("writes nothing where another run has the task by now, and knows it", async () => {
  const { clock, world, ref, live } = await taken();
  const text = world.branches.files(ref)["task.yaml"]?.replace(`id: ${RUN.id}\n`, `id: ${OTHER_RUN.id}\n`) ?? "";
  await world.branches.commit(ref, world.branches.headOf(ref), { files: { "task.yaml": text }, message: "Claim" });
  await live.refresh();
  await clock.advance(11 * MINUTE);
  await live.keepLease();
  expect(live.held).toBe(false);
  expect(world.branches.history(ref)).toEqual(["Accept", "Claim"]);
});
