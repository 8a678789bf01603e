import { describe, expect, it } from "vitest";
import { renderTask, type Task, type TaskState } from "../../src/core/task.ts";
import { ID, RUN, sampleTask } from "../core/sample-task.ts";
import type { Moment } from "../crash/history.ts";
import { isClean } from "../crash/verdict.ts";
import { type Evidence, judge } from "./judge.ts";

const SINCE = "2026-11-20T10:00:00Z";
const PLAN = "# A log\n\n- [x] Begin a log\n- [x] End the log\n";
const SAID = "One line, please";
const queued: TaskState = { kind: "queued", since: SINCE };
const running: TaskState = { kind: "running", run: RUN };
const waiting: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const done: TaskState = { kind: "finished", run: RUN, outcome: { kind: "done" }, at: SINCE };

function moment(
  message: string,
  state: TaskState,
  files: Readonly<Record<string, string>> = {},
  more: Partial<Task> = {},
): Moment {
  return {
    oid: message,
    message,
    files: { "task.yaml": renderTask(sampleTask(state, more)), "plan.md": PLAN, ...files },
  };
}

const ASKED = { "ipc/001.question": "Which format?" };
const ANSWERED = { ...ASKED, "ipc/001.answer": SAID };
const BEFORE = [
  moment("Accept", queued),
  moment(`Claim ${ID} for run ${RUN.id}`, running),
  moment("Ask", waiting, ASKED),
];
const HISTORY = [...BEFORE, moment("Answer question 001", running, ANSWERED), moment("End", done, ANSWERED)];
const COMMENTS = [
  "/dispatch use opus",
  `<!-- dispatch:status 1/${ID} -->\nDone`,
  `<!-- dispatch:question 1/${ID} 001 -->\nWhich format?`,
  SAID,
  `<!-- dispatch:result 1/${ID} 1 -->\n### ✅ Done`,
];
/** All went well. */
const GOOD: Evidence = {
  tasks: [HISTORY],
  comments: COMMENTS,
  labels: ["bug"],
  said: [SAID],
  work: ["Begin a log", "End the log"],
  committed: ["Begin a log", "End the log"],
  workers: new Map([["dispatch 1/x #1", 1]]),
};

describe("the judge of a trial", () => {
  it("finds nothing where all went well", () => {
    expect(judge(GOOD)).toEqual({ lost: [], twice: [], duplicates: [], wrong: [] });
    expect(isClean(judge(GOOD))).toBe(true);
  });

  it.each([
    { name: "a command that made no task", world: { tasks: [] }, lost: ["the command made no task"] },
    {
      name: "a task that goes on for ever",
      world: { tasks: [HISTORY.slice(0, -1)] },
      lost: [`${ID} is running`],
    },
    {
      name: "an item whose work is not on the branch",
      world: { work: ["Begin a log"] },
      lost: ['the work of "End the log" is not on the branch'],
    },
    {
      name: "a reply that nobody heard",
      world: { said: [SAID, "And a blank line"] },
      lost: ['nobody heard "And a blank line"'],
    },
    {
      name: "an ending that was not said",
      world: { comments: COMMENTS.slice(0, -1) },
      lost: ["nobody was told how it ended"],
    },
    { name: "two tasks of one command", world: { tasks: [HISTORY, HISTORY] }, twice: ["one command made 2 tasks"] },
    {
      name: "an attempt that two runs claimed",
      world: {
        tasks: [[...BEFORE.slice(0, 2), moment(`Claim ${ID} for run 78`, running), ...HISTORY.slice(2)]],
      },
      twice: ["attempt 1 was claimed by several runs"],
    },
    {
      name: "a question with two answers",
      world: {
        tasks: [[...HISTORY, moment("Answer question 001", done, { ...ANSWERED, "ipc/001.answer": `${SAID}!` })]],
      },
      twice: ["question 001 was answered twice"],
    },
    {
      name: "a reply that answers two questions",
      world: { tasks: [[...HISTORY, moment("Answer question 002", done, { ...ANSWERED, "ipc/002.answer": SAID })]] },
      twice: [`"${SAID}" answers two questions`],
    },
    {
      name: "an item that was committed twice",
      world: { committed: ["Begin a log", "End the log", "End the log"] },
      twice: ['"End the log" was committed twice'],
    },
    {
      name: "two workers of one attempt",
      world: { workers: new Map([["dispatch 1/x #1", 2]]) },
      twice: ["2 workers of dispatch 1/x #1"],
    },
    {
      name: "a comment that stands there twice",
      world: { comments: [...COMMENTS, `<!-- dispatch:status 1/${ID} -->\nDone`] },
      duplicates: [`<!-- dispatch:status 1/${ID} -->`],
    },
    {
      name: "a label that stays",
      world: { labels: ["dispatch: waiting"] },
      wrong: ["the waiting label is still there"],
    },
    {
      name: "a history that does not follow",
      world: { tasks: [[moment("Accept", queued), moment("End", done, ANSWERED)]] },
      wrong: ['"End" leads from queued to finished by no event.'],
    },
  ])("finds $name", ({ world, lost = [], twice = [], duplicates = [], wrong = [] }) => {
    expect(judge({ ...GOOD, ...world })).toEqual({ lost, twice, duplicates, wrong });
  });
});
