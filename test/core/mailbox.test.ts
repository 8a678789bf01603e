import { expect, it } from "vitest";
import { ipcPath, isDone, questionNumbers, unanswered } from "../../src/core/mailbox.ts";

it("names the files of an exchange", () => {
  expect(ipcPath("001", "question")).toBe("ipc/001.question");
  expect(ipcPath("001", "answer")).toBe("ipc/001.answer");
  expect(ipcPath("012", "done")).toBe("ipc/012.done");
});

it("finds the questions, lowest first, among whatever lies in the folder", () => {
  const paths = [
    "ipc/010.question",
    "ipc/002.question",
    "ipc/002.answer",
    "ipc/1.question",
    "ipc/0001.question",
    "ipc/001.question.tmp",
    "ipc/../003.question",
    "004.question",
    "plan.md",
    "ipc/x/005.question",
    "x/ipc/005.question",
    "ipc/006.question\n",
  ];
  expect(questionNumbers(paths)).toEqual(["002", "010"]);
});

it.each([
  { files: {}, open: [] },
  { files: { "ipc/001.question": "a?" }, open: ["001"] },
  { files: { "ipc/001.question": "a?", "ipc/001.answer": "b" }, open: [] },
  {
    files: { "ipc/003.question": "", "ipc/002.question": "", "ipc/001.question": "", "ipc/002.answer": "" },
    open: ["001", "003"],
  },
  // The worker's own mark does not close a question.
  { files: { "ipc/001.question": "a?", "ipc/001.done": "" }, open: ["001"] },
])("open questions of $files", ({ files, open }) => {
  expect(unanswered(files)).toEqual(open);
});

it("knows that the worker is done by ipc/.done alone", () => {
  expect(isDone({ "ipc/.done": "" })).toBe(true);
  expect(isDone({ "ipc/001.done": "", ".done": "" })).toBe(false);
});
