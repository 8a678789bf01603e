import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { Composer } from "./composer.ts";
import type { Issue } from "./github.ts";
import { icon } from "./icons.ts";
import { labelPill, pullIcon } from "./side-panel.ts";
import { time } from "./time.ts";
import { title as drawnTitle } from "./title.ts";
import type { Change, Desk, View } from "./view.ts";

/** The issues, or the pull requests, of a repository. */
export class ListView implements View {
  readonly tab: "issues" | "pulls";
  readonly #desk: Desk;
  #items: readonly Issue[] = [];
  #state: "open" | "closed" = "open";

  constructor(desk: Desk, tab: "issues" | "pulls") {
    this.#desk = desk;
    this.tab = tab;
  }

  title(): string {
    return this.tab === "issues" ? "Issues" : "Pull requests";
  }

  concerns({ run }: Change): boolean {
    return run === null;
  }

  pollMs(): number {
    return 15_000;
  }

  async load(): Promise<void> {
    const all = await this.#desk.github.list<Issue>(`${this.#desk.api}/issues?state=all`);
    this.#items = all.filter(({ pull_request: pull }) => (pull === undefined) === (this.tab === "issues"));
  }

  render(): TemplateResult {
    const shown = this.#items.filter(({ state }) => state === this.#state);
    return html`<div class="page-head">
        <h1>${this.title()}</h1>
        ${this.tab === "issues" ? html`<a class="button primary" href="${this.#desk.home}/issues/new">New issue</a>` : nothing}
      </div>
      <section class="box list" aria-label=${this.title()}>
        <div class="box-head filters">${this.#filter("open")} ${this.#filter("closed")}</div>
        ${
          shown.length === 0
            ? html`<p class="blank">There are no ${this.#state} ${this.title().toLowerCase()}.</p>`
            : html`<ul>
                ${repeat(
                  shown,
                  ({ number }) => number,
                  (issue) => this.#row(issue),
                )}
              </ul>`
        }
      </section>`;
  }

  #filter(state: "open" | "closed"): TemplateResult {
    const number = this.#items.filter((item) => item.state === state).length;
    return html`<button type="button" class="filter" aria-pressed=${this.#state === state ? "true" : "false"} @click=${() => this.#show(state)}>
      ${number} ${state === "open" ? "Open" : "Closed"}
    </button>`;
  }

  #show(state: "open" | "closed"): void {
    this.#state = state;
    this.#desk.draw();
  }

  #row(issue: Issue): TemplateResult {
    const { number, title, user, created_at: at, comments, labels } = issue;
    const kind = issue.pull_request === undefined ? "issues" : "pull";
    return html`<li class="list-row">
      ${stateIcon(issue)}
      <div class="list-text">
        <a class="list-title" href="${this.#desk.home}/${kind}/${number}">${drawnTitle(title)}</a> ${labels.map(labelPill)}
        <p class="muted">#${number} opened ${time(at)} by ${user?.login ?? "ghost"}</p>
      </div>
      ${comments === 0 ? nothing : html`<span class="muted">${comments} ${comments === 1 ? "comment" : "comments"}</span>`}
    </li>`;
  }
}

function stateIcon({ state, draft = false, pull_request: pull }: Issue): TemplateResult {
  if (pull !== undefined) return pullIcon({ draft, state, merged_at: pull.merged_at ?? null });
  const kind = state === "open" ? "open" : "done";
  return html`<span class="tint-${kind}" role="img" aria-label=${state} title=${state}>${icon(state === "open" ? "issue" : "closed")}</span>`;
}

/** The form for a new issue. */
export class NewIssueView implements View {
  readonly tab = "issues";
  readonly #desk: Desk;
  readonly #composer: Composer;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#composer = new Composer({
      desk,
      id: "new-issue",
      label: "Description",
      placeholder: "What is it about? A line that starts with /dispatch is a command.",
      action: "Create issue",
      mayBeEmpty: true,
      submit: (body) => this.#create(body),
    });
  }

  title(): string {
    return "New issue";
  }

  concerns(): boolean {
    return false;
  }

  pollMs(): null {
    return null;
  }

  async load(): Promise<void> {}

  render(): TemplateResult {
    return html`<div class="form">
      <h1>New issue</h1>
      <label for="title">Title</label>
      <input id="title" type="text" autocomplete="off" required />
      ${this.#composer.render()}
    </div>`;
  }

  async #create(body: string): Promise<void> {
    const field = document.getElementById("title");
    const title = field instanceof HTMLInputElement ? field.value.trim() : "";
    if (title === "") {
      field?.focus();
      throw new Error("An issue needs a title.");
    }
    const issue = await this.#desk.github.send<Issue>("POST", `${this.#desk.api}/issues`, { title, body });
    location.assign(`${this.#desk.home}/issues/${issue?.number ?? ""}`);
  }
}
