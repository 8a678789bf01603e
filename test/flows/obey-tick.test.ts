import { beforeEach, describe, expect, it } from "vitest";
import { findCommands } from "../../src/core/command.ts";
import { commandKey } from "../../src/core/command-key.ts";
import { type Control, renderControl } from "../../src/core/control.ts";
import { type CommentMark, renderMark } from "../../src/core/marker.ts";
import type { Task, TaskRef, TaskState } from "../../src/core/task.ts";
import { obeyTick } from "../../src/flows/obey-tick.ts";
import type { PostedComment } from "../../src/flows/ports.ts";
import { beginTask } from "../../src/flows/task-course.ts";
import { FAILED, RUN } from "../core/sample-task.ts";
import { BOT } from "./memory-ports.ts";
import { edit, HUBOT, MemoryThread, MONA } from "./memory-thread.ts";

const REF = { thread: "1", id: "add-page-aaaa" };
const OTHER = { thread: "1", id: "fix-login-bbbb" };
const OCTOCAT = { login: "octocat", id: 3 };
const STRANGER = { login: "stranger", id: 4 };
const RUNNING: TaskState = { kind: "running", run: RUN };
const QUEUED: TaskState = { kind: "queued", since: "2026-11-20T10:00:00Z" };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const CONFIRMING: TaskState = { kind: "confirming", since: "2026-11-20T10:00:00Z", run: null };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

/** A comment of ours with these boxes. */
function posted(mark: CommentMark, ...controls: readonly Control[]) {
  const boxes = controls.map((control, index) => renderControl(control, `Box ${index}`));
  return world.comments.put(1, [`${renderMark(mark)}\n### Title\n`, ...boxes].join("\n"));
}

const ticked = (body: string, ...boxes: readonly number[]) =>
  boxes.reduce((text, box) => text.replace(`- [ ] Box ${box}`, `- [x] Box ${box}`), body);

/** What GitHub does first: the comment holds what the person has made of it. */
async function tick(
  comment: PostedComment,
  after: string,
  by = MONA,
  more: { readonly byBot?: boolean } = {},
): Promise<void> {
  await world.comments.edit(comment.id, after);
  await obeyTick({ ...edit(comment, after, by), ...more }, world);
}

const body = ({ id }: PostedComment) => world.comments.body(id);
const replies = () => world.comments.bodies().filter((text) => text.startsWith("<!-- dispatch:reply"));

/** A task with one question in the thread. */
function asking(ref: TaskRef, more: Partial<Task> = {}) {
  const question = { kind: "question", ref, question: "001" } as const;
  const comment = posted(
    question,
    { ...question, kind: "option", index: 0 },
    { ...question, kind: "option", index: 1 },
  );
  world.add(ref.id, WAITING, {
    exchanges: { "001": { askedAt: "2026-11-20T10:03:00Z", comment, answeredBy: null } },
    files: { "ipc/001.question": "Which port?\n\n- 3000\n- 8080\n" },
    ...more,
  });
  return comment;
}

