import { readMarkdown } from "./markdown.ts";

/** A line by which a mail program, or its user, says that the reply is over. */
const SIGNATURE = /^-- ?$/;
const DEVICE = /^(?:Sent from |Get Outlook for |Von meinem .{1,30} gesendet|Envoyé de )/i;
const ORIGINAL =
  /^-{2,} ?(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Forwarded message) ?-{2,}$/i;
const INTRODUCTION =
  /(?:wrote|schrieb.*|a écrit|escribió|escreveu|ha scritto|schreef.*|skrev.*|napisał\(a\)|写道|のメール) ?[:：]$/i;
const OUTLOOK = /^\*{0,2}(?:From|Von|De|Da|Van|Från|Od|发件人|差出人):\*{0,2} /i;
const OUTLOOK_NEXT =
  /^\*{0,2}(?:Sent|Date|To|Subject|Gesendet|An|Datum|Envoyé|À|Enviado|Para|Inviato|A|Verzonden|Aan|发送时间|送信日時):\*{0,2} /i;

/**
 * Takes off what a mail program adds to a reply: the quoted mail with its introduction, the signature.
 * `tail` is what was taken off.
 */
export function withoutMailTail(body: string): { readonly text: string; readonly tail: string } {
  const marked = readMarkdown(body);
  const lines = marked.map((line) => line.text);
  const cut = lines.findIndex((_, index) => marked[index]?.kind !== "code" && startsTail(lines, index));
  if (cut < 0) return { text: body, tail: "" };
  return { text: lines.slice(0, cut).join("\n").trimEnd(), tail: lines.slice(cut).join("\n") };
}

function startsTail(lines: readonly string[], index: number): boolean {
  const line = (lines[index] ?? "").trimEnd();
  if (SIGNATURE.test(line) || ORIGINAL.test(line)) return true;
  const next = lines.slice(index + 1, index + 4).map((below) => below.trim());
  if (DEVICE.test(line) && line.length < 60) return (next[0] ?? "") === "";
  if (OUTLOOK.test(line)) return next.some((below) => OUTLOOK_NEXT.test(below));
  if (/^_{10,}$/.test(line)) return next.some((below) => OUTLOOK.test(below));
  return startsQuotedMail(lines, index);
}

/** "On Monday, mona wrote:", which programs break into two or three lines, and then quoted lines or nothing. */
function startsQuotedMail(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? "";
  if (!/^\S/.test(line) || /^[>`~]/.test(line)) return false;
  for (const length of [1, 2, 3]) {
    const part = lines.slice(index, index + length);
    const introduction = part.join(" ").trim();
    if (part.slice(1).some((below) => /^\s*(?:>|$)/.test(below))) return false;
    if (!INTRODUCTION.test(introduction) || !isIntroduction(introduction)) continue;
    const after = lines.slice(index + length).find((below) => below.trim() !== "");
    return after === undefined || after.startsWith(">");
  }
  return false;
}

/** It names a time or an address: "the old code wrote:" is ordinary text. */
function isIntroduction(line: string): boolean {
  return line.length < 300 && (/\d{1,2}[:.]\d{2}|\d{4}/.test(line) || /<[^>]*@[^>]*>/.test(line));
}
