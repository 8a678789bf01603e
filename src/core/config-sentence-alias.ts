import type { ConfigChange } from "./config-change.ts";
import { bareName, CONFIG, isModelName, NAMED } from "./config-sentence-words.ts";

const MAKE = "(?:create|add|make|define|set up|register|new|i need|give me)";
const USING =
  "(?:using|with|for|on|to|via|that uses|which uses|based on|backed by|pointing to|pointing at|that points to|running|=|as|→|->)";
const MODEL = `${USING} (?:the )?(?:model )?${NAMED}(?: model)?`;
const IN_CONFIG = `( ${CONFIG.source})?`;
/** "a security-reviewer alias using opus" */
const NAME_FIRST = new RegExp(
  `^${MAKE}(?: an?| the| my)?(?: new)? ${NAMED} alias${IN_CONFIG}(?:,? ${MODEL})?${IN_CONFIG}(?=$|[ ,:;.])`,
  "i",
);
/** "an alias called security-reviewer for opus" */
const ALIAS_FIRST = new RegExp(
  `^(?:${MAKE}(?: an?| the| my)?(?: new)? )?alias${IN_CONFIG}(?: called| named|:)? ${NAMED}${IN_CONFIG}(?:,? ${MODEL}| ${NAMED}(?=$|[ ,:;.]))?${IN_CONFIG}(?=$|[ ,:;.])`,
  "i",
);
/** "alias opus as security-reviewer" */
const MODEL_FIRST = new RegExp(`^alias ${NAMED} as ${NAMED}(?=$|[ ,:;.])`, "i");

const WORDS =
  /^(?:for|the|an?|to|of|in|on|with|using|called|named|that|which|it|this|my|our|new|path|import|type|module|route|email|domain|dns|shell|git|column|table|field|alias)$/i;
const ROLE =
  /-(?:[a-z]+-)?(?:reviewer|tester|fixer|writer|planner|checker|auditor|debugger|documenter|researcher|editor|translator|refactorer|coder|developer|engineer|analyst|architect|designer|maintainer|mentor|critic|expert|agent|worker|assistant)$/i;

/** Reads "create a security-reviewer alias using opus that …"; null for what is an alias of something else. */
export function readAlias(clause: string): ConfigChange | null {
  const found = parts(clause);
  if (found === null) return null;
  const name = bareName(found.name);
  const model = found.model === null ? null : bareName(found.model);
  if (name === null || WORDS.test(name) || (found.model !== null && (model === null || WORDS.test(model)))) return null;
  const prompt = readPrompt(found.rest, name);
  if (prompt === undefined) return null;
  const isOurs =
    found.inConfig ||
    (model !== null && isModelName(model)) ||
    ((model === null || prompt !== null) && ROLE.test(`-${name}`));
  return isOurs ? { kind: "add-alias", name, model, prompt } : null;
}

interface Parts {
  readonly name: string;
  readonly model: string | null;
  readonly rest: string;
  readonly inConfig: boolean;
}

function parts(clause: string): Parts | null {
  const head = clause.slice(0, 400);
  const first = NAME_FIRST.exec(head);
  if (first !== null && !WORDS.test(first[1] ?? "")) {
    const [whole, name = "", place, model = null, after] = first;
    return { name, model, rest: clause.slice(whole.length), inConfig: isOurs(place ?? after) };
  }
  const turned = MODEL_FIRST.exec(head);
  if (turned !== null && isModelName(bareName(turned[1] ?? "") ?? "")) {
    return { name: turned[2] ?? "", model: turned[1] ?? null, rest: clause.slice(turned[0].length), inConfig: false };
  }
  const last = ALIAS_FIRST.exec(head);
  if (last === null) return null;
  const [whole, early, name = "", middle, using, plain, late] = last;
  return {
    name,
    model: using ?? plain ?? null,
    rest: clause.slice(whole.length),
    inConfig: isOurs(early ?? middle ?? late),
  };
}

function isOurs(place: string | undefined): boolean {
  return place !== undefined && /\b(?:my|our|your|dispatch)\b|dispatch\.yml/i.test(place);
}

const GIVEN =
  /^[\s,;:.]*(?:and )?(?:with |using |and )?(?:the |a |this )?(?:role |system )?prompt(?: is| of| saying)?\s*:?\s+([\s\S]+)$/i;
const SAYS = /^[\s,;.]*(?:and )?(?:that|who|which) ([\s\S]+)$/i;
const COLON = /^\s*:\s*([\s\S]+)$/;

/** The role that the words after an alias give it; null for none, undefined where they are something else. */
function readPrompt(rest: string, name: string): string | null | undefined {
  if (/^[\s,;:.]*$/.test(rest)) return null;
  const given = GIVEN.exec(rest)?.[1] ?? COLON.exec(rest)?.[1];
  if (given !== undefined) return unquoted(given);
  const does = SAYS.exec(rest)?.[1]?.trim();
  if (does === undefined || does === "") return undefined;
  const role = name.replace(/[-_]+/g, " ");
  const says = /^says:? (["“][\s\S]+)$/i.exec(does)?.[1];
  if (says !== undefined) return unquoted(says);
  return `You are ${/^[aeiou]/i.test(role) ? "an" : "a"} ${role} that ${does}${/[.!?]$/.test(does) ? "" : "."}`;
}

function unquoted(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^(["“])([\s\S]*)["”]$/, "$2")
    .trim();
  return bare === "" ? null : bare;
}