describe("an edit that is no tick that counts", () => {
  const CANCEL: Control = { kind: "cancel", ref: REF };
  const RETRY: Control = { kind: "retry", ref: REF, model: null, makeDefault: false };

  const edits: readonly { what: string; by: typeof MONA; change: (body: string) => string }[] = [
    { what: "by somebody who may only read", by: OCTOCAT, change: (text) => ticked(text, 0) },
    { what: "by a stranger", by: STRANGER, change: (text) => ticked(text, 0) },
    { what: "of two boxes at once", by: MONA, change: (text) => ticked(text, 0, 1) },
    { what: "of the words", by: MONA, change: (text) => text.replace("Title", "Mine") },
    { what: "of the words and a box", by: MONA, change: (text) => ticked(text.replace("Title", "Mine"), 0) },
    { what: "that takes the mark away", by: MONA, change: (text) => text.replace(/^<!--.*-->\n/, "") },
  ];

  it.each(edits)("$what restores a comment that is not drawn from a task", async ({ by, change }) => {
    world.add(REF.id, FAILED);
    const comment = posted({ kind: "result", ref: REF, attempt: 1 }, RETRY, CANCEL);
    await tick(comment, change(comment.body), by);
    expect(body(comment)).toBe(comment.body);
    expect(world.branches.history(REF)).toEqual(["Accept"]);
    expect(world.runs.started).toEqual([]);
    expect(replies()).toEqual([]);
  });

  it.each(edits)("$what draws a status comment anew", async ({ by, change }) => {
    const comment = posted({ kind: "status", ref: REF }, CANCEL, RETRY);
    world.add(REF.id, RUNNING, { statusComment: comment });
    await tick(comment, change(comment.body), by);
    expect(body(comment)).toContain("### 🔄 Do add-page-aaaa");
    expect(body(comment)).not.toMatch(/\[x\]|Mine/);
    expect(world.task(REF).state).toEqual(RUNNING);
  });

  it.each(edits)("$what draws a question anew", async ({ by, change }) => {
    const comment = asking(REF);
    await tick(comment, change(comment.body), by);
    expect(body(comment)).toContain("- [ ] 3000");
    expect(body(comment)).not.toMatch(/\[x\]|Mine/);
    expect(world.task(REF).state).toEqual(WAITING);
  });

  it("such as a box that is unticked puts the box back as it was", async () => {
    world.add(REF.id, FAILED);
    const comment = posted({ kind: "result", ref: REF, attempt: 1 }, RETRY);
    const before = { ...comment, body: ticked(comment.body, 0) };
    await tick(before, comment.body);
    expect(body(comment)).toBe(before.body);
    expect(world.runs.started).toEqual([]);
  });

  it("by a stranger draws the comments anew in which people are asked", async () => {
    const ask = posted({ kind: "ask", ref: REF, attempt: 1 }, { kind: "model", ref: REF, model: "opus", all: false });
    const overview = posted(
      { kind: "overview", thread: 1, trigger: "comment-5" },
      { kind: "model", ref: REF, model: "opus", all: true },
    );
    world.add(REF.id, { ...CONFIRMING, run: RUN }, { siblings: 2, askComment: ask, files: { "setup.md": "Found." } });
    world.add(OTHER.id, CONFIRMING, { siblings: 2, position: 1 });
    for (const comment of [ask, overview]) {
      await tick(comment, ticked(comment.body, 0), STRANGER);
      expect(body(comment)).toMatch(/- \[ \] Start/);
      expect(body(comment)).not.toContain("[x]");
    }
    expect(world.runs.started).toEqual([]);
  });

  it("by a bot is left alone, and so is a comment without a mark of ours", async () => {
    world.add(REF.id, FAILED);
    const comment = posted({ kind: "result", ref: REF, attempt: 1 }, RETRY);
    await tick(comment, ticked(comment.body, 0), { login: "renovate[bot]", id: 9 }, { byBot: true });
    expect(body(comment)).toContain("[x]");
    const plain = world.comments.put(1, `Hello\n${renderControl(RETRY, "Box 0")}`, BOT);
    await tick(plain, ticked(plain.body, 0));
    expect(world.runs.started).toEqual([]);
  });

  it("of a comment whose task is gone does nothing", async () => {
    const comment = posted({ kind: "status", ref: REF }, CANCEL, RETRY);
    await tick(comment, ticked(comment.body, 0, 1));
    await tick(comment, ticked(comment.body, 0));
    expect(world.comments.bodies()).toHaveLength(1);
  });
});

