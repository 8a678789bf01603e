import { parsePlan } from "../../src/core/plan.ts";
import type { Task, TaskState } from "../../src/core/task.ts";

export const RUN = { id: 77, tryNumber: 1, url: "https://github.com/octo-org/hello/actions/runs/77" };
export const REPOSITORY = { server: "https://github.com", owner: "octo-org", repo: "hello" };
export const ID = "add-health-endpoint-7k2q";
export const REF = { thread: "1", id: ID };
export const PLAN_URL = `https://github.com/octo-org/hello/blob/dispatch/tasks/1/${ID}/.dispatch/tasks/${ID}/plan.md`;

/** A task as mona has asked for it in issue 1, with one question asked. */
export function sampleTask(state: TaskState, more: Partial<Task> = {}): Task {
  return {
    version: 1,
    id: ID,
    title: "Add a /health endpoint",
    kind: "work",
    phase: "work",
    approval: { kind: "not-needed" },
    confirmedBy: null,
    after: [],
    siblings: 1,
    position: 0,
    thread: { kind: "issue", number: 1 },
    requester: { login: "mona", id: 1 },
    trigger: { kind: "comment", id: 5, url: "https://github.com/octo-org/hello/issues/1#issuecomment-5" },
    askedAt: "2026-11-20T10:00:00Z",
    worker: { name: "opus", model: "opus", backend: "claude", kind: "claude", command: "claude -p", role: null },
    settings: {
      answerTimeout: 10,
      timeout: 330,
      pullRequest: "draft",
      isolation: "user",
      signoff: false,
      env: [],
      budgetUsd: null,
      oldFormat: false,
      names: ["opus", "sonnet"],
    },
    work: { base: "main", branch: `dispatch/${ID}`, onPullRequest: false },
    attempt: 1,
    commands: [],
    continued: 0,
    state,
    ours: [],
    statusComment: { id: 6, author: "dispatch[bot]", url: "https://github.com/octo-org/hello/issues/1#issuecomment-6" },
    resultComment: null,
    askComment: null,
    overviewComment: null,
    exchanges: {
      "001": {
        askedAt: "2026-11-20T10:03:00Z",
        comment: {
          kind: "comment",
          id: 9,
          author: "dispatch[bot]",
          url: "https://github.com/octo-org/hello/issues/1#issuecomment-9",
        },
        answeredBy: null,
      },
    },
    pullRequest: { number: 12, url: "https://github.com/octo-org/hello/pull/12" },
    session: null,
    cleaned: false,
    ...more,
  };
}

export const SAMPLE_PLAN = parsePlan(`# Add a /health endpoint
- [x] Read how routes are set up in \`src/server.ts\`
- [x] Add the route
- [ ] Test it
- [ ] Describe it in the README
- [ ] Write a summary to .dispatch/tasks/${ID}/output.md
`);

const FINISHED_AT = "2026-11-20T10:07:00Z";
export const DONE: TaskState = { kind: "finished", run: RUN, at: FINISHED_AT, outcome: { kind: "done" } };
export const FAILED: TaskState = {
  kind: "finished",
  run: RUN,
  at: FINISHED_AT,
  outcome: {
    kind: "failed",
    cause: "auth",
    sentence: "2 of 5 items are done. The model's provider did not accept the key.",
    nextStep: "Renew the repository secret that holds the key, then retry.",
  },
};
export const CANCELLED: TaskState = {
  kind: "finished",
  run: RUN,
  at: FINISHED_AT,
  outcome: { kind: "cancelled", by: "hubot" },
};
