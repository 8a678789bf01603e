import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { Composer } from "./composer.ts";
import { diff } from "./diff.ts";
import type { Comment, Commit, DiffEntry, Issue, Pull, Review, ReviewComment } from "./github.ts";
import { icon } from "./icons.ts";
import { author, avatar } from "./people.ts";
import { Remarks } from "./remark.ts";
import { ReviewThreads } from "./review.ts";
import { loadSurroundings, pullState, sidePanel, type Surroundings } from "./side-panel.ts";
import { time } from "./time.ts";
import { type Conversation, type Entry, issueRemark, reviewThreads, timelineOf } from "./timeline.ts";
import { type Change, type Desk, encodePath, mayWrite, type View } from "./view.ts";

interface PullPart {
  readonly pull: Pull;
  readonly files: readonly DiffEntry[];
}

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
        await desk.refresh();
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
      loadSurroundings(this.#desk, number),
    ]);
    const isPull = issue.pull_request !== undefined;
    const [pullPart, reviews, reviewComments, commits] = isPull
      ? await Promise.all([
          this.#loadPull(),
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
    return html`${this.#heading(conversation.issue)} ${this.#pullPart === null ? nothing : this.#pullTabs(this.#pullPart, conversation)}
    ${this.#page === "files" && this.#pullPart !== null ? this.#files(this.#pullPart, conversation) : this.#talk(conversation)}`;
  }

  async #loadPull(): Promise<PullPart> {
    const { github, api } = this.#desk;
    const [pull, files] = await Promise.all([
      github.get<Pull>(`${api}/pulls/${this.#number}`),
      github.list<DiffEntry>(`${api}/pulls/${this.#number}/files`),
    ]);
    return { pull, files };
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
      <h1><bdi>${issue.title}</bdi> <span class="number">#${issue.number}</span></h1>
      <p class="thread-state">
        ${this.#pill(issue)}
        ${
          this.#pullPart === null
            ? html`<span>${author(issue.user)} opened this issue ${time(issue.created_at)} · ${count(issue.comments, "comment")}</span>`
            : this.#pullLine(this.#pullPart.pull)
        }
      </p>
    </div>`;
  }

  #pill(issue: Issue): TemplateResult {
    if (this.#pullPart === null) {
      const open = issue.state === "open";
      return html`<span class="pill pill-${open ? "open" : "done"}">${icon(open ? "issue" : "closed")} ${open ? "Open" : "Closed"}</span>`;
    }
    const state = pullState(this.#pullPart.pull);
    return html`<span class="pill pill-${state}">${icon(state === "merged" ? "merged" : "pull")} ${state[0]?.toUpperCase()}${state.slice(1)}</span>`;
  }

  #pullLine(pull: Pull): TemplateResult {
    const { home } = this.#desk;
    const foreign = pull.head.repo !== null && pull.head.repo?.full_name !== pull.base.repo.full_name;
    return html`<span>
      ${author(pull.user)} ${pull.merged_at === null ? "wants to merge" : "merged"} ${count(pull.commits, "commit")} into
      <a class="branch" href="${home}/tree/${encodePath(pull.base.ref)}">${pull.base.ref}</a> from
      ${
        foreign
          ? html`<span class="branch">${pull.head.label}</span>`
          : html`<a class="branch" href="${home}/tree/${encodePath(pull.head.ref)}">${pull.head.ref}</a>`
      }
    </span>`;
  }

  #pullTabs({ pull, files }: PullPart, { comments }: Conversation): TemplateResult {
    const path = `${this.#desk.home}/pull/${this.#number}`;
    const current = (page: string) => (this.#page === page ? "page" : nothing);
    return html`<nav class="tabs inner" aria-label="Pull request">
      <a href=${path} aria-current=${current("conversation")}>Conversation <span class="counter">${comments.length}</span></a>
      <a href="${path}/files" aria-current=${current("files")}>Files changed <span class="counter">${files.length}</span></a>
      <span class="counts"><span class="plus">+${pull.additions}</span> <span class="minus">−${pull.deletions}</span></span>
    </nav>`;
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
        <div class="answer">
          ${avatar({ login: this.#desk.me })}
          <div>
            <h2 class="visually-hidden">Add a comment</h2>
            ${this.#composer.render(this.#closeButton(issue))}
            ${mayWrite(this.#desk) ? nothing : html`<p class="hint">${this.#desk.me} has no write access here: commands are refused, boxes cannot be ticked.</p>`}
          </div>
        </div>
      </div>
      ${sidePanel(this.#desk, this.#number, issue.labels, this.#around)}
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
      <a class="event-text" href="${this.#desk.home}/commit/${sha}">${subject}</a>
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
