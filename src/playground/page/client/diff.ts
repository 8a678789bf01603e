import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { DiffEntry } from "./github.ts";
import { type PatchLine, readPatch } from "./patch.ts";

/** What stands below a line of a diff, and what its "+" does. */
export interface DiffMargin {
  /** Review comments, or a box to write one. */
  readonly below: (path: string, line: PatchLine) => TemplateResult | typeof nothing;
  readonly comment: ((path: string, line: PatchLine) => void) | null;
}

const BARE: DiffMargin = { below: () => nothing, comment: null };
const SIGNS = { added: "+", removed: "−", same: " ", hunk: "", note: "" } as const;

export function diff(files: readonly DiffEntry[], margin: DiffMargin = BARE): TemplateResult {
  if (files.length === 0) return html`<p class="blank">No changes.</p>`;
  const added = files.reduce((sum, file) => sum + file.additions, 0);
  const removed = files.reduce((sum, file) => sum + file.deletions, 0);
  return html`<p class="diff-sum">
      Showing <strong>${files.length} changed ${files.length === 1 ? "file" : "files"}</strong> with
      <strong class="plus">${added} additions</strong> and <strong class="minus">${removed} deletions</strong>.
    </p>
    ${repeat(
      files,
      (file) => file.filename,
      (file) => fileDiff(file, margin),
    )}`;
}

function fileDiff(file: DiffEntry, margin: DiffMargin): TemplateResult {
  const name = file.previous_filename === undefined ? file.filename : `${file.previous_filename} → ${file.filename}`;
  return html`<details class="file-diff box" open>
    <summary class="box-head">
      <code>${name}</code>
      <span class="counts"><span class="plus">+${file.additions}</span> <span class="minus">−${file.deletions}</span></span>
    </summary>
    ${
      file.patch === undefined
        ? html`<p class="blank">${file.status === "renamed" ? "Renamed without changes." : "Binary or large file, not shown."}</p>`
        : html`<div class="diff-frame" tabindex="0" role="region" aria-label="Changes of ${name}">
            <table class="diff">
              <tbody>
                ${readPatch(file.patch).map((line) => row(file.filename, line, margin))}
              </tbody>
            </table>
          </div>`
    }
  </details>`;
}

function row(path: string, line: PatchLine, { below, comment }: DiffMargin): TemplateResult {
  const commentable = comment !== null && (line.before !== null || line.after !== null);
  return html`<tr class="diff-${line.kind}">
      <td class="number">${line.before}</td>
      <td class="number">
        ${
          commentable
            ? html`<button type="button" class="add-comment" aria-label="Comment on line ${line.after ?? line.before}" @click=${() => comment(path, line)}>+</button>`
            : nothing
        }${line.after}
      </td>
      <td class="sign" aria-hidden="true">${SIGNS[line.kind]}</td>
      <td class="text">${line.text}</td>
    </tr>
    ${below(path, line)}`;
}
