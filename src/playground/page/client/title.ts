import { html, type TemplateResult } from "lit-html";

/** A title or a commit's first line: plain text, in which only `code` is Markdown, as on GitHub. */
export function title(text: string): TemplateResult {
  const parts = text.split(/`([^`]+)`/);
  return html`<bdi>${parts.map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}</bdi>`;
}
