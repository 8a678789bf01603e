import { beforeEach, describe, expect, it } from "vitest";
import type { WhyClosed } from "../../src/core/closed-thread.ts";
import { findCommands } from "../../src/core/command.ts";
import { commandKey } from "../../src/core/command-key.ts";
import { renderMark } from "../../src/core/marker.ts";
import { renderTask, type TaskRef, type TaskState } from "../../src/core/task.ts";
import { handleEvent } from "../../src/flows/handle-event.ts";
import { keepAsking } from "../../src/flows/keep-questions.ts";
import { LiveTask } from "../../src/flows/live-task.ts";
import { reconcile } from "../../src/flows/reconcile.ts";
import { redrawQuestion, redrawStatus } from "../../src/flows/redraw.ts";
import { relayQuestions } from "../../src/flows/relay-questions.ts";
import { StatusView } from "../../src/flows/status-view.ts";
import { endTask } from "../../src/flows/task-course.ts";
import { unlabelWhenQuiet } from "../../src/flows/waiting-label.ts";
import { RUN } from "../core/sample-task.ts";
import { ManualClock, NOW, turn } from "./memory-clock.ts";
import { MemoryThread, patiently, place } from "./memory-thread.ts";

// What people do to a conversation while something works or waits in it: comments and labels vanish, and the whole of it may close.

const MINUTE = 60_000;
const ago = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString();
const ID = "add-page-aaaa";
const REF: TaskRef = { thread: "1", id: ID };
const RUNNING: TaskState = { kind: "running", run: RUN };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const PARKED: TaskState = { kind: "parked", run: RUN, questions: ["001"] };
const aRound = { thread: null, thorough: false } as const;

let clock: ManualClock;
let world: MemoryThread;

beforeEach(() => {
  clock = new ManualClock();
  world = new MemoryThread(clock);
  // Posting takes its time, as on GitHub: others look meanwhile.
  const create = world.comments.create.bind(world.comments);
  world.comments.create = async (thread, body) => {
    await turn();
    return create(thread, body);
  };
  world.branches.movedAt = ago(5 * MINUTE);
  world.runs.known.set(RUN.id, { id: RUN.id, url: RUN.url, status: "in_progress", conclusion: null, seenAt: NOW });
});

const patient = <T>(work: Promise<T>) => patiently(clock, work);
const statuses = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:status"));
const questions = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:question"));
const results = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:result"));
const issues = { open: () => Promise.reject(new Error("no issue is to be opened")) };

/** A task whose question stands in the thread, with its label. */
async function asking(state: TaskState): Promise<number> {
  const { id, author, url } = world.comments.put(
    1,
    `${renderMark({ kind: "question", ref: REF, question: "001" })}\n?`,
  );
  const comment = { kind: "comment", id, author, url } as const;
  world.add(ID, state, {
    exchanges: { "001": { askedAt: ago(5 * MINUTE), comment, answeredBy: null } },
    files: { "ipc/001.question": "Which port?\n" },
  });
  await world.labels.add(1, "dispatch: waiting");
  return id;
}

async function live(): Promise<LiveTask> {
  const snapshot = await world.branches.read(REF);
  if (snapshot === null) throw new Error("The task is gone.");
  return new LiveTask(snapshot, RUN, world);
}

/** What the run that has the task does for its questions now and then; it reaches more than a thread handler, but uses nothing of it. */
const lookAfter = async (task: LiveTask) => patient(keepAsking(task, world as never));

