import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "hono";
import { z } from "zod";
import { ApiError, invalid, notFound } from "../github/errors.ts";
import type { ApiEnv, LocalGitHub } from "../github/local-github.ts";
import type { Repository } from "../github/repository.ts";
import { maySee, needWrite } from "../github/rights.ts";
import { asText } from "./expression.ts";
import type { LocalActions } from "./local-actions.ts";
import { jobJson, type KnownWorkflow, repositoryJson, runJson, workflowJson } from "./run-json.ts";
import { dispatchInputs } from "./triggers.ts";
import { readWorkflow } from "./workflow.ts";
import { workflowFiles } from "./workflow-files.ts";
import type { WorkflowRun } from "./workflow-run.ts";

const DispatchBody = z.object({
  ref: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  return_run_details: z.boolean().optional(),
});

/** Adds GitHub's Actions API to the local GitHub. */
export function addActionsRoutes(github: LocalGitHub, actions: LocalActions): void {
  const { app } = github;
  const repositoryOf = (c: Context<ApiEnv>): Repository => {
    const repository = github.repository(c.req.param("owner") ?? "", c.req.param("repo") ?? "");
    if (repository === undefined || !maySee(c.get("caller"), repository)) throw notFound();
    return repository;
  };
  const runOf = (c: Context<ApiEnv>): WorkflowRun => {
    const run = actions.run(Number(c.req.param("id")));
    if (run === undefined || run.order.repository.id !== repositoryOf(c).id) throw notFound();
    return run;
  };
  const workflowOf = async (c: Context<ApiEnv>): Promise<KnownWorkflow> => {
    const wanted = c.req.param("workflow") ?? "";
    const found = (await actions.workflows(repositoryOf(c))).find(
      ({ id, path }) => path.split("/").at(-1) === wanted || String(id) === wanted,
    );
    if (found === undefined) throw notFound();
    return found;
  };
  const shown = (run: WorkflowRun) => {
    const about = repositoryJson(github.address, run.order.repository);
    return { ...runJson(github.address, run), repository: about, head_repository: about };
  };
  const listRuns = (c: Context<ApiEnv>, runs: readonly WorkflowRun[]) => {
    const found = runs.filter((run) => fits(run, c.req.query()));
    return c.json({ total_count: found.length, workflow_runs: page(found, c.req.query()).map(shown) });
  };

  const base = "/repos/:owner/:repo/actions";
  app.get(`${base}/workflows`, async (c) => {
    const repository = repositoryOf(c);
    const workflows = await actions.workflows(repository);
    const list = workflows.map((workflow) => workflowJson(github.address, workflow, repository.defaultBranch));
    return c.json({ total_count: list.length, workflows: list });
  });
  app.get(`${base}/workflows/:workflow`, async (c) => {
    const workflow = await workflowOf(c);
    return c.json(workflowJson(github.address, workflow, workflow.repository.defaultBranch));
  });
  app.get(`${base}/workflows/:workflow/runs`, async (c) => {
    const { id, repository } = await workflowOf(c);
    return listRuns(
      c,
      actions.runs(repository).filter(({ order }) => order.workflowId === id),
    );
  });
  for (const state of ["enable", "disable"] as const) {
    app.put(`${base}/workflows/:workflow/${state}`, async (c) => {
      needWrite(c.get("caller"), repositoryOf(c), "actions");
      (await workflowOf(c)).disabled = state === "disable";
      return c.body(null, 204);
    });
  }
  app.post(`${base}/workflows/:workflow/dispatches`, async (c) => {
    const repository = repositoryOf(c);
    const caller = c.get("caller");
    needWrite(caller, repository, "actions");
    if (caller.kind !== "token") throw notFound();
    const known = await workflowOf(c);
    const body = DispatchBody.safeParse(await c.req.json().catch(() => null));
    if (!body.success) throw invalid('Invalid request.\n\n"ref" wasn\'t supplied.');
    const { ref: given, inputs = {}, return_run_details: details = false } = body.data;
    if (known.disabled) throw invalid("Cannot trigger a 'workflow_dispatch' on a disabled workflow");
    const place = await findRef(repository, given);
    if (place === null) throw invalid(`No ref found for: ${given}`);
    const file = (await workflowFiles(repository.git, place.sha)).find(({ path }) => path === known.path);
    const workflow = file === undefined ? null : await readWorkflow(file.path, file.text);
    if (workflow === null) throw invalid("Workflow does not exist at this ref");
    if ("errors" in workflow) throw invalid(`Failed to parse workflow: ${workflow.errors.join("\n")}`);
    const read = dispatchInputs(workflow, inputs);
    if ("error" in read) throw invalid(read.error);
    const texts = Object.fromEntries(Object.entries(read.inputs).map(([name, value]) => [name, asText(value)]));
    const { account } = caller.info;
    const payload = {
      inputs: texts,
      ref: place.ref,
      workflow: known.path,
      repository: repositoryJson(github.address, repository),
      sender: { login: account.login, id: account.id, type: account.type },
    };
    const run = await actions.startByDispatch({
      known,
      workflow,
      ...place,
      inputs: read.inputs,
      actor: account,
      payload,
    });
    if (!details) return c.body(null, 204);
    const { url, html_url } = runJson(github.address, run);
    return c.json({ workflow_run_id: run.order.id, run_url: url, html_url });
  });

  app.get(`${base}/runs`, (c) => listRuns(c, actions.runs(repositoryOf(c))));
  app.get(`${base}/runs/:id`, (c) => c.json(shown(runOf(c))));
  app.get(`${base}/runs/:id/jobs`, (c) => {
    const run = runOf(c);
    return c.json({ total_count: run.jobs.length, jobs: run.jobs.map((job) => jobJson(github.address, run, job)) });
  });
  for (const [path, end] of [
    ["cancel", (run: WorkflowRun) => run.cancel()],
    ["force-cancel", (run: WorkflowRun) => run.kill()],
  ] as const) {
    app.post(`${base}/runs/:id/${path}`, (c) => {
      const run = runOf(c);
      needWrite(c.get("caller"), run.order.repository, "actions");
      if (run.status === "completed") throw new ApiError(409, "Cannot cancel a workflow run that is completed.");
      end(run);
      return c.json({}, 202);
    });
  }
  app.post(`${base}/runs/:id/rerun`, (c) => {
    const run = runOf(c);
    needWrite(c.get("caller"), run.order.repository, "actions");
    if (run.status !== "completed") throw new ApiError(403, "This workflow is already running");
    actions.rerun(run);
    return c.json({}, 201);
  });
  app.get(`${base}/runs/:id/artifacts`, async (c) => {
    const run = runOf(c);
    const artifacts = await listArtifacts(run);
    const { url } = runJson(github.address, run);
    const list = artifacts.map((artifact) => ({
      ...artifact,
      url: `${url}/artifacts/${artifact.name}`,
      expired: false,
    }));
    return c.json({ total_count: list.length, artifacts: list });
  });
  app.get(`${base}/jobs/:job`, (c) => {
    const { run, job } = jobOf(actions, repositoryOf(c), Number(c.req.param("job")));
    return c.json(jobJson(github.address, run, job));
  });
  app.get(`${base}/jobs/:job/logs`, async (c) => {
    const { job } = jobOf(actions, repositoryOf(c), Number(c.req.param("job")));
    if (job.run === null) throw notFound();
    return c.text(await readFile(job.run.log.path, "utf8").catch(() => ""));
  });

  app.get("/_playground/runs/:id/summary", (c) => c.text(playgroundRun(c).summary));
  app.get("/_playground/runs/:id/annotations", (c) =>
    c.json(
      playgroundRun(c).jobs.flatMap(({ name, run }) =>
        (run?.annotations ?? []).map((each) => ({ job: name, ...each })),
      ),
    ),
  );
  function playgroundRun(c: Context<ApiEnv>): WorkflowRun {
    const run = actions.run(Number(c.req.param("id")));
    if (run === undefined) throw notFound();
    return run;
  }
}

