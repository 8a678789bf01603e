/** One line of Markdown, and what it is in the text it stands in. */
export interface MarkdownLine {
  readonly text: string;
  /** The same line, of the same length, with everything blanked that is not its author's own running text. */
  readonly own: string;
  readonly kind: LineKind;
}

type LineKind = "text" | "code" | "quote" | "comment";

type Container = { readonly kind: "quote" } | { readonly kind: "item"; readonly width: number };
type Leaf =
  | { readonly kind: "none" }
  | { readonly kind: "paragraph" }
  | { readonly kind: "fence"; readonly mark: string }
  | { readonly kind: "html"; readonly tag: string };

/** The blocks that are open at the end of a line. */
interface Blocks {
  readonly containers: readonly Container[];
  readonly leaf: Leaf;
}

interface Step {
  readonly blocks: Blocks;
  readonly kind: "text" | "code" | "quote";
}

const NONE: Leaf = { kind: "none" };
const PARAGRAPH: Leaf = { kind: "paragraph" };
const HEADING_OR_BREAK = /^ {0,3}(?:#{1,6}(?: |$)|(?:\* *){3,}$|(?:- *){3,}$|(?:_ *){3,}$)/;
const UNDERLINE = /^ {0,3}(?:=+|-+) *$/;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
/** HTML in which Markdown is dead, or which quotes. */
const HTML = /^ {0,3}<(pre|script|style|textarea|blockquote)(?=[ >]|$)/i;
const LIST_MARKER = /^( {0,3})([-+*]|(\d{1,9})[.)])( +|$)/;

/**
 * The author's own words: code blocks, quotes and HTML comments become spaces, so that every place keeps its line and column.
 * CRLF becomes LF.
 */
export function ownText(body: string): string {
  return readMarkdown(body)
    .map((line) => line.own)
    .join("\n");
}

export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Columns of white space that a line starts with; a tab reaches to the next multiple of four. */
export function indentOf(line: string): number {
  return expandTabs(/^[ \t]*/.exec(line)?.[0] ?? "").length;
}

/** Reads block structure as GitHub does (CommonMark): lists, lazy continuation lines and unclosed blocks included. */
export function readMarkdown(body: string): readonly MarkdownLine[] {
  const texts = withLineFeeds(body).split("\n");
  const lastEnd = texts.findLastIndex((text) => text.includes("-->"));
  const lines: MarkdownLine[] = [];
  let blocks: Blocks = { containers: [], leaf: NONE };
  let inComment = false;

  for (const [index, text] of texts.entries()) {
    const commentEnds = index < lastEnd;
    if (inComment) {
      const end = text.indexOf("-->");
      const scan = end < 0 ? { own: blank(text), open: true } : blankComments(text, end + 3, commentEnds);
      inComment = scan.open;
      lines.push({ text, own: scan.own, kind: scan.own.trim() === "" ? "comment" : "text" });
      blocks = { containers: blocks.containers, leaf: NONE };
      continue;
    }
    const step: Step = nextLine(blocks, expandTabs(text));
    blocks = step.blocks;
    if (step.kind === "code") {
      lines.push({ text, own: blank(text), kind: "code" });
      continue;
    }
    const scan = blankComments(text, 0, commentEnds);
    inComment = scan.open;
    const hidden = step.kind === "text" && scan.own.trim() === "" && text.trim() !== "";
    lines.push({ text, own: step.kind === "quote" ? blank(text) : scan.own, kind: hidden ? "comment" : step.kind });
  }
  return lines;
}

/** One line further, after https://spec.commonmark.org/0.31.2/#phase-1-block-structure. */
function nextLine(before: Blocks, line: string): Step {
  const { matched, rest } = descend(before.containers, line);
  const inside = matched === before.containers.length;
  const { leaf } = before;
  if (inside && leaf.kind === "fence") {
    return stepOf({ containers: before.containers, leaf: closesFence(rest, leaf.mark) ? NONE : leaf }, "code");
  }
  if (inside && leaf.kind === "html") {
    const closed = closesHtml(rest, leaf.tag);
    return stepOf({ containers: before.containers, leaf: closed ? NONE : leaf }, htmlKind(leaf.tag));
  }
  return openBlocks(before, matched, rest);
}

/** How many of the open containers this line stays in, and what is left of it after their markers. */
function descend(containers: readonly Container[], line: string): { matched: number; rest: string } {
  let rest = line;
  for (const [index, container] of containers.entries()) {
    const blankLine = rest.trim() === "";
    if (container.kind === "quote") {
      const marker = /^ {0,3}> ?/.exec(rest);
      if (marker === null) return { matched: index, rest };
      rest = rest.slice(marker[0].length);
    } else if (!blankLine) {
      if (!rest.startsWith(" ".repeat(container.width))) return { matched: index, rest };
      rest = rest.slice(container.width);
    }
  }
  return { matched: containers.length, rest };
}

