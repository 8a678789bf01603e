import { html, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { WorkflowRun } from "./github.ts";
import { statusIcon } from "./icons.ts";
import { duration, time } from "./time.ts";
import type { Change, Desk, View } from "./view.ts";

/** All workflow runs, newest first. */
export class RunsView implements View {
  readonly tab = "actions";
  readonly #desk: Desk;
  #runs: readonly WorkflowRun[] = [];

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  title(): string {
    return "Workflow runs";
  }

  concerns({ run, thread, ref }: Change): boolean {
    return run !== null || (thread === null && ref === null);
  }

  pollMs(): number {
    return this.#runs.some(({ status }) => status !== "completed") ? 2_000 : 15_000;
  }

  async load(): Promise<void> {
    const found = await this.#desk.github.find<{ workflow_runs: WorkflowRun[] }>(
      `${this.#desk.api}/actions/runs?per_page=100`,
    );
    this.#runs = found?.workflow_runs ?? [];
  }

  render(): TemplateResult {
    return html`<div class="page-head"><h1>Actions</h1></div>
      <section class="box list" aria-label="Workflow runs">
        <div class="box-head">${this.#runs.length} workflow ${this.#runs.length === 1 ? "run" : "runs"}</div>
        ${
          this.#runs.length === 0
            ? html`<p class="blank">No workflow has run yet. A command in an issue starts one.</p>`
            : html`<ul>
                ${repeat(
                  this.#runs,
                  ({ id }) => id,
                  (run) => this.#row(run),
                )}
              </ul>`
        }
      </section>`;
  }

  #row(run: WorkflowRun): TemplateResult {
    const end = run.status === "completed" ? run.updated_at : null;
    return html`<li class="list-row">
      ${statusIcon(run.status, run.conclusion)}
      <div class="list-text">
        <a class="list-title" href="${this.#desk.home}/actions/runs/${run.id}">${run.display_title}</a>
        <p class="muted"><code>${run.path.split("/").at(-1)}</code> #${run.run_number}: ${run.event} by ${run.actor?.login ?? "ghost"}</p>
      </div>
      <span class="muted when-column">${time(run.created_at)}<br />${duration(run.run_started_at, end)}</span>
    </li>`;
  }
}
