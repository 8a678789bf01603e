import type { components } from "@octokit/openapi-types";
import type { Address } from "../github/local-github.ts";
import type { Repository } from "../github/repository.ts";
import type { JobRecord, WorkflowRun } from "./workflow-run.ts";

type Schemas = components["schemas"];

export interface KnownWorkflow {
  readonly id: number;
  readonly repository: Repository;
  readonly path: string;
  name: string;
  disabled: boolean;
  runs: number;
}

/** A run as the API and the `workflow_run` event show it. */
export function runJson({ url, api }: Address, run: WorkflowRun) {
  const { id, number, repository, workflowId, path, workflow, event, actor, headBranch, sha } = run.order;
  const here = `${api}/repos/${repository.fullName}`;
  const self = `${here}/actions/runs/${id}`;
  return {
    id,
    node_id: `WFR_${id}`,
    // GitHub gives a run that has a name of its own that name, and others their workflow's.
    name: workflow.runName === null ? workflow.name : run.title,
    display_title: run.title,
    path,
    run_number: number,
    run_attempt: run.attempt,
    event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflowId,
    check_suite_id: id,
    check_suite_node_id: `CS_${id}`,
    head_branch: headBranch,
    head_sha: sha,
    head_commit: null,
    url: self,
    html_url: `${url}/${repository.fullName}/actions/runs/${id}`,
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    run_started_at: run.createdAt,
    actor: accountJson(api, actor),
    triggering_actor: accountJson(api, actor),
    jobs_url: `${self}/jobs`,
    logs_url: `${self}/logs`,
    check_suite_url: `${here}/check-suites/${id}`,
    artifacts_url: `${self}/artifacts`,
    cancel_url: `${self}/cancel`,
    rerun_url: `${self}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${self}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${here}/actions/workflows/${workflowId}`,
  } satisfies Omit<Schemas["workflow-run"], "repository" | "head_repository" | "actor" | "triggering_actor"> & Rest;
}

type Rest = Readonly<Record<string, unknown>>;

export function jobJson({ url, api }: Address, run: WorkflowRun, job: JobRecord) {
  const { id: runId, repository, sha, headBranch, workflow } = run.order;
  const here = `${api}/repos/${repository.fullName}`;
  return {
    id: job.id,
    run_id: runId,
    run_url: `${here}/actions/runs/${runId}`,
    run_attempt: run.attempt,
    node_id: `CR_${job.id}`,
    head_sha: sha,
    head_branch: headBranch,
    url: `${here}/actions/jobs/${job.id}`,
    html_url: `${url}/${repository.fullName}/actions/runs/${runId}/job/${job.id}`,
    status: job.status,
    // The API has no `startup_failure` for jobs: there are none in such a run.
    conclusion: job.conclusion === "startup_failure" ? "failure" : job.conclusion,
    created_at: job.createdAt,
    started_at: job.startedAt ?? job.createdAt,
    completed_at: job.completedAt,
    name: job.name,
    steps: (job.run?.steps ?? []).map((step) => ({
      name: step.name,
      number: step.number,
      status: step.status,
      conclusion: step.conclusion,
      started_at: step.startedAt,
      completed_at: step.completedAt,
    })),
    check_run_url: `${here}/check-runs/${job.id}`,
    labels: ["ubuntu-latest"],
    runner_id: job.run === null ? null : 1,
    runner_name: job.run === null ? null : "Playground 1",
    runner_group_id: null,
    runner_group_name: null,
    workflow_name: workflow.name,
  } satisfies Schemas["job"];
}

export function workflowJson({ url, api }: Address, workflow: KnownWorkflow, branch: string) {
  const { id, repository, path, name, disabled } = workflow;
  const { createdAt } = repository;
  return {
    id,
    node_id: `W_${id}`,
    name,
    path,
    state: disabled ? "disabled_manually" : "active",
    created_at: createdAt,
    updated_at: createdAt,
    url: `${api}/repos/${repository.fullName}/actions/workflows/${id}`,
    html_url: `${url}/${repository.fullName}/blob/${branch}/${path}`,
    badge_url: `${url}/${repository.fullName}/workflows/${encodeURIComponent(name)}/badge.svg`,
  } satisfies Schemas["workflow"];
}

export function repositoryJson({ url, api }: Address, repository: Repository) {
  const { id, nodeId, name, fullName, owner } = repository;
  return {
    id,
    node_id: nodeId,
    name,
    full_name: fullName,
    private: repository.private,
    fork: repository.fork !== null,
    owner: accountJson(api, owner),
    html_url: `${url}/${fullName}`,
    url: `${api}/repos/${fullName}`,
    default_branch: repository.defaultBranch,
  };
}

function accountJson(api: string, { id, nodeId, login, type }: Repository["owner"]) {
  return { id, node_id: nodeId, login, type, url: `${api}/users/${login}`, site_admin: false };
}
