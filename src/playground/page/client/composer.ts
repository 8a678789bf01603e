import { html, nothing, type TemplateResult } from "lit-html";
import { body } from "./body.ts";
import { renderText } from "./github.ts";
import type { Desk } from "./view.ts";

interface ComposerOptions {
  readonly desk: Desk;
  /** Names the draft and the elements: unique on the page. */
  readonly id: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly action: string;
  readonly initial?: string;
  readonly submit: (text: string) => Promise<void>;
  readonly cancel?: () => void;
  /** May be sent without a text. */
  readonly mayBeEmpty?: boolean;
}

/** A box to write Markdown in, with a preview. What was typed survives a reload, and is never touched by live updates. */
export class Composer {
  readonly #options: ComposerOptions;
  #mode: "write" | "preview" = "write";
  #preview = "";
  #busy = false;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  render(extra: TemplateResult | typeof nothing = nothing): TemplateResult {
    const { id, label, placeholder = "", action, cancel } = this.#options;
    const writing = this.#mode === "write";
    return html`<form class="composer" @submit=${this.#submit} aria-label=${label}>
      <div class="composer-tabs" role="tablist" aria-label=${label} @keydown=${this.#switchByKey}>
        ${this.#tab("write", "Write")} ${this.#tab("preview", "Preview")}
      </div>
      <div id="${id}-write" role="tabpanel" aria-labelledby="${id}-tab-write" ?hidden=${!writing}>
        <label class="visually-hidden" for=${id}>${label}</label>
        <textarea
          id=${id}
          rows="5"
          placeholder=${placeholder}
          .defaultValue=${this.#draft}
          @input=${this.#typed}
          @keydown=${this.#submitByKey}
        ></textarea>
      </div>
      <div id="${id}-preview" role="tabpanel" aria-labelledby="${id}-tab-preview" ?hidden=${writing} tabindex="0">
        <div class="markdown-body preview" ${body({ html: this.#preview, ticks: false })}></div>
      </div>
      <div class="composer-foot">
        <span class="hint">Markdown is supported · <kbd>${isMac() ? "⌘" : "Ctrl"}</kbd> <kbd>Enter</kbd> sends</span>
        ${extra}
        ${cancel === undefined ? nothing : html`<button type="button" class="button" @click=${this.#cancel}>Cancel</button>`}
        <button class="button primary" ?disabled=${this.#busy || this.#isEmpty}>${action}</button>
      </div>
    </form>`;
  }

  /** Puts a text below what is there and goes on writing behind it. */
  quote(text: string): void {
    this.#mode = "write";
    const before = this.#text.trimEnd();
    this.#write(`${before === "" ? "" : `${before}\n\n`}${text}`);
    this.#options.desk.draw();
    const area = this.#area;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    area?.scrollIntoView({ block: "center" });
  }

  #tab(mode: "write" | "preview", words: string): TemplateResult {
    const { id } = this.#options;
    const chosen = this.#mode === mode;
    return html`<button
      type="button"
      role="tab"
      id="${id}-tab-${mode}"
      aria-controls="${id}-${mode}"
      aria-selected=${chosen ? "true" : "false"}
      tabindex=${chosen ? "0" : "-1"}
      @click=${() => this.#show(mode)}
    >
      ${words}
    </button>`;
  }

  async #show(mode: "write" | "preview"): Promise<void> {
    this.#mode = mode;
    const { desk } = this.#options;
    const text = this.#text.trim();
    if (mode === "preview") this.#preview = text === "" ? "<p>Nothing to preview</p>" : await this.#rendered(text);
    desk.draw();
  }

  #rendered(text: string): Promise<string> {
    return renderText(text, this.#options.desk.place).catch((error: unknown) => {
      this.#options.desk.complain(error);
      return "";
    });
  }

  #switchByKey = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const mode = this.#mode === "write" ? "preview" : "write";
    void this.#show(mode).then(() => document.getElementById(`${this.#options.id}-tab-${mode}`)?.focus());
  };

  #submitByKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    this.#area?.form?.requestSubmit();
  };

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.#busy || this.#isEmpty) return;
    const { desk, submit } = this.#options;
    this.#busy = true;
    desk.draw();
    try {
      await submit(this.#text);
      this.#write("");
      this.#mode = "write";
    } catch (error) {
      desk.complain(error);
    } finally {
      this.#busy = false;
      desk.draw();
    }
  };

  #cancel = (): void => {
    sessionStorage.removeItem(this.#key);
    this.#options.cancel?.();
  };

  #typed = (): void => {
    sessionStorage.setItem(this.#key, this.#text);
    this.#options.desk.draw();
  };

  #write(text: string): void {
    const area = this.#area;
    if (area !== null) area.value = text;
    if (text === "") sessionStorage.removeItem(this.#key);
    else sessionStorage.setItem(this.#key, text);
  }

  get #isEmpty(): boolean {
    return this.#options.mayBeEmpty !== true && this.#text.trim() === "";
  }

  get #text(): string {
    return this.#area?.value ?? this.#draft;
  }

  get #draft(): string {
    return sessionStorage.getItem(this.#key) ?? this.#options.initial ?? "";
  }

  get #key(): string {
    return `draft ${location.pathname} ${this.#options.id}`;
  }

  get #area(): HTMLTextAreaElement | null {
    const found = document.getElementById(this.#options.id);
    return found instanceof HTMLTextAreaElement ? found : null;
  }
}

function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
