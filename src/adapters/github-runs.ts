import type { components } from "@octokit/openapi-types";
import { Problem } from "../core/problem.ts";
import { runName, type TaskRef } from "../core/task.ts";
import type { RunStatus, Runs } from "../flows/ports.ts";
import { checkedAccess, checkedBranch, checkedRef, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf, wordsOf } from "./github-error.ts";

const WORKFLOW = "dispatch.yml";
const WORKFLOW_PATH = `.github/workflows/${WORKFLOW}`;
/** How far another machine's clock may be from GitHub's. */
const CLOCKS_APART_MS = 15 * 60_000;
const PAGE = 100;
/** GitHub lists no more than 1,000 of the runs that a filter lets through. */
const MAX_PAGES = 10;

/** Runs of the worker workflow. */
export function githubRuns(given: GitHubAccess): Runs {
  const access = checkedAccess(given);
  return {
    start: (ref, attempt, defaultBranch) => start(checkedRef(ref), attempt, checkedBranch(defaultBranch), access),
    asked: (since) => asked(since, access),
    read: (id) => read(id, access),
    cancel: (id) => cancel(id, access),
  };
}

async function start(ref: TaskRef, attempt: number, branch: string, access: GitHubAccess): Promise<void> {
  const { api, owner, repo } = access;
  const inputs = { task: `${ref.thread}/${ref.id}`, attempt: String(attempt) };
  const parameters = { owner, repo, workflow_id: WORKFLOW, ref: branch, inputs, return_run_details: true };
  const route = "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches";
  try {
    await call(
      (once) => api.request(route, { ...parameters, ...once }),
      access,
      async () => (await asked(access.clock.now().toISOString(), access)).get(runName(ref, attempt)) ?? null,
    );
  } catch (error) {
    throw refusal(error, branch) ?? error;
  }
}

function refusal(error: unknown, branch: string): Problem | null {
  const status = statusOf(error);
  if (status === 404) {
    return new Problem(
      "workflow-missing",
      `There is no \`${WORKFLOW_PATH}\` on the default branch, \`${branch}\`.`,
      `Add \`${WORKFLOW_PATH}\` to \`${branch}\`, then write \`/dispatch retry\`.`,
      { cause: error },
    );
  }
  if (status === 422) return refusedInput(wordsOf(error), branch, error);
  return status === 403 ? refused(wordsOf(error), error) : null;
}

function refusedInput(words: string, branch: string, error: unknown): Problem {
  if (/disabled workflow|workflow is disabled/i.test(words)) {
    return new Problem(
      "workflow-disabled",
      `The workflow \`${WORKFLOW_PATH}\` is disabled.`,
      "Enable it in the Actions tab, then write `/dispatch retry`.",
      { cause: error },
    );
  }
  if (/\binputs?\b|workflow_dispatch/i.test(words)) {
    return new Problem(
      "workflow-inputs",
      `The workflow \`${WORKFLOW_PATH}\` on \`${branch}\` does not take what Dispatch hands over: ${words}`,
      "Replace it by the one in Dispatch's documentation, then write `/dispatch retry`.",
      { cause: error },
    );
  }
  return refused(words, error);
}

function refused(words: string, error: unknown): Problem {
  const nextStep = /not accessible/i.test(words)
    ? "Give Dispatch the permission `actions: write`, then write `/dispatch retry`."
    : "Look at the repository's settings under Actions, then write `/dispatch retry`.";
  return new Problem("run-refused", `GitHub refused to start the run: ${words}`, nextStep, { cause: error });
}

type ListedRun = components["schemas"]["workflow-run"];

async function asked(since: string, access: GitHubAccess): Promise<ReadonlyMap<string, RunStatus>> {
  const from = new Date(Date.parse(since) - CLOCKS_APART_MS).toISOString();
  const found = new Map<string, RunStatus>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const { runs, date } = await newest(from, page, access);
    // The newest come first: of a name that was asked for twice, the later run counts.
    for (const run of runs) if (!found.has(run.display_title)) found.set(run.display_title, runStatus(run, date));
    if (runs.length < PAGE) break;
  }
  return found;
}

async function newest(from: string, page: number, access: GitHubAccess) {
  const { api, owner, repo } = access;
  const filter = { event: "workflow_dispatch", created: `>=${from}` };
  const parameters = { owner, repo, workflow_id: WORKFLOW, ...filter, per_page: PAGE, page };
  const route = "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs";
  try {
    const { data, headers } = await call((once) => api.request(route, { ...parameters, ...once }), access);
    return { runs: data.workflow_runs, date: headers.date };
  } catch (error) {
    if (statusOf(error) === 404) return { runs: [], date: undefined };
    throw error;
  }
}

async function read(id: number, access: GitHubAccess): Promise<RunStatus | null> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}";
  try {
    const { data, headers } = await call((once) => api.request(route, { owner, repo, run_id: id, ...once }), access);
    return runStatus(data, headers.date);
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

async function cancel(id: number, access: GitHubAccess): Promise<void> {
  const { api, owner, repo } = access;
  const route = "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel";
  try {
    await call((once) => api.request(route, { owner, repo, run_id: id, ...once }), access);
  } catch (error) {
    // 409: it has ended. 404: it has been deleted.
    if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
  }
}

function runStatus(run: Pick<ListedRun, "id" | "html_url" | "status" | "conclusion">, date?: string): RunStatus {
  const at = Date.parse(date ?? "");
  const seen = Number.isNaN(at) ? {} : { seenAt: new Date(at).toISOString() };
  return { id: Number(run.id), url: run.html_url, status: phase(run.status), conclusion: run.conclusion, ...seen };
}

/** GitHub has more words for a run that has not begun: requested, waiting, pending. */
function phase(status: string | null): RunStatus["status"] {
  return status === "completed" || status === "in_progress" ? status : "queued";
}
