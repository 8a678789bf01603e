import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import { renderSetup } from "../../src/core/setup.ts";
import type { Task, TaskState } from "../../src/core/task.ts";
import { chooseModel } from "../../src/flows/choose-model.ts";
import { CLAUDE, sampleSetup } from "../core/sample-setup.ts";
import { DONE, FAILED, RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryThread, patiently } from "./memory-thread.ts";

const CONFIRMING: TaskState = { kind: "confirming", since: "2026-11-20T10:00:00Z", run: null };
const HELD: TaskState = { kind: "held", since: "2026-11-20T10:00:00Z" };
const A = { thread: "1", id: "add-page-aaaa" };
const B = { thread: "1", id: "fix-login-bbbb" };
const C = { thread: "1", id: "tidy-up-cccc" };

let world: MemoryThread;

beforeEach(async () => {
  world = new MemoryThread();
  await world.labels.add(1, "dispatch: waiting");
});

const choose = (model: string, { ref = A, all = false, by = "mona" } = {}) =>
  chooseModel({ ref, model, all, by }, world);

/** Three tasks of one comment, and the overview of them. */
function siblings(states: readonly [TaskState, TaskState, TaskState], more: readonly Partial<Task>[] = []): number {
  for (const [place, { id }] of [A, B, C].entries())
    world.add(id, states[place] ?? DONE, { siblings: 3, position: place, ...more[place] });
  return world.comments.put(1, `${renderMark({ kind: "overview", thread: 1, trigger: "comment-5" })}\nOld`).id;
}

