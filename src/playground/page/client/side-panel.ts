import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { Label, PullSummary, Ref, WorkflowRun } from "./github.ts";
import { icon, statusIcon } from "./icons.ts";
import { time } from "./time.ts";
import { type Desk, encodePath } from "./view.ts";

/** What belongs to one task, found by names alone: its state branch, its runs, its pull request. */
interface TaskTrace {
  readonly thread: string;
  readonly id: string;
  readonly branch: string;
  readonly runs: readonly WorkflowRun[];
  readonly pull: PullSummary | null;
}

/** Everything of a repository that may belong to the tasks of a conversation. */
export interface Surroundings {
  readonly refs: readonly Ref[];
  readonly runs: readonly WorkflowRun[];
  readonly pulls: readonly PullSummary[];
}

interface Thread {
  readonly number: number;
  /** A pull request's branch: the task that made it belongs here too. */
  readonly head: string | null;
  readonly labels: readonly (Label | string)[];
}

export async function loadSurroundings({ github, api }: Desk): Promise<Surroundings> {
  const [refs, runs, pulls] = await Promise.all([
    github.list<Ref>(`${api}/git/matching-refs/heads/dispatch/tasks/`),
    github.find<{ workflow_runs: WorkflowRun[] }>(`${api}/actions/runs?per_page=100`),
    github.list<PullSummary>(`${api}/pulls?state=all`),
  ]);
  return { refs, runs: runs?.workflow_runs ?? [], pulls };
}

function tasksOf({ number, head }: Thread, { refs, runs, pulls }: Surroundings): readonly TaskTrace[] {
  return refs.flatMap(({ ref: name }) => {
    const branch = name.replace("refs/heads/", "");
    const [thread = "", id = ""] = branch.replace("dispatch/tasks/", "").split("/");
    if (thread !== String(number) && head !== `dispatch/${id}`) return [];
    const own = runs.filter(({ display_title: title }) => title.startsWith(`dispatch ${thread}/${id} `));
    const pull = pulls.find((each) => each.head.ref === `dispatch/${id}` && each.number !== number) ?? null;
    return { thread, id, branch, runs: own, pull };
  });
}

export function sidePanel(desk: Desk, thread: Thread, around: Surroundings | null): TemplateResult {
  const tasks = around === null ? [] : tasksOf(thread, around);
  return html`<aside class="side" aria-label="About this conversation">
    <section>
      <h2>Labels</h2>
      ${thread.labels.length === 0 ? html`<p class="muted">None yet</p>` : html`<p class="labels">${thread.labels.map(labelPill)}</p>`}
    </section>
    <section>
      <h2>Tasks</h2>
      ${
        tasks.length === 0
          ? html`<p class="muted">None yet. Write <code>/dispatch</code> and what is to be done.</p>`
          : html`<ul class="tasks">${tasks.toReversed().map((task) => taskCard(desk, thread.number, task))}</ul>`
      }
    </section>
  </aside>`;
}

function taskCard({ home }: Desk, here: number, { thread, id, branch, runs, pull }: TaskTrace): TemplateResult {
  return html`<li class="task">
    <a class="task-name" href="${home}/tree/${encodePath(branch)}" title="Plan and files">${icon("branch")}<span>${id}</span></a>
    <ul>
      ${
        thread === String(here) || thread === "run"
          ? nothing
          : html`<li><span class="muted">${icon("issue")}</span> <a href="${home}/issues/${thread}">Asked for in #${thread}</a></li>`
      }
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
