import { beforeEach, describe, expect, it } from "vitest";
import { readMark, renderMark } from "../../src/core/marker.ts";
import { TokenRefused } from "../../src/core/problem.ts";
import type { TaskState } from "../../src/core/task.ts";
import type { Said } from "../../src/flows/command-place.ts";
import { handleEvent } from "../../src/flows/handle-event.ts";
import { hear } from "../../src/flows/hear.ts";
import { RUN } from "../core/sample-task.ts";
import { ManualClock } from "./memory-clock.ts";
import { BOT } from "./memory-ports.ts";
import { HUBOT, MemoryThread, patiently, place } from "./memory-thread.ts";

const CONFIRMING: TaskState = { kind: "confirming", since: "2026-11-20T10:00:00Z", run: null };
const PLANNED: TaskState = { kind: "planned", since: "2026-11-20T10:00:00Z", run: null, shown: null };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
  talk();
});

/** The conversation as GitHub has it at this moment, our own comments included. */
function talk(...bodies: readonly string[]): void {
  const remarks = bodies.map((body) => ({
    author: BOT,
    body,
    createdAt: "2026-11-20T11:00:00Z",
    editedAt: null,
    place: null,
  }));
  const topic = { title: "Health", body: "", editedAt: null, author: "mona", open: true, pull: null, remarks };
  world.conversation = { ...world.conversation, topic };
}

const say = (body: string, more: Partial<Said> = {}) => hear(place(body, { said: more }).said, world);
const tasks = async () => (await world.tasks()).map(({ ref }) => world.task(ref));
const kinds = () => world.comments.bodies().map((body) => readMark(body)?.kind);

describe("a command", () => {
  it("is acknowledged, and its task started", async () => {
    await say("/dispatch use sonnet to add a page");
    expect(world.reactions.all).toEqual(["comment 50 eyes"]);
    expect((await tasks()).map(({ state }) => state.kind)).toEqual(["queued"]);
    expect(world.runs.started).toHaveLength(1);
    expect(kinds()).toEqual(["status"]);
  });

  it("that two tasks come of, delivered again, waits for nobody twice: GitHub would hang up", async () => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    talk();
    const twice = "/dispatch use sonnet to add a page\n\n/dispatch use sonnet to add a door";
    await patiently(clock, say(twice));
    const before = clock.now().getTime();
    await patiently(clock, say(twice));
    expect(clock.now().getTime() - before).toBeLessThan(9_000);
    expect(world.runs.started).toHaveLength(2);
    expect(kinds().toSorted()).toEqual(["overview", "status", "status"]);
  });

  it("is not done with where the job's token was refused: another job hears it", async () => {
    const event = place("/dispatch use sonnet to add a page").said;
    world.conversations.read = () => Promise.reject(new TokenRefused());
    await expect(handleEvent(event, world)).rejects.toThrow(TokenRefused);
    expect(world.comments.bodies()).toEqual([]);
  });

  it("finds the status comment that its run has posted because we were late", async () => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    talk();
    const start = world.runs.start.bind(world.runs);
    const late = Promise.withResolvers<void>();
    world.runs.start = async (ref, attempt) => {
      await start(ref, attempt);
      world.comments.put(1, `${renderMark({ kind: "status", ref })}\nBy the run`);
      late.resolve();
    };
    const create = world.comments.create.bind(world.comments);
    world.comments.create = async (thread, body) => {
      await late.promise;
      await clock.sleep(16_000);
      return create(thread, body);
    };
    await patiently(clock, say("/dispatch use sonnet to add a page"));
    expect(world.comments.bodies()).toEqual([expect.stringContaining("By the run")]);
  });

  it.each([
    { by: { login: "octocat", id: 3 }, role: "read" },
    { by: { login: "stranger", id: 4 }, role: "none" },
  ])("of somebody whose role is $role is refused in a sentence", async ({ by }) => {
    await say("/dispatch use sonnet to add a page", { by });
    expect(await tasks()).toEqual([]);
    expect(world.comments.bodies()).toEqual([expect.stringContaining(`Sorry **${by.login}**, I may only take orders`)]);
  });

  it.each([
    { config: "commanders: admin\n", by: HUBOT, started: 0 },
    { config: "commanders: [hubot]\n", by: HUBOT, started: 1 },
    { config: "commanders: [octocat]\n", by: { login: "octocat", id: 3 }, started: 0 },
    // Who may command cannot be read, so administrators may, who can put it right.
    { config: "commanders: 7\n", by: HUBOT, started: 0 },
  ])("counts from whom the config says: $config by $by.login: $started", async ({ config, by, started }) => {
    world.conversation = { ...world.conversation, config: `${world.conversation.config}${config}` };
    await say("/dispatch use sonnet to add a page", { by });
    expect(world.runs.started).toHaveLength(started);
    expect(kinds()).toEqual([started === 0 ? "reply" : "status"]);
  });

  it("of whoever can put a broken config right is told what is wrong with it", async () => {
    world.conversation = { ...world.conversation, config: `${world.conversation.config}commanders: 7\n` };
    await say("/dispatch use sonnet to add a page");
    expect(world.comments.bodies()).toEqual([expect.stringMatching(/\.github\/dispatch\.yml[\s\S]*What to do/)]);
  });

  it.each([
    { bots: "", heard: false },
    { bots: "bots: ['renovate[bot]']\n", heard: true },
    { bots: "bots: [renovate]\n", heard: false },
  ])(
    "of a bot is heard only where it is listed by its exact name; else it is not even told so: $bots",
    async ({ bots, heard }) => {
      world.conversation = { ...world.conversation, config: `${world.conversation.config}${bots}` };
      await say("/dispatch use sonnet to add a page", { by: { login: "renovate[bot]", id: 9 }, byBot: true });
      expect(world.runs.started).toHaveLength(heard ? 1 : 0);
      expect(world.reactions.all).toHaveLength(heard ? 1 : 0);
      expect(kinds()).toEqual(heard ? ["status"] : []);
    },
  );

  it("that is delivered twice, at once, is done once", async () => {
    const clock = new ManualClock();
    world = new MemoryThread(clock);
    talk();
    const body = "/dispatch use sonnet to add a page\n/dispatch use opus to fix the login\n/dispatch help";
    await patiently(clock, Promise.all([say(body), say(body)]));
    expect(await tasks()).toHaveLength(2);
    expect(world.runs.started.toSorted()).toEqual((await tasks()).map(({ id }) => `${id} #1`).toSorted());
    expect(kinds().toSorted()).toEqual(["overview", "reply", "status", "status"]);
  });

  it("that is delivered again after its task has been cleaned up starts nothing", async () => {
    await say("/dispatch use sonnet to add a page");
    const [task] = await world.tasks();
    if (task === undefined) throw new Error("No task was made.");
    await world.branches.remove(task.ref);
    talk(renderMark({ kind: "status", ref: task.ref }));
    await say("/dispatch use sonnet to add a page");
    expect(await tasks()).toEqual([]);
    expect(world.runs.started).toHaveLength(1);
  });

  it("that cannot be met holds up no other of the same comment", async () => {
    await say("/dispatch use gpt-9-nothing@x to dance\n/dispatch help");
    await say("/dispatch --model gemma do it\n\n/dispatch help", { trigger: { kind: "comment", id: 51, url: "" } });
    expect(world.comments.bodies().filter((body) => body.includes("What you can ask of Dispatch"))).toHaveLength(2);
    expect(world.comments.bodies().join()).toContain("`gemma` isn't available");
  });
});