describe("the choice of a model", () => {
  it("starts the task with it, under the settings of the config as it is now", async () => {
    world.add(A.id, CONFIRMING);
    world.conversation = { ...world.conversation, config: `${world.conversation.config}timeout: 2h\n` };
    await choose("sonnet", { by: "hubot" });
    expect(world.task(A)).toMatchObject({
      state: { kind: "queued" },
      worker: { name: "sonnet", model: "sonnet" },
      confirmedBy: "hubot",
      attempt: 1,
      settings: { timeout: 120 },
    });
    expect(world.runs.started).toEqual([`${A.id} #1`]);
    expect(world.status(A)).toContain("**Starting** · `sonnet`");
    expect(world.labels.waits()).toBe(false);
  });

  it("after a look at the set-up starts the next attempt, and is shown where it was asked", async () => {
    const asked = world.comments.put(1, renderMark({ kind: "ask", ref: A, attempt: 1 }));
    world.add(
      A.id,
      { ...CONFIRMING, run: RUN },
      { phase: "check", askComment: asked, files: { "setup.md": "Found." } },
    );
    await choose("opus");
    expect(world.task(A)).toMatchObject({ attempt: 2, phase: "work" });
    expect(world.runs.started).toEqual([`${A.id} #2`]);
    expect(world.comments.body(asked.id)).toContain("✅ **mona** chose `opus`.");
    expect(world.comments.body(asked.id)).not.toContain("- [ ]");
  });

  it("keeps the label while something else waits for a person", async () => {
    world.add(A.id, CONFIRMING);
    world.add(B.id, { kind: "parked", run: RUN, questions: ["001"] });
    await choose("opus");
    expect(world.labels.waits()).toBe(true);
  });

  it.each([
    ["one after the other", false],
    ["at once", true],
  ])("made twice, %s, starts one run with the first", async (_, atOnce) => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    world.add(A.id, CONFIRMING);
    const choices = () => ["sonnet", "opus"].map((model) => () => choose(model));
    if (atOnce) await patiently(clock, Promise.all(choices().map((make) => make())));
    else for (const make of choices()) await patiently(clock, make());
    expect(world.runs.started).toEqual([`${A.id} #1`]);
    expect(world.branches.history(A)).toHaveLength(2);
    if (!atOnce) expect(world.task(A).worker.name).toBe("sonnet");
    expect(world.status(A)).toContain(`**Starting** · \`${world.task(A).worker.name}\``);
  });

  it("that comes again after its run could not be asked for asks for it", async () => {
    world.add(A.id, { kind: "queued", since: "" }, { confirmedBy: "mona" });
    await choose("opus");
    expect(world.runs.started).toEqual([`${A.id} #1`]);
  });

  it("is refused where there is no such model, and nothing has happened", async () => {
    world.add(A.id, CONFIRMING);
    await expect(choose("gemma")).rejects.toMatchObject({ code: "unknown-model" });
    expect(world.branches.history(A)).toEqual(["Accept"]);
    expect(world.labels.waits()).toBe(true);
  });

  it("waits for other tasks first, and goes on by itself where they are done", async () => {
    world.add(A.id, { kind: "running", run: RUN });
    world.add(B.id, CONFIRMING, { after: [A.id] });
    await choose("opus", { ref: B });
    expect(world.task(B).state.kind).toBe("held");
    expect(world.runs.started).toEqual([]);

    world = new MemoryThread();
    world.add(A.id, DONE);
    world.add(B.id, CONFIRMING, { after: [A.id] });
    await choose("opus", { ref: B });
    expect(world.runs.started).toEqual([`${B.id} #1`]);
  });

  it("starts nothing that waits for what has failed: it says so", async () => {
    world.add(A.id, FAILED);
    world.add(B.id, CONFIRMING, { after: [A.id] });
    await choose("opus", { ref: B });
    expect(world.runs.started).toEqual([]);
    expect(world.task(B).state).toMatchObject({ kind: "finished", outcome: { kind: "failed", cause: "dependency" } });
  });

  it("puts a plan of people's own to them next, where it is to be approved", async () => {
    world.add(A.id, CONFIRMING, { approval: { kind: "wanted" } });
    await choose("opus");
    expect(world.task(A).state).toMatchObject({ kind: "planned", shown: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(world.status(A)).toContain("Approve this plan and start");
    expect(world.labels.waits()).toBe(true);
  });

  it("calls the requester to the plan even where they were called to choose before", async () => {
    const asked = world.comments.put(1, renderMark({ kind: "ask", ref: A, attempt: 1 }));
    const more = { approval: { kind: "wanted" }, askComment: asked, files: { "setup.md": "Found." } } as const;
    world.add(A.id, { ...CONFIRMING, run: RUN }, more);
    await choose("opus");
    expect(world.comments.body(asked.id)).toMatch(/Found\.[\s\S]*✅ \*\*mona\*\* chose `opus`\./);
    const { askComment } = world.task(A);
    expect(askComment?.id).not.toBe(asked.id);
    expect(world.comments.body(askComment?.id ?? 0)).toContain("@mona, nothing starts before you approve it:");
    expect(world.branches.files(A)["setup.md"]).toBeUndefined();
    const before = [...world.comments.ids];
    await choose("opus");
    expect(world.comments.ids).toEqual(before);
  });
});

describe("the choice for all tasks of a comment", () => {
  it("starts those that wait for it, and the overview says so", async () => {
    const overview = siblings(
      [CONFIRMING, { kind: "running", run: RUN }, CONFIRMING],
      [{}, { worker: { ...worker(), name: "haiku" } }],
    );
    await choose("sonnet", { all: true });
    expect(world.runs.started.toSorted()).toEqual([`${A.id} #1`, `${C.id} #1`]);
    expect([A, B, C].map((ref) => world.task(ref).worker.name)).toEqual(["sonnet", "haiku", "sonnet"]);
    expect(world.comments.body(overview)).toContain("| ⏳ 3. [Do tidy-up-cccc]");
    expect(world.comments.body(overview)).not.toContain("- [ ]");
  });

  it("leaves held what waits for the others, with a model of its own or the chosen one", async () => {
    siblings(
      [CONFIRMING, HELD, CONFIRMING],
      [{}, { after: [A.id], worker: { ...worker(), name: "haiku" } }, { after: [A.id] }],
    );
    await choose("sonnet", { all: true });
    expect(world.runs.started).toEqual([`${A.id} #1`]);
    expect(world.task(B)).toMatchObject({ state: HELD, worker: { name: "haiku" } });
    expect(world.task(C)).toMatchObject({ state: { kind: "held" }, worker: { name: "sonnet" } });
  });

  it("is for that comment's tasks alone", async () => {
    siblings([CONFIRMING, CONFIRMING, CONFIRMING]);
    const other = world.add("other-dddd", CONFIRMING, { trigger: { kind: "comment", id: 6, url: "" } });
    await choose("sonnet", { all: true });
    expect(world.runs.started).toHaveLength(3);
    expect(world.task(other).state.kind).toBe("confirming");
    expect(world.labels.waits()).toBe(true);
  });

  it("made by one of them is for that one", async () => {
    siblings([CONFIRMING, CONFIRMING, CONFIRMING]);
    await choose("sonnet");
    expect(world.runs.started).toEqual([`${A.id} #1`]);
    expect(world.task(B).state.kind).toBe("confirming");
  });
});

describe("a repository without a config", () => {
  const setup = renderSetup(sampleSetup([CLAUDE]));

  beforeEach(() => {
    world.proposals.text = null;
    world.conversation = { ...world.conversation, config: null, configFrom: null, setup };
    world.add(A.id, { ...CONFIRMING, run: RUN }, { phase: "check" });
  });

  it("is proposed one with the model that was chosen, once", async () => {
    await choose("haiku");
    await choose("haiku");
    await world.background.settled();
    expect(world.proposals.titles).toHaveLength(1);
    expect(world.proposals.text).toContain("default: haiku");
    expect(world.runs.started).toEqual([`${A.id} #2`]);
  });
});

function worker(): Task["worker"] {
  return { name: "opus", model: "opus", backend: "claude", kind: "claude", command: "claude -p", role: null };
}

it("does nothing for a task that is gone", async () => {
  world.add(A.id, CONFIRMING);
  world.branches.delete(A);
  await choose("opus");
  expect(world.runs.started).toEqual([]);
});
