import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import { readTask, renderTask, type Task, type TaskState } from "../../src/core/task.ts";
import { claimTask } from "../../src/flows/claim-task.ts";
import { DONE, REF, REPOSITORY, RUN, sampleTask } from "../core/sample-task.ts";
import { HurriedClock } from "./memory-clock.ts";
import { BOT, MemoryBranches, MemoryComments, MemoryLog } from "./memory-ports.ts";

const QUEUED: TaskState = { kind: "queued", since: "2026-11-20T10:00:00Z" };
const RERUN = { ...RUN, tryNumber: 2 };
const OTHER = { ...RUN, id: 78 };
const MARK = renderMark({ kind: "status", ref: REF });

let branches: MemoryBranches;
let comments: MemoryComments;
let log: MemoryLog;

beforeEach(() => {
  branches = new MemoryBranches();
  comments = new MemoryComments();
  log = new MemoryLog();
});

function accepted(state: TaskState = QUEUED, more: Partial<Task> = {}, plan = "# Plan\n\n- [ ] Read\n"): void {
  const task = sampleTask(state, { statusComment: null, exchanges: {}, pullRequest: null, ...more });
  branches.put(REF, { "task.yaml": renderTask(task), "plan.md": plan });
}

function claim(run = RUN, attempt: number | null = 1) {
  const clock = new HurriedClock();
  return claimTask(REF, run, attempt, {
    branches,
    comments,
    clock,
    log,
    repository: REPOSITORY,
    self: [BOT, "github-actions[bot]"],
  });
}

const task = () => readTask(branches.files(REF));

describe("a run", () => {
  it("claims a queued task before any work", async () => {
    accepted();
    const live = await claim();
    expect(live?.held).toBe(true);
    expect(task().state).toEqual({ kind: "running", run: RUN });
    expect(branches.history(REF)).toEqual(["Accept", `Claim ${REF.id} for run 77`]);
  });

  it("that a person started by hand claims whatever attempt the task is at", async () => {
    accepted(QUEUED, { attempt: 3 });
    expect(await claim(RUN, null)).not.toBeNull();
  });

  it("that was started for an earlier attempt claims nothing", async () => {
    accepted(QUEUED, { attempt: 2 });
    expect(await claim(RUN, 1)).toBeNull();
    expect(task().state).toEqual(QUEUED);
  });

  it.each<TaskState>([
    { kind: "running", run: OTHER },
    { kind: "waiting", run: OTHER, questions: ["001"] },
    { kind: "cancelling", run: OTHER, by: "mona" },
    { kind: "parked", run: OTHER, questions: ["001"] },
    { kind: "parked", run: RUN, questions: ["001"] },
    DONE,
  ])("leaves a task alone that is $kind", async (state) => {
    accepted(state);
    expect(await claim()).toBeNull();
    expect(branches.history(REF)).toEqual(["Accept"]);
    expect(log.infos).toEqual([expect.stringContaining(state.kind)]);
  });

  it("ends without a word in the thread when the branch is gone", async () => {
    expect(await claim()).toBeNull();
    expect(log.warnings).toEqual([expect.stringContaining(REF.id)]);
  });

  it("opens the item again whose question has been answered, and touches nothing else in the plan", async () => {
    const plan = "# Plan\n\n- [x] Read\n- [?] Choose a port\n  Which port?\n- [ ] Test\n\nRemarks.\n";
    accepted(QUEUED, { attempt: 2 }, plan);
    await claim(RUN, 2);
    expect(branches.files(REF)["plan.md"]).toBe(plan.replace("[?]", "[ ]"));
  });
});

describe("of two runs", () => {
  it.each(["at once", "one after the other"])("%s one works", async (how) => {
    accepted();
    const claims =
      how === "at once" ? await Promise.all([claim(RUN), claim(OTHER)]) : [await claim(RUN), await claim(OTHER)];
    const [winner, ...more] = claims.filter((live) => live !== null);
    expect(more).toEqual([]);
    expect(task().state).toEqual({ kind: "running", run: winner?.run });
    expect(branches.history(REF)).toHaveLength(2);
  });

  it("the one that re-runs the same run takes over, and the earlier try may write nothing more", async () => {
    accepted();
    const first = await claim(RUN);
    const second = await claim(RERUN);
    expect(task().state).toEqual({ kind: "running", run: RERUN });
    expect(second?.held).toBe(true);
    expect(await first?.change(() => ({ files: { "output.md": "late" }, message: "Late" }))).toBe(false);
    expect(first?.held).toBe(false);
    expect(branches.files(REF)["output.md"]).toBeUndefined();
    expect(await claim(RUN)).toBeNull();
  });

  it("a re-run keeps the questions that are open", async () => {
    accepted({ kind: "waiting", run: RUN, questions: ["001"] });
    expect(await claim(RERUN)).not.toBeNull();
    expect(task().state).toEqual({ kind: "waiting", run: RERUN, questions: ["001"] });
  });

  it("a claim that is repeated after a lost reply is the same claim", async () => {
    accepted();
    await claim();
    expect(await claim()).not.toBeNull();
    expect(branches.history(REF)).toHaveLength(2);
  });
});

describe("the status comment", () => {
  it("is recorded with the claim", async () => {
    accepted();
    const posted = comments.put(1, `${MARK}\n### Title`);
    await claim();
    expect(task().statusComment).toEqual({ id: posted.id, author: BOT, url: posted.url });
  });

  it("may be missing", async () => {
    accepted();
    await claim();
    expect(task().statusComment).toBeNull();
  });

  it("is the oldest of twins; the others are removed, and strangers' comments are not", async () => {
    accepted();
    const foreign = comments.put(1, `${MARK}\n### Mine`, "stranger");
    const first = comments.put(1, `${MARK}\n### Title`);
    comments.put(1, `${MARK}\n### Title`, "github-actions[bot]");
    comments.put(1, `${MARK}\n### Title`);
    const other = comments.put(1, `${renderMark({ kind: "result", ref: REF, attempt: 1 })}\n### Result`);
    const elsewhere = comments.put(2, `${MARK}\n### Title`);
    await claim();
    expect(task().statusComment?.id).toBe(first.id);
    expect(comments.ids).toEqual([foreign.id, first.id, other.id, elsewhere.id]);
  });

  it("is not looked for once it is recorded", async () => {
    const recorded = { id: 6, author: BOT, url: "https://github.com/octo-org/hello/issues/1#issuecomment-6" };
    accepted(QUEUED, { statusComment: recorded });
    const twin = comments.put(1, `${MARK}\n### Title`);
    await claim();
    expect(task().statusComment).toEqual(recorded);
    expect(comments.ids).toEqual([twin.id]);
  });

  it("has its twins removed by the run that works, not by the one that lost", async () => {
    accepted({ kind: "running", run: OTHER });
    comments.put(1, `${MARK}\n### Title`);
    comments.put(1, `${MARK}\n### Title`);
    expect(await claim()).toBeNull();
    expect(comments.ids).toHaveLength(2);
  });
});