describe("a status comment that is deleted while a run works", () => {
  it("is drawn again once, and its new place recorded", async () => {
    world.add(ID, RUNNING);
    const task = await live();
    const view = new StatusView(task, world);
    view.draw();
    await patient(view.settled());
    await world.comments.remove(world.task(REF).statusComment?.id ?? 0);
    task.doing = "Reading";
    await clock.advance(2_000);
    view.draw();
    await patient(view.settled());
    expect(statuses()).toEqual([expect.stringContaining("Reading")]);
    await task.change(() => ({ files: {}, message: "Go on" }));
    expect(world.comments.ids).toContain(world.task(REF).statusComment?.id);
  });

  it("is drawn again once by run and handler together", async () => {
    world.add(ID, RUNNING);
    await world.comments.remove(world.task(REF).statusComment?.id ?? 0);
    const task = await live();
    const view = new StatusView(task, world);
    view.draw();
    await patient(
      Promise.all([
        view.settled(),
        redrawStatus(REF, world.branches.files(REF), world),
        redrawStatus(REF, world.branches.files(REF), world),
      ]),
    );
    expect(statuses()).toHaveLength(1);
    expect(world.comments.ids).toContain(task.task.statusComment?.id);
  });

  it("whose text somebody has edited has its own again at the next look", async () => {
    world.add(ID, RUNNING);
    const view = new StatusView(await live(), world);
    view.draw();
    await patient(view.settled());
    const id = world.task(REF).statusComment?.id ?? 0;
    await world.comments.edit(id, "Mine now");
    await clock.advance(MINUTE);
    view.draw();
    await patient(view.settled());
    expect(world.comments.body(id)).toContain("<!-- dispatch:status");
  });
});

describe("a question whose comment is deleted", () => {
  it.each([{ state: WAITING }, { state: PARKED }])(
    "is asked again by the next round, once, while its task is $state.kind; its new place is recorded",
    async ({ state }) => {
      await world.comments.remove(await asking(state));
      await patient(reconcile(aRound, world));
      await patient(reconcile(aRound, world));
      expect(questions()).toHaveLength(1);
      expect(world.comments.ids).toContain(world.task(REF).exchanges["001"]?.comment?.id);
    },
  );

  it("is asked again by the run that waits", async () => {
    await world.comments.remove(await asking(WAITING));
    const task = await live();
    await lookAfter(task);
    await lookAfter(task);
    expect(questions()).toHaveLength(1);
    expect(world.comments.ids).toContain(task.task.exchanges["001"]?.comment?.id);
    expect(task.held).toBe(true);
  });

  it("is asked again once, however many do so at the same moment", async () => {
    await world.comments.remove(await asking(WAITING));
    const redraw = () => redrawQuestion(REF, "001", world.branches.files(REF), world);
    await patient(Promise.all([redraw(), redraw(), redraw(), lookAfter(await live()), reconcile(aRound, world)]));
    expect(questions()).toHaveLength(1);
  });

  it("still takes its answer", async () => {
    await world.comments.remove(await asking(PARKED));
    await patient(reconcile(aRound, world));
    const { said } = place("8080", { said: { waiting: true } });
    await patient(handleEvent(said, world));
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
    expect(questions()).toEqual([expect.stringContaining("answered")]);
  });

  it("costs nothing but looks while it stands", async () => {
    await asking(WAITING);
    await patient(reconcile(aRound, world));
    await lookAfter(await live());
    expect(world.comments.edits).toEqual([]);
    expect(world.branches.history(REF)).toEqual(["Accept"]);
  });
});

describe("a question that its run has just committed", () => {
  const asked = (secondsAgo: number) =>
    world.add(ID, WAITING, {
      exchanges: { "001": { askedAt: ago(secondsAgo * 1_000), comment: null, answeredBy: null } },
      files: { "ipc/001.question": "Which port?\n" },
    });

  it.each([
    { secondsAgo: 9, posted: 0 },
    { secondsAgo: 11, posted: 1 },
  ])(
    "is posted by others only when the run has not: after $secondsAgo s $posted times",
    async ({ secondsAgo, posted }) => {
      asked(secondsAgo);
      await patient(redrawQuestion(REF, "001", world.branches.files(REF), world));
      expect(questions()).toHaveLength(posted);
    },
  );

  it.each([
    { who: "its run", ask: async () => void (await relayQuestions(await live(), world as never)) },
    { who: "a round", ask: () => reconcile(aRound, world) },
  ])("is heard from the moment that $who posts it", async ({ ask }) => {
    asked(300);
    const heard: boolean[] = [];
    const create = world.comments.create.bind(world.comments);
    world.comments.create = async (thread, body) => {
      heard.push(world.labels.waits());
      return create(thread, body);
    };
    await patient(ask());
    expect(heard).toEqual([true]);
  });
});

