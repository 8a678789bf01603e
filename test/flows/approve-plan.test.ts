import { beforeEach, describe, expect, it } from "vitest";
import { renderTask, type Task, type TaskState } from "../../src/core/task.ts";
import { approveByCommand, approvePlan } from "../../src/flows/approve-plan.ts";
import { beginTask } from "../../src/flows/task-course.ts";
import { RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryThread, PLAN, patiently, place } from "./memory-thread.ts";

const PLANNED: TaskState = { kind: "planned", since: "2026-11-20T10:00:00Z", run: null, shown: null };
const REF = { thread: "1", id: "add-page-aaaa" };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

/** A task whose plan people have been shown. */
async function shown(more: Partial<Task> = {}): Promise<string> {
  world.add(REF.id, PLANNED, { approval: { kind: "wanted" }, phase: "plan", ...more });
  const snapshot = await world.branches.read(REF);
  if (snapshot !== null) await beginTask(snapshot, {}, world);
  const { state } = world.task(REF);
  return state.kind === "planned" ? (state.shown ?? "") : "";
}

async function change(plan: string): Promise<void> {
  await world.branches.commit(REF, world.branches.headOf(REF), { files: { "plan.md": plan }, message: "Change" });
}

const approve = (commit: string | null, by = "mona") => approvePlan({ ref: REF, commit, by }, world);

describe("a plan that is put to people", () => {
  it("stands in the status comment with a box for it, and makes plain replies heard", async () => {
    const commit = await shown();
    expect(await world.branches.fileAt(REF, commit, "plan.md")).toBe(PLAN);
    expect(world.status(REF)).toContain("nothing starts before somebody approves it");
    expect(world.status(REF)).toContain(`<!-- dispatch:do approve 1/${REF.id} ${commit} -->`);
    expect(world.labels.waits()).toBe(true);
    expect(world.runs.started).toEqual([]);
  });

  it("calls the requester only where a run has written it", async () => {
    await shown();
    expect(world.task(REF).askComment).toBeNull();
    const other = new MemoryThread();
    world = other;
    await shown({ state: { ...PLANNED, run: RUN } });
    const { askComment } = world.task(REF);
    expect(world.comments.body(askComment?.id ?? 0)).toContain("@mona, nothing starts before you approve it:");
  });

  it("is put to them once, however often that is tried", async () => {
    await shown({ state: { ...PLANNED, run: RUN } });
    const before = [...world.comments.ids];
    const snapshot = await world.branches.read(REF);
    if (snapshot !== null) await beginTask(snapshot, {}, world);
    expect(world.comments.ids).toEqual(before);
  });
});