/** Nobody nests deeper, and a hostile text must not make every line dear. */
const DEEPEST = 50;

function openBlocks(before: Blocks, matched: number, line: string): Step {
  const containers = before.containers.slice(0, matched);
  const continues = before.leaf.kind === "paragraph";
  let interrupts = continues && matched === before.containers.length;
  let opened = false;
  let rest = line;
  for (;;) {
    const open = (leaf: Leaf, kind: "text" | "code" | "quote" = "text") => stepOf({ containers, leaf }, kind);
    if (rest.trim() === "") return open(NONE);
    if (containers.length > DEEPEST) return open(PARAGRAPH);
    const continuation = continues && !opened;
    if (rest.startsWith("    ")) {
      return continuation ? stepOf({ containers: before.containers, leaf: PARAGRAPH }, "text") : open(NONE, "code");
    }
    const quote = /^ {0,3}> ?/.exec(rest);
    const fence = FENCE.exec(rest);
    const html = HTML.exec(rest);
    const item = interrupts && UNDERLINE.test(rest) ? null : listItem(rest, interrupts);
    if (quote !== null) {
      containers.push({ kind: "quote" });
      rest = rest.slice(quote[0].length);
    } else if (fence?.[1] !== undefined) {
      return open({ kind: "fence", mark: fence[1] }, "code");
    } else if (html?.[1] !== undefined) {
      return open(closesHtml(rest, html[1]) ? NONE : { kind: "html", tag: html[1] }, htmlKind(html[1]));
    } else if (HEADING_OR_BREAK.test(rest) || (interrupts && UNDERLINE.test(rest))) {
      return open(NONE);
    } else if (item !== null) {
      containers.push(item);
      rest = rest.slice(item.width);
    } else {
      // A line that continues a paragraph lazily stays in the paragraph's containers, quotes among them.
      return continuation ? stepOf({ containers: before.containers, leaf: PARAGRAPH }, "text") : open(PARAGRAPH);
    }
    opened = true;
    interrupts = false;
  }
}

function listItem(rest: string, interrupts: boolean): { kind: "item"; width: number } | null {
  const match = LIST_MARKER.exec(rest);
  if (match === null) return null;
  const [whole, indent = "", marker = "", number, spaces = ""] = match;
  const empty = rest.slice(whole.length).trim() === "";
  if (interrupts && (empty || (number !== undefined && Number(number) !== 1))) return null;
  const gap = empty || spaces.length > 4 ? 1 : spaces.length;
  return { kind: "item", width: indent.length + marker.length + gap };
}

function stepOf(blocks: Blocks, kind: "text" | "code" | "quote"): Step {
  return { blocks, kind: blocks.containers.some((container) => container.kind === "quote") ? "quote" : kind };
}

function closesFence(rest: string, mark: string): boolean {
  const close = /^ {0,3}(`{3,}|~{3,}) *$/.exec(rest)?.[1];
  return close !== undefined && close[0] === mark[0] && close.length >= mark.length;
}

function closesHtml(rest: string, tag: string): boolean {
  return rest.toLowerCase().includes(`</${tag.toLowerCase()}>`);
}

function htmlKind(tag: string): "code" | "quote" {
  return tag.toLowerCase() === "blockquote" ? "quote" : "code";
}

/**
 * Blanks the HTML comments of one line, and everything before `from`. An opening that nothing closes is plain text,
 * unless the line starts with it: then browsers hide all that follows.
 */
function blankComments(
  text: string,
  from: number,
  endsLater: boolean,
): { readonly own: string; readonly open: boolean } {
  let own = blank(text.slice(0, from));
  const token = /\\.|`+|<!--/g;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0].startsWith("`")) {
      token.lastIndex = endOfCode(text, token.lastIndex, match[0].length);
    } else if (match[0] === "<!--") {
      const end = text.indexOf("-->", match.index + 2);
      own += text.slice(own.length, match.index);
      if (end < 0) {
        const open = endsLater || /^[\s>+*\-\d.)]*$/.test(own);
        return { own: own + (open ? blank(text.slice(own.length)) : text.slice(own.length)), open };
      }
      own += blank(text.slice(own.length, end + 3));
      token.lastIndex = own.length;
    }
  }
  return { own: own + text.slice(own.length), open: false };
}

/** Where the inline code ends whose `length` backticks end at `from`; `from` itself when nothing closes it. */
function endOfCode(text: string, from: number, length: number): number {
  for (const run of text.slice(from).matchAll(/`+/g)) {
    if (run[0].length === length) return from + run.index + length;
  }
  return from;
}

/** A line with its tabs as the spaces they stand for, every four columns. */
export function expandTabs(line: string): string {
  if (!line.includes("\t")) return line;
  let expanded = "";
  for (const [index, part] of line.split("\t").entries()) {
    if (index > 0) expanded += " ".repeat(4 - (expanded.length % 4));
    expanded += part;
  }
  return expanded;
}

function blank(text: string): string {
  return " ".repeat(text.length);
}
