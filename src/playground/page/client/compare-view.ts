import { html, nothing, type TemplateResult } from "lit-html";
import { diff } from "./diff.ts";
import type { Comparison, DiffEntry } from "./github.ts";
import { type Change, type Desk, encodePath, mayWrite, type View } from "./view.ts";

/** What a branch would bring, and the form that opens a pull request for it. */
export class CompareView implements View {
  readonly tab = "pulls";
  readonly #desk: Desk;
  readonly #base: string;
  readonly #head: string;
  #comparison: Comparison | null = null;
  #busy = false;

  constructor(desk: Desk, range: string) {
    this.#desk = desk;
    const [base, head] = range.split("...");
    this.#base = head === undefined ? desk.repository.default_branch : (base ?? "");
    this.#head = head ?? range;
  }

  title(): string {
    return `Comparing ${this.#base}...${this.#head}`;
  }

  concerns({ ref }: Change): boolean {
    return ref !== null;
  }

  pollMs(): null {
    return null;
  }

  async load(): Promise<void> {
    const range = `${encodePath(this.#base)}...${encodePath(this.#head)}`;
    this.#comparison = await this.#desk.github.get<Comparison>(`${this.#desk.api}/compare/${range}`);
  }

  render(): TemplateResult {
    const files: readonly DiffEntry[] = this.#comparison?.files ?? [];
    const asked = new URLSearchParams(location.search);
    return html`<div class="page-head"><h1>Open a pull request</h1></div>
      <p><span class="branch">${this.#base}</span> ← <span class="branch">${this.#head}</span></p>
      ${
        mayWrite(this.#desk) && files.length > 0
          ? html`<form class="form" @submit=${this.#open}>
              <label for="title">Title</label>
              <input id="title" name="title" type="text" required .defaultValue=${asked.get("title") ?? this.#firstSubject} />
              <label for="body">Description</label>
              <textarea id="body" name="body" rows="6" .defaultValue=${asked.get("body") ?? ""}></textarea>
              <p class="composer-foot"><button class="button primary" ?disabled=${this.#busy}>Create pull request</button></p>
            </form>`
          : nothing
      }
      ${diff(files)}`;
  }

  get #firstSubject(): string {
    return this.#comparison?.commits[0]?.commit.message.split("\n")[0] ?? this.#head;
  }

  #open = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.#busy) return;
    const { github, api, home, complain, draw } = this.#desk;
    const form = new FormData(event.target);
    this.#busy = true;
    try {
      const body = { title: form.get("title"), body: form.get("body"), head: this.#head, base: this.#base };
      const pull = await github.send<{ number: number }>("POST", `${api}/pulls`, body);
      location.assign(`${home}/pull/${pull?.number ?? ""}`);
    } catch (error) {
      complain(error);
    } finally {
      this.#busy = false;
      draw();
    }
  };
}
