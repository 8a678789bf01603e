import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { reconcile } from "../../src/flows/reconcile.ts";
import { retryByCommand } from "../../src/flows/retry-task.ts";
import { FAILED, RUN } from "../core/sample-task.ts";
import { NOW } from "./memory-clock.ts";
import { MemoryThread, place } from "./memory-thread.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ago = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString();
const RUNNING: TaskState = { kind: "running", run: RUN };
const PARKED: TaskState = { kind: "parked", run: RUN, questions: ["001"] };
const QUEUED: TaskState = { kind: "queued", since: ago(DAY) };
const ASKED: Partial<Task> & { files: Record<string, string> } = {
  exchanges: { "001": { askedAt: ago(5 * MINUTE), comment: null, answeredBy: null } },
  files: { "ipc/001.question": "Which port?\n" },
};
const ID = "add-page-aaaa";

let world: MemoryThread;
beforeEach(() => {
  world = new MemoryThread();
  world.branches.movedAt = ago(5 * MINUTE);
});

const everything = { thread: null, thorough: true } as const;
const aRound = { thread: null, thorough: false } as const;
const results = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:result"));
const questions = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:question"));
const runIs = (status: "in_progress" | "completed", seenAt = NOW) =>
  world.runs.known.set(RUN.id, { id: RUN.id, url: RUN.url, status, conclusion: null, seenAt });

describe("a round", () => {
  it("starts a run that nobody has asked for, once", async () => {
    const ref = world.add(ID, QUEUED);
    await reconcile(aRound, world);
    await reconcile(aRound, world);
    expect(world.runs.started).toEqual([`${ref.id} #1`]);
  });

  it("asks for the runs of all queued tasks at once", async () => {
    for (const id of ["one-aaaa", "two-bbbb", "three-cccc"]) {
      world.add(id, QUEUED);
      world.runs.started.push(`${id} #1`);
    }
    await reconcile(aRound, world);
    expect(world.runs).toMatchObject({ listed: 1, started: { length: 3 } });
  });

  it("asks for the runs of the others where one task's record says no time", async () => {
    const ref = world.add(ID, QUEUED);
    world.add("spoilt-aaaa", { kind: "queued", since: "yesterday" });
    world.runs.started.push("spoilt-aaaa #1");
    let since = "";
    const asked = world.runs.asked.bind(world.runs);
    Object.assign(world.runs, { asked: (from: string) => ((since ||= from), asked()) });
    await reconcile(aRound, world);
    expect(since).toBe(ago(DAY));
    expect(world.runs.started).toContain(`${ref.id} #1`);
  });

  it("ends a task whose run has ended without a word, and offers a retry", async () => {
    const ref = world.add(ID, RUNNING);
    runIs("completed");
    await reconcile(aRound, world);
    await reconcile(aRound, world);
    expect(world.task(ref).state).toMatchObject({ kind: "finished", outcome: { cause: "run-died" } });
    expect(results()).toHaveLength(1);
    expect(world.status(ref)).toContain("dispatch:do retry");
  });

  it("judges silence by GitHub's time, whatever our clock says", async () => {
    const ref = world.add(ID, RUNNING);
    world.branches.movedAt = ago(40 * MINUTE);
    runIs("in_progress", ago(20 * MINUTE));
    await reconcile(aRound, world);
    expect(world.runs.cancelled).toEqual([]);
    runIs("in_progress", ago(5 * MINUTE));
    await reconcile(aRound, world);
    expect(world.runs.cancelled).toEqual([RUN.id]);
    expect(world.task(ref).state.kind).toBe("running");
  });

  it("cancels a run that does not hear that it is to end, and then says the ending", async () => {
    const ref = world.add(ID, { kind: "cancelling", run: RUN, by: "mona" });
    runIs("in_progress");
    await reconcile(aRound, world);
    expect(world.runs.cancelled).toEqual([RUN.id]);
    runIs("completed");
    await reconcile(aRound, world);
    expect(world.task(ref).state).toMatchObject({ outcome: { kind: "cancelled", by: "mona" } });
  });

  it("says of a run that no runner has taken where to look", async () => {
    const ref = world.add(ID, QUEUED);
    world.branches.movedAt = ago(11 * MINUTE);
    world.runs.started.push(`${ID} #1`);
    await reconcile(aRound, world);
    expect(world.status(ref)).toContain("No runner has taken the run for more than 10 minutes");
    expect(world.status(ref)).toContain("https://github.com/r");
  });

  it("asks a question that was committed and never asked, once, and sets the label", async () => {
    world.add(ID, PARKED, ASKED);
    await reconcile(aRound, world);
    await reconcile(aRound, world);
    expect(questions()).toHaveLength(1);
    expect(world.labels.waits()).toBe(true);
  });

  it("says an ending that was committed and not said, once", async () => {
    world.add(ID, { ...FAILED, at: ago(5 * MINUTE) } as TaskState);
    await reconcile(aRound, world);
    await reconcile(aRound, world);
    expect(results()).toHaveLength(1);
  });

  it.each<TaskState>([
    { kind: "planned", since: ago(5 * MINUTE), run: null, shown: null },
    { kind: "confirming", since: ago(5 * MINUTE), run: null },
    { kind: "confirming", since: ago(5 * MINUTE), run: RUN },
  ])("puts to people what they were never asked, once: $kind", async (state) => {
    const ref = world.add(ID, state);
    await reconcile(aRound, world);
    const first = { history: world.branches.history(ref).length, comments: world.comments.ids.length };
    expect(world.labels.waits()).toBe(true);
    await reconcile(aRound, world);
    await reconcile(everything, world);
    expect(world.branches.history(ref)).toHaveLength(first.history);
    expect(world.comments.ids).toHaveLength(first.comments);
  });

  it("looks after a thread alone where that is asked", async () => {
    world.add(ID, QUEUED);
    await reconcile({ thread: 2, thorough: false }, world);
    expect(world.runs.started).toEqual([]);
  });

  it("goes on after a task that cannot be looked after, or read", async () => {
    world.add(ID, RUNNING);
    const other = world.add("fix-login-bbbb", QUEUED);
    world.branches.put({ thread: "1", id: "broken-cccc" }, { "task.yaml": "[" });
    world.runs.read = () => Promise.reject(new Error("500"));
    await reconcile(aRound, world);
    expect(world.runs.started).toEqual([`${other.id} #1`]);
    expect(world.log.warnings.join()).toContain("500");
  });

  it("changes nothing where all is well", async () => {
    const ref = world.add(ID, RUNNING);
    runIs("in_progress");
    await reconcile(aRound, world);
    expect(world.branches.history(ref)).toEqual(["Accept"]);
    expect(world.comments.edits).toEqual([]);
  });
});

