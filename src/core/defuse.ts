import { visibleText } from "./visible-text.ts";

/**
 * Running text in which nothing happens by itself: no mention, no reference to an issue, no HTML, no picture. What would have done
 * something is shown as code, which GitHub leaves alone; everything else stays as it was written.
 */

/** Ends a code span or starts one; the rest of the text is between them. */
const TICKS = /\\[!-/:-@[-`{-~]|`+/g;
const ESCAPED_OR_ENTITY = /\\[!-/:-@[-`{-~]|&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([A-Za-z][A-Za-z\d]{1,31}));/g;

/** Entities that people write and that nobody is harmed by. All others are shown as they are written. */
const HARMLESS_ENTITIES = new Set(
  "lt gt amp quot apos nbsp mdash ndash hellip copy reg trade times divide plusmn deg middot bull laquo raquo ldquo rdquo lsquo rsquo larr rarr uarr darr harr le ge ne euro pound check ensp emsp thinsp".split(
    " ",
  ),
);

/** What follows a link's text, where it can be read in one way only. Code spans do not count in it: a backtick would be part of the address. */
const LINK_TAIL = String.raw`\]\([ ]*(?:[^\s\`<>()[\]\\"'!]|\([^\s\`<>()[\]\\"'!]*\))*(?:[ ]+"[^"\`\\<[\]!]*")?[ ]*\)`;
/** The label of a link by reference. Its bracket stays for the next piece: a target may follow. */
const LABEL_TAIL = String.raw`\]\[[^[\]\`\\<]*(?=\])`;

const PIECES = new RegExp(
  [
    LINK_TAIL,
    LABEL_TAIL,
    String.raw`\][([]`,
    String.raw`<(?:(?:https?|mailto):[^\s<>\`|\\]+|[\w.+-]+@[\w.-]+)>`, // a link in angle brackets
    String.raw`\\[\`|]`,
    // A word, with whatever is escaped in it. Backticks and pipes stay outside: no code span could hold them in a table.
    String.raw`(?:\\[!-/:;=-@[-_{}~]|[^\s\`<>()[\]"'*~|,;!\\]|\\(?![\`|<]))+`,
    String.raw`!+\[`,
    // Escaped or not: an address in front of it would swallow the backslash.
    String.raw`\\?<`,
  ].join("|"),
  "g",
);

const MENTION = /(^|[^A-Za-z0-9])@(?=[A-Za-z0-9])/g;
const REFERENCE = /#\d+(?![A-Za-z0-9])|(?:^|[^A-Za-z0-9])GH-\d/i;
/** GitHub makes links of addresses even within a word; what is left over stands for itself then. */
const GLUED = /#\d\w*:\/\/|@[^@]*@(?=[A-Za-z0-9])/i;
/** From the beginning of a word on, or a long one would be read again from each of its letters. */
const ISSUE_ADDRESS = /(?<![\w.-])[\w.-]+(?::\d+)?\/+[\w.-]+\/+[\w.-]+\/+(?:issues|pulls?|discussions)\/+\d/i;

/** One line of a text that `plainLines` has read. */
export function defuse(line: string, { table }: { readonly table: boolean }): string {
  const out = new Output();
  const closers = closingRuns(line);
  let literal = "";
  let at = 0;
  TICKS.lastIndex = 0;
  for (let match = TICKS.exec(line); match !== null; match = TICKS.exec(line)) {
    const [run] = match;
    literal += line.slice(at, match.index);
    at = match.index + run.length;
    if (run.startsWith("\\")) {
      literal += run;
      continue;
    }
    const end = closers(at, run.length);
    const code = end === null ? null : line.slice(match.index, end);
    if (end === null || code === null || (table && hasPipe(code))) {
      // A backtick that closes nothing here might close something elsewhere.
      literal += "\\`".repeat(run.length);
      continue;
    }
    defuseWords(literal, out);
    literal = "";
    out.code(code);
    at = end;
    TICKS.lastIndex = end;
  }
  defuseWords(literal + line.slice(at), out);
  return out.text;
}

/** Finds the end of the first run of `length` backticks at or after a place, in one pass over the line. */
function closingRuns(line: string): (from: number, length: number) => number | null {
  const ends = new Map<number, { readonly places: number[]; next: number }>();
  for (const { 0: run, index } of line.matchAll(/`+/g)) {
    const known = ends.get(run.length);
    if (known === undefined) ends.set(run.length, { places: [index + run.length], next: 0 });
    else known.places.push(index + run.length);
  }
  return (from, length) => {
    const known = ends.get(length);
    if (known === undefined) return null;
    // Asked with growing places only, so what lies behind is never wanted again.
    while ((known.places[known.next] ?? Number.POSITIVE_INFINITY) - length < from) known.next += 1;
    return known.places[known.next] ?? null;
  };
}

/** Whether a table would be cut here. Two backslashes before a pipe are read differently by different readers. */
function hasPipe(code: string): boolean {
  return /(?:^|[^\\])(?:\\\\+)?\|/.test(code);
}

function defuseWords(literal: string, out: Output): void {
  const text = decoded(literal);
  let at = 0;
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    out.plain(text.slice(at, index));
    at = index + piece.length;
    if (piece.startsWith("]")) defuseLink(piece, out);
    else if (piece === "\\<") out.plain("&lt;");
    else if (piece === "<") out.plain(/^[=-]?[ \t]/.test(text.slice(at, at + 2)) ? piece : "&lt;");
    else if (piece.startsWith("<")) defuseAddress(piece.slice(1, -1), text.charAt(at), out);
    else if (piece.startsWith("!")) out.plain(linkInsteadOfImage(piece, text.startsWith("]", at)));
    else defuseWord(piece, out);
  }
  out.plain(text.slice(at));
}

/** A link keeps its target; one that refers to an issue, or that readers may end in different places, is shown as it was written. */
function defuseLink(piece: string, out: Output): void {
  const whole = piece.length > 2;
  const safe = whole ? piece.replace(MENTION, "$1%40") : piece;
  if (whole && !isLive(safe)) return out.plain(safe);
  out.plain(`]\\${piece.charAt(1)}`);
  if (whole) defuseWords(piece.slice(2), out);
}

function linkInsteadOfImage(piece: string, nameless: boolean): string {
  return `${"\\!".repeat(piece.length - 2)}[${nameless ? "image" : ""}`;
}

/** An address without its angle brackets, which could be HTML for others. Within a word they are only shown: a word stays a word. */
function defuseAddress(address: string, next: string, out: Output): void {
  const apart = out.isApart && /^[\s).,;*]?$/.test(next);
  out.plain(apart ? "" : "&lt;");
  defuseWord(address, out);
  out.plain(apart ? "" : ">");
}

function defuseWord(word: string, out: Output): void {
  const meant = unescaped(word);
  if (!isLive(meant)) return out.plain(word);
  // In an address the sign can be written differently, and the link still works.
  const address = /^https?:\/\/\w/i.test(word) && word === meant ? word.replace(MENTION, "$1%40") : word;
  if (address !== word && !isLive(address)) return out.plain(address);
  const [, before = "", core = "", after = ""] = /^([_:.-]*)(.*?)([_:.?\\-]*)$/s.exec(word) ?? [];
  out.plain(before);
  out.code(`\`${unescaped(core)}\``);
  out.plain(after);
}

function isLive(text: string): boolean {
  MENTION.lastIndex = 0;
  return MENTION.test(text) || REFERENCE.test(text) || GLUED.test(text) || ISSUE_ADDRESS.test(text);
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}

/** Entities as the characters that they stand for, where those could do something; a sign is escaped, so that it stays a sign. */
function decoded(text: string): string {
  return text.replace(ESCAPED_OR_ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return HARMLESS_ENTITIES.has(name) ? whole : `&amp;${whole.slice(1)}`;
    if (decimal === undefined && hex === undefined) return whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    if (code > 0x10ffff) return "\uFFFD";
    const character = visibleText(String.fromCodePoint(code));
    // A real space, or none, could turn what stands before it into the mark of a list.
    if (/^\s*$/.test(character)) return "&nbsp;";
    return /^[!-/:-@[-`{-~]$/.test(character) ? `\\${character}` : character;
  });
}

/** Collects the result and keeps its code spans apart. */
class Output {
  text = "";
  /** What stands behind the last space: its end, and whether it holds an address. Looked up anew each time, many spans would take for ever. */
  #end = "";
  #isAddress = false;

  plain(text: string): void {
    this.text += text;
    const space = Math.max(text.lastIndexOf(" "), text.lastIndexOf("\t"));
    const word = space < 0 ? this.#end + text : text.slice(space + 1);
    this.#isAddress = (space < 0 && this.#isAddress) || /:\/\/|www\./i.test(word);
    this.#end = word.slice(-LONGEST_SIGN);
  }

  /** The text ends in white space, or in nothing that could go on with what comes. */
  get isApart(): boolean {
    return /(?:^|[\s(*])$/.test(this.text.slice(-1));
  }

  code(span: string): void {
    // GitHub takes a bare address up to the next space, backticks included.
    this.plain(`${this.#end.endsWith("`") || this.#isAddress ? " " : ""}${span}`);
  }
}

/** `www.` */
const LONGEST_SIGN = 4;
