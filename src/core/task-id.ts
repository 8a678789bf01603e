import { ownText } from "./markdown.ts";
import { splitDirective } from "./model.ts";

const MAX_WORDS = 5;
const MAX_SLUG = 48;
const MAX_TITLE = 80;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Words that tell one request from another as little as they help to remember it. */
const SMALL_WORDS = new Set(
  "a an and are as at be but by can could do for from get have how i in into is it its just let me my of on or our please s should so some t that the their them then there these they this to up us was we were will with would you your".split(
    " ",
  ),
);

/** Letters that Unicode does not take apart into a plain letter and an accent. */
const FOLDED: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ð: "d",
  þ: "th",
  ł: "l",
  đ: "d",
  ı: "i",
  ħ: "h",
};

/** A short name that people can remember and type, such as `fix-login-bug-7k2q`; the same for the same request and seed. */
export function taskId(request: string, seed: string): string {
  return `${slug(request)}-${shortHash(seed)}`;
}

/** The request's first sentence without its directive, on one line of at most 80 characters. */
export function taskTitle(request: string): string {
  const line = firstLine(splitDirective(request)) || firstLine(request);
  const sentence = /^.*?[.!?](?=\s+[\p{Lu}\p{N}])|^.*?[。！？]/u.exec(line)?.[0] ?? line;
  const words = sentence.replace(/[\s.:;,。]+$/u, "");
  return words === "" ? "Task" : shorten(capitalised(words), MAX_TITLE);
}

function slug(request: string): string {
  const text = splitDirective(request);
  const words =
    [firstLine(text), ownText(text), firstLine(request)].map(slugWords).find((found) => found.length > 0) ?? [];
  let name = "";
  for (const word of words.slice(0, MAX_WORDS)) {
    if (name.length + word.length >= MAX_SLUG) break;
    name += name === "" ? word : `-${word}`;
  }
  return name || "task";
}

function slugWords(text: string): readonly string[] {
  const words = fold(plain(text).replace(/[a-z]+:\/\/\S+/gi, " ")).match(/[a-z0-9]+/g) ?? [];
  const telling = words.filter((word) => !SMALL_WORDS.has(word));
  return (telling.length > 0 ? telling : words).map((word) => word.slice(0, 24));
}

function fold(text: string): string {
  return text
    .toLowerCase()
    .replace(/[ßæœøðþłđıħ]/g, (letter) => FOLDED[letter] ?? "")
    .normalize("NFKD")
    .replace(/[\p{M}'’]/gu, "");
}

/** The first line with words in it, without Markdown's marks at its start; code and quotes count only where nothing else is said. */
function firstLine(text: string): string {
  const lines = [...ownText(text).split("\n"), ...text.split(/\r\n?|\n/)];
  return (
    lines.map(plain).find((line) => /[\p{L}\p{N}]/u.test(line)) ?? lines.map(plain).find((line) => line !== "") ?? ""
  );
}

/** Running text: no list or heading marks, links and images by their words, no emphasis, no control or invisible characters. */
function plain(text: string): string {
  return text
    .replace(/<!--|-->/g, " ")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(/[\p{Cf}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu, "")
    .trim()
    .replace(/^(?:[>#\s]|[-*+]\s|\d{1,9}[.)]\s|\[[ xX?!]\]\s)+/, "")
    .replace(/!?\[([^[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)/g, "$1")
    .replace(/\*\*|__|~~/g, "")
    .trim();
}

function capitalised(text: string): string {
  const [word = ""] = text.split(" ", 1);
  // File names, commands and names such as "iOS" keep their spelling.
  return /^\p{Ll}[\p{Ll}'’-]*[,:;.!?]?$/u.test(word) ? text.replace(/^./u, (letter) => letter.toUpperCase()) : text;
}

function shorten(text: string, limit: number): string {
  const letters = [...text];
  if (letters.length <= limit) return text;
  const cut = letters.slice(0, limit - 1).join("");
  const atWord = cut.replace(/\s+\S*$/, "");
  return `${atWord.length > cut.length / 2 ? atWord : cut}…`;
}

/** Twenty bits of a hash of the seed. Not a secret: it only keeps equal requests apart. */
export function shortHash(seed: string): string {
  // FNV-1a, and the last steps of MurmurHash3 so that seeds that differ in one digit look different.
  let hash = 0x811c9dc5;
  for (const letter of seed) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return [0, 5, 10, 15].map((shift) => BASE32[(hash >>> shift) & 31]).join("");
}
