import { expect, it } from "vitest";
import { modeOf } from "../../src/action/mode.ts";

const NOTHING = { task: null, prompt: null, settle: false };

it.each([
  "issue_comment",
  "issues",
  "pull_request",
  "pull_request_target",
  "pull_request_review",
  "pull_request_review_comment",
])("on %s, without inputs, the thread is handled", (event) => {
  expect(modeOf(NOTHING, event)).toBe("thread");
});

it.each([
  { given: { task: "1/fix-7k2q" }, event: "workflow_dispatch", mode: "work" },
  { given: { prompt: "Tidy up" }, event: "workflow_dispatch", mode: "work" },
  { given: { prompt: "Tidy up" }, event: "schedule", mode: "work" },
  { given: { prompt: "Tidy up" }, event: "push", mode: "work" },
  { given: { prompt: "Triage this" }, event: "issues", mode: "work" },
  { given: { task: "1/fix-7k2q", prompt: "Tidy up" }, event: "workflow_dispatch", mode: "work" },
  { given: { task: "1/fix-7k2q", settle: true }, event: "workflow_dispatch", mode: "settle" },
  { given: {}, event: "schedule", mode: "reconcile" },
  { given: { settle: true }, event: "schedule", mode: "settle" },
  { given: { prompt: "tidy up", settle: true }, event: "workflow_dispatch", mode: "settle" },
])("on $event with $given it is to $mode", ({ given, event, mode }) => {
  expect(modeOf({ ...NOTHING, ...given }, event)).toBe(mode);
});

it.each(["push", "workflow_dispatch", "workflow_run", "toString", ""])(
  "on %j there is nothing to do without inputs, and the sentence says so",
  (event) => {
    expect(() => modeOf(NOTHING, event)).toThrow(
      expect.objectContaining({ code: "nothing-to-do", message: expect.stringContaining(`\`${event}\``) }),
    );
  },
);
