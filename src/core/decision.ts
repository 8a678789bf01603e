import { replyText } from "./question.ts";

/** What a short reply to "which model?" or "approve this plan?" says. */
export type Decision =
  | { readonly kind: "yes" }
  | { readonly kind: "no" }
  /** A model or alias, as it was written. */
  | { readonly kind: "model"; readonly name: string };

// What may follow is single words, so that no text can be taken apart in many ways.
const YES =
  /^(?:yes|yep|yeah|yup|y|ok|okay|sure|please|go|do|start|proceed|approved?|confirm(?:ed)?|lgtm|fine|ship it|let's go|sounds good|looks good|ja|oui|s[ií]|sim|да|是的?|好的?|可以|はい|いいよ|네|\+1|:\+1:|👍|✅|🚀|👌)(?:[ ,]+(?:please|go|do|it|ahead|for|start|that|thanks?|thank|you|let's|sounds|looks|good|to|with|by|me|bitte|danke|merci|por|favor|お願いします|👍|✅|🚀))*$/iu;
const NO =
  /^(?:no|nope|n|nein|non|não|cancel|stop|never ?mind|don't|нет|不要?|いいえ|아니요|-1|:-1:|👎)(?:[ ,]+(?:thanks?|thank|you|please|cancel|it|stop|don't|danke|merci|obrigad[oa]))*$/iu;
/** "sonnet", "use sonnet please", "yes, with sonnet", "sonnet instead". */
const MODEL =
  /^(?:(?:yes|ok|okay|no|nope|sure)[,.]? +)?(?:(?:please|rather|better|let's) +)?(?:(?:use|using|with|take|go with|start with|let|try) +)?(?:the +)?[`"“'‘]?([a-z0-9][\w.:/@+-]{0,99}?)[`"”'’]?(?:[ ,]+(?:model|please|instead|rather|then|do|it|thanks?))*$/iu;
/** More than a few words are talk. */
const LONGEST = 120;
/** The colour of a thumb, and the signs that make a picture of a letter. */
const SHADES = /[\u{1F3FB}-\u{1F3FF}]|\u{FE0F}/gu;

/**
 * Reads a reply of a few words; null for anything longer or else, which is talk.
 * @param isName whether a word is the name of a model or alias, or of a family that everybody knows
 */
export function readDecision(body: string, isName: (word: string) => boolean): Decision | null {
  const text = replyText(body);
  if (text.length > LONGEST) return null;
  const words = text
    .replace(/\s+/g, " ")
    .replace(SHADES, "")
    .replaceAll("’", "'")
    .replace(/[、，]\s*/g, ", ")
    .replace(/[.!…。！]+$/, "")
    .trim();
  const name = MODEL.exec(words)?.[1];
  if (name !== undefined && isName(name)) return { kind: "model", name };
  if (YES.test(words)) return { kind: "yes" };
  return NO.test(words) ? { kind: "no" } : null;
}
