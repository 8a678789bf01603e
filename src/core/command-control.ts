import type { Command } from "./command-meaning.ts";
import { withoutMailTail } from "./mail.ts";

type Verb = Extract<Command, { kind: "unclear" }>["verb"];
type SimpleVerb = "status" | "cancel" | "approve" | "skip" | "cleanup";

/** Other words for the same. With these a task's name must be unmistakable: a wrong "cancel" is worse than none. */
const SYNONYMS: Readonly<Record<string, Verb>> = {
  stop: "cancel",
  abort: "cancel",
  rerun: "retry",
  "re-run": "retry",
  resume: "retry",
  continue: "retry",
  approved: "approve",
  lgtm: "approve",
  go: "approve",
  "clean-up": "cleanup",
};
const VERBS: readonly Verb[] = ["status", "cancel", "retry", "approve", "skip", "cleanup", "answer", "note"];

/** Whole sentences that can be nothing else. */
const SENTENCES: readonly (readonly [RegExp, Command])[] = [
  [/^(?:help(?: me)?|-{1,2}h(?:elp)?|commands|usage|what can (?:you|i) do)$/i, { kind: "help" }],
  // A verb that lacks what it needs: whoever writes it wants to know how it is used.
  [/^(?:plan(?: (?:it|this))?(?: first)?|answer|note)$/i, { kind: "help" }],
  [/^(?:(?:run )?(?:the )?doctor|check (?:the|my|your) set-?up)$/i, { kind: "doctor" }],
  [
    /^(?:show(?: me)? (?:the )?status|(?:list|show)(?: me)?(?: the| all)? tasks|tasks|what(?:['’]s| is) (?:the status|running))$/i,
    { kind: "status", task: null },
  ],
  [/^(?:go ahead|looks good(?: to me)?|approve and (?:go|start))$/i, { kind: "approve", task: null }],
];

const THIS =
  "(?:it|this|that|this one|that one|(?:the |this |that |my )?(?:(?:last|current|running|failed|only) )?(?:task|run|worker|job))";
const ALL = "(?:all|everything|all (?:of )?(?:them|these|(?:the )?tasks))";
/** What stands for a task's name where there is only one to speak of; with several, we ask which. */
const NO_NAME: Readonly<Record<SimpleVerb | "retry", RegExp>> = {
  status: new RegExp(`^(?:(?:of |for )?(?:${THIS}|${ALL})|report|update)$`, "i"),
  cancel: new RegExp(`^(?:${THIS}|${ALL})$`, "i"),
  approve: new RegExp(`^(?:${THIS}|(?:the |this |that |your )?plan|ahead)$`, "i"),
  skip: new RegExp(
    `^(?:${THIS}|(?:the |this |that )?(?:(?:failed|blocked|current|failing|open) )?(?:step|item|one|question))$`,
    "i",
  ),
  cleanup: new RegExp(`^(?:${THIS}|${ALL}|(?:the |all )?(?:finished|old|done) (?:tasks|ones|branches))$`, "i"),
  retry: new RegExp(
    `^(?:${THIS}|${ALL}|again|the rest|the work|(?:the |all )?(?:failed|open|remaining|blocked|unfinished) (?:items?|steps?|ones?|parts?|tasks?))$`,
    "i",
  ),
};
/** Verbs that take a name are short. */
const LONGEST = 300;

/** A command that is not a task, where the words fit its grammar; null for everything else. */
export function readControl(text: string, taskIds: readonly string[]): Command | null {
  if (/^\?+$/.test(text)) return { kind: "help" };
  // Only where nothing else is said: "plan", and a list below it, is a task.
  const sentence = text.length > LONGEST * 20 ? null : tidy(collapse(withoutMailTail(text).text));
  const whole = sentence === null ? undefined : SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1];
  if (whole !== undefined) return whole;
  const [, word = "", after = ""] = /^(?:(?:please|pls),?\s+)?(\S{1,20})(?!\S)([\s\S]*)$/i.exec(text) ?? [];
  const [said, rest] = twoWords(word.replace(/[:,.!?]+$/, "").toLowerCase(), after);
  const verb = VERBS.find((known) => known === said) ?? (Object.hasOwn(SYNONYMS, said) ? SYNONYMS[said] : undefined);
  if (verb === undefined) return null;
  if (verb === "answer") return readAnswer(rest.trim(), taskIds);
  if (verb === "note") return readNote(rest.trim(), taskIds);
  const words = tidy(verb === "approve" ? rest.replace(/\sand (?:go(?: ahead)?|start|proceed|continue)\b/i, "") : rest);
  if (words === null) return null;
  const ids = { all: taskIds, wary: verb !== said };
  if (verb === "retry") return readRetry(words, ids);
  return forTask(NO_NAME[verb].test(words) ? "" : words, ids, asked(verb), (task) => ({ kind: verb, task }));
}

function twoWords(word: string, rest: string): readonly [string, string] {
  const up = word === "clean" ? /^\s+up(?!\S)/i.exec(rest) : word === "try" ? /^\s+again(?!\S)/i.exec(rest) : null;
  return up === null ? [word, rest] : [word === "clean" ? "cleanup" : "retry", rest.slice(up[0].length)];
}

/** One line without courtesies. What stands below an empty line (a remark, an e-mail's quoted tail) is no part of it. */
function tidy(text: string): string | null {
  const line = collapse(text.split(/\n[ \t]*\n/)[0] ?? "");
  if (line.length > LONGEST) return null;
  const kind = /^(?:(?:please|pls|can you|could you)(?:,| |$) ?)?(.*)$/i.exec(line)?.[1] ?? "";
  return kind.replace(/(?:[ ,.!?…]|(?<=[ ,])(?:please|pls|thanks|thank you|now|bitte|danke|merci)|🙏|👍)+$/iu, "");
}

interface Asked {
  readonly verb: Verb;
  readonly model: string | null;
  readonly question: string | null;
  readonly text: string | null;
}

function asked(verb: Verb, more: Partial<Asked> = {}): Asked {
  return { verb, model: null, question: null, text: null, ...more };
}

/** The thread's tasks. `wary`: only a name with a hyphen in it counts as one. */
interface Known {
  readonly all: readonly string[];
  readonly wary: boolean;
}

/** Names that are no ordinary words: "continue with the refactoring" and "retry on failure" name no model. */
const MODEL_LIKE = /[\d-]|^(?:opus|sonnet|haiku|claude|codex|gpt)$/i;
const WITH_MODEL = /^(.*?) ?(?<!\S)(with|using|on|by) (the )?(model )?(\S+)(?: (?:model|instead))?$/i;

function readRetry(words: string, ids: Known): Command | null {
  const [, before = "", link = "", the, noun, last = ""] = WITH_MODEL.exec(words) ?? [];
  const name = bare(last);
  const isPlain = !ids.wary && /^(?:with|using)$/i.test(link) && (the === undefined || noun !== undefined);
  const model = name !== "" && (isPlain || MODEL_LIKE.test(name)) ? name : null;
  const said = model === null ? words : before;
  return forTask(NO_NAME.retry.test(said) ? "" : said, ids, asked("retry", { model }), (task) => ({
    kind: "retry",
    task,
    model,
  }));
}

function readNote(rest: string, all: readonly string[]): Command | null {
  const [, name = "", after = ""] = /^(?:(?:for|to) )?(?:task )?(\S+)([\s\S]*)$/i.exec(rest) ?? [];
  const text = after.trim();
  if (text === "") return matching(name, all).length > 0 ? { kind: "help" } : null;
  return forTask(name, { all, wary: false }, asked("note", { text }), (task) =>
    task === null ? null : { kind: "note", task, text },
  );
}

function readAnswer(rest: string, taskIds: readonly string[]): Command | null {
  if (rest === "") return null;
  const [, name = "", gap = "", after = ""] = /^(\S+)(\s+)([\s\S]+)$/.exec(rest) ?? [];
  const [, number = null, numbered = ""] = /^#?(\d{3})(?:[:.)]?)\s+([\s\S]+)$/.exec(after) ?? [];
  if (namesTask(name, number !== null)) {
    const text = (number === null ? after : numbered).trim();
    const found = matching(name, taskIds);
    if (found.length > 1) return unclear(bare(name), found, asked("answer", { question: number, text }));
    const task = found[0];
    if (task !== undefined) return { kind: "answer", task, question: number, text };
  }
  // Without a task, only numbers that look like a question's: "answer 200 is fine" speaks of HTTP.
  const question = gap === "" ? null : (/^#?(0\d\d)[:.)]?$/.exec(name)?.[1] ?? null);
  return { kind: "answer", task: null, question, text: (question === null ? rest : after).trim() };
}

/** Words with which an answer may well start; as a task's name they count only where a question's number follows. */
const ORDINARY = new Set(
  "add allow also ask both change check create delete don't drop either fix for go help ignore improve just keep leave let make move never none not only option please put refactor remove rename replace run set skip start stop test the they this try update use with write yes you".split(
    " ",
  ),
);

function namesTask(name: string, numbered: boolean): boolean {
  if (numbered || name.endsWith(":") || name.includes("-")) return name !== "";
  return name.length >= 3 && !ORDINARY.has(name.toLowerCase());
}

/** A task's name with a hyphen, and then why: "cancel fix-login, wrong branch". */
const REASONED =
  /^([`"'“‘]?[^\s,;:()-]+-[^\s,;:()]*)(?:[,;:.!]? \(|[,;:.!] |[,;:.!]? (?:-+|[–—]) |,? (?:because|since|as|sorry|weil|it['’]?s?) )(?!then\b|and\b)(?![^ ]*-).*$/i;

/** Completes a command with the task that the words stand for; null when they stand for none. */
function forTask(
  words: string,
  { all, wary }: Known,
  what: Asked,
  complete: (task: string | null) => Command | null,
): Command | null {
  if (words === "") return complete(null);
  const name = words.replace(/^(?:(?:of|for) )?(?:the )?(?:plan (?:of|for) )?(?:(?:the )?tasks? )?/i, "");
  const [reasoned = ""] = REASONED.exec(name)?.slice(1) ?? [];
  const names = matching(reasoned, all).length > 0 ? [reasoned] : name.split(/,? and |, ?| & /i);
  const found = names.map((one) => (wary && !one.includes("-") ? [] : matching(one, all)));
  if (found.some((ids) => ids.length === 0)) return null;
  const candidates = [...new Set(found.flat())];
  // Of several that are named, one after the other can be chosen.
  if (candidates.length > 1) return unclear(names.length > 1 ? "" : bare(name), candidates, what);
  return candidates[0] === undefined ? null : complete(candidates[0]);
}

function unclear(prefix: string, candidates: readonly string[], what: Asked): Command {
  return { kind: "unclear", prefix, candidates, ...what };
}

/** The task with this id, else those whose id starts with it. */
export function matching(name: string, taskIds: readonly string[]): readonly string[] {
  const prefix = bare(name).toLowerCase();
  if (prefix === "") return [];
  if (taskIds.includes(prefix)) return [prefix];
  return [...new Set(taskIds)].filter((id) => id.startsWith(prefix));
}

/** A name without the code marks and punctuation that people put around it. */
function bare(name: string): string {
  if (name.length > LONGEST) return name;
  return name.replace(/^[`"'“‘]+|[`"'”’.,:;!?]+$/g, "");
}

function collapse(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
