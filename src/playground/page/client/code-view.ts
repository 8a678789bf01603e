import { html, nothing, type TemplateResult } from "lit-html";
import { body } from "./body.ts";
import { type Commit, type Ref, Refusal, renderText, type Tree } from "./github.ts";
import { icon } from "./icons.ts";
import { avatar } from "./people.ts";
import { time } from "./time.ts";
import { title } from "./title.ts";
import { type Change, type Desk, encodePath, type View } from "./view.ts";

interface Entry {
  readonly path: string;
  readonly size: number | null;
}

interface Document {
  readonly path: string;
  readonly text: string;
  /** Null for what is not Markdown. */
  readonly html: string | null;
}

// What a reader of a branch wants to see first: a task's plan, a repository's introduction.
const FRONT = [/^\.dispatch\/tasks\/[^/]+\/plan\.md$/, /^readme\.md$/i];

/** A branch: its files with the most telling one rendered, or one file, and its latest commits. */
export class CodeView implements View {
  readonly tab = "code";
  readonly #desk: Desk;
  /** Branch and, for a file, its path: `dispatch/tasks/1/x/README.md`. Where one ends the repository's branches tell. */
  readonly #rest: string;
  #branch = "";
  #branches: readonly string[] = [];
  #entries: readonly Entry[] = [];
  #document: Document | null = null;
  #commits: readonly Commit[] = [];

  constructor(desk: Desk, rest: string) {
    this.#desk = desk;
    this.#rest = rest;
  }

  title(): string {
    return this.#rest;
  }

  concerns({ ref, run, thread }: Change): boolean {
    return ref !== null && run === null && thread === null;
  }

  pollMs(): number {
    return 15_000;
  }

  async load(): Promise<void> {
    const { github, api } = this.#desk;
    const refs = await github.list<Ref>(`${api}/git/matching-refs/heads/`);
    this.#branches = refs.map(({ ref }) => ref.replace("refs/heads/", ""));
    const branch = this.#branches
      .filter((name) => this.#rest === name || this.#rest.startsWith(`${name}/`))
      .toSorted((a, b) => b.length - a.length)[0];
    if (branch === undefined) throw new Refusal(404, `There is no branch here called ${this.#rest}.`);
    const [tree, commits] = await Promise.all([
      github.get<Tree>(`${api}/git/trees/${encodePath(branch)}?recursive=1`),
      github.get<Commit[]>(`${api}/commits?sha=${encodeURIComponent(branch)}&per_page=20`).catch(() => []),
    ]);
    this.#branch = branch;
    this.#commits = commits;
    const files = tree.tree.filter(({ type }) => type === "blob");
    this.#entries = files.map(({ path, size }) => ({ path: path ?? "", size: size ?? null }));
    const wanted = this.#rest === branch ? frontOf(this.#entries) : this.#rest.slice(branch.length + 1);
    const blob = files.find(({ path }) => path === wanted);
    if (this.#rest !== branch && blob === undefined)
      throw new Refusal(404, `There is no file ${wanted ?? ""} on ${branch}.`);
    this.#document = blob?.sha === undefined ? null : await this.#read(wanted ?? "", blob.sha);
  }

  render(): TemplateResult {
    const whole = this.#rest === this.#branch;
    return html`<div class="page-head code-head">
        <h1 class="visually-hidden">${this.#rest}</h1>
        <label class="branch-picker">
          ${icon("branch")} <span class="visually-hidden">Branch</span>
          <select @change=${this.#go}>
            ${this.#branches.map((name) => html`<option value=${name} ?selected=${name === this.#branch}>${name}</option>`)}
          </select>
        </label>
        ${whole ? nothing : html`<a href="${this.#desk.home}/tree/${encodePath(this.#branch)}">All files</a>`}
      </div>
      ${whole ? this.#list() : nothing} ${this.#document === null ? nothing : drawDocument(this.#document)}
      ${whole ? this.#history() : nothing}`;
  }

  #go = ({ target }: Event): void => {
    if (target instanceof HTMLSelectElement) location.assign(`${this.#desk.home}/tree/${encodePath(target.value)}`);
  };

  async #read(path: string, sha: string): Promise<Document> {
    const { github, api, place } = this.#desk;
    const text = await github.text(`${api}/git/blobs/${sha}`, "application/vnd.github.raw");
    if (text === this.#document?.text && path === this.#document.path) return this.#document;
    const html = /\.(md|markdown)$/i.test(path) ? await renderText(text, place, "file") : null;
    return { path, text, html };
  }

  #list(): TemplateResult {
    const at = `${this.#desk.home}/blob/${encodePath(this.#branch)}`;
    return html`<section class="box list" aria-label="Files">
      <div class="box-head">${this.#entries.length} ${this.#entries.length === 1 ? "file" : "files"}</div>
      <ul>
        ${this.#entries.map(
          ({ path, size }) => html`<li class="file-row">
            ${icon("file")} <a href="${at}/${encodePath(path)}">${path}</a> <span class="muted push-right">${size === null ? "" : bytes(size)}</span>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #history(): TemplateResult {
    return html`<section class="box list" aria-label="History">
      <h2 class="box-head">Latest commits</h2>
      <ul>
        ${this.#commits.map((commit) => commitRow(this.#desk, commit))}
      </ul>
    </section>`;
  }
}

function frontOf(entries: readonly Entry[]): string | undefined {
  return FRONT.map((pattern) => entries.find(({ path }) => pattern.test(path))?.path).find(
    (path) => path !== undefined,
  );
}

function drawDocument({ path, text, html: rendered }: Document): TemplateResult {
  return html`<section class="box" aria-label=${path}>
    <h2 class="box-head"><code>${path}</code></h2>
    ${
      rendered === null
        ? html`<div class="diff-frame" tabindex="0" role="region" aria-label="Text of ${path}">
            <table class="diff">
              <tbody>
                ${text
                  .replace(/\n$/, "")
                  .split("\n")
                  .map((line, at) => html`<tr><td class="number">${at + 1}</td><td class="text">${line}</td></tr>`)}
              </tbody>
            </table>
          </div>`
        : html`<div class="markdown-body document" ${body({ html: rendered, ticks: false })}></div>`
    }
  </section>`;
}

function commitRow({ home }: Desk, { sha, commit, author }: Commit): TemplateResult {
  const name = author !== null && "login" in author ? author.login : (commit.author?.name ?? "ghost");
  return html`<li class="file-row">
    ${avatar({ login: name }, "small")} <a class="event-text" href="${home}/commit/${sha}">${title(commit.message.split("\n")[0] ?? "")}</a>
    <span class="muted push-right"><code>${sha.slice(0, 7)}</code> ${time(commit.committer?.date)}</span>
  </li>`;
}

function bytes(size: number): string {
  return size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} KB`;
}
