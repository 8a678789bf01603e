import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import type { Outcome, Task, TaskRef, TaskState } from "../../src/core/task.ts";
import { cancelByCommand, cancelTask } from "../../src/flows/cancel-task.ts";
import { reconcile } from "../../src/flows/reconcile.ts";
import { retryByCommand } from "../../src/flows/retry-task.ts";
import { takeAnswer } from "../../src/flows/take-answer.ts";
import { endTask } from "../../src/flows/task-course.ts";
import { DONE, FAILED, RUN } from "../core/sample-task.ts";
import { ManualClock, NOW, turn } from "./memory-clock.ts";
import { MemoryThread, patiently, place } from "./memory-thread.ts";

const SECOND = 1_000;
const SINCE = "2026-11-20T11:00:00.000Z";
const ID = "add-page-aaaa";
const CONFIRMING: TaskState = { kind: "confirming", since: SINCE, run: null };
const HELD: TaskState = { kind: "held", since: SINCE };
const PLANNED: TaskState = { kind: "planned", since: SINCE, run: RUN, shown: null };
const QUEUED: TaskState = { kind: "queued", since: SINCE };
const RUNNING: TaskState = { kind: "running", run: RUN };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const PARKED: TaskState = { kind: "parked", run: RUN, questions: ["001"] };
const CANCELLING: TaskState = { kind: "cancelling", run: RUN, by: "hubot" };

let clock: ManualClock;
let world: MemoryThread;
beforeEach(() => {
  clock = new ManualClock();
  world = new MemoryThread(clock);
});

function add(state: TaskState): TaskRef {
  const asked = state.kind === "waiting" || state.kind === "parked";
  const exchanges: Task["exchanges"] = asked ? { "001": { askedAt: SINCE, comment: null, answeredBy: null } } : {};
  const approval = { kind: state.kind === "planned" ? "wanted" : "not-needed" } as const;
  return world.add(ID, state, { exchanges, approval, files: asked ? { "ipc/001.question": "Which port?\n" } : {} });
}

const state = (ref: TaskRef) => world.task(ref).state;
const outcome = (ref: TaskRef): Outcome | null => {
  const now = state(ref);
  return now.kind === "finished" ? now.outcome : null;
};
const results = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:result"));
const replies = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:reply"));
const runIs = (status: "in_progress" | "completed") =>
  world.runs.known.set(RUN.id, { id: RUN.id, url: RUN.url, status, conclusion: null });

const delivery = (body: string, id: number) =>
  place(body, { said: { trigger: { kind: "comment", id, url: "https://github.com/x" } } });
const cancel = async (id = 50) => cancelByCommand(delivery("/dispatch cancel", id), null, await world.tasks(), world);
const retry = async (id = 51) =>
  retryByCommand(delivery("/dispatch retry", id), { task: null, model: null }, await world.tasks(), world);
const answer = (ref: TaskRef) => takeAnswer({ ref, question: "001", text: "8080", by: "mona" }, world);
/** The run's own ending. */
const finish = (ref: TaskRef) => endTask(ref, () => ({ kind: "done" }), world);
const whole = async (work: Promise<unknown>) =>
  patiently(
    clock,
    work.then(() => world.background.settled()),
  );

describe("a task that no run holds", () => {
  it.each([CONFIRMING, HELD, PLANNED, QUEUED, PARKED])("ends at once, and says so once: $kind", async (before) => {
    const ref = add(before);
    await world.labels.add(1, "dispatch: waiting");
    await whole(cancel());
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(results()).toHaveLength(1);
    expect(world.runs.cancelled).toEqual([]);
    expect(world.runs.started).toEqual([]);
    expect(world.labels.waits()).toBe(false);
    expect(world.status(ref)).toMatch(/cancel/i);
  });

  it.each([DONE, FAILED])("is not cancelled when it has ended: $outcome.kind", async (before) => {
    const ref = add(before);
    await expect(cancel()).rejects.toMatchObject({ code: "no-such-task" });
    await whole(cancelTask(ref, "mona", world));
    expect(state(ref)).toEqual(before);
    expect(world.branches.history(ref)).toEqual(["Accept"]);
  });
});

it.each([WAITING, PARKED])(
  "the question of a task that is cancelled wants no answer any more: $kind",
  async (before) => {
    const ref = add(before);
    const mark = renderMark({ kind: "question", ref, question: "001" });
    const comment = world.comments.put(1, `${mark}\n### ❓ Which port?`);
    await whole(cancel());
    expect(world.comments.body(comment.id)).toContain("No answer needed");
    expect(await answer(ref)).toBe("late");
  },
);

