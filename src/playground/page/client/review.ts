import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { Composer } from "./composer.ts";
import type { DiffMargin } from "./diff.ts";
import type { Pull } from "./github.ts";
import { type PatchLine, readPatch } from "./patch.ts";
import type { Remarks } from "./remark.ts";
import type { ReviewThread } from "./timeline.ts";
import type { Desk } from "./view.ts";

/** Review comments: read them in the conversation and below their lines, answer them, begin new ones. */
export class ReviewThreads {
  readonly #desk: Desk;
  readonly #number: number;
  readonly #remarks: Remarks;
  readonly #boxes = new Map<string, Composer>();

  constructor(desk: Desk, number: number, remarks: Remarks) {
    this.#desk = desk;
    this.#number = number;
    this.#remarks = remarks;
  }

  /** A thread in the conversation, with the lines it is about. */
  render(thread: ReviewThread): TemplateResult {
    const lines = readPatch(thread.diffHunk).slice(-4);
    return html`<section class="review-thread box" aria-label="Review of ${thread.path}">
      <header class="box-head"><code>${thread.path}</code>${thread.line === null ? nothing : html`<span class="muted">line ${thread.line}</span>`}</header>
      <div class="diff-frame">
        <table class="diff">
          <tbody>
            ${lines.map(
              (line) => html`<tr class="diff-${line.kind}">
                <td class="number">${line.after ?? line.before}</td>
                <td class="text">${line.text}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${this.#inside(thread)}
    </section>`;
  }

  /** The margin of the pull request's diff. */
  margin(threads: readonly ReviewThread[], pull: Pull): DiffMargin {
    return {
      comment: (path, line) => this.#begin(path, line, pull),
      below: (path, line) => {
        const here = threads.filter((thread) => thread.path === path && stands(thread, line));
        const box = this.#boxes.get(boxName(path, line));
        if (here.length === 0 && box === undefined) return nothing;
        return html`<tr class="diff-below">
          <td colspan="4">${here.map((thread) => html`<div class="review-thread box">${this.#inside(thread)}</div>`)} ${box?.render() ?? nothing}</td>
        </tr>`;
      },
    };
  }

  #inside(thread: ReviewThread): TemplateResult {
    return html`${repeat(
      thread.remarks,
      ({ anchor }) => anchor,
      (remark) => this.#remarks.render(remark),
    )}
      ${this.#replyBox(thread)}`;
  }

  #replyBox({ first }: ReviewThread): TemplateResult {
    const name = `reply-${first}`;
    const open = this.#boxes.get(name);
    if (open !== undefined) return open.render();
    return html`<p class="reply"><button type="button" class="button" @click=${() => this.#reply(name, first)}>Reply…</button></p>`;
  }

  #reply(name: string, first: number): void {
    const { github, api } = this.#desk;
    this.#open(name, "Reply", (text) =>
      github.send("POST", `${api}/pulls/${this.#number}/comments/${first}/replies`, { body: text }),
    );
  }

  #begin(path: string, line: PatchLine, pull: Pull): void {
    const { github, api } = this.#desk;
    const place = line.after === null ? { side: "LEFT", line: line.before } : { side: "RIGHT", line: line.after };
    this.#open(boxName(path, line), "Add single comment", (text) =>
      github.send("POST", `${api}/pulls/${this.#number}/comments`, {
        body: text,
        path,
        commit_id: pull.head.sha,
        ...place,
      }),
    );
  }

  #open(name: string, action: string, send: (text: string) => Promise<unknown>): void {
    const close = (): void => {
      this.#boxes.delete(name);
      this.#desk.draw();
    };
    const submit = async (text: string): Promise<void> => {
      await send(text);
      await this.#desk.refresh();
      close();
    };
    this.#boxes.set(name, new Composer({ desk: this.#desk, id: name, label: action, action, submit, cancel: close }));
    this.#desk.draw();
    document.getElementById(name)?.focus();
  }
}

function stands(thread: ReviewThread, line: PatchLine): boolean {
  return thread.side === "LEFT" ? line.before === thread.line && line.after === null : line.after === thread.line;
}

function boxName(path: string, { before, after }: PatchLine): string {
  return `line-${path}-${before ?? ""}-${after ?? ""}`;
}
