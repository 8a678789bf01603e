import { html, nothing, type TemplateResult } from "lit-html";
import { diff } from "./diff.ts";
import type { Commit } from "./github.ts";
import { avatar } from "./people.ts";
import { time } from "./time.ts";
import { title } from "./title.ts";
import type { Desk, View } from "./view.ts";

/** One commit and what it changed. */
export class CommitView implements View {
  readonly tab = "code";
  readonly #desk: Desk;
  readonly #sha: string;
  #commit: Commit | null = null;

  constructor(desk: Desk, sha: string) {
    this.#desk = desk;
    this.#sha = sha;
  }

  title(): string {
    return this.#commit?.commit.message.split("\n")[0] ?? this.#sha;
  }

  concerns(): boolean {
    return false;
  }

  pollMs(): null {
    return null;
  }

  async load(): Promise<void> {
    this.#commit = await this.#desk.github.get<Commit>(`${this.#desk.api}/commits/${this.#sha}`);
  }

  render(): TemplateResult {
    if (this.#commit === null) return html``;
    const { commit, sha, author, files = [] } = this.#commit;
    const [subject = "", ...rest] = commit.message.split("\n");
    const name = author !== null && "login" in author ? author.login : (commit.author?.name ?? "ghost");
    return html`<div class="box commit">
        <h1>${title(subject)}</h1>
        ${rest.join("").trim() === "" ? nothing : html`<pre>${rest.join("\n").trim()}</pre>`}
        <p class="muted">${avatar({ login: name }, "small")} <strong>${name}</strong> committed ${time(commit.committer?.date)} · <code>${sha}</code></p>
      </div>
      ${diff(files)}`;
  }
}
