import { expect, it } from "vitest";
import { renderTask, type TaskState } from "../../src/core/task.ts";
import { sampleTask } from "../core/sample-task.ts";
import { type Moment, replay } from "./history.ts";

const RUN = { id: 7, tryNumber: 1, url: "https://github.com/octo-org/hello/actions/runs/7" };
const OTHER = { ...RUN, id: 8 };
const SINCE = "2026-11-20T10:00:00Z";
const queued: TaskState = { kind: "queued", since: SINCE };
const running: TaskState = { kind: "running", run: RUN };
const waiting: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const done: TaskState = { kind: "finished", run: RUN, outcome: { kind: "done" }, at: SINCE };

function moments(states: readonly TaskState[]): readonly Moment[] {
  return states.map((state, at) => ({
    oid: String(at),
    message: `commit ${at}`,
    files: { "task.yaml": renderTask(sampleTask(state)) },
  }));
}

it.each([
  { name: "claimed, asked, answered, done", states: [queued, running, waiting, running, done] },
  { name: "two questions in one commit", states: [queued, running, { ...waiting, questions: ["001", "002"] }] },
  { name: "nothing new", states: [queued, queued] },
] satisfies readonly { name: string; states: readonly TaskState[] }[])("follows a history: $name", ({ states }) => {
  expect(replay(moments(states))).toEqual({ state: states.at(-1) });
});

it.each([
  {
    name: "another run holds it from one commit to the next",
    states: [queued, running, { kind: "running", run: OTHER }],
  },
  { name: "it is over, and works on", states: [queued, running, done, running] },
  { name: "it is done before anybody has claimed it", states: [queued, done] },
  { name: "it starts before the choice it waits for", states: [{ kind: "held", since: SINCE }, running] },
] satisfies readonly { name: string; states: readonly TaskState[] }[])("breaks off where $name", ({ states }) => {
  expect(replay(moments(states))).toHaveProperty("broken");
});
