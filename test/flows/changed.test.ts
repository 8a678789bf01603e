import { describe, expect, it } from "vitest";
import type { Task } from "../../src/core/task.ts";
import type { RunResult } from "../../src/flows/finish-run.ts";
import { LiveTask } from "../../src/flows/live-task.ts";
import type { Pushed } from "../../src/flows/machine-ports.ts";
import { runTask } from "../../src/flows/run-task.ts";
import { takeAnswer } from "../../src/flows/take-answer.ts";
import { RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryRun } from "./memory-run.ts";
import { PLAN } from "./memory-thread.ts";

const HEAD = "b".repeat(40);
const ON_PULL: Partial<Task> = {
  thread: { kind: "pull", number: 1 },
  work: { base: "main", branch: "feature", onPullRequest: true },
};
const ON_ISSUE: Partial<Task> = { work: { base: "main", branch: "dispatch/page", onPullRequest: false } };
const ONE_DONE = PLAN.replace("[ ]", "[x]");
const ALL_DONE = PLAN.replaceAll("[ ]", "[x]");

/** A run of mona's task, with its worker at work. */
async function atWork(more: Partial<Task>) {
  const clock = new ManualClock();
  const world = new MemoryRun(clock);
  const ref = world.add("add-page-aaaa", { kind: "running", run: RUN }, more);
  const snapshot = await world.branches.read(ref);
  if (snapshot === null) throw new Error("The task is gone.");
  const live = new LiveTask(snapshot, RUN, world);
  let result: RunResult | null = null;
  const running = runTask(live, world).then((ended) => {
    result = ended;
  });
  const pass = (seconds: number) => clock.advance(seconds * 1_000);
  await pass(1);
  /** The worker ticks all that is left, and ends. */
  const finish = async () => {
    await world.folder.put("plan.md", ALL_DONE);
    await pass(1);
    world.workers.end();
    for (let tries = 0; result === null && tries < 100; tries += 1) await pass(1);
    await running;
    return world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:result"));
  };
  return { clock, world, ref, live, pass, finish, running, result: () => result };
}

describe("work that has no place on the branch it was for", () => {
  it.each<{ readonly why: Extract<Pushed, { kind: "moved" }>["why"]; readonly base: string; readonly said: RegExp }>([
    {
      why: "conflict",
      base: "feature",
      said: /changed `feature` in the same places, so the work went to `dispatch\/x`/,
    },
    { why: "rewritten", base: "feature", said: /taken out of `feature` .* it went to `dispatch\/x`/ },
    { why: "deleted", base: "main", said: /branch `feature` was deleted .* went to `dispatch\/x`, for `main`/ },
    { why: "closed", base: "main", said: /pull request was closed .* went to `dispatch\/x`, for `main`/ },
    { why: "merged", base: "main", said: /pull request was merged .* went to `dispatch\/x`, for `main`/ },
  ])("gets a pull request of its own, and the ending says why: $why", async ({ why, base, said }) => {
    const { world, ref, finish } = await atWork(ON_PULL);
    world.checkout.bases.add("feature");
    world.checkout.pushes = [{ kind: "moved", branch: "dispatch/x", head: HEAD, base, why }];
    const results = await finish();
    expect(world.pullRequests.opened).toMatchObject([{ branch: "dispatch/x", base }]);
    expect(results).toHaveLength(1);
    expect(results[0]).toMatch(said);
    expect(results[0]).toContain("Pull request: [#11]");
    expect(world.task(ref).work).toMatchObject({ branch: "dispatch/x", base, onPullRequest: false });
  });

  it.each([
    { found: "rewritten", said: /history of `feature` was rewritten meanwhile/ },
    { found: "deleted", said: /branch `feature` was deleted meanwhile. It is there again/ },
  ] as const)("says what has become of the branch that was $found", async ({ found, said }) => {
    const { world, finish } = await atWork(ON_PULL);
    world.checkout.pushes = [{ kind: "pushed", head: HEAD, found }];
    expect((await finish())[0]).toMatch(said);
    expect(world.pullRequests.opened).toEqual([]);
  });

  it.each(["open", "closed", "merged"] as const)(
    "is kept from a pull request that is %s by how it stands",
    async (state) => {
      const { world, finish } = await atWork(ON_PULL);
      world.pullRequests.states.set(1, state);
      await finish();
      expect(new Set(world.checkout.pulls)).toEqual(new Set([state]));
    },
  );

  it("is pushed all the same where the pull request cannot be asked for", async () => {
    const { world, finish } = await atWork(ON_PULL);
    world.pullRequests.stateOf = () => Promise.reject(new Error("Server Error"));
    expect((await finish())[0]).toContain("this is done");
    expect(new Set(world.checkout.pulls)).toEqual(new Set(["open"]));
  });
});

it("an answer that a commit of the run has met on the branch gets to the worker", async () => {
  const { world, ref, pass, finish } = await atWork(ON_ISSUE);
  await world.folder.put("ipc/001.question", "Which port?\n");
  await pass(2);
  const commit = world.branches.commit.bind(world.branches);
  let isAnswered = false;
  world.branches.commit = async (to, head, change) => {
    if (!isAnswered && change.message.startsWith("Done")) {
      isAnswered = true;
      await takeAnswer({ ref, question: "001", text: "8080", by: "mona" }, world);
    }
    return commit(to, head, change);
  };
  // From here on the run learns of the branch by its own commits alone.
  world.branches.head = () => Promise.resolve("same");
  await world.folder.put("plan.md", ONE_DONE);
  await pass(2);
  expect(world.folder.files["ipc/001.answer"]).toBe("8080\n");
  await finish();
});