describe("several tasks in one comment", () => {
  it("start side by side, under one overview", async () => {
    await say("/dispatch use sonnet to add a page\n/dispatch use opus to fix the login");
    expect(kinds()).toEqual(["overview", "status", "status"]);
    expect(world.runs.started).toHaveLength(2);
    expect(world.comments.bodies()[0]).toContain("### 🧭 2 tasks");
  });

  it("ask for their model once, in the overview", async () => {
    await say("/dispatch add a page\n/dispatch fix the login");
    expect(world.runs.started).toEqual([]);
    expect(world.labels.waits()).toBe(true);
    expect(world.comments.bodies()[0]).toContain("Tasks 1 and 2 name no model.");
  });
});

describe("a bare /dispatch", () => {
  it("is answered, and from then on its person is not asked about the default in this thread", async () => {
    await say("/dispatch");
    const [reply = ""] = world.comments.bodies();
    expect(readMark(reply)).toMatchObject({ kind: "warm-up", by: 1 });
    talk(reply);
    await say("/dispatch add a page", { trigger: { kind: "comment", id: 51, url: "" } });
    expect((await tasks()).map(({ state }) => state.kind)).toEqual(["queued"]);
    await say("/dispatch fix the login", { trigger: { kind: "comment", id: 52, url: "" }, by: HUBOT });
    expect((await tasks()).map(({ state }) => state.kind)).toEqual(["queued", "confirming"]);
  });
});

