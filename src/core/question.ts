import { withoutMailTail } from "./mail.ts";
import { readMarkdown, withLineFeeds } from "./markdown.ts";
import type { TaskRef } from "./task.ts";

/** What a worker asks. With a short list at its end, the list's points are the options. */
export interface Question {
  readonly number: string;
  readonly text: string;
  readonly options: readonly string[];
}

export interface OpenQuestion {
  readonly ref: TaskRef;
  readonly question: Question;
  readonly requester: string;
  /** ISO 8601 */
  readonly askedAt: string;
  readonly commentUrl: string | null;
}

/** Somebody's words in a thread that waits for an answer. */
export interface Reply {
  readonly by: string;
  readonly body: string;
  /** ISO 8601 */
  readonly at: string;
  /** It stands in the review thread of the one task whose questions these are: that says as much as a quote. */
  readonly isReplyThere?: boolean;
}

export type ReplyReading =
  | { readonly kind: "answer"; readonly to: OpenQuestion; readonly text: string }
  /** It answers one of these, but does not say which. */
  | { readonly kind: "which"; readonly text: string; readonly among: readonly OpenQuestion[] }
  | { readonly kind: "not-an-answer"; readonly reason: string };

const OPTION = /^ {0,3}(?:[-*+]|\(?(\d{1,2}|[a-z])[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(\S.*)$/i;
/** GitHub dates a comment by whole seconds, and a run knows GitHub's time only as well as slow replies tell it. */
const CLOCKS_APART_MS = 3_000;
const MAX_OPTIONS = 6;
const MAX_OPTION_LENGTH = 200;

export function readQuestion(number: string, text: string): Question {
  const whole = withLineFeeds(text.replace(/^\uFEFF/, "").replaceAll("\0", "")).trim();
  const lines = readMarkdown(whole);
  const options: string[] = [];
  let start = lines.length;
  for (const [index, line] of [...lines.entries()].reverse()) {
    if (line.text.trim() === "") continue;
    const option = line.kind === "text" ? OPTION.exec(line.text) : null;
    if (option === null) break;
    options.unshift((option[2] ?? "").trim());
    start = index;
  }
  const before = lines
    .slice(0, start)
    .map((line) => line.text)
    .join("\n")
    .trim();
  return isChoice(options) && before !== "" ? { number, text: before, options } : { number, text: whole, options: [] };
}

function isChoice(options: readonly string[]): boolean {
  if (options.length < 2 || options.length > MAX_OPTIONS || new Set(options.map(plain)).size < options.length)
    return false;
  return options.every((option) => option.length <= MAX_OPTION_LENGTH);
}

/**
 * What a reply means to the open questions of its thread. Whether its author may answer at all is the caller's to check.
 * A plain reply counts from the requester only, and only while one question is open; whoever quotes a question says which.
 */
export function readReply(reply: Reply, open: readonly OpenQuestion[]): ReplyReading {
  if (open.length === 0) return no("No question is open.");
  const asked = open.filter((one) => Date.parse(one.askedAt) - Date.parse(reply.at) < CLOCKS_APART_MS);
  if (asked.length === 0) return no("It is older than the question.");

  const { text, quotes } = readWords(reply.body);
  if (text === "") return no("It holds nothing but a quote.");
  const quoted = bestQuoted(quotes, asked);
  const among = quoted.length > 0 ? quoted : asked;
  const [only, ...others] = among;

  const picked = only !== undefined && others.length === 0 && isOption(only.question, text);
  const address = picked ? null : otherAddressee(text, reply.by);
  if (address !== null) return no(address);
  if (quoted.length === 0 && reply.isReplyThere !== true && !asked.some((one) => sameLogin(one.requester, reply.by))) {
    return no("Only the requester's plain reply is an answer; others quote the question or write `/dispatch answer`.");
  }
  if (only === undefined || others.length > 0) return { kind: "which", text, among };
  return { kind: "answer", to: only, text: chosen(only.question, text) };
}

/** What an option's number, letter or words stand for; any other text stands for itself. */
export function chosen(question: Question, text: string): string {
  const { options } = question;
  const words = plain(text);
  const byText = options.find((option) => plain(option) === words);
  if (byText !== undefined) return byText;
  const sign = /^(?:option |#)?\(?(\d|[a-z])[.):]?$/.exec(words)?.[1];
  if (sign === undefined) return text;
  return options[/\d/.test(sign) ? Number(sign) - 1 : sign.charCodeAt(0) - "a".charCodeAt(0)] ?? text;
}

/** The words of an answer, without the quotes that it starts with and an e-mail's tail. */
export function replyText(body: string): string {
  return readWords(body).text;
}

function isOption({ options }: Question, text: string): boolean {
  return !/^\/dispatch(?!\S)/i.test(text) && options.some((option) => plain(option) === plain(text));
}

/** Why these words are meant for somebody else, or null. */
function otherAddressee(text: string, author: string): string | null {
  const own = readMarkdown(text).filter((line) => line.kind === "text");
  const [, first] = /^@([a-z\d][\w-]*)/i.exec(text) ?? [];
  if (first !== undefined && !sameLogin(first, author)) return "It speaks to somebody else.";
  if (own.some((line) => line.text.startsWith("/")))
    return "A line that starts with `/` is a command; `/dispatch answer` takes any text.";
  // People are mentioned within answers too; only a bot's name makes a line a command.
  if (own.some((line) => BOT_MENTION.test(line.text))) return "It is a command to another bot.";
  return null;
}

const BOT_MENTION =
  /^@(?:dependabot|[\w-]+-bot|copilot|claude|codex|cursor|cursoragent|gemini-cli|coderabbitai|renovate|github-actions|sourcery-ai|greptileai)(?![\w-])/i;

/** A reply's own text, and the lines that it quotes anywhere. */
function readWords(body: string): { readonly text: string; readonly quotes: readonly string[] } {
  const { text, tail } = withoutMailTail(withLineFeeds(body));
  const lines = readMarkdown(text);
  // A quote is what is marked so: an answer right below a quoted line is meant as an answer, whatever Markdown makes of it.
  const isQuote = (line: string) => /^ {0,3}>/.test(line);
  const quotes = [
    ...lines.filter((line) => line.kind === "quote").map((line) => line.text),
    ...tail.split("\n"),
  ].filter(isQuote);
  const first = lines.findIndex(
    (line) => line.kind !== "comment" && line.text.trim() !== "" && !(line.kind === "quote" && isQuote(line.text)),
  );
  if (first < 0) return { text: "", quotes };
  const own = lines.slice(first).filter((line) => line.kind !== "comment");
  while (own.length > 0 && /^\s*(?:>.*)?$/.test(own.at(-1)?.text ?? "")) own.pop();
  return {
    text: own
      .map((line) => line.text)
      .join("\n")
      .trim(),
    quotes,
  };
}

/** The questions of whose words most is quoted; none when nothing telling is. */
function bestQuoted(quotes: readonly string[], open: readonly OpenQuestion[]): readonly OpenQuestion[] {
  const quoted = quotes.map((line) => plain(line.replace(/^[\s>]+/, ""))).filter((line) => line !== "");
  const scores = open.map(({ question }) => score(quoted, question));
  const best = Math.max(...scores);
  return best === 0 ? [] : open.filter((_, index) => scores[index] === best);
}

function score(quoted: readonly string[], question: Question): number {
  const text = plain([question.text, ...question.options].join(" "));
  const asked = plain(question.text);
  if (asked !== "" && quoted.join(" ").includes(asked)) return asked.length + 1;
  // Half a question is enough where it is more than a common word or two.
  const parts = quoted.filter((line) => line.length >= 8 && line.includes(" ") && text.includes(line));
  return parts.reduce((sum, line) => sum + line.length, 0);
}

/** Words without Markdown's marks, case and white space, for comparing. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[*_`~>\\]+/g, "")
    .replace(/^[^\S\n]*(?:[-+]|\[[ xX]\])\s+/gm, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/(?<![.!])[.!]+$/, "")
    .toLowerCase();
}

/** GitHub's times are whole seconds, ours are not. */
function sameLogin(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function no(reason: string): ReplyReading {
  return { kind: "not-an-answer", reason };
}
