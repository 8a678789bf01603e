import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Problem } from "../../src/core/problem.ts";
import {
  parseRunName,
  parseTaskRef,
  readTask,
  renderTask,
  reviewThreadOf,
  runName,
  type Task,
  type TaskRef,
  type TaskState,
  type Trigger,
  talkOf,
  taskBranch,
  taskFolder,
  taskRef,
} from "../../src/core/task.ts";
import { CANCELLED, DONE, FAILED, ID, REF, RUN, sampleTask } from "./sample-task.ts";

const STATES: readonly TaskState[] = [
  { kind: "queued", since: "2026-11-20T10:00:00Z" },
  { kind: "running", run: RUN },
  { kind: "waiting", run: RUN, questions: ["001", "002"] },
  { kind: "cancelling", run: RUN, by: "mona" },
  { kind: "parked", run: RUN, questions: ["001"] },
  DONE,
  FAILED,
  CANCELLED,
  { kind: "finished", run: null, outcome: { kind: "cancelled", by: "mona" }, at: "2026-11-20T10:00:00Z" },
];

describe("task.yaml", () => {
  it.each(STATES)("is read back as it was written: $kind", (state) => {
    const task = sampleTask(state);
    expect(readTask({ "task.yaml": renderTask(task) })).toEqual(task);
  });

  it.each<{ what: string; more: Partial<Task> }>([
    { what: "a task without a thread", more: { thread: null } },
    { what: "an opened issue", more: { thread: null, openedIssue: { kind: "issue", number: 4 } } },
    { what: "nothing posted yet", more: { statusComment: null, exchanges: {}, pullRequest: null } },
    {
      what: "a session and a role",
      more: { session: "01a2073c-d76b", worker: { ...sampleTask(DONE).worker, role: "Be strict.\nVery." } },
    },
  ])("is read back as it was written: $what", ({ more }) => {
    const task = sampleTask(DONE, more);
    expect(readTask({ "task.yaml": renderTask(task) })).toEqual(task);
  });

  it("carries any text unharmed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), (title, command) => {
        // Half a character has no place in a file.
        fc.pre(title.isWellFormed() && command.isWellFormed());
        const task = sampleTask(DONE, { title, worker: { ...sampleTask(DONE).worker, command, role: title } });
        expect(readTask({ "task.yaml": renderTask(task) })).toEqual(task);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { what: "is missing", text: undefined },
    { what: "is empty", text: "" },
    { what: "is not YAML", text: "version: [1" },
    { what: "holds something else", text: "hello: world" },
    { what: "is of a later version", text: renderTask(sampleTask(DONE)).replace("version: 1", "version: 2") },
    { what: "names a folder for an id", text: renderTask(sampleTask(DONE)).replace(`id: ${ID}`, "id: ../../etc") },
    { what: "is in no known state", text: renderTask(sampleTask(DONE)).replace("kind: finished", "kind: lost") },
    {
      what: "waits for nothing",
      text: renderTask(sampleTask({ kind: "running", run: RUN })).replace("kind: running", "kind: waiting"),
    },
    // What is only read must never be taken for what may be pushed.
    { what: "is read-only without its pull request", text: withWork("onPullRequest: false\n  readOnly: true") },
    { what: "is read-only and pushed", text: withWork("onPullRequest: true\n  readOnly: true\n  pull: 3") },
  ])("that $what is a Problem", ({ text }) => {
    const files: Record<string, string> = text === undefined ? {} : { "task.yaml": text };
    expect(() => readTask(files)).toThrow(Problem);
    expect(() => readTask(files)).toThrow(expect.objectContaining({ code: "task-unreadable" }));
  });
});

function withWork(words: string): string {
  return renderTask(sampleTask(DONE)).replace("onPullRequest: false", words);
}

