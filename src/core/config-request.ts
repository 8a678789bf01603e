import type { ConfigChange } from "./config-change.ts";
import { CONFIG_KEYS } from "./config-keys.ts";
import { bareName, plainSentence, readSentence } from "./config-sentence.ts";

/** What somebody asks of the config. */
export type ConfigRequest =
  | { readonly kind: "show" }
  | { readonly kind: "change"; readonly changes: readonly ConfigChange[] }
  /** It speaks of the config, but cannot be understood: nothing is started, and the forms are shown. */
  | { readonly kind: "unreadable"; readonly text: string };

/** A sentence about the config is short; only an alias's prompt may be long. */
const LONGEST = 9_000;
const LONGEST_WITHOUT_PROMPT = 400;

/**
 * Reads what a command asks of the config; null for a task. It counts as such when it names the config, or a model or alias as the
 * thing to add, remove, switch or alias: "change the model class in app/models.py" is a task.
 */
export function readConfigRequest(text: string): ConfigRequest | null {
  const sentence = firstSentence(text);
  if (sentence === null) return null;
  const verb = /^\/?config(?:uration)?(?:\s*:)?(?=\s|$)\s*/i.exec(sentence)?.[0];
  if (verb !== undefined) return readVerb(sentence.slice(verb.length), sentence);
  if (SHOW.test(sentence)) return { kind: "show" };
  const changes = readSentence(sentence);
  if (changes !== null) return { kind: "change", changes };
  return looksLikeConfig(sentence) ? { kind: "unreadable", text: sentence.slice(0, 500) } : null;
}

/** What stands below an empty line (a remark, an e-mail's quoted tail) is no part of it, unless the first line announces a prompt. */
function firstSentence(text: string): string | null {
  const [head = "", ...below] = text
    .slice(0, LONGEST * 2)
    .trim()
    .split(/\n[ \t\r]*\n/);
  const announces = /\bprompt\s*:\s*$/i.test(head.slice(-40));
  const whole = announces ? [head, ...below].join("\n\n") : head;
  if (whole.length > LONGEST || text.length > LONGEST * 2) return null;
  if (whole.length > LONGEST_WITHOUT_PROMPT && !/\balias\b/i.test(whole.slice(0, LONGEST_WITHOUT_PROMPT))) return null;
  return plainSentence(whole);
}

const OURS = "(?:my|our|the|your|this|dispatch(?:['’]s)?|current)";
const FILE = `(?:${OURS} ){0,3}(?:\\.github/)?(?:dispatch\\.yml|config(?:uration)?(?: file)?)`;
const SHOW = new RegExp(
  `^(?:(?:show|print|display|see|view|list|give|tell|open|check|what is|what['’]?s|what does)(?: me| us)?(?: about)?(?: in)? ${FILE}(?: say| look like| contain)?` +
    `|(?:which|what) (?:models?|aliases|models and aliases|agents)(?: names)? (?:are (?:there|available|configured|set up|in ${FILE})|can i use|do you (?:have|know)|do i have|is the default)` +
    `|(?:show|list)(?: me)? (?:my|our|your|the (?:configured|available)|available|configured) (?:models|aliases|models and aliases|agents))$`,
  "i",
);

/** `config …`: whatever is said behind the verb as a form, or as a sentence of its own. */
function readVerb(rest: string, sentence: string): ConfigRequest | null {
  if (/^(?:show|list|print|view|get|status)?$/i.test(rest)) return { kind: "show" };
  const change = readForm(rest);
  if (change !== null) return { kind: "change", changes: [change] };
  const changes = readSentence(rest) ?? readSentence(`${rest} in my config`);
  if (changes !== null) return { kind: "change", changes };
  // "config loader crashes on an empty file" is something to be done about a config.
  const isForm = FORM_WORDS.test(rest) || /^\S+$/.test(rest) || looksLikeConfig(rest);
  return isForm ? { kind: "unreadable", text: sentence.slice(0, 500) } : null;
}

const FORM_WORDS =
  /^(?:default|add|remove|delete|alias|set|unset|migrate|model|change|switch|help|edit)(?=\s|$)(?!\s(?:button|page|command|option|flag|handling|value|values)\b)/i;

