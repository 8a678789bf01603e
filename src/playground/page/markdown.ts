import { randomUUID } from "node:crypto";
import MarkdownIt, { type MarkdownIt as Parser, type Token } from "markdown-it";
import sanitizeHtml from "sanitize-html";
import { linkReferences } from "./references.ts";

/** The repository that `#1` refers to; `file` text keeps soft line breaks soft, as GitHub does for Markdown files. */
export interface MarkdownContext {
  readonly owner: string;
  readonly repo: string;
  readonly source?: "comment" | "file";
}

// Only boxes that we render ourselves may survive: people can write <input> too, and a tick must map to a line of the source.
const OUR_BOX = randomUUID();

/**
 * GitHub-flavoured Markdown as safe HTML. Task-list boxes carry `data-task-index` (0, 1, … in order) and
 * `data-task-line` (the source line, from 0), so that a click finds its `[ ]`.
 */
export function renderMarkdown(text: string, context: MarkdownContext): string {
  const markdown = new MarkdownIt({ html: true, linkify: true, breaks: context.source !== "file" });
  linkAsGitHubDoes(markdown.linkify);
  markdown.core.ruler.push("github", (state) => {
    const html = (content: string) => Object.assign(new state.Token("html_inline", "", 0), { content });
    drawAlerts(state.tokens, html);
    drawTaskLists(state.tokens, html);
    alignCells(state.tokens);
    setDirection(state.tokens);
    for (const token of state.tokens)
      token.children = token.children && linkReferences(token.children, context, state.Token);
  });
  return sanitizeHtml(markdown.render(text), SAFE);
}

type MakeHtml = (content: string) => Token;

function linkAsGitHubDoes(linkify: Parser["linkify"]): void {
  // "plan.md" is a file name and not a host in Moldova.
  linkify.set({ fuzzyLink: false, fuzzyEmail: true });
  linkify.add("www.", {
    validate: (rest, position) => /^[\w-]+(\.[\w-]+)+[^\s<]*/.exec(rest.slice(position))?.[0].length ?? 0,
    normalize: (match) => {
      match.url = `http://${match.url}`;
    },
  });
}

const ALERT = /^\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i;

function drawAlerts(tokens: Token[], html: MakeHtml): void {
  for (const [index, open] of tokens.entries()) {
    const inline = tokens[index + 2];
    if (open.type !== "blockquote_open" || open.level !== 0 || inline?.type !== "inline") continue;
    const kind = ALERT.exec(inline.content)?.[1]?.toLowerCase();
    const close = tokens.findIndex((token, at) => at > index && token.type === "blockquote_close" && token.level === 0);
    // GitHub leaves an alert without text a plain quote.
    if (kind === undefined || (close === index + 4 && !inline.content.includes("\n"))) continue;
    open.tag = "div";
    open.attrSet("class", `markdown-alert markdown-alert-${kind}`);
    const end = tokens[close];
    if (end !== undefined) end.tag = "div";
    const title = html(`<span class="markdown-alert-title">${kind[0]?.toUpperCase()}${kind.slice(1)}</span>`);
    inline.children = [title, ...afterFirstBreak(inline.children ?? [])];
  }
}

function afterFirstBreak(children: readonly Token[]): Token[] {
  const first = children.findIndex((child) => child.type === "softbreak" || child.type === "hardbreak");
  return first < 0 ? [] : children.slice(first + 1);
}

function drawTaskLists(tokens: Token[], html: MakeHtml): void {
  let index = 0;
  for (const [at, item] of tokens.entries()) {
    const inline = tokens[at + 2];
    if (item.type !== "list_item_open" || inline?.type !== "inline") continue;
    const first = inline.children?.[0];
    const box = first?.type === "text" ? /^\[([ xX])\][ \t]+/.exec(first.content) : null;
    if (first === undefined || box === null) continue;
    item.attrJoin("class", "task-list-item");
    listOf(tokens, at)?.attrSet("class", "contains-task-list");
    first.content = first.content.slice(box[0].length);
    inline.children?.unshift(html(renderBox({ index, checked: box[1] !== " ", line: inline.map?.[0] ?? 0 })));
    index += 1;
  }
}

function renderBox({ index, line, checked }: { index: number; line: number; checked: boolean }): string {
  const place = `data-task-index="${index}" data-task-line="${line}"${checked ? " checked" : ""}`;
  return `<input type="checkbox" class="task-list-item-checkbox" disabled data-ours="${OUR_BOX}" ${place}>`;
}

function listOf(tokens: readonly Token[], item: number): Token | undefined {
  const level = (tokens[item]?.level ?? 0) - 1;
  return tokens
    .slice(0, item)
    .findLast(({ type, level: at }) => at === level && /^(bullet|ordered)_list_open$/.test(type));
}

function alignCells(tokens: readonly Token[]): void {
  for (const token of tokens) {
    const style = token.attrGet("style");
    if (typeof style === "string") token.attrs = [["align", style.replace("text-align:", "")]];
  }
}

/** Lets Arabic and Hebrew text run its own way. */
function setDirection(tokens: readonly Token[]): void {
  for (const token of tokens)
    if (/^(paragraph|heading|bullet_list|ordered_list)_open$/.test(token.type)) token.attrSet("dir", "auto");
}

const TAGS =
  "h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p picture source ol ul li table thead tbody tfoot tr td th " +
  "blockquote dl dt dd kbd q samp var hr ruby rt rp s strike summary details caption figure figcaption abbr bdo cite dfn mark small span time wbr input";

const SAFE: sanitizeHtml.IOptions = {
  allowedTags: TAGS.split(" "),
  disallowedTagsMode: "discard",
  allowedAttributes: {
    "*": ["dir", "align", "title", "lang", "aria-label"],
    a: ["href", "class"],
    img: ["src", "alt", "width", "height"],
    source: ["srcset", "media"],
    details: ["open"],
    ol: ["start", "class"],
    td: ["colspan", "rowspan"],
    th: ["colspan", "rowspan"],
    time: ["datetime"],
    input: ["type", "class", "disabled", "checked", "data-task-index", "data-task-line"],
  },
  allowedClasses: {
    a: ["user-mention", "issue-link"],
    code: ["language-*"],
    div: ["markdown-alert", "markdown-alert-*"],
    span: ["markdown-alert-title"],
    ul: ["contains-task-list"],
    ol: ["contains-task-list"],
    li: ["task-list-item"],
    input: ["task-list-item-checkbox"],
  },
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesByTag: { img: ["http", "https", "data"] },
  transformTags: {
    input: (tagName, attribs) =>
      attribs["data-ours"] === OUR_BOX ? { tagName, attribs } : { tagName: "wbr", attribs: {} },
    a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: "nofollow" } }),
  },
};
