/** What a command template from the config says, read as bash would split it, without running anything. */
export interface Template {
  /** The first word that is not an assignment; empty for none. */
  readonly program: string;
  readonly words: readonly string[];
  /** More than one plain command, or something behind which arguments would not be arguments: nothing may be added at its end. */
  readonly compound: boolean;
  /** True when one of these words stands there, by itself or as `--flag=value`. */
  has(...flags: readonly string[]): boolean;
  /** The value of `--flag value` or `--flag=value`; null without the flag. */
  valueOf(flag: string): string | null;
}

export function readTemplate(text: string): Template {
  const { words, compound } = split(text.trim());
  return {
    program: words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? "",
    words,
    compound,
    has: (...flags) => words.some((word) => flags.some((flag) => word === flag || word.startsWith(`${flag}=`))),
    valueOf: (flag) => {
      const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
      const word = words[at];
      if (word === undefined) return null;
      return word === flag ? (words[at + 1] ?? "") : word.slice(flag.length + 1);
    },
  };
}

/** Words with their quotes taken off. Substitutions such as `$(pwd)` stay as they are written. */
function split(text: string): { readonly words: readonly string[]; readonly compound: boolean } {
  const words: string[] = [];
  let word: string | null = null;
  let compound = false;
  let at = 0;
  while (at < text.length) {
    const letter = text[at] ?? "";
    const part = quotedPart(text, at);
    if (part !== null) {
      word = (word ?? "") + part.value;
      compound ||= part.end > text.length;
      at = part.end;
      continue;
    }
    if (/\s/.test(letter)) {
      compound ||= letter === "\n";
      if (word !== null) words.push(word);
      word = null;
    } else if (endsCommand(text, at) || (letter === "#" && word === null)) {
      compound = true;
    } else {
      word = (word ?? "") + letter;
    }
    at += 1;
  }
  if (word !== null) words.push(word);
  return { words, compound };
}

/** `;`, pipes, `&` and subshells, but not the `&` of a redirection such as `2>&1`. */
function endsCommand(text: string, at: number): boolean {
  const letter = text[at] ?? "";
  if (letter === "&") return !/[<>]$/.test(text.slice(0, at)) && text[at + 1] !== ">";
  if (letter === "<") return text.startsWith("<<", at) && !text.startsWith("<<<", at) && text[at - 1] !== "<";
  if (letter === "|") return text[at - 1] !== ">";
  return letter === ";" || letter === "(" || letter === ")";
}

interface Part {
  readonly value: string;
  /** Beyond the text's end when nothing closes it. */
  readonly end: number;
}

function quotedPart(text: string, at: number): Part | null {
  const letter = text[at];
  if (letter === "\\") return { value: text[at + 1] ?? "", end: at + 2 };
  if (letter === "'") return upTo(text, at + 1, text.indexOf("'", at + 1));
  if (letter === '"') return doubleQuoted(text, at);
  if (letter === "`") {
    const end = endOf(text, at + 1, "`");
    return { value: text.slice(at, end), end };
  }
  if (/^[$<>]\(/.test(text.slice(at, at + 2))) {
    const end = endOf(text, at + 2, ")");
    return { value: text.slice(at, end), end };
  }
  if (text.startsWith("${", at)) {
    const end = endOf(text, at + 2, "}");
    return { value: text.slice(at, end), end };
  }
  return null;
}

function upTo(text: string, from: number, end: number): Part {
  return end < 0 ? { value: text.slice(from), end: text.length + 1 } : { value: text.slice(from, end), end: end + 1 };
}

function doubleQuoted(text: string, start: number): Part {
  let value = "";
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    const inner = text[at] === "'" ? null : quotedPart(text, at);
    value += inner?.value ?? text[at] ?? "";
    at = inner?.end ?? at + 1;
  }
  return { value, end: at < text.length ? at + 1 : text.length + 1 };
}

/** The place behind the closing mark, with everything quoted in between left out of account. */
function endOf(text: string, from: number, closing: string): number {
  let at = from;
  while (at < text.length && text[at] !== closing) {
    const inner = text[at] === "(" && closing === ")" ? { end: endOf(text, at + 1, ")") } : quotedPart(text, at);
    at = inner?.end ?? at + 1;
  }
  return at < text.length ? at + 1 : text.length + 1;
}
