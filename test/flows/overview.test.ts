import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import { renderTask, type Task, type TaskRef, type TaskState } from "../../src/core/task.ts";
import { drawOverview, membersOf, postOverview } from "../../src/flows/overview.ts";
import { OverviewBoard } from "../../src/flows/overview-board.ts";
import { DONE, RUN } from "../core/sample-task.ts";
import { ManualClock, turns } from "./memory-clock.ts";
import { MemoryThread } from "./memory-thread.ts";

const RUNNING: TaskState = { kind: "running", run: RUN };
const QUEUED: TaskState = { kind: "queued", since: "2026-11-20T10:00:00Z" };
const A = { thread: "1", id: "add-page-aaaa" };
const B = { thread: "1", id: "fix-login-bbbb" };
const MARK = renderMark({ kind: "overview", thread: 1, trigger: "comment-5" });

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

/** Two tasks of one comment, the second first in the index. */
function two(more: Partial<Task> = {}): void {
  world.add(B.id, QUEUED, { siblings: 2, position: 1, ...more });
  world.add(A.id, QUEUED, { siblings: 2, position: 0, ...more });
}

async function become(ref: TaskRef, state: TaskState): Promise<void> {
  const text = renderTask({ ...world.task(ref), state });
  await world.branches.commit(ref, world.branches.headOf(ref), { files: { "task.yaml": text }, message: "Change" });
}

const overviews = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:overview"));
const rows = () => overviews()[0]?.match(/^\| \S+ \d/gm);

describe("the overview of a comment's tasks", () => {
  it("is posted once, in the comment's order, however often the delivery comes", async () => {
    two();
    await postOverview(await world.tasks(), world);
    expect(rows()).toEqual(["| ⏳ 1", "| ⏳ 2"]);
    await become(B, RUNNING);
    await postOverview(await world.tasks(), world);
    expect(overviews()).toHaveLength(1);
    expect(rows()).toEqual(["| ⏳ 1", "| 🔄 2"]);
  });

  it("is none for a comment with one task, and none in a run without a thread", async () => {
    world.add(A.id, QUEUED);
    await postOverview(await world.tasks(), world);
    world = new MemoryThread();
    world.add(A.id, QUEUED, { siblings: 2, thread: null });
    await postOverview(await world.tasks(), world);
    expect(overviews()).toEqual([]);
  });

  it("is found by its mark among comments of ours alone", async () => {
    two();
    const foreign = world.comments.put(1, `${MARK}\nMine`, "stranger");
    const other = world.comments.put(1, `${renderMark({ kind: "overview", thread: 1, trigger: "comment-6" })}\nOther`);
    const ours = world.comments.put(1, `${MARK}\nOld`);
    await drawOverview(world.task(A), world);
    expect(world.comments.body(ours.id)).toContain("### 🧭 2 tasks");
    expect([foreign, other].map(({ id }) => world.comments.body(id))).toEqual([foreign.body, other.body]);
  });

  it("is drawn where it is recorded, without a search", async () => {
    const ours = world.comments.put(1, "Old");
    two({ overviewComment: ours });
    await drawOverview(world.task(A), world);
    expect(world.comments.body(ours.id)).toContain("### 🧭 2 tasks");
  });

  it("that is missing is still to be posted by whoever accepts", async () => {
    two({ askedAt: world.clock.now().toISOString() });
    await drawOverview(world.task(A), world);
    expect(overviews()).toEqual([]);
  });

  it.each([
    { what: "deleted", overviewComment: null },
    {
      what: "deleted though it is recorded",
      overviewComment: { id: 7, author: "dispatch-app[bot]", url: "https://github.com/octo-org/hello/issues/1#7" },
    },
  ])("that is $what is put back once, whoever sees it first", async ({ overviewComment }) => {
    two({ overviewComment });
    await Promise.all([drawOverview(world.task(A), world), drawOverview(world.task(B), world)]);
    expect(overviews()).toHaveLength(1);
    expect(rows()).toEqual(["| ⏳ 1", "| ⏳ 2"]);
  });

  it("holds this comment's tasks alone, and no damaged ones", async () => {
    two();
    world.add("other-cccc", QUEUED, { trigger: { kind: "comment", id: 6, url: "" } });
    world.add("review-dddd", QUEUED, { trigger: { kind: "review", id: 5, url: "" } });
    world.branches.put({ thread: "1", id: "damaged-eeee" }, { "task.yaml": "[" });
    const members = await membersOf(world.task(A), world);
    expect(members.map(({ ref }) => ref.id)).toEqual([B.id, A.id]);
  });
});

describe("drawing it while its tasks change", () => {
  beforeEach(() => {
    two();
    world.comments.put(1, `${MARK}\nOld`);
  });

  it("is one edit where nothing changes", async () => {
    await drawOverview(world.task(A), world);
    expect(world.comments.edits).toHaveLength(1);
  });

  it("ends with the last word, when one changes in between", async () => {
    const changes = [() => become(B, RUNNING), () => become(A, DONE)];
    world.comments.onEdit = async () => changes.shift()?.();
    await drawOverview(world.task(A), world);
    expect(rows()).toEqual(["| ✅ 1", "| 🔄 2"]);
  });

  it("does not go on for ever with tasks that never rest", async () => {
    let count = 0;
    const flip = [RUNNING, QUEUED] as const;
    world.comments.onEdit = () => {
      count += 1;
      return become(B, flip[count % 2] ?? QUEUED);
    };
    await drawOverview(world.task(A), world);
    expect(world.comments.edits.length).toBeLessThanOrEqual(3);
  });

  it("by two at once leaves the truth, whoever is last", async () => {
    await Promise.all([
      become(A, DONE).then(() => drawOverview(world.task(A), world)),
      become(B, RUNNING).then(() => drawOverview(world.task(B), world)),
    ]);
    expect(rows()).toEqual(["| ✅ 1", "| 🔄 2"]);
  });
});

describe("a run that keeps it up to date", () => {
  it("draws at once, then every few seconds while something changes, and holds up nothing", async () => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    two();
    world.comments.put(1, `${MARK}\nOld`);
    const board = new OverviewBoard(world.task(A), world);
    board.draw();
    await turns();
    expect(world.comments.edits).toHaveLength(1);
    await become(A, RUNNING);
    for (let times = 0; times < 5; times += 1) board.draw();
    await clock.advance(3_999);
    expect(world.comments.edits).toHaveLength(1);
    await clock.advance(1);
    expect(world.comments.edits).toHaveLength(2);
    expect(rows()).toEqual(["| 🔄 1", "| ⏳ 2"]);
    await clock.advance(60_000);
    await board.settled();
    expect(clock.sleeping).toBe(0);
    expect(world.comments.edits).toHaveLength(2);
  });

  it("says in its log what it could not draw, and tries again at the next change", async () => {
    two();
    world.comments.put(1, `${MARK}\nOld`);
    const board = new OverviewBoard(world.task(A), world);
    world.comments.onEdit = () => Promise.reject(new Error("GitHub is down"));
    board.draw();
    await board.settled();
    expect(world.log.warnings).toEqual([expect.stringContaining("GitHub is down")]);
    world.comments.onEdit = async () => {};
    board.draw();
    await turns();
    await board.settled();
    expect(world.log.warnings).toHaveLength(1);
  });

  it("does nothing for a task that is alone", async () => {
    world.add(A.id, QUEUED);
    const board = new OverviewBoard(world.task(A), world);
    board.draw();
    await board.settled();
    expect(world.comments.edits).toEqual([]);
  });
});
