import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { Label, PullSummary, Ref, WorkflowRun } from "./github.ts";
import { icon, statusIcon } from "./icons.ts";
import { time } from "./time.ts";
import { type Desk, encodePath } from "./view.ts";

/** What belongs to one task, found by names alone: its state branch, its runs, its pull request. */
interface TaskTrace {
  readonly id: string;
  readonly branch: string;
  readonly runs: readonly WorkflowRun[];
  readonly pull: PullSummary | null;
}

export interface Surroundings {
  readonly refs: readonly Ref[];
  readonly runs: readonly WorkflowRun[];
  readonly pulls: readonly PullSummary[];
}

/** Everything of this repository that may belong to the tasks of a conversation. */
export async function loadSurroundings({ github, api }: Desk, number: number): Promise<Surroundings> {
  const [refs, runs, pulls] = await Promise.all([
    github.list<Ref>(`${api}/git/matching-refs/heads/dispatch/tasks/${number}/`),
    github.find<{ workflow_runs: WorkflowRun[] }>(`${api}/actions/runs?per_page=100`),
    github.list<PullSummary>(`${api}/pulls?state=all`),
  ]);
  return { refs, runs: runs?.workflow_runs ?? [], pulls };
}

function tasksOf(number: number, { refs, runs, pulls }: Surroundings): readonly TaskTrace[] {
  return refs.map(({ ref: name }) => {
    const branch = name.replace("refs/heads/", "");
    const id = branch.replace(`dispatch/tasks/${number}/`, "");
    return {
      id,
      branch,
      runs: runs.filter(({ display_title: title }) => title.startsWith(`dispatch ${number}/${id} `)),
      pull: pulls.find(({ head }) => head.ref === `dispatch/${id}`) ?? null,
    };
  });
}

export function sidePanel(
  desk: Desk,
  number: number,
  labels: readonly (Label | string)[],
  around: Surroundings | null,
): TemplateResult {
  const tasks = around === null ? [] : tasksOf(number, around);
  return html`<aside class="side" aria-label="About this conversation">
    <section>
      <h2>Labels</h2>
      ${labels.length === 0 ? html`<p class="muted">None yet</p>` : html`<p class="labels">${labels.map(labelPill)}</p>`}
    </section>
    <section>
      <h2>Tasks</h2>
      ${
        tasks.length === 0
          ? html`<p class="muted">None yet. Write <code>/dispatch</code> and what is to be done.</p>`
          : html`<ul class="tasks">${tasks.toReversed().map((task) => taskCard(desk, task))}</ul>`
      }
    </section>
  </aside>`;
}

function taskCard({ home }: Desk, { id, branch, runs, pull }: TaskTrace): TemplateResult {
  return html`<li class="task">
    <a class="task-name" href="${home}/tree/${encodePath(branch)}">${icon("branch")}<span>${id}</span></a>
    <ul>
      ${runs.map(
        (run) => html`<li>
          ${statusIcon(run.status, run.conclusion)}
          <a href="${home}/actions/runs/${run.id}">Run #${run.run_number}</a> <span class="muted">${time(run.created_at)}</span>
        </li>`,
      )}
      ${
        pull === null
          ? nothing
          : html`<li>${pullIcon(pull)} <a href="${home}/pull/${pull.number}" title=${pull.title}>Pull request #${pull.number}</a></li>`
      }
    </ul>
  </li>`;
}

export function pullIcon(pull: Pick<PullSummary, "draft" | "state" | "merged_at">): TemplateResult {
  const state = pullState(pull);
  return html`<span class="tint-${state}" role="img" aria-label=${state} title=${state}>${icon(state === "merged" ? "merged" : "pull")}</span>`;
}

export function pullState({
  draft,
  state,
  merged_at: mergedAt,
}: Pick<PullSummary, "draft" | "state" | "merged_at">): string {
  if (mergedAt !== null) return "merged";
  if (state === "closed") return "closed";
  return draft === true ? "draft" : "open";
}

/** The label's colour is GitHub's six hex digits; anything else is shown grey. */
export function labelPill(label: Label | string): TemplateResult {
  const { name = "", color = null, description = null } = typeof label === "string" ? { name: label } : label;
  const paint = (element?: Element): void => {
    if (element instanceof HTMLElement && color !== null && /^[0-9a-f]{6}$/i.test(color))
      element.style.setProperty("--label", `#${color}`);
  };
  return html`<span class="label" title=${description ?? ""} ${ref(paint)}>${name}</span>`;
}
