import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { Composer } from "./composer.ts";
import { diff } from "./diff.ts";
import type { Comment, Commit, Issue, Review, ReviewComment } from "./github.ts";
import { icon } from "./icons.ts";
import { author, avatar } from "./people.ts";
import { loadPull, mergeBox, type PullPart, pullLine, pullPill, pullTabs } from "./pull-part.ts";
import { Remarks } from "./remark.ts";
import { ReviewThreads } from "./review.ts";
import { loadSurroundings, type Surroundings, sidePanel } from "./side-panel.ts";
import { time } from "./time.ts";
import { type Conversation, type Entry, issueRemark, reviewThreads, timelineOf } from "./timeline.ts";
import { title } from "./title.ts";
import { type Change, type Desk, mayWrite, type View } from "./view.ts";

/** An issue or a pull request: the conversation and, for pull requests, the changes. */
export class ThreadView implements View {
  readonly #desk: Desk;
  readonly #number: number;
  readonly #page: "conversation" | "files";
  readonly #remarks: Remarks;
  readonly #reviews: ReviewThreads;
  readonly #composer: Composer;
  #conversation: Conversation | null = null;
  #pullPart: PullPart | null = null;
  #around: Surroundings | null = null;

  constructor(desk: Desk, number: number, page: "conversation" | "files") {
    this.#desk = desk;
    this.#number = number;
    this.#page = page;
    this.#composer = new Composer({
      desk,
      id: "new-comment",
      label: "Add a comment",
      placeholder: "Try: /dispatch use opus to add a /health endpoint",
      action: "Comment",
      submit: async (text) => {
        await desk.github.send("POST", `${desk.api}/issues/${number}/comments`, { body: text });
        // Not waited for: the box is empty as soon as GitHub has the comment.
        void desk.refresh();
      },
    });
    this.#remarks = new Remarks({ desk, quote: (text) => this.#composer.quote(text) });
    this.#reviews = new ReviewThreads(desk, number, this.#remarks);
  }

  get tab(): "issues" | "pulls" {
    return this.#pullPart === null ? "issues" : "pulls";
  }

  title(): string {
    const issue = this.#conversation?.issue;
    return issue === undefined ? `#${this.#number}` : `${issue.title} · #${this.#number}`;
  }

  concerns({ thread }: Change): boolean {
    return thread === null || thread === this.#number;
  }

  pollMs(): number {
    return 15_000;
  }

  async load(): Promise<void> {
    const { github, api } = this.#desk;
    const number = this.#number;
    const [issue, comments, around] = await Promise.all([
      github.get<Issue>(`${api}/issues/${number}`),
      github.list<Comment>(`${api}/issues/${number}/comments`),
      loadSurroundings(this.#desk),
    ]);
    const isPull = issue.pull_request !== undefined;
    const [pullPart, reviews, reviewComments, commits] = isPull
      ? await Promise.all([
          loadPull(this.#desk, number),
          github.list<Review>(`${api}/pulls/${number}/reviews`),
          github.list<ReviewComment>(`${api}/pulls/${number}/comments`),
          github.list<Commit>(`${api}/pulls/${number}/commits`),
        ])
      : [null, [], [], []];
    this.#pullPart = pullPart;
    this.#around = around;
    this.#conversation = { issue, comments, reviews, reviewComments, commits };
    this.#useRightPath(isPull);
  }

  render(): TemplateResult {
    const conversation = this.#conversation;
    if (conversation === null) return html``;
    return html`${this.#heading(conversation.issue)} ${this.#tabs()}
    ${this.#page === "files" && this.#pullPart !== null ? this.#files(this.#pullPart, conversation) : this.#talk(conversation)}`;
  }

  /** GitHub counts issues and pull requests together; each has its own address. */
  #useRightPath(isPull: boolean): void {
    const { home } = this.#desk;
    const wrong = isPull ? `${home}/issues/${this.#number}` : `${home}/pull/${this.#number}`;
    if (location.pathname !== wrong) return;
    history.replaceState(null, "", `${home}/${isPull ? "pull" : "issues"}/${this.#number}${location.hash}`);
  }

  #heading(issue: Issue): TemplateResult {
    return html`<div class="thread-head">
      <h1>${title(issue.title)} <span class="number">#${issue.number}</span></h1>
      <p class="thread-state">
        ${this.#pill(issue)}
        ${
          this.#pullPart === null
            ? html`<span>${author(issue.user)} opened this issue ${time(issue.created_at)} · ${count(issue.comments, "comment")}</span>`
            : pullLine(this.#desk, this.#pullPart.pull)
        }
      </p>
    </div>`;
  }

  #pill({ state }: Issue): TemplateResult {
    if (this.#pullPart !== null) return pullPill(this.#pullPart.pull);
    const open = state === "open";
    return html`<span class="pill pill-${open ? "open" : "done"}">${icon(open ? "issue" : "closed")} ${open ? "Open" : "Closed"}</span>`;
  }

  #tabs(): TemplateResult | typeof nothing {
    if (this.#pullPart === null || this.#conversation === null) return nothing;
    const { comments, reviewComments } = this.#conversation;
    return pullTabs(this.#desk, this.#pullPart, this.#page, comments.length + reviewComments.length);
  }

  #files({ pull, files }: PullPart, { reviewComments }: Conversation): TemplateResult {
    return html`<div class="files">${diff(files, this.#reviews.margin(reviewThreads(this.#desk.api, reviewComments), pull))}</div>`;
  }

  #talk(conversation: Conversation): TemplateResult {
    const { issue } = conversation;
    const { api } = this.#desk;
    return html`<div class="thread">
      <div class="timeline">
        ${this.#remarks.render(issueRemark(api, issue))}
        ${repeat(
          timelineOf(api, conversation),
          ({ key }) => key,
          (entry) => this.#entry(entry),
        )}
        <div class="timeline-end"></div>
        ${this.#pullPart === null ? nothing : mergeBox(this.#desk, this.#pullPart.pull)}
        <div class="answer">
          ${avatar({ login: this.#desk.me })}
          <div>
            <h2 class="visually-hidden">Add a comment</h2>
            ${this.#composer.render(this.#closeButton(issue))}
            ${mayWrite(this.#desk) ? nothing : html`<p class="hint">${this.#desk.me} has no write access here: commands are refused, boxes cannot be ticked.</p>`}
          </div>
        </div>
      </div>
      ${sidePanel(this.#desk, { number: this.#number, head: this.#pullPart?.pull.head.ref ?? null, labels: issue.labels }, this.#around)}
    </div>`;
  }

  #entry(entry: Entry): TemplateResult {
    switch (entry.kind) {
      case "remark":
        return this.#remarks.render(entry.remark);
      case "review-thread":
        return this.#reviews.render(entry.thread);
      case "commit":
        return this.#commit(entry.commit);
    }
  }

  #commit({ sha, commit, author: by }: Commit): TemplateResult {
    const [subject = ""] = commit.message.split("\n");
    const name = by !== null && "login" in by ? by.login : (commit.author?.name ?? "ghost");
    return html`<p class="event">
      <span class="event-icon">${icon("commit")}</span>
      ${avatar({ login: name }, "small")}
      <a class="event-text" href="${this.#desk.home}/commit/${sha}">${title(subject)}</a>
      <code>${sha.slice(0, 7)}</code>
    </p>`;
  }

  #closeButton(issue: Issue): TemplateResult | typeof nothing {
    const merged = this.#pullPart !== null && this.#pullPart.pull.merged_at !== null;
    if (merged || !(mayWrite(this.#desk) || issue.user?.login === this.#desk.me)) return nothing;
    const what = this.#pullPart === null ? "issue" : "pull request";
    const closing = issue.state === "open";
    return html`<button type="button" class="button" @click=${() => this.#setState(closing ? "closed" : "open")}>
      ${closing ? "Close" : "Reopen"} ${what}
    </button>`;
  }

  async #setState(state: "open" | "closed"): Promise<void> {
    const { github, api } = this.#desk;
    const kind = this.#pullPart === null ? "issues" : "pulls";
    await github.send("PATCH", `${api}/${kind}/${this.#number}`, { state }).catch(this.#desk.complain);
    await this.#desk.refresh();
  }
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
