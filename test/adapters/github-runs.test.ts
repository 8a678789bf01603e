import { describe, expect, it } from "vitest";
import { githubRuns } from "../../src/adapters/github-runs.ts";
import { runName } from "../../src/core/task.ts";
import { api, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const ref = { thread: "12", id: "fix-login-7k2q" };
const runs = githubRuns(testAccess());
const workflow = `${repo}/actions/workflows/dispatch.yml`;

function run(id: number, title = "dispatch 12/fix-login-7k2q #1", status = "queued") {
  const html_url = `https://github.com/octo-org/hello/actions/runs/${id}`;
  return { id, name: "Dispatch", display_title: title, html_url, status, conclusion: null };
}

function asked() {
  return api().post(`${workflow}/dispatches`, {
    ref: "main",
    inputs: { task: "12/fix-login-7k2q", attempt: "1" },
    return_run_details: true,
  });
}

function listed(...workflow_runs: object[]) {
  listedPage(1, workflow_runs);
}

/** What GitHub gives when it is asked for runs since then. */
function listedPage(page: number, workflow_runs: readonly object[], query: object = {}) {
  const parameters = { event: "workflow_dispatch", per_page: 100, page, ...query };
  api()
    .get(`${workflow}/runs`)
    .query((given) => Object.entries(parameters).every(([name, value]) => given[name] === String(value)))
    .reply(200, { total_count: workflow_runs.length, workflow_runs });
}

const start = () => runs.start(ref, 1, "main");

describe("start", () => {
  it.each([
    { server: "today's", status: 200, body: { workflow_run_id: 5 } },
    { server: "an older", status: 204, body: undefined },
  ])("asks $server GitHub for a run", async ({ status, body }) => {
    asked().reply(status, body);
    await start();
  });

  it("does not ask again when the run that it asked for is there", async () => {
    asked().replyWithError("socket hang up");
    listed(run(6, "dispatch 12/other-1111 #1"), run(5));
    await start();
  });

  it("asks again when no run with the task's name and attempt is there", async () => {
    asked().reply(500, "");
    listed(run(5, "dispatch 12/fix-login-7k2q #2"));
    asked().reply(204);
    await start();
  });

  it.each([
    {
      status: 404,
      words: "Not Found",
      code: "workflow-missing",
      says: "`.github/workflows/dispatch.yml` on the default branch, `main`",
      next: "/dispatch retry",
    },
    {
      status: 422,
      words: "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
      code: "workflow-disabled",
      says: "disabled",
      next: "Enable it",
    },
    {
      status: 422,
      words: 'Unexpected inputs provided: ["attempt"]',
      code: "workflow-inputs",
      says: "Unexpected inputs",
      next: "/dispatch retry",
    },
    {
      status: 422,
      words: "Workflow does not have 'workflow_dispatch' trigger",
      code: "workflow-inputs",
      says: "trigger",
      next: "Replace it",
    },
    {
      status: 422,
      words: "No ref found for: main",
      code: "run-refused",
      says: "No ref found",
      next: "/dispatch retry",
    },
    {
      status: 403,
      words: "Resource not accessible by integration",
      code: "run-refused",
      says: "not accessible",
      next: "actions: write",
    },
  ])("says what to do about $status $words", async ({ status, words, code, says, next }) => {
    asked().reply(status, { message: words });
    await expect(start()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
      nextStep: expect.stringContaining(next),
    });
  });

  it("does not take a rate limit for a refusal", async () => {
    asked().reply(403, { message: "You have exceeded a secondary rate limit." }, { "retry-after": "2" });
    asked().reply(204);
    await start();
  });
});

const SINCE = "2026-03-01T12:00:00.000Z";

describe("asked", () => {
  it("knows runs by the task and the attempt in their names, the newer of two", async () => {
    listed(
      run(7, "dispatch 12/fix-login-7k2q #2"),
      run(6),
      run(5, undefined, "completed"),
      run(4, "By hand", "waiting"),
    );
    const known = await runs.asked(SINCE);
    expect(known.get(runName(ref, 2))).toMatchObject({ id: 7 });
    expect(known.get(runName(ref, 1))).toEqual({
      id: 6,
      url: "https://github.com/octo-org/hello/actions/runs/6",
      status: "queued",
      conclusion: null,
    });
    expect(known.get(runName(ref, 3))).toBeUndefined();
  });

  it("asks for those since then, by a clock that may be a quarter of an hour off", async () => {
    listedPage(1, [run(5)], { created: ">=2026-03-01T11:45:00.000Z" });
    expect((await runs.asked(SINCE)).size).toBe(1);
  });

  it("knows all of them where hundreds are queued", async () => {
    const names = Array.from({ length: 250 }, (_, at) => `dispatch 12/task-${at} #1`);
    const newest = names.map((name, at) => run(1_000 - at, name));
    for (const page of [1, 2, 3]) listedPage(page, newest.slice((page - 1) * 100, page * 100));
    expect([...(await runs.asked(SINCE)).keys()]).toEqual(names);
  });

  it("knows of none where the workflow is missing", async () => {
    api().get(`${workflow}/runs`).query(true).reply(404, { message: "Not Found" });
    expect((await runs.asked(SINCE)).size).toBe(0);
  });
});

describe("read", () => {
  it("reads one, and knows when it has been deleted", async () => {
    api()
      .get(`${repo}/actions/runs/5`)
      .reply(200, { ...run(5, undefined, "completed"), conclusion: "startup_failure" });
    api().get(`${repo}/actions/runs/6`).reply(404, { message: "Not Found" });
    expect(await runs.read(5)).toMatchObject({ status: "completed", conclusion: "startup_failure" });
    expect(await runs.read(6)).toBeNull();
  });
});

describe("cancel", () => {
  it.each([202, 409, 404])("is content with %i", async (status) => {
    api().post(`${repo}/actions/runs/5/cancel`).reply(status, {});
    await runs.cancel(5);
  });
});
