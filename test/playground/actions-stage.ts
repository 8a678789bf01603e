import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunOrder } from "../../src/playground/actions/run-order.ts";
import { readWorkflow } from "../../src/playground/actions/workflow.ts";
import { type RunPlace, WorkflowRun } from "../../src/playground/actions/workflow-run.ts";
import { World } from "../../src/playground/github/world.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures");

/** A place to run workflows in, without a GitHub around it. */
export class Stage implements AsyncDisposable {
  readonly folder: string;
  readonly revoked: string[] = [];
  readonly #world: World;
  #ids = 100;

  private constructor(folder: string) {
    this.folder = folder;
    this.#world = new World({ dataDir: folder, git: "memory" });
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), "dispatch-stage-")));
  }

  /** Begins a run of this workflow; `await run.done` waits for its end. */
  async start(
    text: string,
    { order = {}, place = {} }: { order?: Partial<RunOrder>; place?: Partial<RunPlace> } = {},
  ): Promise<WorkflowRun> {
    const workflow = await readWorkflow(".github/workflows/test.yml", text);
    if ("errors" in workflow) throw new Error(workflow.errors.join("\n"));
    const owner = this.#world.accounts.add("mona");
    const repository = await this.#world.openRepository(
      { owner, name: `r${this.#next()}`, private: false, fork: null },
      {},
    );
    const run = new WorkflowRun(
      {
        id: this.#next(),
        number: 1,
        repository,
        path: workflow.path,
        workflowId: 1,
        workflow,
        problem: null,
        event: "workflow_dispatch",
        payload: {},
        actor: owner,
        ref: "refs/heads/main",
        sha: "0".repeat(40),
        headBranch: "main",
        pull: null,
        inputs: {},
        restricted: false,
        depth: 0,
        ...order,
      },
      {
        folder: this.folder,
        urls: { url: "http://127.0.0.1:1", api: "http://127.0.0.1:1/api/v3" },
        secrets: {},
        variables: {},
        actionRoots: { echo: join(fixtures, "actions", "echo") },
        toolPath: [],
        grace: { afterInterruptMs: 300, afterTerminateMs: 300 },
        now: () => new Date(),
        nextId: () => this.#next(),
        issueToken: (permissions) => `ghs_token${JSON.stringify(permissions).length}`,
        revokeToken: (token) => this.revoked.push(token),
        runner: async () => () => undefined,
        changed: () => undefined,
        ...place,
      },
    );
    run.start();
    return run;
  }

  /** The same, to its end. */
  async run(
    text: string,
    options: { order?: Partial<RunOrder>; place?: Partial<RunPlace> } = {},
  ): Promise<WorkflowRun> {
    const run = await this.start(text, options);
    await run.done;
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #next(): number {
    this.#ids += 1;
    return this.#ids;
  }
}

/** A job's log without its times. */
export async function logOf(run: WorkflowRun, job?: string): Promise<string> {
  const record = run.jobs.find((each) => job === undefined || each.job.id === job);
  const text = record?.run === null || record === undefined ? "" : await readFile(record.run.log.path, "utf8");
  return text.replaceAll(/^\S+Z /gm, "");
}

/** Waits until the log says this. */
export async function saysInLog(run: WorkflowRun, text: string): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!(await logOf(run)).includes(text)) {
    if (Date.now() > limit) throw new Error(`The log never says "${text}":\n${await logOf(run)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