describe("the label that is taken off while something waits", () => {
  it("is put back where a question was committed between the look and that", async () => {
    await world.labels.add(1, "dispatch: waiting");
    const remove = world.labels.remove.bind(world.labels);
    world.labels.remove = async (thread, label) => {
      world.add(ID, PARKED);
      await remove(thread, label);
    };
    await unlabelWhenQuiet(1, world);
    expect(world.labels.waits()).toBe(true);
  });

  it("hears the answer that came between: its event did not say that anything waits", async () => {
    await world.labels.add(1, "dispatch: waiting");
    const remove = world.labels.remove.bind(world.labels);
    world.labels.remove = async (thread, label) => {
      world.labels.remove = remove;
      await remove(thread, label);
      await asking(PARKED);
      await remove(thread, label);
      world.comments.put(1, "8080", "mona");
    };
    await patient(unlabelWhenQuiet(1, world));
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
    expect(world.runs.started).toEqual([`${ID} #2`]);
    expect(world.labels.waits()).toBe(false);
  });

  it.each([
    { by: "the run", look: async () => lookAfter(await live()) },
    { by: "the next round", look: () => patient(reconcile(aRound, world)) },
  ])("is put back by $by, which hears once what was said meanwhile", async ({ look }) => {
    await asking(WAITING);
    await world.labels.remove(1, "dispatch: waiting");
    await look();
    expect(world.labels.waits()).toBe(true);
    await world.labels.remove(1, "dispatch: waiting");
    world.comments.put(1, "8080", "mona");
    await look();
    await look();
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
    expect(world.branches.history(REF).filter((message) => message.startsWith("Answer"))).toHaveLength(1);
    expect(world.labels.waits()).toBe(false);
  });

  it("stays off where the last answer has just been taken", async () => {
    await asking(WAITING);
    const task = await live();
    await patient(handleEvent(place("8080", { said: { waiting: true } }).said, world));
    await lookAfter(task);
    expect(world.labels.waits()).toBe(false);
  });
});

describe.each<WhyClosed>(["locked", "gone", "moved"])("a conversation that is %s", (why) => {
  const close = () => world.comments.closed.set(1, why);
  const end = () => endTask(REF, () => ({ kind: "cancelled", by: "mona" }), world);

  it("keeps no task from its ending, and is warned of once", async () => {
    world.add(ID, RUNNING);
    close();
    await patient(end());
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(10 * MINUTE);
      await patient(reconcile(aRound, world));
    }
    expect(world.task(REF).state).toMatchObject({ kind: "finished", outcome: { kind: "cancelled" } });
    expect(results()).toEqual([]);
    expect(world.log.warnings).toHaveLength(1);
  });

  it("is told what was missing once it is open again", async () => {
    world.add(ID, RUNNING);
    close();
    await patient(end());
    world.comments.closed.clear();
    world.runs.known.set(RUN.id, { id: RUN.id, url: RUN.url, status: "completed", conclusion: "cancelled" });
    world.branches.movedAt = ago(2 * MINUTE);
    await clock.advance(2 * MINUTE);
    await patient(reconcile(aRound, world));
    await patient(reconcile(aRound, world));
    expect(results()).toHaveLength(1);
    expect(world.status(REF)).toContain("Cancelled");
  });

  it("has no place for a question: the run parks, and it is asked later", async () => {
    world.add(ID, WAITING, {
      exchanges: { "001": { askedAt: ago(5 * MINUTE), comment: null, answeredBy: null } },
      files: { "ipc/001.question": "Which port?\n" },
    });
    close();
    expect(await relayQuestions(await live(), { ...world, issues })).toBe(false);
    world.comments.closed.clear();
    await patient(reconcile(aRound, world));
    expect(questions()).toHaveLength(1);
  });

  it("does not keep the status view busy", async () => {
    world.add(ID, RUNNING);
    if (why !== "locked") await world.comments.remove(world.task(REF).statusComment?.id ?? 0);
    close();
    const task = await live();
    const view = new StatusView(task, world);
    for (let minute = 0; minute < 9; minute += 1) {
      task.doing = `Step ${minute}`;
      view.draw();
      await clock.advance(MINUTE);
    }
    await patient(view.settled());
    expect(world.log.warnings.length).toBeLessThanOrEqual(2);
    expect(statuses().join()).not.toContain("Step");
  });

  it("still hears a command, and starts its task", async () => {
    const topic = { title: "Fix", body: "", editedAt: null, author: "mona", open: true, pull: null, remarks: [] };
    world.conversation = { ...world.conversation, topic };
    close();
    await patient(handleEvent(place("/dispatch use opus to fix it").said, world));
    expect(world.runs.started).toHaveLength(1);
    expect(world.comments.bodies()).toEqual([]);
    expect(world.log.warnings).toHaveLength(1);
  });
});

