import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe("what one can ask without starting anything", () => {
  it.each([
    { command: "/dispatch", says: /opus/ },
    { command: "/dispatch help", says: /\/dispatch cancel/ },
    { command: "/Dispatch HELP", says: /\/dispatch cancel/ },
    { command: "/dispatch status", says: /no task/i },
    { command: "/dispatch cancel", says: /no task here to cancel/i },
  ])("$command", { timeout: 180_000 }, async ({ command, says }) => {
    await using world = await World.start();
    const asked = await world.say(1, command, "hubot");
    const reply = await world.comment(1, /^<!-- dispatch:(?:reply|warm-up)/);
    expect(reply.body).toMatch(says);
    expect(await world.reactions(asked)).toContain("eyes");
    expect(await world.branches("dispatch/")).toEqual([]);
    expect(await world.runs()).toEqual([]);
  });

  it("nothing is heard in code, quotes and HTML comments, nor in ordinary talk", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    const ours = () => world.playground.github.calls.filter(({ tokenKind }) => tokenKind === "installation");
    // A server that has just started looks around once.
    await world.eventually("the server's first round to be over", async () => {
      const last = ours().at(-1);
      return last !== undefined && Date.now() - Date.parse(last.at) > 3_000;
    });
    const before = ours().length;
    await world.say(1, "> /dispatch use opus to add it\n\nI would rather not.");
    await world.say(1, "```\n/dispatch use opus to add it\n```");
    await world.say(1, "<!--\n/dispatch use opus to add it\n-->\nHello");
    await world.say(1, "Please /dispatch this some day");
    await world.playground.github.webhooksSettled();
    expect(ours().slice(before)).toEqual([]);
    expect(await world.runs()).toEqual([]);
  });
});

it("rewording an accepted command starts nothing, and says what to do instead", { timeout: 180_000 }, async () => {
  await using world = await World.start();
  const id = await world.say(1, "/dispatch use opus to fix teh docs\n\n- First\n- Second");
  await world.comment(1, "<!-- dispatch:result");
  const body = "/dispatch use opus to fix the docs\n\n- First\n- Second";
  await world.as("mona").issues.updateComment({ owner: "octo-org", repo: "hello", comment_id: id, body });
  const reply = await world.comment(1, "<!-- dispatch:reply");
  expect(reply.body).toMatch(/accepted already/);
  expect(reply.body).toContain("/dispatch cancel");
  expect(await world.branches("dispatch/tasks/1/")).toHaveLength(1);

  // An edit that adds one is another matter.
  const more = `${body}\n/dispatch use opus to fix the tests\n\n- Third`;
  await world.as("mona").issues.updateComment({ owner: "octo-org", repo: "hello", comment_id: id, body: more });
  await world.eventually("the second task", async () => (await world.branches("dispatch/tasks/1/")).length === 2);
});

describe("while a task runs", () => {
  it("status, a note and an explicit answer reach it", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    await world.comment(1, "<!-- dispatch:question");
    const [branch = ""] = await world.branches("dispatch/tasks/1/");
    const id = branch.replace("dispatch/tasks/1/", "");
    const prefix = id.slice(0, 8);

    await world.say(1, "/dispatch status");
    const status = await world.comment(1, "<!-- dispatch:reply");
    expect(status.body).toContain(id);
    expect(status.body).toMatch(/question/i);

    await world.say(1, `/dispatch note ${prefix} The load balancer wants JSON.`, "hubot");
    await world.eventually("the note on the plan", async () =>
      (await world.file(branch, `.dispatch/tasks/${id}/plan.md`))?.includes(
        "> **Note from hubot:** The load balancer wants JSON.",
      ),
    );

    await world.say(1, `/dispatch answer ${prefix} 001 Status and uptime`, "hubot");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("@mona");
    const plan = await world.file(branch, `.dispatch/tasks/${id}/plan.md`);
    expect(plan).toContain("> **Note from hubot:** The load balancer wants JSON.");
    expect(plan).not.toContain("- [ ]");
    expect((await world.comment(1, "<!-- dispatch:question")).body).toContain("hubot");
  });
});

describe("a task without a thread", () => {
  it("asks in an issue of its own, and goes on with the reply", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting: "action" });
    const octokit = world.as("mona");
    const here = { owner: "octo-org", repo: "hello" };
    await octokit.actions.createWorkflowDispatch({
      ...here,
      workflow_id: "dispatch.yml",
      ref: "main",
      inputs: { prompt: "add a /health endpoint", model: "sonnet" },
    });
    const issue = await world.eventually("an issue of ours", async () => {
      const { data } = await octokit.issues.listForRepo({ ...here, per_page: 100 });
      return data.find(({ user, pull_request }) => user?.login.endsWith("[bot]") && pull_request === undefined);
    });
    expect(issue.body).toContain("@mona");
    await world.comment(issue.number, "<!-- dispatch:question");
    await world.say(issue.number, "Status and uptime");
    await world.comment(issue.number, "<!-- dispatch:result");
    const [branch = ""] = await world.branches("dispatch/tasks/run/");
    const id = branch.replace("dispatch/tasks/run/", "");
    expect(await world.file(branch, `.dispatch/tasks/${id}/task.yaml`)).toMatch(/name: sonnet/);
  });
});
