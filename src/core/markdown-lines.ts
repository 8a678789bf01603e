import { expandTabs } from "./markdown.ts";

/**
 * One line of a text whose Markdown leaves no doubt. `prefix` holds the marks of the quotes and lists that the line stands in,
 * `text` the rest.
 */
export interface PlainLine {
  readonly prefix: string;
  readonly text: string;
  readonly kind: "code" | "text";
  /** True for the first line of a list item. */
  readonly item: boolean;
  /** True where the line may be a row of a table. */
  readonly table: boolean;
  /** Closes the code block that this line is in, should nothing follow; empty outside. */
  readonly closer: string;
}

type Container = { readonly kind: "quote" } | { readonly kind: "item"; readonly width: number };
type Leaf =
  | { readonly kind: "none" | "paragraph" }
  | { readonly kind: "fence"; readonly mark: string; readonly closer: string };

/** A no-break space is a letter to Markdown. */
const BLANK = /^[ \t]*$/;
const FENCE = /^( {0,3})(`{3,20}(?!`)(?=[^`]*$)|~{3,20}(?!~))[ \t]*([\w+#.-]{0,40})/;
const QUOTE = /^ {0,3}> ?/;
const HEADING_OR_BREAK = /^ {0,3}(?:#{1,6}(?: |$)|(?:\* *){3,}$|(?:- *){3,}$|(?:_ *){3,}$)/;
const ITEM = /^( {0,3})([-+*]|(\d{1,9})[.)])( +)(?=[^ ])/;
const EMPTY_ITEM = /^( {0,3}(?:\d{1,9}(?=[.)])|(?=[-+*])))([-+*.)]) *$/;
const DELIMITER_ROW = /^[\s|:-]*-[\s|:-]*$/;
const DEEPEST = 20;

/**
 * Reads text that may want to deceive us about where its code blocks are, and says the same without doubtful places: no lazy
 * continuation lines, every code block closed where it ends, no footnotes, no empty list items. What is code for us is then code for
 * GitHub, whatever else its Markdown knows (tables end a paragraph where CommonMark would continue it, for one).
 * There must be no HTML: `<` is taken for an ordinary letter, and the caller escapes it in every line of kind "text".
 */
export function plainLines(text: string): readonly PlainLine[] {
  const reader = new Reader();
  for (const line of text.split("\n")) reader.read(line);
  return withTables(reader.lines);
}

class Reader {
  readonly lines: PlainLine[] = [];
  #containers: Container[] = [];
  #leaf: Leaf = { kind: "none" };

  read(line: string): void {
    const leaf = this.#leaf;
    // Tabs in code stay tabs where nothing but the code itself stands before them.
    const expanded = leaf.kind === "fence" && this.#containers.length === 0 ? line : expandTabs(line);
    const { matched, prefix, rest } = descend(this.#containers, expanded);
    const inside = matched === this.#containers.length;
    if (leaf.kind !== "fence") return this.#open(matched, prefix, rest);
    if (inside && !closes(rest, leaf.mark)) return this.#push(prefix, rest, "code", leaf.closer);
    this.#push("", leaf.closer, "code");
    this.#leaf = { kind: "none" };
    if (!inside) this.#open(matched, prefix, rest);
  }

  #open(matched: number, before: string, line: string): void {
    const inside = matched === this.#containers.length;
    const continues = this.#leaf.kind === "paragraph";
    const containers = this.#containers.slice(0, matched);
    let interrupts = continues && inside;
    let prefix = before;
    let rest = line;
    let opened = false;
    let item = false;
    for (;;) {
      if (BLANK.test(rest)) return this.#end(containers, prefix.trimEnd(), "", "text", item);
      if (containers.length >= DEEPEST) rest = rest.replace(/^(?:[\s>*+-]|\d{1,9}[.)])+(?=.)/, "");
      if (rest.startsWith("    ") && !(continues && !opened))
        return this.#indentedCode(containers, prefix, rest, { opened, inside });
      const quote = QUOTE.exec(rest)?.[0];
      if (quote !== undefined) {
        containers.push({ kind: "quote" });
        prefix += quote;
        rest = rest.slice(quote.length);
      } else {
        const fence = FENCE.exec(rest);
        if (fence !== null) return this.#openFence(containers, prefix, fence);
        if (HEADING_OR_BREAK.test(rest)) return this.#end(containers, prefix, rest, "text", item);
        const mark = ITEM.exec(rest);
        if (mark === null || (interrupts && Number(mark[3] ?? 1) !== 1)) break;
        const [whole, indent = "", sign = "", , gap = ""] = mark;
        const width = gap.length > 4 ? indent.length + sign.length + 1 : whole.length;
        containers.push({ kind: "item", width });
        prefix += rest.slice(0, width);
        rest = rest.slice(width);
        item = true;
      }
      opened = true;
      interrupts = false;
    }
    if (continues && !inside && !opened) {
      // A blank line instead of lazy continuation: only so every reader of Markdown ends the quote or list here.
      this.#end(containers, continued(containers).trimEnd(), "", "text", false);
      return this.#open(matched, prefix, rest.replace(/^ +/, ""));
    }
    this.#containers = containers;
    this.#leaf = { kind: "paragraph" };
    this.#push(prefix, rest.replace(EMPTY_ITEM, "$1\\$2"), "text", "", item);
  }

  /** Code by its indentation alone: readers agree on it only after a blank line, or where the line before was such code too. */
  #indentedCode(
    containers: Container[],
    prefix: string,
    rest: string,
    { opened, inside }: { readonly opened: boolean; readonly inside: boolean },
  ): void {
    if (opened) return this.#end(containers, prefix, rest, "text", false);
    const blank = continued(containers).trimEnd();
    const last = this.lines.at(-1);
    const parted = last === undefined || (last.text === "" && last.prefix === blank);
    if (!inside && !parted) this.#end(containers, blank, "", "text", false);
    this.#end(containers, prefix, rest, "code", false);
  }

  #openFence(
    containers: Container[],
    prefix: string,
    [, indent = "", mark = "", language = ""]: RegExpExecArray,
  ): void {
    const closer = `${continued(containers)}${indent}${mark}`;
    this.#containers = containers;
    this.#leaf = { kind: "fence", mark, closer };
    this.#push(prefix, `${indent}${mark}${language}`, "code", closer);
  }

  /** A line after which no paragraph goes on. */
  #end(containers: Container[], prefix: string, text: string, kind: PlainLine["kind"], item: boolean): void {
    this.#containers = containers;
    this.#leaf = { kind: "none" };
    this.#push(prefix, text, kind, "", item);
  }

  #push(prefix: string, text: string, kind: PlainLine["kind"], closer = "", item = false): void {
    this.lines.push({ prefix, text, kind, closer, item, table: false });
  }
}

/** How many of the open containers a line stays in, their marks on it, and what is left of it. */
function descend(containers: readonly Container[], line: string): { matched: number; prefix: string; rest: string } {
  let prefix = "";
  let rest = line;
  for (const [index, container] of containers.entries()) {
    const mark = container.kind === "quote" ? QUOTE.exec(rest)?.[0] : indentation(rest, container.width);
    if (mark === undefined) return { matched: index, prefix, rest };
    prefix += mark;
    rest = rest.slice(mark.length);
  }
  return { matched: containers.length, prefix, rest };
}

function indentation(rest: string, width: number): string | undefined {
  if (BLANK.test(rest)) return "";
  const indent = " ".repeat(width);
  return rest.startsWith(indent) ? indent : undefined;
}

function closes(rest: string, mark: string): boolean {
  const run = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(rest)?.[1];
  return run !== undefined && run[0] === mark[0] && run.length >= mark.length;
}

function continued(containers: readonly Container[]): string {
  return containers.map((container) => (container.kind === "quote" ? "> " : " ".repeat(container.width))).join("");
}

/** Marks the lines that stand together with something that looks like a table's second row. */
function withTables(lines: readonly PlainLine[]): readonly PlainLine[] {
  const marked: PlainLine[] = [];
  let start = 0;
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1];
    if (next !== undefined && isText(line) && isText(next)) continue;
    const block = lines.slice(start, index + 1);
    const table = block.some(({ kind, text }) => kind === "text" && DELIMITER_ROW.test(text));
    marked.push(...(table ? block.map((row) => ({ ...row, table })) : block));
    start = index + 1;
  }
  return marked;
}

function isText(line: PlainLine): boolean {
  return line.kind === "text" && line.text !== "";
}