describe("an approval", () => {
  it.each(["the box", "the word"])("by %s starts the work on the very plan that was shown", async (how) => {
    const commit = await shown();
    await approve(how === "the box" ? commit : null);
    expect(world.task(REF)).toMatchObject({
      state: { kind: "queued" },
      phase: "work",
      attempt: 1,
      approval: { kind: "given", by: "mona", commit },
    });
    expect(world.runs.started).toEqual([`${REF.id} #1`]);
    expect(world.status(REF)).toContain("**Starting**");
    expect(world.labels.waits()).toBe(false);
  });

  it("of a plan that a run has written starts the next attempt, and is shown where it was asked", async () => {
    const commit = await shown({ state: { ...PLANNED, run: RUN } });
    await approve(commit, "hubot");
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
    expect(world.comments.body(world.task(REF).askComment?.id ?? 0)).toContain("✅ Approved by **hubot**.");
  });

  it.each([
    ["one after the other", false],
    ["at once", true],
  ])("given twice, %s, starts one run", async (_, atOnce) => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    const commit = await shown();
    if (atOnce) await patiently(clock, Promise.all([approve(commit), approve(commit, "hubot"), approve(null)]));
    else for (const by of ["mona", "hubot"]) await patiently(clock, approve(commit, by));
    expect(world.runs.started).toEqual([`${REF.id} #1`]);
    expect(world.branches.history(REF).filter((message) => message.startsWith("Approve"))).toHaveLength(1);
  });

  it("that comes again after its run could not be asked for asks for it", async () => {
    const commit = await shown();
    const approval = { kind: "given", by: "mona", commit } as const;
    const queued = { ...world.task(REF), approval, state: { kind: "queued", since: "" } } as const;
    const change = { files: { "task.yaml": renderTask(queued) }, message: "Approve, and die" };
    await world.branches.commit(REF, world.branches.headOf(REF), change);
    await approve(commit);
    expect(world.runs.started).toEqual([`${REF.id} #1`]);
  });

  it("of a plan that has changed in between starts nothing: the plan is shown again, to be approved anew", async () => {
    const commit = await shown();
    await change(`${PLAN}- [ ] Deploy\n`);
    await expect(approve(commit)).rejects.toMatchObject({
      code: "plan-changed",
      message: expect.stringContaining(REF.id),
      nextStep: expect.stringContaining("approve that one"),
    });
    const { state } = world.task(REF);
    expect(state).toMatchObject({ kind: "planned", shown: expect.not.stringMatching(commit) });
    expect(world.runs.started).toEqual([]);
    expect(world.status(REF)).toContain("- ⬜ Deploy");
    expect(world.status(REF)).not.toContain(commit);
    await approve(state.kind === "planned" ? state.shown : null);
    expect(world.runs.started).toEqual([`${REF.id} #1`]);
  });

  it("by the word is for the plan that was shown last, not for one that nobody has seen", async () => {
    await shown();
    await change(`${PLAN}- [ ] Deploy\n`);
    await expect(approve(null)).rejects.toMatchObject({ code: "plan-changed" });
    expect(world.runs.started).toEqual([]);
  });

  it("for a commit that is none of the task's starts nothing", async () => {
    await shown();
    await expect(approve("f".repeat(40))).rejects.toMatchObject({ code: "plan-changed" });
    expect(world.runs.started).toEqual([]);
  });

  it("of a plan that changes while it is being approved starts nothing on the new one", async () => {
    const commit = await shown();
    await Promise.all([approve(commit), change(`${PLAN}- [ ] Deploy\n`)]).catch(() => undefined);
    const { state } = world.task(REF);
    // Whoever was first: either the shown plan was approved before it changed, or it was not approved.
    if (state.kind === "planned") expect(world.runs.started).toEqual([]);
    else expect(world.branches.history(REF).at(-1)).not.toMatch(/^Approve/);
  });

  it("of what is cancelled or at work changes nothing", async () => {
    for (const state of [
      { kind: "running", run: RUN },
      { kind: "queued", since: "" },
    ] as const) {
      world = new MemoryThread();
      world.add(REF.id, state);
      world.runs.started.push(`${REF.id} #1`);
      await approve("a".repeat(40));
      expect(world.branches.history(REF)).toEqual(["Accept"]);
      expect(world.runs.started).toHaveLength(1);
    }
  });
});

describe("/dispatch approve", () => {
  const command = async (task: string | null) =>
    approveByCommand(place("/dispatch approve"), task, await world.tasks(), world);

  it("takes the only plan that waits", async () => {
    world.add("other-bbbb", { kind: "running", run: RUN });
    await shown();
    await command(null);
    expect(world.runs.started).toEqual([`${REF.id} #1`]);
  });

  it("asks which of several by boxes, and starts nothing", async () => {
    await shown();
    world.add("other-bbbb", PLANNED, { approval: { kind: "wanted" } });
    await command(null);
    expect(world.runs.started).toEqual([]);
    expect(world.comments.bodies().at(-1)).toMatch(/Which task do you mean\?[\s\S]*add-page-aaaa[\s\S]*other-bbbb/);
  });

  it.each([null, "other-bbbb"])("has nothing to approve: %j", async (task) => {
    world.add("other-bbbb", { kind: "running", run: RUN });
    await expect(command(task)).rejects.toMatchObject({ code: task === null ? "no-such-task" : "wrong-state" });
  });
});