describe("the review thread of a task", () => {
  const url = "https://github.com/octo-org/hello/pull/2";

  it.each<{ what: string; trigger: Trigger; first: number | null }>([
    { what: "a comment that starts one", trigger: { kind: "review-comment", id: 7, url }, first: 7 },
    { what: "a comment that replies in one", trigger: { kind: "review-comment", id: 8, url, inReplyTo: 7 }, first: 7 },
    { what: "a comment of the conversation", trigger: { kind: "comment", id: 7, url }, first: null },
    { what: "a review", trigger: { kind: "review", id: 7, url }, first: null },
  ])("asked for in $what: $first", ({ trigger, first }) => {
    expect(reviewThreadOf(sampleTask(DONE, { trigger }))).toBe(first);
  });

  it("is no place of questions that older versions have asked", () => {
    const text = renderTask(sampleTask(DONE)).replace("kind: comment\n      id: 9", "id: 9");
    expect(text).not.toContain("kind: comment\n      id: 9");
    expect(readTask({ "task.yaml": text }).exchanges["001"]?.comment).toMatchObject({ kind: "comment", id: 9 });
  });
});

describe("a task's name", () => {
  it("is its thread and id; its branch and folder follow from them", () => {
    expect(taskRef(sampleTask(DONE))).toEqual(REF);
    expect(taskRef(sampleTask(DONE, { thread: null }))).toEqual({ thread: "run", id: ID });
    expect(taskBranch(REF)).toBe(`dispatch/tasks/1/${ID}`);
    expect(taskFolder(REF)).toBe(`.dispatch/tasks/${ID}`);
  });

  it.each([
    { text: "1/fix-7k2q", ref: { thread: "1", id: "fix-7k2q" } },
    { text: "run/fix-7k2q", ref: { thread: "run", id: "fix-7k2q" } },
    { text: "dispatch/tasks/1/fix-7k2q", ref: { thread: "1", id: "fix-7k2q" } },
    { text: "refs/heads/dispatch/tasks/1/fix-7k2q", ref: null },
    { text: "fix-7k2q", ref: null },
    { text: "0/fix-7k2q", ref: null },
    { text: "01/fix-7k2q", ref: null },
    { text: "-1/fix-7k2q", ref: null },
    { text: "walk/fix-7k2q", ref: null },
    { text: "1/-fix", ref: null },
    { text: "1/Fix", ref: null },
    { text: "1/../fix", ref: null },
    { text: "1/fix/7k2q", ref: null },
    { text: "1/fix 7k2q", ref: null },
    { text: "1/fix\n", ref: null },
    { text: `1/${"a".repeat(80)}`, ref: { thread: "1", id: "a".repeat(80) } },
    { text: `1/${"a".repeat(81)}`, ref: null },
    { text: "", ref: null },
  ])("reads $text as $ref", ({ text, ref }) => {
    expect(parseTaskRef(text)).toEqual(ref);
  });
});

describe("a run's name", () => {
  const refs: fc.Arbitrary<TaskRef> = fc.record({
    thread: fc.oneof(fc.constant("run"), fc.integer({ min: 1, max: 2 ** 31 }).map(String)),
    id: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,79}$/),
  });

  it("is what the ready-made workflow calls the run", () => {
    expect(runName(REF, 3)).toBe(`dispatch 1/${ID} #3`);
  });

  it("leads back to the task and its attempt, as the branch leads back to the task", () => {
    fc.assert(
      fc.property(refs, fc.integer({ min: 1, max: 999 }), (ref, attempt) => {
        expect(parseRunName(runName(ref, attempt))).toEqual({ ref, attempt });
        expect(parseTaskRef(taskBranch(ref))).toEqual(ref);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    "dispatch from a prompt",
    "dispatch hears issue_comment",
    "dispatch 1/fix-7k2q",
    "dispatch 1/fix-7k2q #",
    "dispatch fix-7k2q #1",
    "Dispatch 1/fix-7k2q #1",
    "re: dispatch 1/fix-7k2q #1",
    "dispatch 1/fix-7k2q #1 again",
    "CI",
    "",
  ])("is not read from %j", (name) => {
    expect(parseRunName(name)).toBeNull();
  });
});

it.each<{ what: string; more: Partial<Task>; talk: unknown }>([
  { what: "in its thread", more: {}, talk: { kind: "issue", number: 1 } },
  {
    what: "in the issue that was opened for it",
    more: { thread: null, openedIssue: { kind: "issue", number: 9 } },
    talk: { kind: "issue", number: 9 },
  },
  { what: "nowhere", more: { thread: null }, talk: null },
])("is talked about $what", ({ more, talk }) => {
  expect(talkOf(sampleTask(DONE, more))).toEqual(talk);
});
