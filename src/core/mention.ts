import { ownText } from "./markdown.ts";

/** A stretch of a request. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** How clearly the words around a name say that it is meant as one: `strong` is "use …", `weak` is "with …". */
export type Position = "strong" | "weak" | "none";

const STRONG =
  /(?:^|[^\p{L}\p{N}_-])(?:use|using|have|ask|let|dispatch|via|nutze|benutze|verwende|nimm|utilise|utiliser|usa|usando|используй)\s+(?:(?:only|just)\s+)?(?:the\s+)?(?:model\s+)?["“'‘]?$/iu;
const WEAK = /(?:^|[^\p{L}\p{N}_-])(?:with|on|by|mit|avec|con|par|por|через)\s+(?:the\s+model\s+|model\s+)?["“'‘]?$/iu;
const FLAG = /(?:^|\s)--model(?:\s+|=)["']?$/i;
const REFUSED =
  /(?:\b(?:not|never)(?:\s+(?:use|using|with|by|on|via|ask|have|let))?|n['’]t\s+(?:use|ask|have|let|dispatch)|\binstead\s+of|\brather\s+than|\b(?:without|except))\s+(?:the\s+)?["“'‘]?$/i;
/** Longer than any of the above matches. */
const LOOK_BACK = 60;

const QUOTED = /(?<![\p{L}\p{N}])(?:"[^"\n]{1,200}"|“[^”\n]{1,200}”|'[^'\n]{1,200}'(?![\p{L}\p{N}])|‘[^’\n]{1,200}’)/gu;
const CODE = /(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g;
const ADDRESS = /\b[a-z][a-z0-9+.-]{1,20}:\/\/\S+|\bwww\.\S+/gi;

/** The request with code, quotes and addresses blanked: names in there are not meant for us. Every place stays where it is. */
export function searchable(request: string): string {
  const text = ownText(request).replace(CODE, blank).replace(ADDRESS, blank);
  return text.replace(QUOTED, (quoted: string, at: number) =>
    position(text, { start: at, end: at }) === "none" ? blank(quoted) : quoted,
  );
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Letters that go on with a word. Scripts that write words without spaces between them do not count: "用opus修复". */
const LETTER = "[^\\P{L}\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}\\p{scx=Thai}]";
const WORD_BEFORE = `(?<!${LETTER}|[\\p{N}_.@#/\\\\-])`;

/** Where a name stands as a whole word: not within a path, a longer name, a file name or an e-mail address. */
export function placesOf(name: string, text: string): readonly Place[] {
  const word = new RegExp(
    `${WORD_BEFORE}${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!${LETTER}|[\\p{N}_@/\\\\-]|\\.[\\p{L}\\p{N}_])`,
    "giu",
  );
  return Array.from(text.matchAll(word), ({ index, 0: found }) => ({ start: index, end: index + found.length }));
}

/** Everything that could be a model's name, whether we know it or not. */
export function* nameLikes(text: string): Generator<Place & { readonly name: string }> {
  for (const match of text.matchAll(new RegExp(`${WORD_BEFORE}[a-z0-9][a-z0-9._:/@+-]{0,99}`, "giu"))) {
    const name = match[0].replace(/[._:/@+-]+$/, "");
    yield { name, start: match.index, end: match.index + name.length };
  }
}

export function position(text: string, { start, end }: Place): Position {
  const before = text.slice(Math.max(0, start - LOOK_BACK), start);
  if (STRONG.test(before) || FLAG.test(before)) return "strong";
  if (WEAK.test(before)) return "weak";
  if (end === start) return "none";
  const after = text.slice(end, end + 20);
  // `/dispatch reviewer to check …`: the command itself is the directive.
  if (start < LOOK_BACK && before.trim() === "" && /^\s+to\s/i.test(after)) return "strong";
  // A sentence of its own: "… the payment flow. sonnet"
  const opens = start === before.length ? /(?:^|[.!?;…]\s|\n)\s*$/ : /(?:[.!?;…]\s|\n)\s*$/;
  return opens.test(before) && /^\s*(?:$|\n|[.!?]+(?:\s|$))/.test(after) ? "strong" : "none";
}

/** "not opus", "instead of sonnet": named, and not wanted. */
export function isRefused(text: string, { start }: Place): boolean {
  return REFUSED.test(text.slice(Math.max(0, start - LOOK_BACK), start));
}

/** True right behind `--model`, where any word is a model's name. */
export function isFlagged(text: string, { start }: Place): boolean {
  return FLAG.test(text.slice(Math.max(0, start - LOOK_BACK), start));
}