function readForm(rest: string): ConfigChange | null {
  const [, verb = "", first = "", more = ""] = /^(\S+)(?:\s+(?:=\s+)?(\S+))?(?:\s+([\s\S]+))?$/.exec(rest) ?? [];
  const name = bareName(first);
  const words = more.trim();
  switch (verb.toLowerCase().replace(/[:=]$/, "")) {
    case "default": {
      const [, said = ""] = /^default\s*(?:\s|=|:)\s*(?:to |is |model )?(\S+)$/i.exec(rest) ?? [];
      return nameOr(said, (found) => ({ kind: "set-default", name: found }));
    }
    case "add": {
      if (name === null || /^(?:model|agent|alias|an?|the)$/i.test(name)) return null;
      const [, backend = null] = /^(?:(?:on|using|with|via|by) )?(\S+)(?: backend)?$/i.exec(words) ?? [];
      if (words !== "" && backend === null) return null;
      return { kind: "add-model", name, backend: backend === null ? null : bareName(backend) };
    }
    case "remove":
    case "delete":
      return name === null || words !== "" ? null : { kind: "remove", name };
    case "alias":
      return readAliasForm(rest);
    case "migrate":
      return first === "" || /^to the new format$/i.test(`${first} ${words}`) ? { kind: "migrate" } : null;
    case "mend-codex":
      return first === "" ? { kind: "mend-codex" } : null;
    case "set":
      return readForm(`${first} ${words}`.trim());
    default:
      return readKey(rest);
  }
}

/** `alias fast haiku`, `alias reviewer = opus You review.` */
function readAliasForm(rest: string): ConfigChange | null {
  const found =
    /^alias\s+(\S+)\s+(?:(?:=|to|for|as|using)\s+)?(\S+)(?:\s+(?:(?:with (?:the |a )?)?prompt:?\s+)?([\s\S]+))?$/i.exec(
      rest,
    );
  const name = bareName(found?.[1] ?? "");
  const model = bareName(found?.[2] ?? "");
  if (name === null || model === null || /^(?:for|the|an?|to)$/i.test(name)) return null;
  return { kind: "add-alias", name, model, prompt: unquoted(found?.[3] ?? "") };
}

function unquoted(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^(["“'‘])([\s\S]*)["”'’]$/, "$2")
    .trim();
  return bare === "" ? null : bare;
}

/** `answer_timeout 30m`, `budget usd = 5` */
function readKey(rest: string): ConfigChange | null {
  for (const { name } of CONFIG_KEYS) {
    const pattern = new RegExp(
      `^${name.replaceAll("_", "[ _-]")}(?:\\s*[=:]\\s*|\\s+to\\s+|\\s+)(\\S[^\\n]{0,300})$`,
      "i",
    );
    const value = pattern.exec(rest)?.[1];
    if (value !== undefined) return { kind: "set", key: name, value: value.trim().replace(/^[`"']|[`"']$/g, "") };
  }
  return null;
}

function nameOr(said: string, then: (name: string) => ConfigChange): ConfigChange | null {
  const name = bareName(said);
  return name === null ? null : then(name);
}

const VERB =
  "(?:add|remove|delete|drop|put|include|register|switch|change|set|make|update|edit|modify|create|alias|migrate|upgrade|convert|rename|move|use|turn|enable|disable)";
/** What a config of the project's own is spoken of as. */
const PARTS =
  "(?:loader|parser|reader|writer|module|class|object|page|screen|tests?|schema|service|server|map|component|package|director(?:y|ies)|folder|script|dialog|menu|view|store|provider|manager)";
const LIKE = [
  new RegExp(
    `^${VERB} .{0,300}\\b(?:to|from|in|into|out of) (?:(?:my|our|your|dispatch(?:['’]s)?|the dispatch) ){1,2}(?:config|configuration|dispatch\\.yml)\\b(?! ${PARTS}\\b)`,
    "i",
  ),
  new RegExp(
    `^${VERB} (?:(?:my|our|your|dispatch(?:['’]s)?|the dispatch) ){1,2}(?:config|configuration|dispatch\\.yml)(?: to\\b.{0,100})?$`,
    "i",
  ),
  /^(?:switch|change|set|update|make) (?:(?:the|my|our) )?default (?:model|agent|alias)(?: (?:to|as|for tasks)\b.{0,100})?$/i,
  /^(?:set|change|switch) (?:(?:the|my|our) )?default$/i,
  /^(?:add|create|remove|make|define) (?:an? |the |my |new )?(?:alias|agent|model)$/i,
  /^(?:change|switch) (?:the |my )?model$/i,
];

function looksLikeConfig(sentence: string): boolean {
  return LIKE.some((pattern) => pattern.test(sentence));
}
