import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demoConfig } from "../../src/playground/demo-config.ts";
import { World } from "./world.ts";

const WORKERS = join(import.meta.dirname, "../fixtures/workers");
const LIST = "\n\n- First\n- Second";

function configFor(command: string): string {
  return demoConfig({ backend: command, pace: null, env: [] });
}

async function taskFile(world: World, file: string): Promise<string> {
  const branch = await world.eventually("the branch", async () => (await world.branches("dispatch/tasks/1/"))[0]);
  const id = branch.replace("dispatch/tasks/1/", "");
  return (await world.file(branch, `.dispatch/tasks/${id}/${file}`)) ?? "";
}

describe("what goes wrong before a task starts", () => {
  it.each([
    { config: "default: opus\nmodels:\n  opus: { backend: clyde }\n", says: /line 3, column \d+.*clyde/s },
    { config: "default: opus\n  models: [", says: /line 1, column 10/ },
    { config: "defualt: opus\n", says: /did you mean `default`/ },
  ])("a bad config is named by line: $config", { timeout: 180_000 }, async ({ config, says }) => {
    await using world = await World.start({ config });
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    const reply = await world.comment(1, "<!-- dispatch:reply");
    expect(reply.body).toContain(".github/dispatch.yml");
    expect(reply.body).toMatch(says);
    expect(await world.branches("dispatch/")).toEqual([]);
  });

  it("a model that is nowhere to be had", { timeout: 180_000 }, async () => {
    await using world = await World.start();
    await world.say(1, "/dispatch add a /health endpoint --model grok-99");
    const reply = await world.comment(1, "<!-- dispatch:reply");
    expect(reply.body).toMatch(/grok-99.* isn['’]t available/);
    expect(reply.body).toContain("sonnet");
    expect(await world.branches("dispatch/")).toEqual([]);
  });

  it("a missing workflow file loses nothing", { timeout: 180_000 }, async () => {
    await using world = await World.start({ workflow: null });
    await world.say(1, `/dispatch use opus to tidy up${LIST}`);
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain(".github/workflows/dispatch.yml");
    expect(await taskFile(world, "plan.md")).toContain("- [ ] First");

    // Once it is there, a retry takes the task up.
    const { demoWorkflow } = await import("../../src/playground/demo-config.ts");
    const workflow = await demoWorkflow(join(import.meta.dirname, "../.."), {
      hosting: "server",
      secrets: [],
      env: {},
    });
    await world.commitFile(".github/workflows/dispatch.yml", workflow);
    await world.say(1, "/dispatch retry");
    await world.eventually("the task to be done", async () =>
      (await taskFile(world, "task.yaml")).includes("kind: done"),
    );
  });
});

describe("what goes wrong in the run", () => {
  it("a missing CLI", { timeout: 180_000 }, async () => {
    await using world = await World.start({ config: configFor("no-such-cli --go") });
    await world.say(1, `/dispatch use opus to tidy up${LIST}`);
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("no-such-cli");
    expect(await taskFile(world, "plan.md")).toContain("- [ ] First");
    await world.quiet();
    const [run] = await world.runs();
    expect(run?.conclusion).toBe("failure");
    expect(await world.log(run?.id ?? 0)).toMatch(/no-such-cli/);
  });

  it("a missing secret", { timeout: 180_000 }, async () => {
    const config = "default: opus\nbackends:\n  claude: { command: claude -p }\nmodels:\n  opus: { backend: claude }\n";
    await using world = await World.start({ config, toolPath: [join(WORKERS, "../bin/with-claude")] });
    await world.say(1, `/dispatch use opus to tidy up${LIST}`);
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("ANTHROPIC_API_KEY");
  });

  it("a plan that is rubbish is not believed, and the work goes on", { timeout: 180_000 }, async () => {
    await using world = await World.start({ config: configFor("writes-rubbish"), toolPath: [WORKERS] });
    await world.say(1, "/dispatch use opus to tidy up\n\n- [ ] Write it down\n- [ ] Tick it");
    await world.eventually("a warning in the status comment", async () =>
      (await world.comments(1)).some(
        ({ body }) => body.startsWith("<!-- dispatch:status") && /plan/i.test(body.split("<details>")[1] ?? ""),
      ),
    );
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("✅");
    expect(await taskFile(world, "plan.md")).toMatch(/- \[x\] Write it down\n- \[x\] Tick it/);
  });

  it("a green run with nothing done is a failure", { timeout: 180_000 }, async () => {
    await using world = await World.start({ config: configFor("does-nothing"), toolPath: [WORKERS] });
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toMatch(/without doing anything/);
    expect((await world.pulls()).filter(({ head }) => head.ref.startsWith("dispatch/"))).toEqual([]);
  });

  it("an item that fails is explained, and a tick retries what is left", { timeout: 180_000 }, async () => {
    await using world = await World.start({ config: configFor("meets-an-error"), toolPath: [WORKERS] });
    await world.say(1, `/dispatch use opus to do both${LIST}`);
    const failed = await world.comment(1, "<!-- dispatch:result");
    expect(failed.body).toContain("closed on Mondays");
    const [draft] = (await world.pulls()).filter(({ head }) => head.ref.startsWith("dispatch/"));
    expect(draft?.draft).toBe(true);
    await world.tick(failed.id, "Retry");
    const done = await world.comment(1, /^<!-- dispatch:result \S+ 2 -->/);
    expect(done.body).toContain("✅");
    const [pull, ...others] = (await world.pulls()).filter(({ head }) => head.ref.startsWith("dispatch/"));
    expect(others).toEqual([]);
    expect(pull?.draft).toBe(false);
    expect(await world.subjects(pull?.head.ref ?? "")).toEqual(["First", "Second"]);
    const first = (await world.comments(1)).find(({ id }) => id === failed.id);
    expect(first?.body).not.toContain("- [ ]");
  });
});

describe("where GitHub does not let us", () => {
  it("open a pull request: the branch is pushed, and a link opens it", { timeout: 180_000 }, async () => {
    await using world = await World.start({ settings: { allowActionsToCreatePullRequests: false }, pace: 200 });
    await world.say(1, `/dispatch use opus to tidy up${LIST}`);
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toMatch(/\/compare\/main\.\.\.dispatch\/[\w-]+\?expand=1/);
    expect(result.body).toContain("Allow GitHub Actions to create and approve pull requests");
    expect((await world.branches("dispatch/")).filter((name) => !name.startsWith("dispatch/tasks/"))).toHaveLength(1);
  });

  it("open a draft: an ordinary pull request comes at the end", { timeout: 180_000 }, async () => {
    await using world = await World.start({ settings: { allowDrafts: false }, pace: 200 });
    await world.say(1, `/dispatch use opus to tidy up${LIST}`);
    await world.comment(1, "<!-- dispatch:result");
    const own = (await world.pulls()).filter(({ head }) => head.ref.startsWith("dispatch/"));
    expect(own).toHaveLength(1);
    expect(own[0]?.draft).toBe(false);
  });
});