describe("who may tick", () => {
  beforeEach(() => {
    world.conversation = { ...world.conversation, config: `${world.conversation.config}commanders: admin\n` };
  });

  it("what commands: whoever the config allows to command", async () => {
    world.add(REF.id, FAILED);
    const comment = posted(
      { kind: "result", ref: REF, attempt: 1 },
      { kind: "retry", ref: REF, model: null, makeDefault: false },
    );
    await tick(comment, ticked(comment.body, 0), HUBOT);
    expect(world.runs.started).toEqual([]);
    expect(body(comment)).toBe(comment.body);
    await tick(comment, ticked(comment.body, 0), MONA);
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
  });

  it("an answer: everybody with write access", async () => {
    const comment = asking(REF);
    await tick(comment, ticked(comment.body, 1), HUBOT);
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("8080\n");
  });
});

describe("a tick", () => {
  const inResult = (...controls: readonly Control[]) => posted({ kind: "result", ref: REF, attempt: 1 }, ...controls);

  it.each<{ what: string; control: Control; note: string; worker: string }>([
    {
      what: "retries",
      control: { kind: "retry", ref: REF, model: null, makeDefault: false },
      note: "🔁 Retried by **hubot**.",
      worker: "opus",
    },
    {
      what: "retries with another model",
      control: { kind: "retry", ref: REF, model: "sonnet", makeDefault: false },
      note: "🔁 Retried with `sonnet` by **hubot**.",
      worker: "sonnet",
    },
    {
      what: "skips",
      control: { kind: "skip", ref: REF },
      note: "⏭️ Skipped by **hubot**; the rest goes on.",
      worker: "opus",
    },
  ])("$what: the boxes go, and say so", async ({ control, note, worker }) => {
    world.add(REF.id, FAILED);
    const comment = inResult(control, { kind: "cancel", ref: REF });
    await tick(comment, ticked(comment.body, 0), HUBOT);
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
    expect(world.task(REF).worker.name).toBe(worker);
    expect(body(comment)).toBe(`${renderMark({ kind: "result", ref: REF, attempt: 1 })}\n### Title\n\n${note}`);
  });

  it("that comes twice does it once", async () => {
    world.add(REF.id, FAILED);
    const comment = inResult({ kind: "retry", ref: REF, model: null, makeDefault: false });
    for (let times = 0; times < 2; times += 1) await tick(comment, ticked(comment.body, 0));
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
  });

  it("retries with another model and proposes it as the default", async () => {
    world.add(REF.id, FAILED);
    const comment = inResult({ kind: "retry", ref: REF, model: "sonnet", makeDefault: true });
    await tick(comment, ticked(comment.body, 0));
    await world.background.settled();
    expect(world.proposals.text).toContain("default: sonnet");
    expect(body(comment)).toContain("the default from now on once its pull request is merged");
  });

  it("proposes a change of the config; the other boxes stay", async () => {
    world.add(REF.id, FAILED);
    const retry: Control = { kind: "retry", ref: REF, model: null, makeDefault: false };
    const comment = inResult(retry, { kind: "config", change: { kind: "remove", name: "sonnet" } });
    await tick(comment, ticked(comment.body, 1));
    expect(world.proposals.text).not.toContain("sonnet");
    expect(body(comment)).toContain(`${renderControl(retry, "Box 0")}\n- ✅ Proposed by **mona**: [pull request #21](`);
  });

  it("cancels: the status says so", async () => {
    const comment = posted({ kind: "status", ref: REF }, { kind: "cancel", ref: REF });
    world.add(REF.id, QUEUED, { statusComment: comment });
    await tick(comment, ticked(comment.body, 0), HUBOT);
    expect(body(comment)).toContain("Cancelled by **hubot**.");
    expect(world.task(REF).state).toMatchObject({ kind: "finished", outcome: { kind: "cancelled", by: "hubot" } });
  });

  it("chooses a model in the status, in the comment that asks, and for all in the overview", async () => {
    const ask = posted({ kind: "ask", ref: REF, attempt: 1 }, { kind: "model", ref: REF, model: "sonnet", all: false });
    const overview = posted(
      { kind: "overview", thread: 1, trigger: "comment-5" },
      { kind: "model", ref: REF, model: "opus", all: true },
    );
    world.add(REF.id, { ...CONFIRMING, run: RUN }, { siblings: 2, askComment: ask, files: { "setup.md": "Found." } });
    world.add(OTHER.id, CONFIRMING, { siblings: 2, position: 1 });
    await tick(ask, ticked(ask.body, 0));
    expect(body(ask)).toContain("✅ **mona** chose `sonnet`.");
    expect(world.runs.started).toEqual([`${REF.id} #2`]);
    await tick(overview, ticked(overview.body, 0), HUBOT);
    expect(world.runs.started).toEqual([`${REF.id} #2`, `${OTHER.id} #1`]);
    expect(world.task(REF).worker.name).toBe("sonnet");
    expect(body(overview)).not.toMatch(/\[[x ]\]/);
  });

  it("approves the plan that was shown", async () => {
    world.add(REF.id, { kind: "planned", since: "", run: null, shown: null }, { approval: { kind: "wanted" } });
    const snapshot = await world.branches.read(REF);
    if (snapshot !== null) await beginTask(snapshot, {}, world);
    const { statusComment } = world.task(REF);
    if (statusComment === null) throw new Error("The status comment is missing.");
    const comment = { ...statusComment, body: world.status(REF), createdAt: "", fromBot: true };
    await tick(comment, comment.body.replace("- [ ] Approve", "- [x] Approve"));
    expect(world.runs.started).toEqual([`${REF.id} #1`]);
    expect(world.status(REF)).toContain("**Starting**");
  });

  it("that approves a plan which has changed gets a Problem, once, and the plan as it is now", async () => {
    world.add(REF.id, { kind: "planned", since: "", run: null, shown: null }, { approval: { kind: "wanted" } });
    const comment = posted({ kind: "status", ref: REF }, { kind: "approve", ref: REF, commit: "f".repeat(40) });
    for (let times = 0; times < 2; times += 1) await tick(comment, ticked(comment.body, 0));
    expect(world.runs.started).toEqual([]);
    expect(replies()).toEqual([expect.stringContaining("has changed since it was shown to you")]);
    expect(world.status(REF)).toMatch(/dispatch:do approve 1\/add-page-aaaa (?!f{40})/);
  });

  it("for a model that is not there gets a Problem, and the boxes back", async () => {
    world.add(REF.id, FAILED);
    const comment = inResult({ kind: "retry", ref: REF, model: "gemma", makeDefault: false });
    for (let times = 0; times < 2; times += 1) await tick(comment, ticked(comment.body, 0));
    expect(body(comment)).toBe(comment.body);
    expect(replies()).toEqual([expect.stringContaining("Model `gemma` isn't available.")]);
  });
});