describe("a task that a run holds", () => {
  it.each([RUNNING, WAITING, CANCELLING])("is left to its run for 20 seconds: $kind", async (before) => {
    const ref = add(before);
    runIs("in_progress");
    await cancel();
    expect(state(ref)).toEqual({ ...CANCELLING, by: before.kind === "cancelling" ? "hubot" : "mona" });
    await clock.advance(19 * SECOND);
    expect(world.runs.cancelled).toEqual([]);
    await clock.advance(2 * SECOND);
    expect(world.runs.cancelled).toEqual([RUN.id]);
    // The run is still there, and says its ending itself.
    expect(state(ref).kind).toBe("cancelling");
    expect(results()).toEqual([]);
  });

  it.each([
    { what: "has died", status: "completed" as const },
    { what: "is gone", status: null },
  ])("is ended for a run that $what", async ({ status }) => {
    const ref = add(RUNNING);
    if (status !== null) runIs(status);
    await whole(cancel());
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(results()).toHaveLength(1);
  });

  it("is not cancelled by GitHub when it has ended in time", async () => {
    const ref = add(RUNNING);
    runIs("in_progress");
    await cancel();
    await whole(finish(ref));
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(world.runs.cancelled).toEqual([]);
    expect(results()).toHaveLength(1);
  });
});

describe.each(Array.from({ length: 12 }, (_, turns) => turns - 6))("what comes %i calls later", (turns) => {
  /** Both at once, one of them some calls after the other. */
  async function both(first: () => Promise<unknown>, second: () => Promise<unknown>) {
    const after = async (count: number, work: () => Promise<unknown>) => {
      for (let passed = 0; passed < count; passed += 1) await turn();
      return work();
    };
    await whole(Promise.all([after(-turns, first), after(turns, second)]));
  }

  it.each([RUNNING, QUEUED, PARKED, PLANNED])("a second cancel changes nothing: $kind", async (before) => {
    const ref = add(before);
    runIs("completed");
    const ids = [50, 50];
    await both(
      () => cancel(ids[0]),
      () => cancel(ids[1]).catch(() => undefined),
    );
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(results()).toHaveLength(1);
    expect(world.branches.history(ref).filter((message) => message.startsWith("Cancel"))).toHaveLength(1);
  });

  it("an answer to the worker does not keep the run", async () => {
    const ref = add(WAITING);
    runIs("in_progress");
    await both(cancel, () => answer(ref));
    expect(state(ref)).toMatchObject({ kind: "cancelling", by: "mona" });
    expect(world.runs.started).toEqual([]);
    expect(world.runs.cancelled).toEqual([RUN.id]);
  });

  it("an answer to a parked task starts nothing that would outlive the cancel", async () => {
    const ref = add(PARKED);
    await both(cancel, () => answer(ref));
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(world.runs.started.length).toBeLessThanOrEqual(1);
    expect(results()).toHaveLength(1);
  });

  it("a retry is cancelled, or is what is left of the task", async () => {
    const ref = add(FAILED);
    const refused: unknown[] = [];
    await both(() => cancel().catch((error: unknown) => refused.push(error)), retry);
    expect(world.task(ref).attempt).toBe(2);
    if (refused.length > 0) expect(state(ref).kind).toBe("queued");
    else expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(results()).toHaveLength(1 - refused.length);
  });

  it("the ending of the run itself is said once, as whoever was first has it", async () => {
    const ref = add(RUNNING);
    runIs("in_progress");
    await both(
      () => cancel().catch(() => undefined),
      () => finish(ref),
    );
    expect(outcome(ref)?.kind).toMatch(/^(?:done|cancelled)$/);
    expect(results()).toHaveLength(1);
    expect(world.runs.cancelled).toEqual([]);
  });
});

describe("a handler that dies", () => {
  const laterOn = (minutes: number) => {
    world.branches.movedAt = new Date(Date.parse(NOW) - minutes * 60 * SECOND).toISOString();
  };

  it("between the commit and GitHub's cancel is stood in for by the next round", async () => {
    const ref = add(RUNNING);
    runIs("in_progress");
    world.background.later = () => undefined;
    await cancel();
    laterOn(1);
    await reconcile({ thread: null, thorough: false }, world);
    expect(world.runs.cancelled).toEqual([RUN.id]);
    runIs("completed");
    await whole(reconcile({ thread: null, thorough: false }, world));
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(results()).toHaveLength(1);
  });

  it("before the ending is said is stood in for by the delivery that comes again", async () => {
    const ref = add(QUEUED);
    const { create } = world.comments;
    world.comments.create = () => Promise.reject(new Error("died"));
    await expect(cancel()).rejects.toThrow("died");
    world.comments.create = create;
    await whole(cancel());
    await whole(cancel());
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
    expect(results()).toHaveLength(1);
    expect(replies()).toEqual([]);
  });
});

describe("a cancel that is delivered again", () => {
  it("does not reach the run that somebody has asked for since", async () => {
    const ref = add(QUEUED);
    await whole(cancel());
    await whole(retry());
    await whole(cancel());
    expect(world.task(ref)).toMatchObject({ attempt: 2, state: { kind: "queued" } });
    await whole(cancel(52));
    expect(outcome(ref)).toEqual({ kind: "cancelled", by: "mona" });
  });

  it("is no cancel of another task that has begun since", async () => {
    add(QUEUED);
    await whole(cancel());
    const other = world.add("fix-login-bbbb", QUEUED);
    await whole(cancel());
    expect(state(other).kind).toBe("queued");
  });
});

it("tells nobody that there is nothing to retry when a retry is delivered again", async () => {
  const ref = add(FAILED);
  await whole(retry());
  await whole(retry());
  expect(world.task(ref)).toMatchObject({ attempt: 2, state: { kind: "queued" } });
});
