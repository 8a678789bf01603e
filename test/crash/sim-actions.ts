import type { LocalGitHub, Repository } from "../../src/playground/github/local-github.ts";

/** A run of the workflow as GitHub knows it. What it does is the trial's. */
export interface SimRun {
  readonly id: number;
  readonly repository: Repository;
  readonly name: string;
  readonly event: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly payload: unknown;
  /** ISO 8601. */
  readonly createdAt: string;
  tryNumber: number;
  status: "queued" | "in_progress" | "completed";
  conclusion: "success" | "failure" | "cancelled" | null;
  /** What GitHub's cancel does to the job. */
  onCancel: () => void;
}

/** GitHub Actions without runners: routes of its API, and a list of runs. */
export class SimActions {
  readonly runs: SimRun[] = [];
  readonly #github: LocalGitHub;
  readonly #started: (run: SimRun) => void;

  constructor(github: LocalGitHub, started: (run: SimRun) => void) {
    this.#github = github;
    this.#started = started;
    this.#addRoutes();
  }

  start(run: Pick<SimRun, "repository" | "name" | "event" | "inputs" | "payload">): SimRun {
    const id = 20_000_000 + this.runs.length + 1;
    const createdAt = this.#github.now().toISOString();
    const fresh = { tryNumber: 1, status: "queued", conclusion: null, onCancel: () => undefined } as const;
    const started: SimRun = { ...run, ...fresh, id, createdAt };
    this.runs.push(started);
    this.#started(started);
    return started;
  }

  /** Ends a run, and tells whoever listens to `workflow_run`. */
  complete(run: SimRun, conclusion: NonNullable<SimRun["conclusion"]>): void {
    run.status = "completed";
    run.conclusion = conclusion;
    const actor = this.#github.addUser("github-actions[bot]", { type: "Bot" });
    const { repository } = run;
    this.#github.emit({
      name: "workflow_run",
      action: "completed",
      payload: { workflow_run: this.#json(run) },
      repository,
      actor,
      tokenKind: "user",
    });
  }

  #addRoutes(): void {
    const { app } = this.#github;
    const base = "/repos/:owner/:repo/actions";
    app.post(`${base}/workflows/:workflow/dispatches`, async (c) => {
      const { inputs } = await c.req.json<{ inputs: Record<string, string> }>();
      const repository = this.#github.repositoryOf(c);
      const name = `dispatch ${inputs["task"]} #${inputs["attempt"]}`;
      const run = this.start({ repository, name, event: "workflow_dispatch", inputs, payload: null });
      const { url, html_url } = this.#json(run);
      return c.json({ workflow_run_id: run.id, run_url: url, html_url });
    });
    app.get(`${base}/workflows/:workflow/runs`, (c) => {
      const { event: wanted, created = ">=", per_page = "30", page = "1" } = c.req.query();
      const at = this.#github.repositoryOf(c);
      const found = this.runs.filter(
        ({ event, repository, createdAt }) => event === wanted && repository === at && createdAt >= created.slice(2),
      );
      const end = Number(page) * Number(per_page);
      const shown = found.toReversed().slice(end - Number(per_page), end);
      return c.json({ total_count: found.length, workflow_runs: shown.map((run) => this.#json(run)) });
    });
    app.get(`${base}/runs/:id`, (c) => {
      const run = this.#run(c.req.param("id"));
      return run === undefined ? c.json({ message: "Not Found" }, 404) : c.json(this.#json(run));
    });
    app.post(`${base}/runs/:id/cancel`, (c) => {
      const run = this.#run(c.req.param("id"));
      if (run === undefined) return c.json({ message: "Not Found" }, 404);
      if (run.status === "completed")
        return c.json({ message: "Cannot cancel a workflow run that is completed." }, 409);
      run.onCancel();
      return c.json({}, 202);
    });
  }

  #run(id: string): SimRun | undefined {
    return this.runs.find((run) => String(run.id) === id);
  }

  #json(run: SimRun) {
    const { url, api } = this.#github.address;
    const { fullName, defaultBranch } = run.repository;
    return {
      id: run.id,
      name: run.name,
      display_title: run.name,
      path: ".github/workflows/dispatch.yml",
      event: run.event,
      status: run.status,
      conclusion: run.conclusion,
      run_attempt: run.tryNumber,
      created_at: run.createdAt,
      head_branch: defaultBranch,
      url: `${api}/repos/${fullName}/actions/runs/${run.id}`,
      html_url: `${url}/${fullName}/actions/runs/${run.id}`,
    };
  }
}