describe("a task whose record somebody has damaged", () => {
  const damage = async (files: Record<string, string | null> = { "task.yaml": "[" }) =>
    world.branches.commit(REF, world.branches.headOf(REF), { files, message: "Oops" });
  const hearing = (body: string) => {
    const [command] = findCommands(body);
    return patient(handleEvent(place(body, { key: command === undefined ? "" : commandKey(command) }).said, world));
  };

  it("is restored by its run's next commit, with what the run knows", async () => {
    world.add(ID, RUNNING);
    const task = await live();
    await damage();
    task.recordSession("abc");
    await patient(
      task.change((files) => ({ files: { "plan.md": `${files["plan.md"]}\n` }, message: "Update the plan" })),
    );
    expect(world.task(REF)).toMatchObject({ state: { kind: "running" }, session: "abc" });
    expect(task.held).toBe(true);
  });

  it("is restored as soon as its run looks", async () => {
    world.add(ID, RUNNING);
    const task = await live();
    await damage();
    await patient(task.refresh());
    expect(world.task(REF).state.kind).toBe("running");
    expect(task.facts.warnings.join()).toContain("has been restored");
  });

  it.each(["/dispatch cancel", `/dispatch cancel ${ID}`, `/dispatch status ${ID}`])(
    "is told of to whoever means it: %s",
    async (command) => {
      world.add(ID, PARKED);
      await damage();
      await hearing(command);
      const said = world.comments.bodies().at(-1) ?? "";
      expect(said).toContain(`The record of task \`${ID}\` cannot be read`);
      expect(said).toContain("Take the last commit of that branch back");
    },
  );

  it("keeps nobody from the thread's other tasks, nor from a round", async () => {
    world.add(ID, PARKED);
    await damage();
    const other = world.add("fix-login-bbbb", PARKED, {
      exchanges: { "001": { askedAt: ago(5 * MINUTE), comment: null, answeredBy: null } },
      files: { "ipc/001.question": "Which port?\n" },
    });
    await patient(reconcile(aRound, world));
    expect(questions()).toHaveLength(1);
    await hearing("/dispatch cancel");
    expect(world.task(other).state).toMatchObject({ kind: "finished" });
  });

  it.each([{ "plan.md": "" }, { "plan.md": null }, { "ipc/001.question": null }])(
    "is still shown, answered and cancelled where only this is left of it: %j",
    async (files) => {
      await asking(PARKED);
      await damage(files);
      await patient(reconcile({ thread: null, thorough: true }, world));
      await hearing("/dispatch status");
      await hearing(`/dispatch answer ${ID} 8080`);
      expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
      await hearing(`/dispatch cancel ${ID}`);
      expect(world.task(REF).state).toMatchObject({ kind: "finished", outcome: { kind: "cancelled" } });
      expect(world.log.warnings).toEqual([]);
    },
  );

  it("does not take a record for damaged that says something else", () => {
    world.add(ID, RUNNING);
    expect(renderTask(world.task(REF))).toBe(world.branches.files(REF)["task.yaml"]);
  });
});
