import { html, nothing, type TemplateResult } from "lit-html";
import type { DiffEntry, Pull } from "./github.ts";
import { icon } from "./icons.ts";
import { author } from "./people.ts";
import { pullState } from "./side-panel.ts";
import { type Desk, encodePath, mayWrite } from "./view.ts";

/** What a pull request has and an issue has not. */
export interface PullPart {
  readonly pull: Pull;
  readonly files: readonly DiffEntry[];
}

export async function loadPull({ github, api }: Desk, number: number): Promise<PullPart> {
  const [pull, files] = await Promise.all([
    github.get<Pull>(`${api}/pulls/${number}`),
    github.list<DiffEntry>(`${api}/pulls/${number}/files`),
  ]);
  return { pull, files };
}

export function pullPill(pull: Pull): TemplateResult {
  const state = pullState(pull);
  return html`<span class="pill pill-${state}">${icon(state === "merged" ? "merged" : "pull")} ${state[0]?.toUpperCase()}${state.slice(1)}</span>`;
}

/** "mona wants to merge 2 commits into main from dispatch/…" */
export function pullLine({ home }: Desk, pull: Pull): TemplateResult {
  const foreign = pull.head.repo?.full_name !== pull.base.repo.full_name;
  return html`<span>
    ${author(pull.user)} ${pull.merged_at === null ? "wants to merge" : "merged"} ${pull.commits} ${pull.commits === 1 ? "commit" : "commits"} into
    <a class="branch" href="${home}/tree/${encodePath(pull.base.ref)}">${pull.base.ref}</a> from
    ${
      foreign
        ? html`<span class="branch">${pull.head.label}</span>`
        : html`<a class="branch" href="${home}/tree/${encodePath(pull.head.ref)}">${pull.head.ref}</a>`
    }
  </span>`;
}

export function pullTabs(
  { home }: Desk,
  { pull, files }: PullPart,
  page: "conversation" | "files",
  remarks: number,
): TemplateResult {
  const path = `${home}/pull/${pull.number}`;
  const current = (name: string) => (page === name ? "page" : nothing);
  return html`<nav class="tabs inner" aria-label="Pull request">
    <a href=${path} aria-current=${current("conversation")}>Conversation <span class="counter">${remarks}</span></a>
    <a href="${path}/files" aria-current=${current("files")}>Files changed <span class="counter">${files.length}</span></a>
    <span class="counts"><span class="plus">+${pull.additions}</span> <span class="minus">−${pull.deletions}</span></span>
  </nav>`;
}

const READY =
  "mutation ready($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { clientMutationId } }";

/** The box that makes an open pull request ready, or merges it; nothing for those who may not. */
export function mergeBox(desk: Desk, pull: Pull): TemplateResult | typeof nothing {
  if (!mayWrite(desk) || pull.state !== "open") return nothing;
  const { github, api } = desk;
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch(desk.complain);
    await desk.refresh();
  };
  const ready = () => github.graphql(READY, { id: pull.node_id });
  const merge = () => github.send("PUT", `${api}/pulls/${pull.number}/merge`, { sha: pull.head.sha });
  return html`<section class="box merge" aria-label="Merging">
    ${
      pull.draft === true
        ? html`<p><strong>This pull request is still a draft.</strong><br /><span class="muted">Drafts cannot be merged.</span></p>
            <button type="button" class="button" @click=${() => act(ready)}>Ready for review</button>`
        : html`<p><strong>Ready to be merged into ${pull.base.ref}.</strong></p>
            <button type="button" class="button primary" @click=${() => act(merge)}>Merge pull request</button>`
    }
  </section>`;
}
