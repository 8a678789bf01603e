import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { processTree } from "../../src/playground/actions/processes.ts";
import { Playground } from "../../src/playground/playground.ts";
import { refusal } from "./github-fixture.ts";

const HERE = { owner: "octo-org", repo: "hello" };

const WORKFLOW = `
name: Listen
run-name: "heard \${{ github.event.comment.body || inputs.what }}"
on:
  issue_comment: { types: [created] }
  workflow_dispatch:
    inputs:
      what: { required: true }
      loud: { type: boolean }
      size: { type: choice, options: [small, large] }
jobs:
  reply:
    if: github.event_name == 'issue_comment' && startsWith(github.event.comment.body, 'hello')
    runs-on: ubuntu-latest
    permissions: { issues: write, contents: read }
    steps:
      - uses: actions/checkout@v4
        with: { persist-credentials: false }
      - run: |
          test -f src/server.js && git log -1 --format=%H
          git config --get-regexp extraheader || echo "no credentials"
          curl -sf -X POST -H "authorization: token $TOKEN" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/1/comments" -d '{"body":"hello yourself"}' >/dev/null
        env: { TOKEN: "\${{ github.token }}" }
      - uses: actions/checkout@v4
        with: { path: again, ref: friendlier-greeting }
      - run: cd again && git branch --show-current && git config --get-regexp extraheader | sed 's/ .*//'
  wait:
    if: github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    steps:
      - run: 'echo "waiting, \${{ inputs.loud }}"; trap "echo stopped; exit 1" INT; while sleep 0.1; do :; done'
`;

let playground: Playground;
const as = (login: string) =>
  new Octokit({
    baseUrl: playground.api,
    auth: playground.tokens[login],
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });

beforeAll(async () => {
  playground = await Playground.start({
    port: 0,
    hosting: "action",
    files: { ".github/workflows/listen.yml": WORKFLOW },
    workflow: null,
  });
});
afterAll(() => playground.close());

describe("the seeded repository", () => {
  it("has an issue, a pull request of its own, and one from a fork", async () => {
    const { data: issue } = await as("stranger").issues.get({ ...HERE, issue_number: 1 });
    expect(issue).toMatchObject({ title: "Load balancer needs a health check", user: { login: "mona" } });
    const { data: pulls } = await as("hubot").pulls.list(HERE);
    expect(pulls.map(({ number, user, head }) => [number, user?.login, head.repo?.full_name])).toEqual([
      [3, "stranger", "stranger/hello"],
      [2, "hubot", "octo-org/hello"],
    ]);
  });

  it.each([
    { login: "mona", permission: "admin" },
    { login: "hubot", permission: "write" },
    { login: "stranger", permission: "read" },
  ])("gives $login $permission", async ({ login, permission }) => {
    const { data } = await as("mona").repos.getCollaboratorPermissionLevel({ ...HERE, username: login });
    expect(data.permission).toBe(permission);
  });

  it("names the demo's backend for every model of the docs", async () => {
    const found = await fetch(`${playground.api}/repos/octo-org/hello/contents/.github/dispatch.yml`, {
      headers: { accept: "application/vnd.github.raw+json" },
    });
    const config = parse(await found.text());
    expect(config).toMatchObject({
      default: "opus",
      backends: { demo: { command: "dispatch-demo-worker" } },
      models: { opus: { backend: "demo" }, sonnet: { backend: "demo" }, haiku: { backend: "demo" } },
    });
  });
});

describe("a comment", () => {
  it("starts a run that can answer it, and the answer starts none", async () => {
    await as("stranger").issues.createComment({ ...HERE, issue_number: 1, body: "hello there" });
    await playground.actions.idle();
    const { data } = await as("mona").actions.listWorkflowRunsForRepo({ ...HERE, event: "issue_comment" });
    expect(data.workflow_runs.map(({ display_title, conclusion }) => [display_title, conclusion])).toEqual([
      ["heard hello there", "success"],
    ]);
    const { data: comments } = await as("mona").issues.listComments({ ...HERE, issue_number: 1 });
    expect(comments.map(({ user, body }) => [user?.login, body])).toEqual([
      ["stranger", "hello there"],
      ["github-actions[bot]", "hello yourself"],
    ]);

    const { data: jobs } = await as("mona").actions.listJobsForWorkflowRun({
      ...HERE,
      run_id: data.workflow_runs[0]?.id ?? 0,
    });
    expect(jobs.jobs.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ["reply", "success"],
      ["wait", "skipped"],
    ]);
    const { data: log } = await as("mona").actions.downloadJobLogsForWorkflowRun({
      ...HERE,
      job_id: jobs.jobs[0]?.id ?? 0,
    });
    expect(log).toContain("no credentials");
    expect(log).toMatch(/ friendlier-greeting\n.* http\.http:\/\/127\.0\.0\.1:\d+\/\.extraheader\n/);
    expect(log).not.toContain("ghs_");
  });

  it("that fits no job ends skipped", async () => {
    await as("mona").issues.createComment({ ...HERE, issue_number: 1, body: "nothing for you" });
    await playground.actions.idle();
    const { data } = await as("mona").actions.listWorkflowRunsForRepo({ ...HERE, status: "skipped" });
    expect(data.workflow_runs).toHaveLength(1);
  });
});

