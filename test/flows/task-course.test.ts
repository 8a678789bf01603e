import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import { Problem } from "../../src/core/problem.ts";
import { renderTask, type Task, type TaskRef, type TaskState } from "../../src/core/task.ts";
import { cancelTask } from "../../src/flows/cancel-task.ts";
import {
  announceIfLeft,
  announceIfUnsaid,
  beginTask,
  endTask,
  releaseDependents,
  releaseIfDue,
  startIfMissing,
} from "../../src/flows/task-course.ts";
import { CANCELLED, DONE, FAILED, RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryThread, patiently } from "./memory-thread.ts";

const HELD: TaskState = { kind: "held", since: "2026-11-20T10:00:00Z" };
const QUEUED: TaskState = { kind: "queued", since: "2026-11-20T10:00:00Z" };
const RUNNING: TaskState = { kind: "running", run: RUN };
const A = { thread: "1", id: "add-page-aaaa" };
const B = { thread: "1", id: "fix-login-bbbb" };
const C = { thread: "1", id: "tidy-up-cccc" };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

const held = ({ id }: TaskRef, after: readonly TaskRef[], more: Partial<Task> = {}) =>
  world.add(id, HELD, { after: after.map((one) => one.id), ...more });

const results = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:result"));

describe("a task that is done", () => {
  it("starts what has waited for it, and shows it", async () => {
    world.add(A.id, DONE);
    held(B, [A]);
    held(C, [A]);
    await releaseDependents(A, world);
    expect(world.runs.started.toSorted()).toEqual([`${B.id} #1`, `${C.id} #1`]);
    expect(world.task(B)).toMatchObject({ state: { kind: "queued" }, attempt: 1 });
    expect(world.status(B)).toContain("**Starting**");
  });

  it("starts it once, even when that is done twice at the same time", async () => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    world.add(A.id, DONE);
    held(B, [A]);
    await patiently(
      clock,
      Promise.all([releaseDependents(A, world), releaseDependents(A, world), releaseIfDue(B, world)]),
    );
    await patiently(clock, releaseDependents(A, world));
    expect(world.runs.started).toEqual([`${B.id} #1`]);
    expect(world.branches.history(B)).toEqual(["Accept", `Go on with ${B.id}`]);
  });

  it("starts nothing that waits for another one too, until that is done", async () => {
    world.add(A.id, DONE);
    world.add(B.id, RUNNING);
    held(C, [A, B]);
    await releaseDependents(A, world);
    expect(world.runs.started).toEqual([]);
    await endTask(B, () => ({ kind: "done" }), world);
    expect(world.runs.started).toEqual([`${C.id} #1`]);
  });

  it("of two that end at the same moment starts what waits for both once", async () => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    for (const { id } of [A, B]) world.add(id, RUNNING);
    held(C, [A, B]);
    await patiently(clock, Promise.all([A, B].map((ref) => endTask(ref, () => ({ kind: "done" }), world))));
    expect(world.runs.started).toEqual([`${C.id} #1`]);
  });

  it("puts the plan of what has waited to people, where it is to be approved", async () => {
    world.add(A.id, DONE);
    held(B, [A], { approval: { kind: "wanted" } });
    await releaseDependents(A, world);
    expect(world.task(B).state).toMatchObject({ kind: "planned", shown: expect.stringMatching(/./) });
    expect(world.labels.waits()).toBe(true);
    expect(world.runs.started).toEqual([]);
  });

  it("leaves alone what waits for others, or for a model, or does not wait at all", async () => {
    world.add(A.id, DONE);
    world.add(B.id, { kind: "confirming", since: "", run: null }, { after: [A.id] });
    held(C, [B]);
    const other = world.add("other-dddd", RUNNING, { after: [A.id] });
    await releaseDependents(A, world);
    for (const ref of [B, C, other]) expect(world.branches.history(ref)).toEqual(["Accept"]);
  });

  it("of a workflow run without a thread starts nothing", async () => {
    await releaseDependents({ thread: "run", id: A.id }, world);
    expect(world.runs.started).toEqual([]);
  });
});

describe("a task that failed or was cancelled", () => {
  it.each<{ state: TaskState; words: string }>([
    {
      state: FAILED,
      words: "This was to start after `add-page-aaaa`, which could not be finished. So it was not started.",
    },
    { state: CANCELLED, words: "This was to start after `add-page-aaaa`, which was cancelled. So it was not started." },
  ])(
    "ends what has waited for it, and what waited for that, in words: $state.outcome.kind",
    async ({ state, words }) => {
      world.add(A.id, state);
      held(B, [A]);
      held(C, [B]);
      await releaseDependents(A, world);
      for (const ref of [B, C])
        expect(world.task(ref).state).toMatchObject({
          kind: "finished",
          outcome: { kind: "failed", cause: "dependency" },
        });
      expect(world.runs.started).toEqual([]);
      expect(world.status(B)).toContain(words);
      expect(world.status(B)).toContain("Retry `add-page-aaaa` first, then this one; or retry this one as it is.");
      expect(world.status(C)).toContain("This was to start after `fix-login-bbbb`, which could not be finished.");
      expect(results()).toHaveLength(2);
    },
  );

  it("says so once, even when that is done twice at the same time", async () => {
    world.add(A.id, FAILED);
    held(B, [A]);
    await Promise.all([releaseDependents(A, world), releaseDependents(A, world)]);
    expect(results()).toHaveLength(1);
  });

  it("ends what waits for another one too, without waiting for that", async () => {
    world.add(A.id, FAILED);
    world.add(B.id, RUNNING);
    held(C, [A, B]);
    await releaseDependents(A, world);
    expect(world.task(C).state.kind).toBe("finished");
  });

  it("by a person who cancels it ends what has waited for it", async () => {
    world.add(A.id, QUEUED);
    held(B, [A]);
    await cancelTask(A, "mona", world);
    expect(world.status(B)).toContain("which was cancelled");
  });
});

