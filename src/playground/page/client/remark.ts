import { html, nothing, type TemplateResult } from "lit-html";
import { body } from "./body.ts";
import { Composer } from "./composer.ts";
import { Refusal, type Rollup } from "./github.ts";
import { icon } from "./icons.ts";
import { author, avatar } from "./people.ts";
import { reactions } from "./reactions.ts";
import { setBox, taskLineAt } from "./tick.ts";
import { time } from "./time.ts";
import { type Desk, mayWrite } from "./view.ts";

/** Words that somebody left in a conversation: the first post, a comment, a review, a review comment. */
export interface Remark {
  /** The element's id, and so the link's hash: `issuecomment-12`. */
  readonly anchor: string;
  /** Where the API reads and changes it. */
  readonly path: string;
  readonly method: "PATCH" | "PUT";
  /** The first post of a conversation cannot be deleted, nor can a review. */
  readonly deletable: boolean;
  readonly user: { readonly login: string; readonly type?: string } | null;
  /** What its author did: "commented", "approved these changes". */
  readonly verb: string;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly association: string;
  readonly body: string;
  readonly html: string;
  readonly reactions: Rollup | undefined;
}

interface RemarksOptions {
  readonly desk: Desk;
  /** Called with a quote for the comment box. */
  readonly quote: (text: string) => void;
}

const ROLES: Readonly<Record<string, string>> = {
  OWNER: "Owner",
  MEMBER: "Member",
  COLLABORATOR: "Collaborator",
  CONTRIBUTOR: "Contributor",
};

/** Draws remarks and does what their buttons and boxes say. */
export class Remarks {
  readonly #desk: Desk;
  readonly #quote: (text: string) => void;
  readonly #editing = new Map<string, Composer>();

  constructor({ desk, quote }: RemarksOptions) {
    this.#desk = desk;
    this.#quote = quote;
  }

  render(remark: Remark): TemplateResult {
    const editor = this.#editing.get(remark.anchor);
    const mine = remark.user?.login === this.#desk.me;
    const shown = {
      html: remark.html || "<p><em>No description provided.</em></p>",
      ticks: mine || mayWrite(this.#desk),
    };
    return html`<article class="remark ${mine ? "mine" : ""}" id=${remark.anchor} aria-label="${remark.verb} by ${remark.user?.login ?? "ghost"}">
      ${avatar(remark.user)}
      <div class="box">
        <header class="box-head">
          <span class="who">
            ${avatar(remark.user, "small")} ${author(remark.user)} <span>${remark.verb}</span>
            <a class="when" href="#${remark.anchor}">${time(remark.createdAt)}</a>
            ${remark.editedAt === null ? nothing : html`<span class="edited" title=${remark.editedAt}>· edited</span>`}
          </span>
          ${this.#role(remark)}
          <button class="icon-button" type="button" aria-label="Quote reply" title="Quote reply" @click=${() => this.#quoteFrom(remark)}>${icon("quote")}</button>
          ${mine || mayWrite(this.#desk) ? this.#menu(remark) : nothing}
        </header>
        ${
          editor === undefined
            ? html`<div class="markdown-body" @change=${(event: Event) => this.#ticked(event, remark)} ${body(shown)}></div>
                ${remark.reactions === undefined ? nothing : reactions(this.#desk, remark.path, remark.reactions)}`
            : editor.render()
        }
      </div>
    </article>`;
  }

  #role({ association }: Remark): TemplateResult | typeof nothing {
    const role = ROLES[association];
    return role === undefined ? nothing : html`<span class="badge role">${role}</span>`;
  }

  #menu(remark: Remark): TemplateResult {
    return html`<details class="menu" @toggle=${closeOnLeave}>
      <summary class="icon-button" aria-label="More about this comment">${icon("more")}</summary>
      <div class="menu-items">
        <button type="button" @click=${() => this.#edit(remark)}>Edit</button>
        ${remark.deletable ? html`<button type="button" class="danger" @click=${() => this.#delete(remark)}>Delete</button>` : nothing}
      </div>
    </details>`;
  }

  #edit(remark: Remark): void {
    const done = (): void => {
      this.#editing.delete(remark.anchor);
      this.#desk.draw();
    };
    const id = `edit-${remark.anchor}`;
    const editor = new Composer({
      desk: this.#desk,
      id,
      label: "Edit comment",
      action: "Update comment",
      initial: remark.body,
      submit: async (text) => {
        await this.#desk.github.send(remark.method, remark.path, { body: text });
        await this.#desk.refresh();
        done();
      },
      cancel: done,
    });
    this.#editing.set(remark.anchor, editor);
    this.#desk.draw();
    document.getElementById(id)?.focus();
  }

  async #delete(remark: Remark): Promise<void> {
    if (!confirm("Are you sure you want to delete this?")) return;
    await this.#try(() => this.#desk.github.send("DELETE", remark.path));
  }

  #quoteFrom(remark: Remark): void {
    const selected = selectionIn(document.getElementById(remark.anchor));
    const text = selected ?? remark.body.replaceAll(/<!--.*?-->/gs, "").trim();
    this.#quote(`${text.replaceAll(/^/gm, "> ")}\n\n`);
  }

  async #ticked(event: Event, remark: Remark): Promise<void> {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.dataset["taskLine"] === undefined) return;
    const wanted = taskLineAt(remark.body, Number(box.dataset["taskLine"]));
    const { checked } = box;
    await this.#try(
      async () => {
        // The comment may have been edited since it was drawn: what is ticked is the line that the reader saw.
        const fresh = await this.#desk.github.get<{ body?: string | null }>(remark.path);
        const text = wanted === null ? null : setBox(fresh.body ?? "", wanted, checked);
        if (text === null)
          throw new Refusal(409, "This comment has changed in the meantime. Look at it again, please.");
        await this.#desk.github.send(remark.method, remark.path, { body: text });
      },
      () => {
        box.checked = !checked;
      },
    );
  }

  async #try(work: () => Promise<unknown>, undo?: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      undo?.();
      this.#desk.complain(error);
    }
    await this.#desk.refresh();
  }
}

/** Closes a menu when the focus or a click goes elsewhere, or by Escape. */
export function closeOnLeave({ target: menu }: Event): void {
  if (!(menu instanceof HTMLDetailsElement) || !menu.open) return;
  const gone = new AbortController();
  const close = (): void => {
    menu.open = false;
    gone.abort();
  };
  const options = { signal: gone.signal };
  document.addEventListener(
    "click",
    ({ target }) => {
      if (target instanceof Node && menu.contains(target) && !(target instanceof Element && target.closest("button")))
        return;
      close();
    },
    options,
  );
  menu.addEventListener(
    "focusout",
    ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) close();
    },
    options,
  );
  menu.addEventListener(
    "keydown",
    ({ key }) => {
      if (key !== "Escape") return;
      close();
      menu.querySelector("summary")?.focus();
    },
    options,
  );
}

function selectionIn(element: Element | null): string | null {
  const selection = getSelection();
  if (element === null || selection === null || selection.isCollapsed || !element.contains(selection.anchorNode))
    return null;
  const text = selection.toString().trim();
  return text === "" ? null : text;
}