describe("a tick that answers", () => {
  it("takes the option, and shows it where it was asked", async () => {
    const comment = asking(REF);
    await tick(comment, ticked(comment.body, 0), HUBOT);
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("3000\n");
    expect(world.task(REF)).toMatchObject({ state: RUNNING, exchanges: { "001": { answeredBy: "hubot" } } });
    expect(body(comment)).toContain("**hubot** answered:\n\n> 3000");
  });

  it("too late finds the answer that counts", async () => {
    const comment = asking(REF);
    await tick(comment, ticked(comment.body, 0), HUBOT);
    await tick(comment, ticked(comment.body, 1), MONA);
    expect(world.branches.files(REF)["ipc/001.answer"]).toBe("3000\n");
    expect(body(comment)).toContain("**hubot** answered:\n\n> 3000");
  });

  /** "Which question?", about words of somebody's. */
  function which(words: string, author: string): PostedComment {
    asking(REF);
    asking(OTHER);
    const said = world.comments.put(1, words, author);
    const source = { kind: "comment", id: said.id } as const;
    return posted(
      { kind: "reply", to: said.id, key: "answer" },
      { kind: "answer", ref: REF, question: "001", source },
      { kind: "answer", ref: OTHER, question: "001", source },
    );
  }

  it.each([
    { words: "> Which one?\n\n3001", author: "mona", by: HUBOT, answer: "3001\n", from: "mona" },
    { words: "/dispatch answer 3001", author: "mona", by: HUBOT, answer: "3001\n", from: "mona" },
    { words: "2", author: "mona", by: HUBOT, answer: "8080\n", from: "mona" },
    // Whoever may not write has nothing to say; whoever ticks makes the words theirs.
    { words: "3001", author: "stranger", by: HUBOT, answer: "3001\n", from: "hubot" },
  ])(
    "gives $author's words $words to the question that $by.login means",
    async ({ words, author, by, answer, from }) => {
      const comment = which(words, author);
      await tick(comment, ticked(comment.body, 1), by);
      expect(world.branches.files(OTHER)["ipc/001.answer"]).toBe(answer);
      expect(world.task(OTHER).exchanges["001"]?.answeredBy).toBe(from);
      expect(world.branches.files(REF)["ipc/001.answer"]).toBeUndefined();
      expect(body(comment)).toContain("✅ **hubot** chose the question about `fix-login-bbbb`.");
      expect(body(comment)).not.toMatch(/\[[x ]\]/);
    },
  );

  it("with words that have been deleted gets a Problem", async () => {
    const comment = which("3001", "mona");
    const [said] = comment.body.match(/(?<=comment-)\d+/) ?? [];
    await world.comments.remove(Number(said));
    await tick(comment, ticked(comment.body, 1));
    expect(body(comment)).toBe(comment.body);
    expect(replies().at(-1)).toContain("has been deleted");
  });
});