it("does not wait for a task that is not there any more", async () => {
  held(B, [A]);
  await releaseIfDue(B, world);
  expect(world.status(B)).toContain("which is not there any more");
});

describe("a run that is asked for", () => {
  it("and refused is the task's ending, in the thread, which can be retried", async () => {
    world.runs.refusal = new Problem("workflow-missing", "There is no workflow.", "Add it.");
    world.add(A.id, QUEUED);
    held(B, [A]);
    const snapshot = await world.branches.read(A);
    if (snapshot !== null) await beginTask(snapshot, { defaultBranch: "main" }, world);
    expect(world.task(A).state).toMatchObject({ kind: "finished", outcome: { cause: "not-started" } });
    expect(world.status(A)).toContain("> There is no workflow.\n>\n> **What to do:** Add it.");
    expect(world.status(A)).toContain("dispatch:do retry");
    expect(world.task(B).state).toMatchObject({ kind: "finished", outcome: { cause: "dependency" } });
  });

  it.each<{ what: string; state: TaskState; started: readonly string[]; after: number }>([
    { what: "that nobody has asked for", state: QUEUED, started: [], after: 1 },
    { what: "that is there", state: QUEUED, started: [`${A.id} #1`], after: 1 },
    { what: "of a task at work", state: RUNNING, started: [], after: 0 },
    { what: "of a task that waits", state: HELD, started: [], after: 0 },
    { what: "of a task that is over", state: DONE, started: [], after: 0 },
  ])("when it is missing: $what", async ({ state, started, after }) => {
    world.add(A.id, state);
    world.runs.started.push(...started);
    await startIfMissing(A, world);
    expect(world.runs.started).toHaveLength(after);
    // Two handlers of the same delivery: whoever comes second leaves the first its time.
    expect(world.clock).toMatchObject({ slept: [5_000] });
  });
});

describe("an ending", () => {
  it("is said once: the result, the status, and the label taken off", async () => {
    await world.labels.add(1, "dispatch: waiting");
    world.add(A.id, { kind: "confirming", since: "", run: null }, { approval: { kind: "wanted" } });
    const cancel = () =>
      endTask(A, ({ state }) => (state.kind === "finished" ? null : { kind: "cancelled", by: "mona" }), world);
    await Promise.all([cancel(), cancel()]);
    await cancel();
    expect(results()).toHaveLength(1);
    expect(world.status(A)).toContain("**Cancelled**");
    expect(world.labels.waits()).toBe(false);
  });

  it("that was committed and not said is said by whoever finds it", async () => {
    world.add(A.id, FAILED);
    const snapshot = await world.branches.read(A);
    if (snapshot === null) throw new Error("The task is gone.");
    await announceIfUnsaid(snapshot, world);
    await announceIfUnsaid(snapshot, world);
    expect(results()).toHaveLength(1);
    expect(world.status(A)).toContain("**Not finished**");
  });

  it.each([
    { run: "is still there to say it", there: true, said: 0 },
    { run: "is over", there: false, said: 1 },
  ])("whose run $run is said $said times by who comes past", async ({ there, said }) => {
    world.add(A.id, FAILED);
    if (there) world.runs.known.set(RUN.id, { id: RUN.id, url: RUN.url, status: "in_progress", conclusion: null });
    const snapshot = await world.branches.read(A);
    if (snapshot !== null) await announceIfLeft(snapshot, world);
    expect(results()).toHaveLength(said);
  });

  it("that was said sets going what its speaker did not come to", async () => {
    world.add(A.id, DONE);
    world.comments.put(1, renderMark({ kind: "result", ref: A, attempt: 1 }));
    held(B, [A]);
    const snapshot = await world.branches.read(A);
    if (snapshot !== null) await announceIfUnsaid(snapshot, world);
    expect(results()).toHaveLength(1);
    expect(world.runs.started).toEqual([`${B.id} #1`]);
  });

  it("is not disturbed by a task whose record is damaged", async () => {
    world.add(A.id, DONE);
    held(B, [A]);
    world.branches.put(C, { "task.yaml": "[", "plan.md": "" });
    await releaseDependents(A, world);
    expect(world.runs.started).toEqual([`${B.id} #1`]);
  });

  it("of a task that is gone is nothing", async () => {
    await endTask(A, () => ({ kind: "done" }), world);
    expect(world.comments.bodies()).toEqual([]);
  });
});

it("draws what changed on a branch of a task that is to be started", async () => {
  world.add(A.id, QUEUED);
  const task = { ...world.task(A), title: "Do something else" };
  await world.branches.commit(A, world.branches.headOf(A), { files: { "task.yaml": renderTask(task) }, message: "x" });
  const snapshot = await world.branches.read(A);
  if (snapshot !== null) await beginTask(snapshot, {}, world);
  expect(world.status(A)).toContain("### ⏳ Do something else");
});
