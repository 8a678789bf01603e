import { html, nothing, type TemplateResult } from "lit-html";
import type { Place } from "./github.ts";
import { type IconName, icon } from "./icons.ts";
import { avatar } from "./people.ts";
import type { Tab } from "./view.ts";

interface Frame {
  readonly place: Place;
  readonly tab: Tab;
  readonly branch: string;
  readonly me: string;
  readonly people: readonly string[];
  readonly openIssues: number | null;
  readonly openPulls: number | null;
  /** What went wrong last, to be shown above the content. */
  readonly trouble: string | null;
  /** False while the server cannot be reached. */
  readonly connected: boolean;
  readonly content: TemplateResult;
  readonly become: (login: string) => void;
  readonly dismiss: () => void;
}

/** Everything around what a page is about. */
export function layout(frame: Frame): TemplateResult {
  const { owner, repo } = frame.place;
  const home = `/${owner}/${repo}`;
  const tabs: readonly { tab: Tab; path: string; icon: IconName; words: string; count: number | null }[] = [
    { tab: "code", path: `/tree/${frame.branch}`, icon: "code", words: "Code", count: null },
    { tab: "issues", path: "/issues", icon: "issue", words: "Issues", count: frame.openIssues },
    { tab: "pulls", path: "/pulls", icon: "pull", words: "Pull requests", count: frame.openPulls },
    { tab: "actions", path: "/actions", icon: "play", words: "Actions", count: null },
  ];
  return html`<a class="skip" href="#content">Skip to content</a>
    <header class="top">
      <div class="top-line">
        <p class="repository">${icon("repository")} <span>${owner}</span> <span class="slash">/</span> <a href=${home}>${repo}</a></p>
        <span class="badge">Playground</span>
        <span class="connection" role="status">${frame.connected ? nothing : "Reconnecting…"}</span>
        ${switcher(frame)}
      </div>
      <nav class="tabs" aria-label="Repository">
        ${tabs.map(
          ({ tab, path, icon: name, words, count }) =>
            html`<a href="${home}${path}" aria-current=${tab === frame.tab ? "page" : nothing}>
              ${icon(name)} <span>${words}</span> ${count === null ? nothing : html`<span class="counter">${count}</span>`}
            </a>`,
        )}
      </nav>
    </header>
    <main id="content" tabindex="-1">
      <div role="alert">
        ${
          frame.trouble === null
            ? nothing
            : html`<p class="flash"><span>${frame.trouble}</span><button type="button" class="icon-button" aria-label="Dismiss" @click=${frame.dismiss}>✕</button></p>`
        }
      </div>
      ${frame.content}
    </main>
    <footer>A GitHub of your own, on this machine alone. Nothing here leaves it.</footer>`;
}

function switcher({ me, people, become }: Frame): TemplateResult {
  const choose = ({ target }: Event): void => {
    if (target instanceof HTMLSelectElement) become(target.value);
  };
  return html`<label class="switcher">
    ${avatar({ login: me }, "small")} <span class="switcher-words">You are</span>
    <select @change=${choose} aria-label="You are">
      ${people.map((login) => html`<option value=${login} ?selected=${login === me}>${login}</option>`)}
    </select>
  </label>`;
}
