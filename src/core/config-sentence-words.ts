import { NAME } from "./config-file.ts";

/** A name as people write it, in quotes or code marks if they like. */
export const NAMED = "[`\"'“‘]?([A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99})[`\"'”’]?";

/** "… to my config": where a change is to be made. */
export const CONFIG =
  /(?:in|to|into|from|for|of) (?:(?:my|our|your|the|this|dispatch(?:['’]s)?) ){0,3}(?:\.github\/)?(?:dispatch\.yml|config(?:uration)?(?: file)?)/;

/** Names of models that are nothing else. */
const MODEL =
  /^(?:(?:claude-)?(?:\d[\d.-]*-)?(?:opus|sonnet|haiku)(?:-[\w.-]+)?|claude(?:-[\w.-]*\d[\w.-]*)?|gpt-?\d[\w.-]*|(?:[\w.-]+-)?codex(?:-[\w.-]+)?|o\d(?:-(?:mini|pro|preview)[\w.-]*)?|(?:gemini|grok|deepseek|kimi|composer|qwen|glm|mistral|llama|devstral|codestral|minimax)[\w.:/-]*\d[\w.:/-]*)$/i;

export function isModelName(name: string): boolean {
  return MODEL.test(name);
}

/** The name alone; null for what is no name. */
export function bareName(said: string): string | null {
  const name = said.replace(/^[`"'“‘]+|[`"'”’.,:;!?]+$/g, "");
  return NAME.test(name) ? name : null;
}

const BEFORE =
  /^(?:(?:hey|hi|hello|ok|okay|so|now|and|also|dispatch|please|pls|kindly|just)[,!.:]? |(?:can|could|would|will) (?:you|we) |i(?:['’]d| would) (?:like|love) (?:you )?(?:to )?|i want (?:you )?to |we want to |let['’]?s |let us |you should |go ahead and )+/i;
const AFTER =
  /(?:,? (?:please|pls|thanks|thank you|thx|for me|for us|for now|now|again|too|as well|instead|in this repo(?:sitory)?|for this repo(?:sitory)?))+$/i;

/** A sentence without its courtesies, marks at its end, and odd white space. A prompt's lines stay as they are. */
export function plainSentence(text: string): string {
  const [head = "", prompt] = text.split(/(?<=\bprompt:?)\s*\n/i, 2);
  const line = head.replace(/\s+/g, " ").trim();
  const whole = prompt === undefined ? line : `${line} ${text.slice(head.length).trim()}`;
  return withoutCourtesies(whole);
}

function withoutCourtesies(text: string): string {
  let plain = text.trim();
  for (let pass = 0; pass < 4; pass += 1) {
    const head = plain.slice(0, 200).replace(BEFORE, "");
    const shorter = withoutEnd(head + plain.slice(200));
    if (shorter === plain) return plain;
    plain = shorter;
  }
  return plain;
}

function withoutEnd(text: string): string {
  const from = Math.max(0, text.length - 100);
  const end = text
    .slice(from)
    .replace(/[\s.!?;:,🙏🙂👍]+$/u, "")
    .replace(AFTER, "");
  return text.slice(0, from) + end;
}
