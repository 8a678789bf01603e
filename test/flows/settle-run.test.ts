import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import { runName, type TaskRef, type TaskState } from "../../src/core/task.ts";
import { hearReply } from "../../src/flows/hear-reply.ts";
import { settleRun } from "../../src/flows/settle-run.ts";
import { endTask } from "../../src/flows/task-course.ts";
import { RUN } from "../core/sample-task.ts";
import { NOW } from "./memory-clock.ts";
import { MemoryThread, place } from "./memory-thread.ts";

const ID = "add-page-aaaa";
const REF: TaskRef = { thread: "1", id: ID };
const RUNNING: TaskState = { kind: "running", run: RUN };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

const died = (run: { readonly id?: number; readonly tryNumber?: number } = {}) =>
  settleRun(
    {
      runId: run.id ?? RUN.id,
      tryNumber: run.tryNumber ?? RUN.tryNumber,
      runName: runName(REF, 1),
      conclusion: "failure",
    },
    world,
  );
const kinds = () => world.comments.bodies().flatMap((body) => /^<!-- dispatch:(\w+)/.exec(body)?.[1] ?? []);

function ask(state: TaskState = WAITING): void {
  world.add(ID, state, {
    exchanges: { "001": { askedAt: NOW, comment: null, answeredBy: null } },
    files: { "ipc/001.question": "Which port?\n" },
  });
}

describe("a run that has died", () => {
  it("ends its task, once, with a word about it", async () => {
    world.add(ID, RUNNING);
    await died();
    await died();
    expect(world.task(REF).state).toMatchObject({ kind: "finished", outcome: { kind: "failed", cause: "run-died" } });
    expect(kinds()).toEqual(["status", "result"]);
  });

  it("parks a task that asks: the question is there, and heard, and its answer starts the next run", async () => {
    ask();
    await died();
    expect(world.task(REF).state).toMatchObject({ kind: "parked", questions: ["001"] });
    expect(kinds()).toEqual(["status", "question"]);
    expect(world.comments.bodies().at(-1)).toContain("The answer is welcome any time");
    expect(world.labels.waits()).toBe(true);

    await hearReply(place("8080", { said: { waiting: true } }).said, world);
    expect(world.task(REF)).toMatchObject({ state: { kind: "queued" }, attempt: 2 });
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
    expect(world.runs.started).toEqual([`${ID} #2`]);
  });

  it.each([
    { whose: "another run's", run: { id: RUN.id + 1 } },
    { whose: "a later try's", run: { tryNumber: RUN.tryNumber - 1 } },
  ])("leaves a task alone that is $whose by now", async ({ run }) => {
    ask();
    await died(run);
    expect(world.task(REF).state).toEqual(WAITING);
    expect(kinds()).toEqual(["status"]);
  });

  it("shows the question in its own comment where that stands already", async () => {
    world.comments.put(1, `${renderMark({ kind: "question", ref: REF, question: "001" })}\n?`);
    ask();
    await died();
    expect(kinds().filter((kind) => kind === "question")).toHaveLength(1);
  });
});

it("tells so, too, whoever is heard only when the task is over, and says nothing twice", async () => {
  ask();
  await hearReply(place("8080", { said: { waiting: true } }).said, world);
  await endTask(REF, () => ({ kind: "cancelled", by: "mona" }), world);
  await hearReply(place("8080", { said: { waiting: true } }).said, world);
  expect(kinds().filter((kind) => kind === "reply")).toEqual([]);
  await hearReply(
    place("9090", { said: { waiting: true, trigger: { kind: "comment", id: 51, url: "" } } }).said,
    world,
  );
  expect(kinds().filter((kind) => kind === "reply")).toHaveLength(1);
  expect(world.comments.bodies().at(-1)).toContain("had its answer already");
});

it("starts the next run of an answer whose hearer died before, as soon as anything is said there", async () => {
  world.add(ID, { kind: "queued", since: NOW }, { attempt: 2 });
  await hearReply(place("@octocat have you seen this?", { said: { waiting: true } }).said, world);
  expect(world.runs.started).toEqual([`${ID} #2`]);
});

it("tells whoever answers a moment too late what has become of it, also when no question is open any more", async () => {
  ask();
  await hearReply(place("8080", { said: { waiting: true } }).said, world);
  await hearReply(place("9090", { said: { waiting: true } }).said, world);
  expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
  expect(world.branches.files(REF)["plan.md"]).toContain("9090");
  expect(world.comments.bodies().at(-1)).toContain("had its answer already");
});