describe("the task's own pull request", () => {
  it("is followed by another where it was merged before the work was done", async () => {
    const { world, ref, finish, pass } = await atWork(ON_ISSUE);
    await world.folder.put("plan.md", ONE_DONE);
    await pass(1);
    world.pullRequests.states.set(11, "merged");
    expect((await finish())[0]).toContain("[#12]");
    expect(world.pullRequests.opened).toHaveLength(2);
    expect(world.task(ref).pullRequest?.number).toBe(12);
  });

  it("is left closed by whoever has closed it", async () => {
    const { world, finish, pass } = await atWork(ON_ISSUE);
    await world.folder.put("plan.md", ONE_DONE);
    await pass(1);
    world.pullRequests.states.set(11, "closed");
    expect((await finish())[0]).toContain("The pull request was closed meanwhile. Its branch holds the work.");
    expect(world.pullRequests.opened).toHaveLength(1);
    expect(world.pullRequests.ready).toEqual([]);
  });
});

describe("a default branch with another name", () => {
  it("is what the work starts from, where it was renamed while the task waited", async () => {
    const { world, ref, finish } = await atWork({
      work: { base: "master", branch: "dispatch/x", onPullRequest: false },
    });
    const [result] = await finish();
    expect(world.checkout.prepared).toMatchObject([{ base: "main" }]);
    expect(world.pullRequests.opened).toMatchObject([{ base: "main" }]);
    expect(world.task(ref).work.base).toBe("main");
    expect(result).toContain("`master` does not exist any more, so the work is for `main` now.");
  });

  it("is where the pull request goes, where it was renamed while the task was at work", async () => {
    const { world, ref, finish } = await atWork(ON_ISSUE);
    world.checkout.bases.delete("main");
    world.checkout.bases.add("trunk");
    world.conversation = { ...world.conversation, defaultBranch: "trunk" };
    expect((await finish())[0]).toContain("this is done");
    expect(world.pullRequests.opened).toMatchObject([{ base: "trunk" }]);
    expect(world.task(ref).work.base).toBe("trunk");
  });

  it("does not matter while the old one is there", async () => {
    const { world, finish } = await atWork(ON_ISSUE);
    world.checkout.bases.add("develop");
    world.conversation = { ...world.conversation, defaultBranch: "develop" };
    await finish();
    expect(world.pullRequests.opened).toMatchObject([{ base: "main" }]);
  });
});

describe("a task's branch that is deleted while its run works", () => {
  it("is a cancel: the worker stopped, the work saved and named, all of it said once", async () => {
    const { world, ref, pass, running, result } = await atWork(ON_ISSUE);
    await world.folder.put("plan.md", ONE_DONE);
    await pass(1);
    expect(world.workers.alive).toBe(1);
    world.branches.delete(ref);
    await pass(30);
    await running;
    expect(world.workers.alive).toBe(0);
    expect(result()).toMatchObject({
      kind: "settled",
      task: { state: { kind: "finished", outcome: { kind: "cancelled" } } },
    });
    const [status, ...results] = world.comments.bodies();
    expect(results).toHaveLength(1);
    expect(results[0]).toContain("this was cancelled: its branch with the plan was deleted.");
    expect(results[0]).toContain("Pull request: [#11]");
    expect(results[0]).toMatch(/1 of 2 steps/);
    expect(status).toContain("Cancelled: its branch with the plan was deleted.");
    // There is nothing to retry, and no plan to look at.
    expect(`${status}${results[0]}`).not.toMatch(/- \[ \]|\[Plan\]/);
    expect(await world.branches.read(ref)).toBeNull();
  });

  it("takes the label off that a question of it has set", async () => {
    const { world, ref, pass, running } = await atWork(ON_ISSUE);
    await world.folder.put("ipc/001.question", "Which colour?");
    await pass(5);
    expect(world.labels.waits()).toBe(true);
    world.branches.delete(ref);
    await pass(30);
    await running;
    expect(world.labels.waits()).toBe(false);
    expect(world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:result"))).toHaveLength(1);
  });

  it("is noticed by the ending at the latest", async () => {
    const { world, ref, finish } = await atWork(ON_ISSUE);
    world.branches.head = () => Promise.resolve("same");
    world.branches.delete(ref);
    const results = await finish();
    expect(results).toHaveLength(1);
    expect(results[0]).toContain("deleted");
    expect(results[0]).toMatch(/2 of 2 steps/);
  });

  it("sets free, with the reason, what has waited for the task", async () => {
    const { world, ref, pass, running } = await atWork(ON_ISSUE);
    const next = world.add("then-this-bbbb", { kind: "held", since: "2026-11-20T10:00:00Z" }, { after: [ref.id] });
    world.branches.delete(ref);
    await pass(30);
    await running;
    expect(world.task(next).state).toMatchObject({
      kind: "finished",
      outcome: { kind: "failed", cause: "dependency" },
    });
  });

  it("says nothing where the task is another run's by then", async () => {
    const { world, ref, pass, running, result } = await atWork(ON_ISSUE);
    const text = world.branches.files(ref)["task.yaml"]?.replace(`id: ${RUN.id}\n`, "id: 78\n") ?? "";
    await world.branches.commit(ref, world.branches.headOf(ref), { files: { "task.yaml": text }, message: "Claim" });
    await pass(10);
    world.branches.delete(ref);
    await pass(30);
    await running;
    expect(result()).toEqual({ kind: "lost" });
    expect(world.comments.bodies()).toHaveLength(1);
  });
});
