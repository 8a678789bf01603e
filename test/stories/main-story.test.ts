import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const REQUEST = "use opus to add a /health endpoint";

interface Telling {
  readonly name: string;
  readonly hosting: "server" | "action";
  /** Asks for the task in issue 1; returns the comment to which a reaction belongs, if there is one. */
  readonly ask: (world: World) => Promise<number | null>;
}

const tellings: readonly Telling[] = [
  { name: "by the server", hosting: "server", ask: (world) => world.say(1, `/dispatch ${REQUEST}`) },
  { name: "without a server", hosting: "action", ask: (world) => world.say(1, `/dispatch ${REQUEST}`) },
  {
    name: "by workflow_dispatch",
    hosting: "action",
    ask: async (world) => {
      await world.as("mona").actions.createWorkflowDispatch({
        owner: "octo-org",
        repo: "hello",
        workflow_id: "dispatch.yml",
        ref: "main",
        inputs: { prompt: REQUEST, issue: "1" },
      });
      return null;
    },
  },
];

describe.each(tellings)("a task told $name", ({ hosting, ask }) => {
  it("is planned, worked on, asked about, answered, and handed over", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, pace: 300 });

    // Accepted: a reaction, a status comment, and a branch that plain git can read.
    const asked = await ask(world);
    if (asked !== null)
      await world.eventually("a reaction", async () => (await world.reactions(asked)).includes("eyes"));
    const status = await world.comment(1, "<!-- dispatch:status");
    const branch = await world.eventually(
      "the task's branch",
      async () => (await world.branches("dispatch/tasks/1/"))[0],
    );
    const id = branch.replace("dispatch/tasks/1/", "");
    expect(id).toMatch(/^add-health-endpoint-[a-z2-7]{4}$/);

    // The worker writes its plan, and asks.
    const question = await world.comment(1, "<!-- dispatch:question");
    expect(question.body).toContain("@mona");
    expect(question.body).toMatch(/- \[ \] /);
    expect(await world.labels(1)).toContain("dispatch: waiting");
    const folder = await world.clone(branch);
    const plan = await world.file(branch, `.dispatch/tasks/${id}/plan.md`);
    expect(plan).toMatch(/^# .*\n\n- \[[x ]\] /);
    expect(await world.git(folder, "ls-files")).toContain(`.dispatch/tasks/${id}/ipc/001.question`);

    // A plain reply is the answer, and the same worker goes on.
    await world.say(1, "Status and uptime, please");
    const result = await world.comment(1, "<!-- dispatch:result", 60_000);
    expect(result.body).toContain("@mona");
    const answered = await world.comment(1, "<!-- dispatch:question");
    expect(answered.body).toContain("Status and uptime, please");
    expect(answered.body).not.toMatch(/- \[ \] /);
    await world.quiet();
    const runs = await world.runs();
    expect(runs.filter(({ conclusion }) => conclusion !== "skipped")).toHaveLength(1);
    const log = await world.log(runs[0]?.id ?? 0);
    const pids = new Set(Array.from(log.matchAll(/demo worker (\d+)/gi), ([, pid]) => pid));
    expect(pids.size).toBe(1);

    // The work: one pull request, ready, one commit per item, nothing of ours in it.
    const [pull, ...others] = (await world.pulls()).filter(({ head }) => head.ref === `dispatch/${id}`);
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ draft: false, base: { ref: "main" } });
    const subjects = await world.subjects(`dispatch/${id}`);
    const items = Array.from(
      (await world.file(branch, `.dispatch/tasks/${id}/plan.md`))?.matchAll(/^- \[x\] (.*)$/gm) ?? [],
    );
    expect(subjects.length).toBeGreaterThanOrEqual(3);
    expect(items.map(([, text]) => text)).toEqual(expect.arrayContaining([...subjects]));
    const work = await world.clone(`dispatch/${id}`);
    expect(await world.git(work, "ls-files")).not.toContain(".dispatch/");
    expect(await world.git(work, "log", "-1", "--format=%an%n%b")).toMatch(
      /github-actions\[bot\]\n[\s\S]*Co-authored-by: mona </,
    );

    // What is left to see.
    await world.eventually("the label to go", async () => !(await world.labels(1)).includes("dispatch: waiting"));
    const last = (await world.comments(1)).find((comment) => comment.id === status.id);
    expect(last?.body).toContain("✅");
    expect(last?.body).not.toContain("⬜");
    const kinds = (await world.comments(1)).flatMap(({ body }) => /^<!-- dispatch:(\w+)/.exec(body)?.[1] ?? []);
    expect(kinds.sort()).toEqual(["question", "result", "status"]);
  });
});
