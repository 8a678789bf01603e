import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { body } from "./body.ts";
import { type Job, renderText, type WorkflowRun } from "./github.ts";
import { statusIcon } from "./icons.ts";
import { type LogLine, type LogPart, readLog } from "./log.ts";
import { author } from "./people.ts";
import { duration, time } from "./time.ts";
import { type Change, type Desk, mayWrite, type View } from "./view.ts";

interface Annotation {
  readonly job: string;
  readonly level: string;
  readonly message: string;
  readonly title?: string | null;
}

// Drawing more lines than this makes the page slow; the whole log is one click away.
const MOST_PARTS = 3_000;
const LIVE_MS = 1_000;

/** One workflow run: its summary, its jobs, and the log of the chosen one while it grows. */
export class RunView implements View {
  readonly tab = "actions";
  readonly #desk: Desk;
  readonly #id: number;
  #chosen: number | null;
  #run: WorkflowRun | null = null;
  #jobs: readonly Job[] = [];
  #logText = "";
  #log: readonly LogPart[] = [];
  #summary = { text: "", html: "" };
  #annotations: readonly Annotation[] = [];
  #followed = false;

  constructor(desk: Desk, id: number, job: number | null) {
    this.#desk = desk;
    this.#id = id;
    this.#chosen = job;
  }

  title(): string {
    return this.#run?.display_title ?? "Workflow run";
  }

  concerns({ run, thread, ref }: Change): boolean {
    return run === this.#id || (run === null && thread === null && ref === null);
  }

  pollMs(): number {
    return this.#run?.status === "completed" ? 15_000 : LIVE_MS;
  }

  async load(): Promise<void> {
    const { github, api } = this.#desk;
    const [run, jobs] = await Promise.all([
      github.get<WorkflowRun>(`${api}/actions/runs/${this.#id}`),
      github.find<{ jobs: Job[] }>(`${api}/actions/runs/${this.#id}/jobs`),
    ]);
    this.#run = run;
    this.#jobs = jobs?.jobs ?? [];
    await Promise.all([this.#loadLog(), this.#loadExtras()]);
  }

  render(): TemplateResult {
    const run = this.#run;
    if (run === null) return html``;
    return html`<div class="thread-head">
        <h1>${statusIcon(run.status, run.conclusion)} <bdi>${run.display_title}</bdi> <span class="number">#${run.run_number}</span></h1>
        <p class="thread-state">
          <span>
            ${author(run.actor)} started <code>${run.path.split("/").at(-1)}</code> by ${run.event} ${time(run.created_at)}
            ${(run.run_attempt ?? 1) > 1 ? html`· attempt ${run.run_attempt}` : nothing} · ${this.#took(run)}
          </span>
          ${this.#buttons(run)}
        </p>
      </div>
      <div class="run">
        <nav class="jobs" aria-label="Jobs">${this.#jobs.map((job) => this.#jobLink(job))}</nav>
        <div>
          ${together(this.#annotations).map(annotationLine)}
          ${
            this.#summary.html === ""
              ? nothing
              : html`<section class="box" aria-label="Summary">
                  <h2 class="box-head">Summary</h2>
                  <div class="markdown-body" ${body({ html: this.#summary.html, ticks: false })}></div>
                </section>`
          }
          ${this.#jobs.length === 0 ? html`<p class="blank box">${noJobs(run)}</p>` : this.#jobPart()}
        </div>
      </div>`;
  }

  get #job(): Job | null {
    const chosen = this.#jobs.find(({ id }) => id === this.#chosen);
    return chosen ?? this.#jobs.find(({ status }) => status === "in_progress") ?? this.#jobs[0] ?? null;
  }

  async #loadLog(): Promise<void> {
    const job = this.#job;
    const none = job === null || job.status === "queued" || job.conclusion === "skipped";
    const text = none
      ? ""
      : await this.#desk.github.text(`${this.#desk.api}/actions/jobs/${job.id}/logs`).catch(() => "");
    if (text === this.#logText) return;
    this.#logText = text;
    this.#log = readLog(text);
  }

  async #loadExtras(): Promise<void> {
    const at = `/_playground/runs/${this.#id}`;
    const [text, annotations] = await Promise.all([read(`${at}/summary`), read(`${at}/annotations`)]);
    this.#annotations = annotations === "" ? [] : JSON.parse(annotations);
    if (text === this.#summary.text) return;
    this.#summary = { text, html: text.trim() === "" ? "" : await renderText(text, this.#desk.place, "file") };
  }

  #took(run: WorkflowRun): string {
    return run.status === "completed"
      ? `took ${duration(run.run_started_at, run.updated_at)}`
      : `${duration(run.run_started_at, null)} so far`;
  }

  #buttons(run: WorkflowRun): TemplateResult | typeof nothing {
    if (!mayWrite(this.#desk)) return nothing;
    const ended = run.status === "completed";
    return html`<button type="button" class="button ${ended ? "" : "danger"}" @click=${() => this.#order(ended ? "rerun" : "cancel")}>
      ${ended ? "Re-run all jobs" : "Cancel workflow"}
    </button>`;
  }

  async #order(what: "rerun" | "cancel"): Promise<void> {
    const { github, api, refresh, complain } = this.#desk;
    await github.send("POST", `${api}/actions/runs/${this.#id}/${what}`).catch(complain);
    await refresh();
  }

  #jobLink(job: Job): TemplateResult {
    const current = job.id === this.#job?.id;
    return html`<a
      href="${this.#desk.home}/actions/runs/${this.#id}/job/${job.id}"
      aria-current=${current ? "true" : nothing}
      @click=${(event: MouseEvent) => this.#choose(event, job)}
    >
      ${statusIcon(job.status, job.conclusion)} <span>${job.name}</span>
    </a>`;
  }

  #choose(event: MouseEvent, job: Job): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.#chosen = Number(job.id);
    history.replaceState(null, "", `${this.#desk.home}/actions/runs/${this.#id}/job/${job.id}`);
    void this.#desk.refresh();
  }

  #jobPart(): TemplateResult | typeof nothing {
    const job = this.#job;
    if (job === null) return nothing;
    return html`<section class="box" aria-label="Job ${job.name}">
      <header class="box-head">
        ${statusIcon(job.status, job.conclusion)} <h2>${job.name}</h2>
        <span class="muted push-right">${job.status === "queued" ? "waiting for a runner" : duration(job.started_at, job.completed_at)}</span>
      </header>
      <ol class="steps">
        ${(job.steps ?? []).map(
          (step) => html`<li>
            ${statusIcon(step.status, step.conclusion)} <span>${step.name}</span>
            <span class="muted push-right">${duration(step.started_at, step.completed_at)}</span>
          </li>`,
        )}
      </ol>
      ${this.#log.length === 0 ? nothing : this.#drawnLog(job)}
    </section>`;
  }