describe("a tick that says which task a command means", () => {
  /** "Which task?", about a command of somebody's. */
  function which(command: string, author = "mona"): PostedComment {
    world.add(REF.id, QUEUED);
    world.add(OTHER.id, QUEUED);
    const said = world.comments.put(1, command, author);
    const [found] = findCommands(command);
    const key = found === undefined ? "" : commandKey(found);
    const source = { kind: "comment", id: said.id } as const;
    const controls = [REF, OTHER].map((ref) => ({ kind: "choose", ref, source, key }) as const);
    return posted({ kind: "reply", to: said.id, key }, ...controls);
  }

  it("does it with that one, in the name of whoever wrote it", async () => {
    const comment = which("Hello.\n\n/dispatch cancel");
    await tick(comment, ticked(comment.body, 1), HUBOT);
    expect(world.task(OTHER).state).toMatchObject({ kind: "finished", outcome: { kind: "cancelled", by: "mona" } });
    expect(world.task(REF).state).toEqual(QUEUED);
    expect(body(comment)).toContain("✅ **hubot** chose `fix-login-bbbb`.");
    expect(body(comment)).not.toMatch(/\[[x ]\]/);
  });

  it("replies where the command is answered by a reply", async () => {
    const comment = which("/dispatch status");
    await tick(comment, ticked(comment.body, 0));
    expect(replies().at(-1)).toContain("### 1 task in this conversation");
    expect(replies().at(-1)).toContain(REF.id);
  });

  it.each([
    { what: "was changed", change: (id: number) => world.comments.edit(id, "/dispatch retry") },
    { what: "was deleted", change: (id: number) => world.comments.remove(id) },
  ])("for a command that $what gets a Problem", async ({ change }) => {
    const comment = which("/dispatch cancel");
    const [said] = comment.body.match(/(?<=comment-)\d+/) ?? [];
    await change(Number(said));
    await tick(comment, ticked(comment.body, 1));
    expect(world.task(OTHER).state).toEqual(QUEUED);
    expect(body(comment)).toBe(comment.body);
    expect(replies().at(-1)).toContain("has been deleted or changed since");
  });

  it("whose command no longer fits gets a Problem", async () => {
    const comment = which("/dispatch retry");
    await tick(comment, ticked(comment.body, 1));
    expect(replies().at(-1)).toContain("stands at “Starting”");
    expect(body(comment)).toBe(comment.body);
  });
});
