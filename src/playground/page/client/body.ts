import { noChange } from "lit-html";
import { Directive, directive, type ElementPart } from "lit-html/directive.js";

export interface Body {
  readonly html: string;
  /** Whether the reader may tick boxes. */
  readonly ticks: boolean;
}

/**
 * Shows rendered Markdown. When the text changes, what the reader has unfolded stays unfolded, and a box that has the
 * focus keeps it: a status comment changes every few seconds.
 */
class BodyDirective extends Directive {
  #shown: Body | null = null;

  render(_body: Body): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [body]: [Body]): unknown {
    if (this.#shown?.html !== body.html) replaceHtml(element, body.html);
    if (this.#shown?.html !== body.html || this.#shown.ticks !== body.ticks) {
      for (const box of boxesIn(element)) box.disabled = !body.ticks;
    }
    this.#shown = body;
    return noChange;
  }
}

export const body = directive(BodyDirective);

function replaceHtml(element: Element, html: string): void {
  const folds = new Map(
    [...element.querySelectorAll("details")].map((details, at) => [foldName(details, at), details.open]),
  );
  const focused = document.activeElement;
  const index = focused instanceof HTMLElement && element.contains(focused) ? focused.dataset["taskIndex"] : undefined;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const [at, details] of [...fresh.content.querySelectorAll("details")].entries()) {
    details.open = folds.get(foldName(details, at)) ?? details.open;
  }
  for (const box of boxesIn(fresh.content))
    box.setAttribute("aria-label", box.parentElement?.textContent?.trim() ?? "Task");
  for (const table of fresh.content.querySelectorAll("table")) makeScrollable(table);
  element.replaceChildren(fresh.content);
  if (index !== undefined)
    element.querySelector<HTMLElement>(`[data-task-index="${index}"]`)?.focus({ preventScroll: true });
}

/** By its summary's words and not its numbers, since those count up. */
function foldName(details: Element, at: number): string {
  return `${at} ${details.querySelector("summary")?.textContent?.replaceAll(/[^\p{L}]+/gu, " ") ?? ""}`;
}

function boxesIn(root: ParentNode): readonly HTMLInputElement[] {
  return [...root.querySelectorAll<HTMLInputElement>("input[data-task-index]")];
}

/** A wide table scrolls by itself, also by keyboard; the page does not. */
function makeScrollable(table: HTMLTableElement): void {
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Table");
  table.replaceWith(frame);
  frame.append(table);
}