function jobOf(actions: LocalActions, repository: Repository, id: number) {
  for (const run of actions.runs(repository)) {
    const job = run.jobs.find((candidate) => candidate.id === id);
    if (job !== undefined) return { run, job };
  }
  throw notFound();
}

async function findRef(
  repository: Repository,
  given: string,
): Promise<{ readonly ref: string; readonly sha: string } | null> {
  const names = given.startsWith("refs/") ? [given] : [`refs/heads/${given}`, `refs/tags/${given}`];
  for (const ref of names) {
    const sha = await repository.git.ref(ref);
    if (sha !== null) return { ref, sha };
  }
  return null;
}

type Query = Readonly<Record<string, string>>;

function fits(run: WorkflowRun, { event, status, branch, actor, head_sha: sha, created }: Query): boolean {
  const { order, conclusion } = run;
  return (
    (event === undefined || order.event === event) &&
    (status === undefined || run.status === status || conclusion === status) &&
    (branch === undefined || order.headBranch === branch) &&
    (actor === undefined || order.actor.login === actor) &&
    (sha === undefined || order.sha === sha) &&
    (created === undefined || !created.startsWith(">=") || run.createdAt >= created.slice(2))
  );
}

function page<Item>(items: readonly Item[], { per_page: perPage = "30", page: number = "1" }: Query): readonly Item[] {
  const size = Math.min(100, Number(perPage) || 30);
  return items.slice((Number(number) - 1) * size, Number(number) * size);
}

async function listArtifacts(run: WorkflowRun) {
  const names = await readdir(run.artifacts).catch(() => []);
  return Promise.all(
    names.map(async (name, at) => {
      const files = await readdir(join(run.artifacts, name), { recursive: true });
      const sizes = await Promise.all(files.map(async (file) => (await stat(join(run.artifacts, name, file))).size));
      return { id: run.order.id * 100 + at, name, size_in_bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }),
  );
}