describe("a thorough look", () => {
  it("hears a reply that was written while nobody listened, once", async () => {
    const ref = world.add(ID, PARKED, ASKED);
    world.comments.put(1, renderMark({ kind: "question", ref, question: "001" }));
    world.comments.put(1, "8080", "mona");
    await reconcile(everything, world);
    await reconcile(everything, world);
    expect(world.branches.files(ref)["ipc/001.answer"]).toContain("8080");
    expect(world.task(ref).state.kind).toBe("queued");
    expect(world.runs.started).toEqual([`${ID} #2`]);
  });

  it.each([{ state: QUEUED }, { state: { ...FAILED, at: ago(2 * MINUTE) } as TaskState }])(
    "takes twins of the status comment of a task that is $state.kind away, and keeps the recorded one",
    async ({ state }) => {
      const ref = world.add(ID, state);
      world.branches.movedAt = ago(2 * MINUTE);
      const recorded = world.task(ref).statusComment?.id;
      world.comments.put(1, `${renderMark({ kind: "status", ref })}\n### Twin`);
      await reconcile(everything, world);
      const statuses = world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:status"));
      expect(statuses).toHaveLength(1);
      expect(world.comments.ids).toContain(recorded);
    },
  );

  it("lets the status comment be gone that people have deleted since the end", async () => {
    const ref = world.add(ID, { ...FAILED, at: ago(2 * MINUTE) } as TaskState);
    world.branches.movedAt = ago(2 * MINUTE);
    await world.comments.remove(world.task(ref).statusComment?.id ?? 0);
    world.comments.put(1, renderMark({ kind: "result", ref, attempt: 1 }));
    await reconcile(everything, world);
    expect(world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:status"))).toEqual([]);
  });

  it.each([
    { days: 31, keep: 30, gone: true },
    { days: 29, keep: 30, gone: false },
    { days: 3, keep: 1, gone: false },
    { days: 5, keep: 1, gone: true },
  ])("with keep: $keep deletes what ended $days days ago: $gone", async ({ days, keep, gone }) => {
    world.conversation = { ...world.conversation, config: `${world.conversation.config}keep: ${keep}\n` };
    world.branches.movedAt = ago(days * DAY);
    const ref = world.add(ID, { ...FAILED, at: ago(days * DAY) } as TaskState);
    await reconcile(everything, world);
    expect(world.branches.headOf(ref) === "").toBe(gone);
  });
});

it("does not retry again for a command that is delivered again after that retry has failed", async () => {
  const ref = world.add(ID, FAILED);
  const retry = async (id: number) =>
    retryByCommand(
      place("/dispatch retry", { said: { trigger: { kind: "comment", id, url: "" } } }),
      { task: ID, model: null },
      await world.tasks(),
      world,
    );
  const fail = () => {
    const files = { "task.yaml": world.branches.files(ref)["task.yaml"]?.replace(/state:\n(?: {2}.*\n)+/, "") ?? "" };
    const failed = `${files["task.yaml"]}state: ${JSON.stringify(FAILED)}\n`;
    return world.branches.commit(ref, world.branches.headOf(ref), { files: { "task.yaml": failed }, message: "End" });
  };
  await retry(50);
  await fail();
  await retry(50);
  expect(world.task(ref)).toMatchObject({ attempt: 2, state: { kind: "finished" } });
  await retry(51);
  expect(world.task(ref)).toMatchObject({ attempt: 3, state: { kind: "queued" } });
});
