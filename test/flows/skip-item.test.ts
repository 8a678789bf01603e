import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { skipByCommand, skipItem } from "../../src/flows/skip-item.ts";
import { CANCELLED, DONE, FAILED, RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryThread, patiently, place } from "./memory-thread.ts";

const REF = { thread: "1", id: "add-page-aaaa" };
const PARKED: TaskState = { kind: "parked", run: RUN, questions: ["001"] };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

const plan = () => world.branches.files(REF)["plan.md"];
const skip = (by = "mona") => skipItem(REF, by, world);

/** A task with a question in the thread. */
function asking(state: TaskState, lines: readonly string[], more: Partial<Task> = {}): number {
  const comment = world.comments.put(1, `${renderMark({ kind: "question", ref: REF, question: "001" })}\nWhich port?`);
  world.add(REF.id, state, {
    exchanges: { "001": { askedAt: "2026-11-20T10:03:00Z", comment, answeredBy: null } },
    files: { "plan.md": `${lines.join("\n")}\n`, "ipc/001.question": "Which port?\n\n- 3000\n- 8080\n" },
    ...more,
  });
  return comment.id;
}

describe("the item that failed", () => {
  it("is given up, and the next run goes on with the rest", async () => {
    world.add(REF.id, FAILED, { files: { "plan.md": "# P\n- [x] Read\n- [!] Deploy\n  no network\n- [ ] Test\n" } });
    await skip("hubot");
    expect(plan()).toBe("# P\n- [x] Read\n- [x] ~~Deploy~~\n  no network\n  Skipped by hubot.\n- [ ] Test\n");
    expect(world.task(REF)).toMatchObject({ state: { kind: "queued" }, attempt: 2 });
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
    expect(world.status(REF)).toContain("- ⏭️ ~~Deploy~~");
  });

  it("is the only one that is given up: others that failed are tried again", async () => {
    world.add(REF.id, FAILED, { files: { "plan.md": "# P\n- [!] Deploy\n- [!] Test\n" } });
    await skip();
    expect(plan()).toBe("# P\n- [x] ~~Deploy~~\n  Skipped by mona.\n- [ ] Test\n");
  });

  it("may be the last one: the next run finishes what there is", async () => {
    world.add(REF.id, FAILED, { files: { "plan.md": "# P\n- [x] Read\n- [!] Deploy\n" } });
    await skip();
    expect(plan()).toContain("- [x] ~~Deploy~~");
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
  });

  it.each([
    ["one after the other", false],
    ["at once", true],
  ])("is given up once when two say so, %s", async (_, atOnce) => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    world.add(REF.id, FAILED, { files: { "plan.md": "# P\n- [!] Deploy\n- [ ] Test\n- [ ] Tell\n" } });
    if (atOnce) await patiently(clock, Promise.all([skip(), skip("hubot")]));
    else for (const by of ["mona", "hubot"]) await patiently(clock, skip(by));
    expect(plan()?.match(/Skipped by/g)).toHaveLength(1);
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
  });

  it("is none where every step is done: then a retry is what helps", async () => {
    world.add(REF.id, FAILED, { files: { "plan.md": "# P\n- [x] Read\n" } });
    await expect(skip()).rejects.toMatchObject({
      code: "nothing-to-skip",
      nextStep: expect.stringContaining(`/dispatch retry ${REF.id}`),
    });
    expect(world.branches.history(REF)).toEqual(["Accept"]);
  });
});

describe("a parked question", () => {
  it("is over with the step that it stood in the way of", async () => {
    await world.labels.add(1, "dispatch: waiting");
    const question = asking(PARKED, ["# P", "- [x] Read", "- [?] Choose a port", "  Which port?", "- [ ] Test"]);
    await skip("hubot");
    expect(plan()).toBe("# P\n- [x] Read\n- [x] ~~Choose a port~~\n  Which port?\n  Skipped by hubot.\n- [ ] Test\n");
    expect(world.task(REF)).toMatchObject({ state: { kind: "queued" }, exchanges: { "001": { answeredBy: "hubot" } } });
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
    expect(world.comments.body(question)).toContain("**hubot** answered:\n\n> Skip this step");
    expect(world.comments.body(question)).not.toContain("- [ ]");
    expect(world.labels.waits()).toBe(false);
  });

  it("is over although nothing is left open in the plan", async () => {
    asking(PARKED, ["# P", "- [x] Read"]);
    await skip();
    expect(world.branches.files(REF)["ipc/001.answer"]).toContain("Skip this step");
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
  });

  it("of a task without a thread takes the label off the issue in which it was asked", async () => {
    await world.labels.add(9, "dispatch: waiting");
    asking(PARKED, ["# P", "- [?] Choose"], { openedIssue: { kind: "issue", number: 9 }, thread: null });
    await skip();
    expect(world.labels.waits(9)).toBe(false);
  });

  it("keeps the label while another task waits for a person", async () => {
    await world.labels.add(1, "dispatch: waiting");
    world.add("other-bbbb", { kind: "confirming", since: "", run: null });
    asking(PARKED, ["# P", "- [?] Choose"]);
    await skip();
    expect(world.labels.waits()).toBe(true);
  });
});

it("tells a worker that waits, which knows best which step that is", async () => {
  const question = asking(WAITING, ["# P", "- [ ] Choose a port", "- [ ] Test"]);
  await skip();
  expect(world.task(REF).state.kind).toBe("running");
  expect(world.branches.files(REF)["ipc/001.answer"]).toMatch(/^Skip this step: leave it out/);
  expect(plan()).toBe("# P\n- [ ] Choose a port\n- [ ] Test\n");
  expect(world.runs.started).toEqual([]);
  expect(world.comments.body(question)).toContain("**mona** answered");
});

describe("/dispatch skip", () => {
  const command = async (task: string | null) =>
    skipByCommand(place("/dispatch skip"), task, await world.tasks(), world);

  it("takes the only task in whose way something stands", async () => {
    world.add("other-bbbb", DONE);
    world.add("third-cccc", { kind: "running", run: RUN });
    world.add(REF.id, FAILED);
    await command(null);
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
  });

  it.each<TaskState>([DONE, CANCELLED, { kind: "running", run: RUN }, { kind: "queued", since: "" }])(
    "has nothing to skip in a task that is $kind",
    async (state) => {
      world.add(REF.id, state);
      await expect(command(REF.id)).rejects.toMatchObject({ code: "wrong-state" });
      await expect(command(null)).rejects.toMatchObject({ code: "no-such-task" });
      expect(world.branches.history(REF)).toEqual(["Accept"]);
    },
  );
});
