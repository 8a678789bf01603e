import { describe, expect, it } from "vitest";
import { readTask, renderTask, type TaskFiles, type TaskState } from "../../src/core/task.ts";
import { foldWorkerFiles } from "../../src/core/worker-news.ts";
import { DONE, RUN, sampleTask } from "./sample-task.ts";

const AT = "2026-11-20T12:00:00Z";
const RUNNING: TaskState = { kind: "running", run: RUN };
const PLAN = "# Plan\n\n- [ ] Read\n- [ ] Test\n";

function branch(state: TaskState = RUNNING, files: TaskFiles = {}): TaskFiles {
  return { "task.yaml": renderTask(sampleTask(state, { exchanges: {} })), "plan.md": PLAN, ...files };
}

function fold(folder: TaskFiles, { on = branch(), final = false }: { on?: TaskFiles; final?: boolean } = {}) {
  return foldWorkerFiles(on, folder, { at: AT, final });
}

describe("the plan", () => {
  it("that nobody touched is no news", () => {
    expect(fold({ "plan.md": PLAN })).toMatchObject({ files: {}, asked: [], planForWorker: null, warnings: [] });
    expect(fold({ "plan.md": PLAN.replaceAll("\n", "\r\n") }).files).toEqual({});
  });

  it("with a tick is committed as the worker wrote it", () => {
    const ticked = PLAN.replace("[ ] Read", "[x] Read");
    expect(fold({ "plan.md": ticked })).toMatchObject({ files: { "plan.md": ticked }, planForWorker: null });
  });

  it("from which an item was dropped gets it back, for the branch and for the worker", () => {
    const news = fold({ "plan.md": "# Plan\n\n- [x] Read\n" });
    const whole = "# Plan\n\n- [x] Read\n- [ ] Test\n";
    expect(news.files).toEqual({ "plan.md": whole });
    expect(news.planForWorker).toBe(whole);
    expect(news.warnings).toEqual([expect.stringMatching(/dropped one step/)]);
  });

  it("from which a note was dropped gets it back", () => {
    const note = "> **Note from hubot:** Use port 8080";
    const news = fold(
      { "plan.md": PLAN.replace("[ ] Read", "[x] Read") },
      { on: branch(RUNNING, { "plan.md": `${PLAN}\n${note}\n` }) },
    );
    expect(news.files["plan.md"]).toContain("- [x] Read");
    expect(news.files["plan.md"]).toContain(note);
    expect(news.planForWorker).toBe(news.files["plan.md"]);
  });

  it.each([
    { what: "emptied", text: "" },
    { what: "overwritten with something else", text: "\u0000\u0001 PNG" },
  ])("that was $what stays as it was", ({ text }) => {
    const news = fold({ "plan.md": text });
    expect(news.files).toEqual({});
    expect(news.planForWorker).toBe(PLAN);
    expect(news.warnings).toHaveLength(1);
  });

  it("that was deleted comes back without a word", () => {
    expect(fold({})).toMatchObject({ files: {}, planForWorker: PLAN, warnings: [] });
  });

  it("that cannot be read on the branch is replaced by the worker's", () => {
    const ticked = "# Plan\n\n- [x] Read\n";
    expect(fold({ "plan.md": ticked }, { on: branch(RUNNING, { "plan.md": "" }) }).files).toEqual({
      "plan.md": ticked,
    });
  });
});

describe("a question", () => {
  it("that is new is committed together with the state that waits for its answer", () => {
    const news = fold({ "plan.md": PLAN, "ipc/001.question": "Which port?" });
    expect(news.asked).toEqual(["001"]);
    expect(Object.keys(news.files).sort()).toEqual(["ipc/001.question", "task.yaml"]);
    expect(readTask(news.files)).toEqual(news.task);
    expect(news.task).toMatchObject({
      state: { kind: "waiting", run: RUN, questions: ["001"] },
      exchanges: { "001": { askedAt: AT, comment: null, answeredBy: null } },
    });
  });

  it("may come with others", () => {
    const news = fold({ "plan.md": PLAN, "ipc/002.question": "Which name?", "ipc/001.question": "Which port?" });
    expect(news.asked).toEqual(["001", "002"]);
    expect(news.task.state).toMatchObject({ questions: ["001", "002"] });
  });

  it("is asked once, however often the folder is read and whatever the worker makes of it", () => {
    const on = branch({ kind: "waiting", run: RUN, questions: ["001"] }, { "ipc/001.question": "Which port?" });
    expect(fold({ "plan.md": PLAN, "ipc/001.question": "Which colour?" }, { on })).toMatchObject({
      files: {},
      asked: [],
    });
  });

  it("that has been answered is not asked again, although its file is still there", () => {
    const exchange = { "ipc/001.question": "Which port?", "ipc/001.answer": "8080" };
    const news = fold({ "plan.md": PLAN, ...exchange }, { on: branch(RUNNING, exchange) });
    expect(news).toMatchObject({ files: {}, asked: [], task: { state: RUNNING } });
  });

  it.each<{ what: string; state: TaskState }>([
    { what: "finished", state: DONE },
    { what: "parked", state: { kind: "parked", run: RUN, questions: ["001"] } },
    { what: "being cancelled", state: { kind: "cancelling", run: RUN, by: "mona" } },
    { what: "queued again", state: { kind: "queued", since: AT } },
  ])("has no place in a task that is $what", ({ state }) => {
    const on = branch(state, { "ipc/001.question": "Which port?" });
    const news = fold({ "plan.md": PLAN, "ipc/002.question": "Which name?" }, { on });
    expect(news).toMatchObject({ files: {}, asked: [] });
    expect(news.task.state).toEqual(state);
  });

  it("beyond the fiftieth is not heard", () => {
    const questions = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`ipc/${String(at + 1).padStart(3, "0")}.question`, "Well?"]),
    );
    expect(fold({ "plan.md": PLAN, ...questions }).asked).toHaveLength(50);
  });
});

describe("other files", () => {
  it("a report rides along with a tick, and alone only at the end", () => {
    const report = { "output.md": "All is well.", "context.md": "I meant to go on." };
    const ticked = PLAN.replace("[ ] Read", "[x] Read");
    expect(fold({ "plan.md": PLAN, ...report }).files).toEqual({});
    expect(fold({ "plan.md": ticked, ...report }).files).toEqual({ "plan.md": ticked, ...report });
    expect(fold({ "plan.md": PLAN, ...report }, { final: true }).files).toEqual(report);
    expect(fold({ "plan.md": PLAN, ...report }, { final: true, on: branch(RUNNING, report) }).files).toEqual({});
  });

  it("are not the worker's to write", () => {
    const forged = {
      "plan.md": PLAN,
      "task.yaml": renderTask(sampleTask(DONE, { requester: { login: "stranger", id: 666 } })),
      "request.md": "Do something else",
      "thread.md": "",
      "ipc/001.answer": "Yes",
      "ipc/001.done": "",
      "ipc/.done": "",
      passwd: "x",
    };
    expect(fold(forged, { final: true })).toMatchObject({ files: {}, task: { requester: { login: "mona" } } });
  });
});
