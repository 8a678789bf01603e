import MarkdownIt, { type MarkdownIt as Parser, type Token } from "markdown-it";

/** With tables and bare addresses as on GitHub, and without: what is safe must be so for every reader. */
const READERS = [
  new MarkdownIt({ html: true }),
  new MarkdownIt({ html: true }).use(bareAddresses),
  new MarkdownIt("commonmark"),
];

const MENTION = /(?:^|\W)@[a-z\d]/i;
const REFERENCE = /#\d+\b|(?:^|\W)GH-\d+/i;
const ISSUE = /\/[\w.-]+\/[\w.-]+\/(?:issues|pull|discussions)\/\d/i;
const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+\/[\w.-]+)?(?:#|GH-)\d+\b/i;

/** As in cmark-gfm, an address goes on to the next white space, whatever stands in it. */
function bareAddresses(reader: Parser): void {
  reader.inline.ruler.push("bare_address", (state, silent) => {
    const scheme = /https?$/i.exec(state.pending);
    const rest = /^:\/\/\w[^\s<]*/.exec(state.src.slice(state.pos));
    if (silent || scheme === null || rest === null) return false;
    state.pending = state.pending.slice(0, scheme.index);
    state.push("link_open", "a", 1).attrs = [["href", scheme[0] + rest[0]]];
    state.push("link_close", "a", -1);
    state.pos += rest[0].length;
    return true;
  });
}

/** What GitHub would act on in a comment with this body, in words; empty when nothing happens. */
export function actions(body: string): readonly string[] {
  return READERS.flatMap((reader) => reader.parse(body, {}).flatMap(ofToken));
}

/** The running text and the code of a body, as people read them. */
export function reading(body: string): string {
  const [reader] = READERS;
  return (reader?.parse(body, {}) ?? [])
    .flatMap((token) => [token, ...(token.children ?? [])])
    .map((token) => (token.type === "inline" ? "" : token.content))
    .join("")
    .replace(/\s+/g, " ");
}

function ofToken(token: Token, index: number, all: readonly Token[]): readonly string[] {
  if (token.type === "html_block") return [`HTML: ${token.content}`];
  if (token.type !== "inline") return [];
  const paragraph = all[index - 1]?.type === "paragraph_open";
  const box = paragraph && all[index - 2]?.type === "list_item_open" && /^\[[ xX]\]\s/.test(token.content);
  const lines = !paragraph ? [] : token.content.split("\n").filter((line) => /^\s*\/[a-z]/i.test(line));
  return [
    ...(box ? [`box: ${token.content}`] : []),
    ...lines.map((line) => `command: ${line}`),
    ...ofChildren(token.children ?? []),
  ];
}

function ofChildren(children: readonly Token[]): readonly string[] {
  const found: string[] = [];
  let text = "";
  const flush = () => {
    if (MENTION.test(text)) found.push(`mention: ${text}`);
    if (REFERENCE.test(text)) found.push(`reference: ${text}`);
    if (CLOSING.test(text)) found.push(`closing: ${text}`);
    if (ISSUE.test(text)) found.push(`issue: ${text}`);
    text = "";
  };
  for (const child of children) {
    if (child.type === "text") {
      text += child.content;
      continue;
    }
    flush();
    if (child.type === "html_inline") found.push(`HTML: ${child.content}`);
    if (child.type === "image") found.push(`image: ${child.attrGet("src")}`);
    const href = child.attrGet("href");
    if (href !== null && ISSUE.test(String(href))) found.push(`link to an issue: ${href}`);
  }
  flush();
  return found;
}