  /** Keeps the end of a growing log in sight, unless the reader has scrolled up. */
  #follow({ status }: Job): (log?: Element) => void {
    // The drawing that shows the end of a job still follows.
    const live = status !== "completed" || this.#followed;
    this.#followed = status !== "completed";
    return (log) => {
      if (log === undefined || !live) return;
      // Asked before the new lines are in, done after.
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      if (atEnd) queueMicrotask(() => log.scrollTo({ top: log.scrollHeight }));
    };
  }

  #drawnLog(job: Job): TemplateResult {
    const cut = this.#log.length > MOST_PARTS;
    return html`${cut ? html`<p class="hint log-cut">Only the last ${MOST_PARTS} lines are shown.</p>` : nothing}
      <div class="log" role="log" aria-live="off" tabindex="0" aria-label="Log of ${job.name}" ${ref(this.#follow(job))}>${this.#log.slice(-MOST_PARTS).map(logPart)}</div>`;
  }
}

interface Counted extends Annotation {
  readonly times: number;
}

/** The same message again and again is shown once. */
function together(annotations: readonly Annotation[]): readonly Counted[] {
  const groups = Map.groupBy(annotations, ({ level, job, message }) => `${level} ${job} ${message}`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, times: others.length + 1 }],
  );
}

function annotationLine({ level, job, message, times }: Counted): TemplateResult {
  return html`<p class="annotation annotation-${level}">
    <strong>${job}</strong> ${message} ${times === 1 ? nothing : html`<span class="counter">×${times}</span>`}
  </p>`;
}

function noJobs(run: WorkflowRun): string {
  return run.conclusion === "startup_failure"
    ? "This run could not start: its workflow uses an action that is not allowed here."
    : "This run has no jobs.";
}

function logPart(part: LogPart): TemplateResult {
  if (part.kind !== "group") return logLine(part);
  return html`<details>
    <summary>${part.title}</summary>
    ${part.lines.map(logLine)}
  </details>`;
}

const MARKS = { error: "Error: ", warning: "Warning: ", notice: "Notice: ", debug: "", command: "", line: "" } as const;

function logLine({ kind, at, text }: LogLine): TemplateResult {
  return html`<div class="log-line log-${kind}"><time datetime=${at}>${at.slice(11, 19)}</time><span><strong>${MARKS[kind]}</strong>${text}</span></div>`;
}

async function read(path: string): Promise<string> {
  const response = await fetch(path, { cache: "no-cache" }).catch(() => null);
  return response?.ok === true ? response.text() : "";
}
