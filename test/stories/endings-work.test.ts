import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demoWorkflow, type Hosting } from "../../src/playground/demo-config.ts";
import { IN_FULL, toldBy } from "./hostings.ts";
import { HELLO, World } from "./world.ts";

const PROJECT = join(import.meta.dirname, "../..");
const WORKERS = join(import.meta.dirname, "../fixtures/workers");
const LIST = "\n\n- First\n- Second";

function config(worker: string, more = ""): string {
  return `default: worker
confirm_default: false
isolation: none
backends:
  worker: { command: ${worker} }
models:
  worker: { backend: worker }
${more}`;
}

function result(world: World, attempt: number) {
  return world.comment(1, new RegExp(`^<!-- dispatch:result \\S+ ${attempt} -->`), 90_000);
}

/** The ready-made workflow, for jobs that may take no more than this. */
async function hurried(hosting: Hosting, minutes: number): Promise<string> {
  const text = await demoWorkflow(PROJECT, { hosting, secrets: [], env: {} });
  return text.replace(
    /^( *)issue: \$\{\{ inputs\.issue \}\}\n/m,
    (line, indent: string) => `${line}${indent}time-limit: "${minutes}"\n`,
  );
}

describe.each(toldBy("server"))("work that does not get through (%s)", (hosting) => {
  it("is kept where a ruleset refuses the push; with the remedy, a retry brings it", { timeout: 180_000 }, async () => {
    // A task's own branches hold commits that GitHub has signed; a pushed one is not.
    const rulesets = [{ pattern: "refs/heads/dispatch/**", refuse: ["unsigned"] as const }];
    await using world = await World.start({
      hosting,
      config: config("dispatch-demo-worker --pace-ms 400"),
      settings: { rulesets },
    });
    await world.say(1, `/dispatch do both${LIST}`);
    const refused = await result(world, 1);
    expect(refused.body).toContain("this could not be finished");
    expect(refused.body).toContain("GH013: Repository rule violations found");
    expect(refused.body).toContain("Commits must have verified signatures.");
    expect(refused.body).toContain("Exclude `dispatch/**` from the ruleset");
    const [run] = await world.runsOf(1);
    expect(refused.body).toContain(`the artifact \`dispatch-work\` of [this run](${run?.html_url})`);
    await world.quiet();
    const { data } = await world.as("mona").actions.listWorkflowRunArtifacts({ ...HELLO, run_id: run?.id ?? 0 });
    expect(data.artifacts).toMatchObject([{ name: "dispatch-work" }]);

    world.playground.repository.settings.rulesets.splice(0);
    await world.tick(refused.id, "Retry");
    const done = await result(world, 2);
    expect(done.body).toContain("✅");
    expect(done.body).toMatch(/Pull request: \[#\d+\]/);
    expect(await world.subjects(`dispatch/${await world.task(1)}`)).toEqual(["First", "Second"]);
  });
});

describe.each(toldBy("action"))("a run that has used up what it was given (%s)", (hosting) => {
  it("ends with its work saved when it has cost more than it may", { timeout: 180_000 }, async () => {
    await using world = await World.start({
      hosting,
      config: config("spends", "budget_usd: 0.5\n"),
      toolPath: [WORKERS],
    });
    await world.say(1, `/dispatch do both${LIST}`);
    const spent = await result(world, 1);
    expect(spent.body).toContain("1 of 2 items are done. A run may cost $0.50, and this one has cost $0.75.");
    expect(spent.body).toMatch(/Pull request: \[#\d+\]/);
    expect(spent.body).toContain("Retry what is left");
    expect(await world.subjects(`dispatch/${await world.task(1)}`)).toEqual(["First"]);
  });

  it("goes on in another run when its job's time is up", { timeout: 180_000 }, async () => {
    const workflow = await hurried(hosting, 0.1);
    await using world = await World.start({ hosting, workflow, config: config("dawdles"), toolPath: [WORKERS] });
    await world.say(1, `/dispatch do both${LIST}`);
    const done = await result(world, 2);
    expect(done.body).toContain("✅");
    expect(await world.subjects(`dispatch/${await world.task(1)}`)).toEqual(["First", "Second"]);
    expect(await world.comments(1)).toEqual(
      expect.not.arrayContaining([
        expect.objectContaining({ body: expect.stringMatching(/^<!-- dispatch:result \S+ 1 /) }),
      ]),
    );
    await world.quiet();
    expect((await world.runsOf(1)).map(({ conclusion }) => conclusion)).toEqual(["success", "success"]);
  });

  it.runIf(IN_FULL)("goes on twice at most, and then asks", { timeout: 180_000 }, async () => {
    const workflow = await hurried(hosting, 0.1);
    await using world = await World.start({ hosting, workflow, config: config("dawdles"), toolPath: [WORKERS] });
    await world.say(1, `/dispatch do all${LIST}\n- Third\n- Fourth\n- Fifth`);
    const late = await result(world, 3);
    expect(late.body).toContain("3 of 5 items are done. The job's time was used up in 3 runs, one after the other.");
    expect(late.body).toMatch(/Pull request: \[#\d+\]/);
    await world.quiet();
    expect(await world.runsOf(1)).toHaveLength(3);
    await world.tick(late.id, "Retry what is left");
    await world.eventually("one more run", async () => (await world.runsOf(1)).length === 4);
  });
});
