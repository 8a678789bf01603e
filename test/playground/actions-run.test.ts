import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WorkflowRun } from "../../src/playground/actions/workflow-run.ts";
import { logOf, Stage, saysInLog } from "./actions-stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

function steps(run: WorkflowRun): readonly string[] {
  return (run.jobs[0]?.run?.steps ?? []).map(({ name, conclusion }) => `${name}: ${conclusion}`);
}

function results(run: WorkflowRun): Record<string, string | null> {
  return Object.fromEntries(run.jobs.map(({ job, conclusion }) => [job.id, conclusion]));
}

describe("an action's process", () => {
  const text = `
on: workflow_dispatch
permissions: { contents: write }
jobs:
  greet:
    runs-on: ubuntu-latest
    outputs: { said: "\${{ steps.hello.outputs.greeting }}" }
    steps:
      - id: hello
        uses: mona/echo@v1
        with: { who-to-greet: octocat, two words: "a b" }
      - run: echo "env $FROM_ACTION, out $OUT, ctx \${{ env.FROM_ACTION }}"
        env: { OUT: "\${{ toJSON(steps.hello.outputs.greeting) }}" }
  after:
    needs: greet
    runs-on: ubuntu-latest
    steps:
      - run: echo "needed \${{ needs.greet.result }} $SAID"
        env: { SAID: "\${{ toJSON(needs.greet.outputs.said) }}" }
`;

  it("gets its inputs, and what it says through files reaches later steps and jobs", async () => {
    const run = await stage.run(text);
    expect(results(run)).toEqual({ greet: "success", after: "success" });
    const log = await logOf(run);
    expect(log).toContain("words a b");
    expect(log).toContain("node v24.");
    expect(log).toContain('env set, out "Hello\\noctocat", ctx set');
    expect(await logOf(run, "after")).toContain('needed success "Hello\\noctocat"');
    expect(run.summary).toBe("# Hello octocat\n");
  });

  it("has its secrets masked in the log, and what it kept given to its post step", async () => {
    const run = await stage.run(text);
    const log = await logOf(run);
    expect(log).toContain("secret *** and token ***");
    expect(log).not.toContain("hunter2");
    expect(log).not.toContain("ghs_token");
    expect(log).toContain("post begun=yes for octocat");
    expect(steps(run).at(-1)).toBe("Post Run mona/echo@v1: success");
    expect(run.jobs[0]?.run?.annotations).toContainEqual({
      level: "warning",
      message: "50% done",
      title: "Careful",
      file: "a,b.js",
    });
    expect(stage.revoked.length).toBeGreaterThan(0);
  });

  it("sees a named environment, nothing of the one that the playground was started in", async () => {
    process.env["PLAYGROUND_PRIVATE"] = "do not tell";
    const run = await stage.run(`
on: workflow_dispatch
env: { COLOR: green }
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: env | sort
        env: { STEP: "\${{ env.COLOR }}er" }
`);
    const log = await logOf(run);
    expect(log).not.toContain("PLAYGROUND_PRIVATE");
    for (const line of [
      "CI=true",
      "GITHUB_ACTIONS=true",
      "COLOR=green",
      "STEP=greener",
      "GITHUB_REF_NAME=main",
      "RUNNER_OS=",
    ])
      expect(log).toContain(line);
    expect(log).not.toContain("GITHUB_TOKEN");
    expect(log).not.toContain("ACTIONS_RUNTIME_TOKEN");
    const event = /GITHUB_EVENT_PATH=(.+)/.exec(log)?.[1] ?? "";
    expect(await readFile(event, "utf8")).toBe("{}");
  });
});

describe("conditions", () => {
  it("go by how the job stands", async () => {
    const run = await stage.run(`
on: workflow_dispatch
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - { name: forgiven, run: exit 1, continue-on-error: true }
      - { name: fails, id: bad, run: exit 7 }
      - { name: not reached, run: echo no }
      - { name: on failure, if: failure(), run: "echo \${{ steps.bad.outcome }}" }
      - { name: not cancelled, if: cancelled(), run: echo no }
      - { name: always, if: always() && job.status == 'failure', run: echo yes }
  b: { needs: a, runs-on: ubuntu-latest, steps: [{ run: echo no }] }
  c: { needs: [a, b], if: failure(), runs-on: ubuntu-latest, steps: [{ run: echo yes }] }
  d: { needs: c, runs-on: ubuntu-latest, steps: [{ run: echo no }] }
  e: { needs: b, if: "!cancelled() && needs.b.result == 'skipped'", runs-on: ubuntu-latest, steps: [{ run: echo yes }] }
`);
    expect(steps(run)).toEqual([
      "forgiven: success",
      "fails: failure",
      "not reached: skipped",
      "on failure: success",
      "not cancelled: skipped",
      "always: success",
    ]);
    expect(results(run)).toEqual({ a: "failure", b: "skipped", c: "success", d: "skipped", e: "success" });
    expect(run.conclusion).toBe("failure");
    expect(await logOf(run)).toContain("##[error]Process completed with exit code 7.");
  });

  it("that hold nowhere start no runner", async () => {
    let runners = 0;
    const run = await stage.run(
      `
on: issue_comment
jobs:
  a: { if: "startsWith(github.event.comment.body, '/dispatch')", runs-on: ubuntu-latest, steps: [{ run: echo no }] }
`,
      {
        order: { event: "issue_comment", payload: { comment: { body: "nice" } } },
        place: {
          runner: async () => {
            runners += 1;
            return () => undefined;
          },
        },
      },
    );
    expect(run.conclusion).toBe("skipped");
    expect(runners).toBe(0);
  });

  it("give a fork's pull request a token that only reads, and no secrets", async () => {
    const given: unknown[] = [];
    const run = await stage.run(
      `
on: pull_request
permissions: { contents: write, pull-requests: write }
jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'echo "key [\${{ secrets.KEY }}]"' }] } }
`,
      {
        order: { restricted: true },
        place: { secrets: { KEY: "very-secret" }, issueToken: (permissions) => `ghs_${given.push(permissions)}` },
      },
    );
    expect(given).toEqual([{ contents: "read", pull_requests: "read", metadata: "read" }]);
    expect(await logOf(run)).toContain("key []");
  });
});

