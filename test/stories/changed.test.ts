import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IN_FULL } from "./hostings.ts";
import { workerProcesses } from "./processes.ts";
import { HELLO, World } from "./world.ts";

const TOOLS = { toolPath: [join(import.meta.dirname, "../fixtures/workers")] };
const LIST = "\n\n- First\n- Second";

function config(worker: string): string {
  return `default: worker
confirm_default: false
isolation: none
backends:
  worker: { command: ${worker} }
models:
  worker: { backend: worker }
`;
}

/** A task whose worker has pushed its first item to `branch` and asks whether to go on. */
async function half(world: World, thread: number, branch: string | null = null) {
  await world.say(thread, `/dispatch do both${LIST}`);
  const id = await world.task(thread);
  await world.comment(thread, "<!-- dispatch:question");
  const work = branch ?? `dispatch/${id}`;
  await world.eventually("the first item to be pushed", async () => (await world.subjects(work)).includes("First"));
  return { id, work, pushed: await tip(world, work) };
}

async function tip(world: World, branch: string): Promise<string> {
  const { data } = await world.as("mona").git.getRef({ ...HELLO, ref: `heads/${branch}` });
  return data.object.sha;
}

function result(world: World, thread: number) {
  return world.comment(thread, "<!-- dispatch:result", 90_000);
}

async function remove(world: World, branch: string): Promise<void> {
  await world.as("mona").git.deleteRef({ ...HELLO, ref: `heads/${branch}` });
}

async function openPull(world: World, branch: string): Promise<number> {
  const octokit = world.as("mona");
  await octokit.git.createRef({ ...HELLO, ref: `refs/heads/${branch}`, sha: await tip(world, "main") });
  await world.commitFile(`${branch}.txt`, "Theirs.\n", branch);
  const { data } = await octokit.pulls.create({ ...HELLO, title: branch, head: branch, base: "main" });
  return data.number;
}

describe("the repository changes under a task that is at work", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ config: config("asks-between"), ...TOOLS });
  }, 60_000);
  afterAll(() => world[Symbol.asyncDispose]());

  it.runIf(IN_FULL).concurrent(
    "what somebody takes out of the branch stays out, and the work stays in",
    {
      timeout: 180_000,
    },
    async () => {
      const pull = await openPull(world, "topic");
      const before = await tip(world, "topic");
      await world.commitFile("unwanted.txt", "Away with it.\n", "topic");
      await half(world, pull, "topic");
      await world.as("mona").git.updateRef({ ...HELLO, ref: "heads/topic", sha: before, force: true });
      await world.say(pull, "Yes, go on.");
      expect((await result(world, pull)).body).toMatch(
        /this is done[\s\S]*history of .{0,10}topic.{0,10} was rewritten/,
      );
      expect(await world.subjects("topic")).toEqual(["Change topic.txt", "First", "Second"]);
    },
  );

  it.runIf(IN_FULL).concurrent(
    "a branch that somebody deletes stays deleted, and the work gets a pull request",
    {
      timeout: 180_000,
    },
    async () => {
      const pull = await openPull(world, "shortlived");
      const { id } = await half(world, pull, "shortlived");
      await remove(world, "shortlived");
      await world.say(pull, "Yes, go on.");
      const { body } = await result(world, pull);
      expect(body).toMatch(/this is done[\s\S]*was (?:deleted|closed) meanwhile/);
      const [own] = (await world.pulls()).filter(({ head }) => head.ref === `dispatch/${id}`);
      expect(own).toMatchObject({ base: { ref: "main" }, draft: false });
      expect(body).toContain(`Pull request: [#${own?.number}]`);
      expect(await world.subjects(`dispatch/${id}`)).toEqual(["Change shortlived.txt", "First", "Second"]);
      expect(await world.branches("shortlived")).toEqual([]);
    },
  );

  it.concurrent("whoever deletes the task's branch cancels the task", { timeout: 180_000 }, async () => {
    const issue = await world.openIssue("Deleted");
    const { id, work } = await half(world, issue);
    await world.eventually("the label", async () => (await world.labels(issue)).includes("dispatch: waiting"));
    await remove(world, `dispatch/tasks/${issue}/${id}`);
    const { body } = await result(world, issue);
    expect(body).toContain("this was cancelled: its branch with the plan was deleted.");
    expect(body).toMatch(/Pull request: \[#\d+\]/);
    await world.eventually("the label to go", async () => !(await world.labels(issue)).includes("dispatch: waiting"));
    await world.becomes(await world.comment(issue, "<!-- dispatch:status"), "Cancelled: its branch with the plan");
    await world.eventually("the run to end", async () => (await world.runsOf(issue))[0]?.status === "completed");
    expect((await world.runsOf(issue))[0]?.conclusion).toBe("success");
    expect(workerProcesses(world, id)).toEqual([]);
    expect(await world.subjects(work)).toEqual(["First"]);
    expect(await world.tasks(issue)).toEqual([]);
    const said = (await world.comments(issue)).filter((comment) => comment.body.includes("<!-- dispatch:result"));
    expect(said).toHaveLength(1);
  });
});

describe.skipIf(!IN_FULL)("the repository changes for all", () => {
  it("a renamed default branch is where the work goes, and where the next runs start", {
    timeout: 240_000,
  }, async () => {
    await using world = await World.start({ config: config("asks-between"), ...TOOLS });
    const octokit = world.as("mona");
    const { id } = await half(world, 1);
    await octokit.repos.renameBranch({ ...HELLO, branch: "main", new_name: "trunk" });
    await world.say(1, "Yes, go on.");
    expect((await result(world, 1)).body).toContain("this is done");
    const pulls = await world.pulls();
    expect(pulls.find(({ head }) => head.ref === `dispatch/${id}`)?.base.ref).toBe("trunk");
    const issue = await world.openIssue("Afterwards");
    const next = await half(world, issue).catch(async () => ({ id: await world.task(issue) }));
    expect((await world.runsOf(issue))[0]?.head_branch).toBe("trunk");
    expect(next.id).not.toBe(id);
  });

  it("an archived repository ends the run, which keeps the work and says so", { timeout: 240_000 }, async () => {
    await using world = await World.start({ config: config("dispatch-demo-worker --pace-ms 4000") });
    await world.say(1, `/dispatch do all${LIST}\n- Third`);
    const id = await world.task(1);
    // Not pushed yet: its first item takes a while.
    await world.becomes(await world.comment(1, "<!-- dispatch:status"), /🔄 .*First/);
    world.playground.repository.settings.archived = true;
    await world.quiet();
    const [run] = await world.runsOf(1);
    expect(run?.conclusion).toBe("failure");
    const { data } = await world.as("mona").actions.listWorkflowRunArtifacts({ ...HELLO, run_id: run?.id ?? 0 });
    expect(data.artifacts).toMatchObject([{ name: "dispatch-work" }]);
    const summary = await fetch(`${world.playground.github.address.url}/_playground/runs/${run?.id}/summary`);
    expect(await summary.text()).toMatch(/was archived[\s\S]*kept in this run's artifact/);
    expect(workerProcesses(world, id)).toEqual([]);
  });
});