describe("a reply where something is asked", () => {
  const reply = (body: string, more: Partial<Said> = {}) => say(body, { waiting: true, ...more });

  it.each([
    { body: "yes", worker: "opus", state: "queued" },
    { body: "use sonnet please", worker: "sonnet", state: "queued" },
    { body: "no", worker: "opus", state: "finished" },
    { body: "yes but only the tests", worker: "opus", state: "confirming" },
    { body: "gemma", worker: "opus", state: "confirming" },
  ])("$body → $state with $worker", async ({ body, worker, state }) => {
    const ref = world.add("add-page-aaaa", CONFIRMING);
    await reply(body);
    expect(world.task(ref)).toMatchObject({ state: { kind: state }, worker: { name: worker } });
  });

  it("approves the plan that was shown last", async () => {
    await say("/dispatch plan add a page with opus\n\n- [ ] Read\n- [ ] Write");
    const [task] = await tasks();
    expect(task?.state.kind).toBe("planned");
    await reply("go ahead", { trigger: { kind: "comment", id: 51, url: "" } });
    expect(world.runs.started).toHaveLength(1);
  });

  it("counts from the requester alone, and only while they may write", async () => {
    const ref = world.add("add-page-aaaa", CONFIRMING);
    await reply("yes", { by: HUBOT });
    expect(world.task(ref).state.kind).toBe("confirming");
    world.permissions.roles["mona"] = "read";
    await reply("yes");
    expect(world.task(ref).state.kind).toBe("confirming");
  });

  it("is not taken from a bot", async () => {
    const ref = world.add("add-page-aaaa", CONFIRMING);
    await reply("yes", { byBot: true });
    expect(world.task(ref).state.kind).toBe("confirming");
  });

  it("that could mean several things is answered by boxes", async () => {
    world.add("add-page-aaaa", CONFIRMING);
    world.add(
      "fix-login-bbbb",
      { ...PLANNED, shown: "a".repeat(40) },
      { trigger: { kind: "comment", id: 6, url: "" } },
    );
    await reply("yes");
    expect(world.runs.started).toEqual([]);
    const [body = ""] = world.comments.bodies().slice(-1);
    expect(body).toContain("Which one do you mean?");
    expect(body.match(/<!-- dispatch:do (model|approve) /g)).toHaveLength(2);
  });

  it("means all tasks of one comment", async () => {
    world.add("add-page-aaaa", CONFIRMING, { siblings: 2 });
    world.add("fix-login-bbbb", CONFIRMING, { siblings: 2, position: 1 });
    await reply("sonnet");
    expect(world.runs.started.toSorted()).toEqual(["add-page-aaaa #1", "fix-login-bbbb #1"]);
    expect((await tasks()).map(({ worker }) => worker.name)).toEqual(["sonnet", "sonnet"]);
  });

  it("answers a question that is open beside, rather than deciding; a model's name still decides", async () => {
    const ref = world.add("add-page-aaaa", CONFIRMING);
    const comment = world.comments.put(
      1,
      renderMark({ kind: "question", ref: { thread: "1", id: "fix-login-bbbb" }, question: "001" }),
    );
    const asking = world.add(
      "fix-login-bbbb",
      { kind: "waiting", run: RUN, questions: ["001"] },
      {
        exchanges: { "001": { askedAt: "2026-11-20T10:03:00Z", comment, answeredBy: null } },
        files: { "ipc/001.question": "Shall I?" },
      },
    );
    await reply("yes");
    expect(world.task(ref).state.kind).toBe("confirming");
    expect(world.branches.files(asking)["ipc/001.answer"]).toBe("yes\n");
    await reply("sonnet", { trigger: { kind: "comment", id: 51, url: "" } });
    expect(world.task(ref)).toMatchObject({ state: { kind: "queued" }, worker: { name: "sonnet" } });
  });

  it("answers a question only while its author may write", async () => {
    const exchanges = { "001": { askedAt: "2026-11-20T10:03:00Z", comment: null, answeredBy: null } };
    const files = { "ipc/001.question": "Which port?" };
    const ref = world.add("add-page-aaaa", { kind: "waiting", run: RUN, questions: ["001"] }, { exchanges, files });
    world.permissions.roles["mona"] = "read";
    await reply("8080");
    expect(world.branches.files(ref)["ipc/001.answer"]).toBeUndefined();
    world.permissions.roles["mona"] = "write";
    await reply("8080");
    expect(world.branches.files(ref)["ipc/001.answer"]).toBe("8080\n");
  });

  it("is not listened to where nothing waits", async () => {
    const ref = world.add("add-page-aaaa", CONFIRMING);
    await say("yes", { waiting: false });
    expect(world.task(ref).state.kind).toBe("confirming");
  });
});

describe("an edit", () => {
  const BEFORE = "/dispatch use sonnet to add a page";

  it("that adds a command starts that one alone", async () => {
    await say(BEFORE);
    await say(`${BEFORE}\n/dispatch help`, { before: BEFORE });
    expect(await tasks()).toHaveLength(1);
    expect(kinds()).toEqual(["status", "reply"]);
    expect(world.reactions.all).toEqual(["comment 50 eyes", "comment 50 rocket"]);
  });

  it("that rewords what was accepted starts nothing, and says what to do", async () => {
    await say(BEFORE);
    await say("/dispatch use sonnet to remove a page", { before: BEFORE });
    expect(await tasks()).toHaveLength(1);
    expect(world.comments.bodies().at(-1)).toContain("This command has been accepted already");
  });

  it("that rewords what was refused counts as new", async () => {
    await say("/dispatch --model gemma add a page");
    await say(BEFORE, { before: "/dispatch --model gemma add a page" });
    expect(await tasks()).toHaveLength(1);
  });
});