describe("starting a run by hand", () => {
  it.each([
    { name: "a missing workflow", workflow: "nothing.yml", inputs: {}, status: 404, message: /Not Found/ },
    {
      name: "unknown inputs",
      workflow: "listen.yml",
      inputs: { what: "x", why: "y" },
      status: 422,
      message: /Unexpected inputs provided: \["why"\]/,
    },
    {
      name: "a missing input",
      workflow: "listen.yml",
      inputs: {},
      status: 422,
      message: /Required input 'what' not provided/,
    },
    {
      name: "a choice that is none",
      workflow: "listen.yml",
      inputs: { what: "x", size: "huge" },
      status: 422,
      message: /not in the list of allowed values/,
    },
    {
      name: "a missing ref",
      workflow: "listen.yml",
      inputs: { what: "x" },
      ref: "nowhere",
      status: 422,
      message: /No ref found for: nowhere/,
    },
    {
      name: "a stranger",
      workflow: "listen.yml",
      inputs: { what: "x" },
      login: "stranger",
      status: 403,
      message: /Must have admin rights/,
    },
  ])("refuses $name", async ({ workflow, inputs, ref = "main", login = "mona", status, message }) => {
    const refused = await refusal(start(login, workflow, inputs, ref));
    expect(refused.status).toBe(status);
    expect(refused.message).toMatch(message);
  });

  it("refuses a disabled workflow, in GitHub's words", async () => {
    await as("mona").actions.disableWorkflow({ ...HERE, workflow_id: "listen.yml" });
    const refused = await refusal(start("mona", "listen.yml", { what: "x" }));
    expect(refused).toMatchObject({
      status: 422,
      message: "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
    });
    await as("mona").actions.enableWorkflow({ ...HERE, workflow_id: "listen.yml" });
  });

  it("answers with the run's id, and the run can be cancelled", async () => {
    const { status, data } = await start("hubot", "listen.yml", { what: "a sound", loud: true });
    expect(status).toBe(200);
    const id = Number(data.workflow_run_id);
    const run = playground.actions.run(id);
    const jobs = () => as("mona").actions.listJobsForWorkflowRun({ ...HERE, run_id: id });
    await until(async () => (await jobs()).data.jobs.some((job) => job.status === "in_progress"));
    const { data: shown } = await as("mona").actions.getWorkflowRun({ ...HERE, run_id: id });
    expect(shown).toMatchObject({ display_title: "heard a sound", event: "workflow_dispatch", status: "in_progress" });
    await until(async () => (await logText(id)).includes("waiting, true"));
    expect((await as("hubot").actions.cancelWorkflowRun({ ...HERE, run_id: id })).status).toBe(202);
    await run?.done;
    expect(run?.conclusion).toBe("cancelled");
    expect(await logText(id)).toContain("stopped");
  });
});

describe.each(["server", "action"])("npm run demo -- --headless --hosting %s", (hosting) => {
  it("prints one line of JSON, serves, and is gone after SIGINT with all that it started", {
    timeout: 60_000,
  }, async () => {
    const main = join(import.meta.dirname, "..", "..", "src", "playground", "main.ts");
    const child = spawn(process.execPath, [main, "--headless", "--port", "0", "--hosting", hosting], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGINT"));
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    await once(output, "line");
    const told = JSON.parse(lines[0] ?? "");
    expect(Object.keys(told)).toEqual(["url", "api", "git", "repo", "tokens"]);
    expect(told.repo).toBe("octo-org/hello");
    const answer = await fetch(`${told.api}/user`, { headers: { authorization: `token ${told.tokens.hubot}` } });
    expect(await answer.json()).toMatchObject({ login: "hubot" });
    const processes = await processTree(child.pid ?? 0);
    expect(processes.length).toBeGreaterThan(1);
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(lines.filter((line) => line.startsWith("{"))).toHaveLength(1);
    expect(processes.map((pid) => existsSync(`/proc/${pid}`))).not.toContain(true);
    await expect(fetch(told.url)).rejects.toThrow("fetch failed");
  });
});

/** Starts a run by hand; the reply holds its id. */
function start(login: string, workflow: string, inputs: Record<string, unknown>, ref = "main") {
  return as(login).request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
    ...HERE,
    workflow_id: workflow,
    ref,
    inputs,
    return_run_details: true,
  });
}

async function logText(id: number): Promise<string> {
  const runs = (playground.actions.run(id)?.jobs ?? []).flatMap(({ run }) => run ?? []);
  return (await Promise.all(runs.map(({ log }) => readFile(log.path, "utf8")))).join("");
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error("It never came to pass.");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
