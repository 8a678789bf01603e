import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import { Problem } from "../../src/core/problem.ts";
import { readTask, renderTask } from "../../src/core/task.ts";
import type { CommandPlace } from "../../src/flows/command-place.ts";
import { replyOnce, replyProblem, replyStatus, replyWarmUp, replyWhichTask } from "../../src/flows/reply.ts";
import { RUN } from "../core/sample-task.ts";
import { MemoryThread, place } from "./memory-thread.ts";

const MARK = renderMark({ kind: "reply", to: 50, key: "7k2q0" });

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

const reply = (lock: CommandPlace["lock"], key = "7k2q0") =>
  replyOnce(place("/dispatch help", { lock, key }), (mark) => `${mark}\nHelp`, world);
const slept = () => world.clock;

describe("a reply that starts nothing", () => {
  it("is posted at once by whoever acknowledged the comment first, without a look", async () => {
    await reply("first");
    expect(world.comments.bodies()).toEqual([`${MARK}\nHelp`]);
    expect(slept()).toMatchObject({ slept: [] });
  });

  it("is left to the first by whoever comes again", async () => {
    await Promise.all([reply("first"), reply("again")]);
    await reply("again");
    expect(world.comments.bodies()).toHaveLength(1);
    expect(slept()).toMatchObject({ slept: [5_000, 5_000] });
  });

  it("is posted by whoever comes again where the first has died", async () => {
    await reply("again");
    await reply("again");
    expect(world.comments.bodies()).toHaveLength(1);
  });

  it("is looked for at once where nobody can have been faster", async () => {
    await reply("look");
    await reply("look");
    expect(world.comments.bodies()).toHaveLength(1);
    expect(slept()).toMatchObject({ slept: [] });
  });

  it.each([
    { what: "somebody else's with our mark", body: MARK, author: "stranger" },
    { what: "ours to another comment", body: renderMark({ kind: "reply", to: 51, key: "7k2q0" }), author: undefined },
    { what: "ours to another command", body: renderMark({ kind: "reply", to: 50, key: "abcd0" }), author: undefined },
    {
      what: "ours of another kind",
      body: renderMark({ kind: "warm-up", to: 50, key: "7k2q0", by: 1 }),
      author: undefined,
    },
  ])("is not taken for $what", async ({ body, author }) => {
    world.comments.put(1, `${body}\nHelp`, author);
    await reply("look");
    expect(world.comments.bodies()).toHaveLength(2);
  });

  it("is one for each command of the comment", async () => {
    for (const key of ["7k2q0", "7k2q1", "abcd0"]) await reply("look", key);
    expect(world.comments.bodies()).toHaveLength(3);
  });
});

it("says a Problem in its words", async () => {
  await replyProblem(place("/dispatch x"), new Problem("x", "That is wrong.", "Do this."), world);
  expect(world.comments.bodies()).toEqual([`${MARK}\n> [!WARNING]\n> That is wrong.\n>\n> **What to do:** Do this.`]);
});

describe("which task", () => {
  const ask = async (candidates: readonly string[]) =>
    replyWhichTask(
      place("/dispatch cancel add"),
      { verb: "cancel", prefix: "add", candidates },
      await world.tasks(),
      world,
    );

  it("is asked with boxes that remember the command", async () => {
    world.add("add-page-aaaa", { kind: "running", run: RUN });
    world.add("add-test-bbbb", { kind: "queued", since: "" });
    world.add("fix-it-cccc", { kind: "queued", since: "" });
    await ask(["add-page-aaaa", "add-test-bbbb"]);
    const [body = ""] = world.comments.bodies().slice(-1);
    expect(body.match(/<!-- dispatch:do choose \S+ comment-50 7k2q0 -->/g)).toHaveLength(2);
    expect(body).not.toContain("fix-it-cccc");
  });

  it("is none where nothing of that name is left", async () => {
    await ask(["gone-aaaa"]);
    expect(world.comments.bodies()).toEqual([expect.stringContaining("No task of this conversation is called “add”")]);
  });
});

describe("a warm-up", () => {
  const warmUp = (id: number) =>
    replyWarmUp(place("/dispatch", { said: { by: { login: "mona", id } } }), world.conversation, world);

  it("is remembered for its person by the reply itself", async () => {
    await warmUp(1);
    const mark = renderMark({ kind: "warm-up", to: 50, key: "7k2q0", by: 1 });
    expect(world.comments.bodies()[0]?.startsWith(`${mark}\n`)).toBe(true);
    expect(world.comments.bodies()[0]).toContain("Tasks go to **opus**");
  });

  it("of a config that is no good is a Problem, and nothing is remembered", async () => {
    world.conversation = { ...world.conversation, config: "default: nope\n" };
    await expect(warmUp(1)).rejects.toMatchObject({ code: "config-invalid" });
    expect(world.comments.bodies()).toEqual([]);
  });
});

describe("the status", () => {
  beforeEach(() => {
    world.add("add-page-aaaa", { kind: "running", run: RUN });
    const asked = { askedAt: "2026-11-20T10:03:00Z", comment: null, answeredBy: null };
    world.add(
      "fix-it-bbbb",
      { kind: "waiting", run: RUN, questions: ["001"] },
      {
        exchanges: { "001": asked },
        files: { "ipc/001.question": "Which port?" },
      },
    );
  });

  const status = async (task: string | null) => {
    await replyStatus(place("/dispatch status"), task, await world.tasks(), world);
    return world.comments.bodies().find((body) => body.startsWith(MARK)) ?? "";
  };

  it("is of all tasks, with when each was last heard of", async () => {
    const body = await status(null);
    expect(body).toContain("### 2 tasks in this conversation");
    expect(body).toContain("**Open question:**\n> Which port?");
    expect(body).toContain("last heard of 0 s ago");
  });

  it("is of the one that was named", async () => {
    const body = await status("add-page-aaaa");
    expect(body).toContain("### 1 task in this conversation");
    expect(body).not.toContain("fix-it-bbbb");
  });

  it("asks a question anew whose comment somebody has deleted, and no other", async () => {
    const asked = world.add("third-cccc", { kind: "parked", run: RUN, questions: ["001"] });
    const comment = world.comments.put(1, renderMark({ kind: "question", ref: asked, question: "001" }));
    const { "task.yaml": text = "" } = world.branches.files(asked);
    const task = {
      ...readTask({ "task.yaml": text }),
      exchanges: { "001": { askedAt: "2026-11-20T10:03:00Z", comment, answeredBy: null } },
    };
    await world.branches.commit(asked, world.branches.headOf(asked), {
      files: { "task.yaml": renderTask(task), "ipc/001.question": "Which name?" },
      message: "Ask",
    });
    await status("third-cccc");
    const questions = () => world.comments.bodies().filter((body) => body.startsWith("<!-- dispatch:question"));
    expect(questions()).toEqual([expect.stringContaining("Which name?")]);
    await world.comments.remove(comment.id);
    await status("third-cccc");
    expect(questions()).toEqual([expect.stringContaining("Which name?")]);
  });
});
