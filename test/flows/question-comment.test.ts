import { beforeEach, describe, expect, it } from "vitest";
import { renderMark } from "../../src/core/marker.ts";
import type { Task, TaskRef, Trigger } from "../../src/core/task.ts";
import { obeyTick } from "../../src/flows/obey-tick.ts";
import { findQuestion, postQuestion } from "../../src/flows/question-comment.ts";
import { redrawQuestion } from "../../src/flows/redraw.ts";
import { answerByReply } from "../../src/flows/take-answer.ts";
import { RUN } from "../core/sample-task.ts";
import { edit, HUBOT, MemoryThread, place } from "./memory-thread.ts";

const AT_LINE: Trigger = {
  kind: "review-comment",
  id: 7,
  url: "https://github.com/octo-org/hello/pull/1#discussion_r7",
};
const REPLYING: Trigger = { ...AT_LINE, id: 8, inReplyTo: 7 };
const REF = { thread: "1", id: "add-page-aaaa" };
const MARK = { kind: "question", ref: REF, question: "001" } as const;
const BODY = `${renderMark(MARK)}\nWhich port?`;
const ASKED = { askedAt: "2026-11-20T10:03:00Z", answeredBy: null };

let world: MemoryThread;
let there: MemoryThread["comments"];

beforeEach(() => {
  world = new MemoryThread();
  there = world.reviewThreads.comments;
});

/** A task that was asked for at a line, with a question that has not been put anywhere. */
function asking(more: Partial<Task> = {}): Task {
  world.add(
    REF.id,
    { kind: "waiting", run: RUN, questions: ["001"] },
    {
      trigger: AT_LINE,
      exchanges: { "001": { ...ASKED, comment: null } },
      files: { "ipc/001.question": "Which port?\n\n- 3000\n- 8080\n" },
      ...more,
    },
  );
  return world.task(REF);
}

const redraw = () => redrawQuestion(REF, "001", world.branches.files(REF), world);
const answer = (ref: TaskRef = REF) => world.branches.files(ref)["ipc/001.answer"];

describe("a question of a task that was asked for at a line", () => {
  it.each([
    { what: "the thread that the command started", trigger: AT_LINE },
    { what: "the thread in which the command replied", trigger: REPLYING },
  ])("is put into $what, and nowhere else", async ({ trigger }) => {
    const task = asking({ trigger });
    const before = world.comments.bodies().length;
    const posted = await postQuestion(task, BODY, world);
    expect(posted).toMatchObject({ kind: "review-comment", author: "dispatch[bot]" });
    expect(there.bodies()).toEqual([BODY]);
    expect(world.comments.bodies()).toHaveLength(before);
    expect(await findQuestion(task, MARK, world)).toEqual(posted);
  });

  it("is put into the conversation where the thread is gone", async () => {
    const task = asking();
    world.reviewThreads.gone.add(7);
    const posted = await postQuestion(task, BODY, world);
    expect(posted).toMatchObject({ kind: "comment" });
    expect(world.comments.bodies()).toContain(BODY);
    expect(await findQuestion(task, MARK, world)).toEqual(posted);
  });

  it("is drawn anew where it stands, whatever else has its number", async () => {
    const { id, author, url } = there.put(1, BODY);
    asking({ exchanges: { "001": { ...ASKED, comment: { kind: "review-comment", id, author, url } } } });
    const others = world.comments.bodies();
    await redraw();
    expect(there.body(id)).toContain("A question about “Do add-page-aaaa”");
    expect(world.comments.bodies()).toEqual(others);
  });

  it("is drawn anew before its place has been recorded", async () => {
    asking();
    const { id } = there.put(1, BODY);
    await redraw();
    expect(there.body(id)).toContain("Tick a box below");
  });

  it("is asked again in its thread when its comment is gone", async () => {
    const { id, author, url } = there.put(1, BODY);
    asking({ exchanges: { "001": { ...ASKED, comment: { kind: "review-comment", id, author, url } } } });
    await there.remove(id);
    await redraw();
    expect(there.bodies()).toEqual([expect.stringContaining("> Which port?")]);
  });

  it("is not believed when somebody else has written it", async () => {
    const task = asking();
    there.put(1, BODY, "stranger");
    expect(await findQuestion(task, MARK, world)).toBeNull();
  });
});

describe("an answer in a review thread", () => {
  it.each([
    { what: "the thread that the command started", trigger: AT_LINE, inReplyTo: 7, taken: "8080\n" },
    { what: "the thread in which the command replied", trigger: REPLYING, inReplyTo: 7, taken: "8080\n" },
    { what: "another thread", trigger: AT_LINE, inReplyTo: 6, taken: undefined },
  ])("by anybody who may write is one in $what: $taken", async ({ trigger, inReplyTo, taken }) => {
    asking({ trigger });
    const { said } = place("8080", { said: { by: HUBOT, trigger: { ...AT_LINE, id: 20, inReplyTo }, waiting: true } });
    await answerByReply(said, await world.tasks(), world);
    expect(answer()).toBe(taken);
  });

  it("is a tick, too, and shows in the same comment", async () => {
    const task = asking();
    const posted = await postQuestion(task, BODY, world);
    await redraw();
    const id = posted?.id ?? 0;
    const comment = { kind: "review-comment", id, url: "", body: there.body(id) ?? "" } as const;
    const after = comment.body.replace("- [ ] 8080", "- [x] 8080");
    await there.edit(id, after);
    await obeyTick(edit(comment, after, HUBOT), world);
    expect(answer()).toBe("8080\n");
    expect(there.body(id)).toContain("**hubot** answered");
  });
});

it("an edit of a review comment of ours counts for nothing but questions", async () => {
  const ref = world.add("fix-login-bbbb", { kind: "running", run: RUN });
  const { url } = there.put(1, "This greets nobody yet.");
  const box = `- [ ] Stop <!-- dispatch:do cancel 1/${ref.id} -->`;
  const forged = {
    kind: "review-comment",
    id: 101,
    url,
    body: `${renderMark({ kind: "result", ref, attempt: 1 })}\n${box}`,
  } as const;
  const before = world.comments.bodies();
  await obeyTick(edit(forged, forged.body.replace("[ ]", "[x]")), world);
  expect(world.task(ref).state.kind).toBe("running");
  expect(world.comments.bodies()).toEqual(before);
});