describe("a run's name", () => {
  it.each([
    { runName: 'run-name: "dispatch ${{ inputs.task }} #${{ inputs.attempt }}"', title: "dispatch 1/fix-it #2" },
    { runName: "", title: "Dispatch" },
  ])("is $title", async ({ runName, title }) => {
    const run = await stage.run(
      `name: Dispatch\n${runName}\non: { workflow_dispatch: { inputs: { task: {}, attempt: {} } } }\njobs: { a: { if: false, runs-on: x, steps: [{ run: x }] } }`,
      { order: { inputs: { task: "1/fix-it", attempt: "2" } } },
    );
    expect(run.title).toBe(title);
  });
});

/** A job that goes on for ever, and listens to SIGTERM or not. */
function endless(stubborn: "true" | "false"): string {
  return `
on: workflow_dispatch
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - { uses: mona/echo@v1, with: { who-to-greet: forever }, env: { STUBBORN: "${stubborn}" } }
      - run: echo not reached
      - { if: always(), run: echo tidied up }
  b: { needs: a, runs-on: ubuntu-latest, steps: [{ run: echo no }] }
  c: { needs: a, if: always(), runs-on: ubuntu-latest, steps: [{ run: echo c }] }
`;
}

describe("cancelling", () => {
  it("sends SIGINT, then SIGTERM; always() and post steps still run", async () => {
    const run = await stage.start(endless("false"));
    await saysInLog(run, "pid ");
    run.cancel();
    await run.done;
    const log = await logOf(run);
    expect(log.match(/heard \w+|^tidied up$|post begun/gm)).toEqual([
      "heard SIGINT",
      "heard SIGTERM",
      "tidied up",
      "post begun",
    ]);
    expect(log).not.toContain("not reached");
    expect(results(run)).toEqual({ a: "cancelled", b: "cancelled", c: "success" });
    expect(run.conclusion).toBe("cancelled");
  });

  it("kills what does not listen", async () => {
    const run = await stage.start(endless("true"));
    await saysInLog(run, "pid ");
    run.cancel();
    await run.done;
    const log = await logOf(run);
    expect(log).toContain("heard SIGTERM, staying");
    expect(await isAlive(Number(/pid (\d+)/.exec(log)?.[1]))).toBe(false);
  });

  it("does not happen to a runner that is lost: nothing on it goes on, what looks after it does", async () => {
    const run = await stage.start(endless("true"));
    await saysInLog(run, "pid ");
    run.jobs[0]?.run?.lose();
    await run.done;
    expect(await logOf(run)).not.toMatch(/heard|tidied up|post begun/);
    expect(results(run)).toEqual({ a: "failure", b: "skipped", c: "success" });
  });

  it("at once, as when the playground ends, waits for nobody", async () => {
    const run = await stage.start(endless("true"), {
      place: { grace: { afterInterruptMs: 60_000, afterTerminateMs: 60_000 } },
    });
    await saysInLog(run, "pid ");
    const begun = Date.now();
    run.kill();
    await run.done;
    expect(Date.now() - begun).toBeLessThan(5_000);
    const log = await logOf(run);
    expect(await isAlive(Number(/pid (\d+)/.exec(log)?.[1]))).toBe(false);
    expect(log).not.toContain("tidied up");
  });

  it("leaves no process behind when the job ends", async () => {
    const run = await stage.run(`
on: workflow_dispatch
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ run: "setsid sleep 1000 >/dev/null 2>&1 & echo pid $!; env -i setsid sleep 1000 >/dev/null 2>&1 & echo pid $!" }]
`);
    const pids = [...(await logOf(run)).matchAll(/^pid (\d+)/gm)].map((match) => Number(match[1]));
    expect(pids).toHaveLength(2);
    expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
  });
});

describe("upload-artifact", () => {
  it("copies what its path names, and takes hidden files only when asked", async () => {
    const run = await stage.run(`
on: workflow_dispatch
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir -p out/deep && echo 1 > out/a.txt && echo 2 > out/deep/b.txt && echo 3 > out/.hidden
      - { uses: actions/upload-artifact@v4, with: { name: work, path: out } }
      - { uses: actions/upload-artifact@v4, with: { name: none, path: nothing/here } }
`);
    expect(run.conclusion).toBe("success");
    expect(await readFile(join(run.artifacts, "work", "deep/b.txt"), "utf8")).toBe("2\n");
    await expect(readFile(join(run.artifacts, "work", ".hidden"))).rejects.toThrow("ENOENT");
    expect(run.jobs[0]?.run?.annotations).toMatchObject([{ level: "warning", message: /No files were found/ }]);
  });
});

it("fails a step whose action is unknown", async () => {
  const run = await stage.run(
    "on: workflow_dispatch\njobs: { a: { runs-on: x, steps: [{ uses: nobody/nothing@v1 }] } }",
  );
  expect(run.conclusion).toBe("failure");
  expect(await logOf(run)).toContain("Unable to resolve action `nobody/nothing@v1`, repository not found");
});

/** A zombie that nobody has waited for counts as gone. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}
