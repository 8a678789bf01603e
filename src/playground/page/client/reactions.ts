import { html, type TemplateResult } from "lit-html";
import type { Reaction, Rollup } from "./github.ts";
import { icon } from "./icons.ts";
import { closeOnLeave } from "./remark.ts";
import type { Desk } from "./view.ts";

const REACTIONS = [
  { content: "+1", emoji: "👍", name: "thumbs up" },
  { content: "-1", emoji: "👎", name: "thumbs down" },
  { content: "laugh", emoji: "😄", name: "laugh" },
  { content: "hooray", emoji: "🎉", name: "hooray" },
  { content: "confused", emoji: "😕", name: "confused" },
  { content: "heart", emoji: "❤️", name: "heart" },
  { content: "rocket", emoji: "🚀", name: "rocket" },
  { content: "eyes", emoji: "👀", name: "eyes" },
] as const;

type Content = (typeof REACTIONS)[number]["content"];

/** The reactions to the remark at this API path, each a button that adds or takes back one's own. */
export function reactions(desk: Desk, path: string, rollup: Rollup): TemplateResult {
  const given = REACTIONS.filter(({ content }) => rollup[content] > 0);
  return html`<div class="reactions">
    <details class="menu start" @toggle=${closeOnLeave}>
      <summary class="icon-button round" aria-label="Add a reaction">${icon("smile")}</summary>
      <div class="menu-items row">
        ${REACTIONS.map(
          ({ content, emoji, name }) =>
            html`<button type="button" aria-label=${name} title=${name} @click=${() => toggle(desk, path, content)}>${emoji}</button>`,
        )}
      </div>
    </details>
    ${given.map(
      ({ content, emoji, name }) =>
        html`<button type="button" class="reaction" aria-label="${name}: ${rollup[content]}" title=${name} @click=${() => toggle(desk, path, content)}>
          <span aria-hidden="true">${emoji}</span> ${rollup[content]}
        </button>`,
    )}
  </div>`;
}

async function toggle(desk: Desk, path: string, content: Content): Promise<void> {
  try {
    const all = await desk.github.list<Reaction>(`${path}/reactions?content=${encodeURIComponent(content)}`);
    const mine = all.find(({ user }) => user?.login === desk.me);
    if (mine === undefined) await desk.github.send("POST", `${path}/reactions`, { content });
    else await desk.github.send("DELETE", `${path}/reactions/${mine.id}`);
  } catch (error) {
    desk.complain(error);
  }
  await desk.refresh();
}
