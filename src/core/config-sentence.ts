import type { ConfigChange } from "./config-change.ts";
import { readAlias } from "./config-sentence-alias.ts";
import { readSetting } from "./config-sentence-setting.ts";
import { bareName, CONFIG, isModelName, NAMED } from "./config-sentence-words.ts";

export { bareName, plainSentence } from "./config-sentence-words.ts";

/** Reads a sentence as changes of the config, all of it or nothing. "and" joins several. */
export function readSentence(sentence: string): readonly ConfigChange[] | null {
  return readParts(sentence, [], 0);
}

/** Nobody asks for more in one breath. */
const MOST_PARTS = 8;
const JOINT = /,? and then |,? and |; |, then |, |\. /gi;

function readParts(text: string, before: readonly ConfigChange[], depth: number): readonly ConfigChange[] | null {
  if (depth < MOST_PARTS) {
    // The shortest first part first: an alias's prompt would take everything.
    for (const joint of jointsOf(text)) {
      const first = readClause(text.slice(0, joint.start), before);
      if (first === null) continue;
      const all = readParts(text.slice(joint.end), [...before, ...first], depth + 1);
      if (all !== null) return all;
    }
  }
  const last = readClause(text, before);
  return last === null ? null : [...before, ...last];
}

function jointsOf(text: string): readonly { readonly start: number; readonly end: number }[] {
  // What stands in quotes is a prompt, whatever it says.
  const open = text.slice(0, 1_000).replace(/"[^"]*"|“[^”]*”/g, (quoted) => "_".repeat(quoted.length));
  return Array.from(open.matchAll(JOINT), ({ 0: { length }, index }) => ({ start: index, end: index + length })).slice(
    0,
    MOST_PARTS,
  );
}

function readClause(text: string, before: readonly ConfigChange[]): readonly ConfigChange[] | null {
  const clause = text.trim().replace(/^(?:also |then |please )+/i, "");
  const alias = readAlias(clause);
  if (alias !== null) return [alias];
  if (clause.length > 400) return null;
  const one = readDefault(clause, before) ?? readMigrate(clause) ?? readBackend(clause) ?? readSetting(clause);
  if (one !== null) return [one];
  return readAdd(clause) ?? readRemove(clause);
}

const TO = "(?:to(?: be)?|=|as|:|→|->)";
const ANY_DEFAULT = new RegExp(
  `^(?:switch|change|set|make|move|update|use)(?: over)? (?:the |my |our )?(default)( model| agent| alias)?(?: ${CONFIG.source})? ${TO} (?:use )?(?:the )?(?:model )?${NAMED}(?: model)?( ${CONFIG.source})?$`,
  "i",
);
const AS_DEFAULT = new RegExp(
  `^(?:make|use|set|have|take) ${NAMED} (?:as |be |to be |to )?(?:the |my |our |a |its )?(new )?default( model| agent| alias)?(?: (?:here|from now on))?( ${CONFIG.source})?$`,
  "i",
);
const SHOULD_BE = new RegExp(
  `^${NAMED} (?:should be|is|becomes) (?:the |my |our )?(new )?default( model| agent)?( ${CONFIG.source})?$`,
  "i",
);
const BY_DEFAULT = new RegExp(
  `^(?:use |default to |default: ?|default )${NAMED}(?: by default| as default)?( ${CONFIG.source})?$`,
  "i",
);
const SWITCH_TO = new RegExp(
  `^(?:switch|change)(?: over)?(?: (?:the|my|our) model)? to (?:the model )?${NAMED}(?: from now on)?$`,
  "i",
);
const FROM_NOW_ON = new RegExp(`^(?:from now on,? use|always use) ${NAMED}$|^use ${NAMED} from now on$`, "i");

/** @param before what the sentence has asked for so far, which "it" stands for */
function readDefault(clause: string, before: readonly ConfigChange[]): ConfigChange | null {
  const theDefault = /\bthe default\b/i.test(clause) && !/\bdefault (?:model|agent|alias)\b/i.test(clause);
  const any = ANY_DEFAULT.exec(clause);
  if (any !== null) return defaultTo(any[3], theDefault && any[4] === undefined ? "model" : "any");
  const pointed =
    /^(?:make|use|set) (?:it|that|this|that one|this one) (?:as |to be )?(?:the |my |our )?(?:new )?default(?: model)?$/i.test(
      clause,
    );
  if (pointed) {
    const last = before.findLast((change) => "name" in change && change.kind !== "remove");
    return last === undefined || !("name" in last) ? null : { kind: "set-default", name: last.name };
  }
  const as = AS_DEFAULT.exec(clause);
  if (as !== null) {
    const isPlain = as[3] === undefined && as[4] === undefined && !/\b(?:my|our) (?:new )?default\b/i.test(clause);
    return defaultTo(as[1], isPlain ? "model" : "any");
  }
  const should = SHOULD_BE.exec(clause);
  if (should !== null)
    return defaultTo(should[1], should[3] === undefined && should[4] === undefined ? "model" : "any");
  const by = BY_DEFAULT.exec(clause);
  if (by !== null && /default/i.test(clause)) return defaultTo(by[1], "model");
  const to = SWITCH_TO.exec(clause) ?? FROM_NOW_ON.exec(clause);
  return to === null ? null : defaultTo(to[1] ?? to[2], "model");
}

/** @param which "model": only what cannot be anything else, since the words around it may be about the project */
function defaultTo(said: string | undefined, which: "any" | "model"): ConfigChange | null {
  const name = bareName(said ?? "");
  if (name === null || !/[a-z]/i.test(name) || /^(?:it|that|this|the|an?|default)$/i.test(name)) return null;
  return which === "any" || isModelName(name) ? { kind: "set-default", name } : null;
}

const MIGRATE = new RegExp(
  `^(?:migrate|upgrade|convert|update|move)(?: (?:my|our|the dispatch|dispatch(?:['’]s)?|your) (?:old )?(?:config(?:uration)?(?: file)?|dispatch\\.yml)| the dispatch\\.yml| dispatch\\.yml| the config to the new format)(?: (?:in)?to the new format)?$`,
  "i",
);

function readMigrate(clause: string): ConfigChange | null {
  const isUpdate = /^(?:update|move)/i.test(clause) && !/new format$/i.test(clause);
  return MIGRATE.test(clause) && !isUpdate ? { kind: "migrate" } : null;
}

const BACKEND = new RegExp(
  `^(?:switch|change|move|run|set|put) ${NAMED} (?:to|on|onto|via) (?:the )?([a-z][\\w-]{0,40})( backend)?( ${CONFIG.source})?$`,
  "i",
);
const BACKEND_OF = new RegExp(`^(?:switch|change|set) the backend (?:of|for) ${NAMED} to ([a-z][\\w-]{0,40})$`, "i");

/** "run gpt-5.3 on cursor" */
function readBackend(clause: string): ConfigChange | null {
  const found = BACKEND_OF.exec(clause) ?? BACKEND.exec(clause);
  const name = bareName(found?.[1] ?? "");
  const backend = found?.[2]?.toLowerCase() ?? "";
  if (name === null || !isModelName(name)) return null;
  const isBackend = /^(?:claude|codex|cursor)$/.test(backend) || found?.[3] !== undefined || BACKEND_OF.test(clause);
  return isBackend ? { kind: "add-model", name, backend } : null;
}

const LIST = `${NAMED}(?:(?:, and |, | and )${NAMED}){0,7}`;
const ADD = new RegExp(
  `^(?:add|include|register|enable|put)(?: the)?(?: an? new| new)?( models?| agents?)? (${LIST})( models?| agents?)?(?:,? (?:using|with|via|on|through|by|as)(?: the)? ([a-z][\\w-]{0,40})(?: backend)?)?(?: (?:to|into|in) (${CONFIG.source.replace(/^\(\?:in\|to\|into\|from\|for\|of\) /, "")}|(?:my|the|our) models?))?(?:,? (?:using|with|via|on|through|by)(?: the)? ([a-z][\\w-]{0,40})(?: backend)?)?$`,
  "i",
);
const REMOVE = new RegExp(
  `^(?:remove|delete|drop|take out|get rid of|throw out|take)(?: the| my| our)?( models?| alias(?:es)?| agents?)? (${LIST})( models?| alias(?:es)?| agents?)?(?: out)?( (?:from|out of|in) (?:${CONFIG.source.replace(/^\(\?:in\|to\|into\|from\|for\|of\) /, "")}|(?:my|our) (?:models|aliases)))?$`,
  "i",
);

function readAdd(clause: string): readonly ConfigChange[] | null {
  const found = ADD.exec(clause);
  if (found === null) return null;
  const names = namesIn(found[2] ?? "");
  const config = found.at(-2);
  const backend = found.at(-3) ?? found.at(-1) ?? null;
  if (names === null || !(isAboutOurs(config) || names.every(isModelName))) return null;
  return names.map((name) => ({ kind: "add-model", name, backend }));
}

function readRemove(clause: string): readonly ConfigChange[] | null {
  const found = REMOVE.exec(clause);
  if (found === null) return null;
  const names = namesIn(found[2] ?? "");
  const isAlias = /\balias(?:es)?\b/i.test(clause);
  const isOurs = isAboutOurs(found.at(-1));
  if (names === null || !(isOurs || names.every((name) => isModelName(name) || (isAlias && isRole(name))))) return null;
  return names.map((name) => ({ kind: "remove", name }));
}

/** "my config", "the dispatch config"; "the config" may be the project's own. */
function isAboutOurs(place: string | undefined): boolean {
  return place !== undefined && /\b(?:my|our|your|dispatch)\b|dispatch\.yml/i.test(place);
}

/** A name in a role, as aliases have it: "security-reviewer". */
function isRole(name: string): boolean {
  return name.includes("-") && /(?:er|or|ist)$/i.test(name);
}

function namesIn(list: string): readonly string[] | null {
  const names = list.split(/, and |, | and /i).map(bareName);
  const found = names.filter((name) => name !== null);
  return found.length === names.length &&
    found.every((name) => !/^(?:it|this|that|the|an?|default|model|alias|agent)$/i.test(name))
    ? found
    : null;
}
