import { withLineFeeds } from "./markdown.ts";
import { searchable } from "./mention.ts";

/** What words such as "after 1 and 2" speak of. */
export type Reference =
  /** A number of the comment's own list, as it was written. */
  | { readonly kind: "number"; readonly number: number }
  /** `sure`: no ordinary words look like that, so it must be a task's name. */
  | { readonly kind: "name"; readonly name: string; readonly sure: boolean }
  /** "after the previous one", "after all the others", "after all of the above". */
  | { readonly kind: "place"; readonly place: "previous" | "others" | "earlier" | "last" };

/** One thing waits for others. */
export interface Order {
  /** Empty, here and there: what the sentence stands in. */
  readonly subjects: readonly Reference[];
  readonly after: readonly Reference[];
}

const AFTER =
  "after|following|needs|requires|depends? on|depending on|waits? for|blocked by|nach|hängt ab von|après|apres|después de|despues de|tras|после";
const WHEN = "when|once|as soon as|until|wenn|sobald|quand|lorsque|dès que|cuando|una vez que|когда|как только";
const BEFORE = "before|vor|bevor|avant|antes de";
const WORD_BEGINS = "(?<![\\p{L}\\p{N}_/.@-])";
const LINK = new RegExp(`${WORD_BEGINS}(?:(${AFTER})|(${WHEN})|(${BEFORE}))(?=\\s)`, "giu");

const FILLER =
  /\s{0,3}(the|both|all of|tasks?|items?|steps?|parts?|points?|numbers?|no\.|nr\.|die|der|das|den|dem|aufgaben?|punkte?|schritte?|la|le|les|el|los|las|tâches?|tareas?|задач[аиу]?)(?=\s)/iuy;
const NUMBER = /\s{0,3}[`(]?(\d{1,3})(?:[)`](?=$|[\s,.;:!?)]))?(?![\p{L}\p{N}_%/€$]|[.:,]\d|-\p{L}|-\d{3})/uy;
const RANGE = /\s?(?:-|–|to|through|bis)\s?(\d{1,3})(?![\p{L}\p{N}_%/]|[.:]\d)/iuy;
const ORDINAL =
  /\s{0,3}(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)(?: (?:one|task|item|step|part|point))?(?![\p{L}\p{N}_-])/iuy;
const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  "1st": 1,
  "2nd": 2,
  "3rd": 3,
  "4th": 4,
  "5th": 5,
};
const PLACE =
  /\s{0,3}(?:(previous(?: one| task| item| step)?)|((?:all )?(?:the )?(?:others?|rest)|everything(?: else)?|all (?:the )?other (?:tasks|items|ones)|all anderen|alle anderen|tous les autres|todas? las demás)|((?:all )?(?:of )?(?:the )?above|both(?: of (?:them|these))?(?! (?:of )?(?:the )?(?:\d|tasks|items|steps|`))))(?![\p{L}\p{N}_-])/iuy;
const NAME =
  /\s{0,3}(?:[`“"']([a-z\d]+(?:-[a-z\d]+)*)[`”"']|([a-z\d]+(?:-[a-z\d]+)+))(?![\p{L}\p{N}_/@.-][\p{L}\p{N}])/iuy;
const SEPARATOR = /\s{0,3}(?:,\s?(?:and |und |et |y )?|(?:and|und|et|y|и)(?=\s)|&|\+)/iuy;

const DONE =
  /\s{0,3}(?:(?:is|are|has|have|was|were|ist|sind|est|sont|está|están)\s(?:(?:all|both|been|all been|both been)\s)?(?:done|finished|ready|completed?|merged|landed|fertig|erledigt|terminée?s?|finie?s?|prêt(?:e?s)?|list[oa]s?|terminad[oa]s?|hech[oa]s?)|(?:both )?(?:finish|complet|succeed|land|pass|end)(?:e?s|ed|e)?|(?:fertig|erledigt)(?:\s(?:ist|sind))?|готов[аы]?|done|finished)(?![\p{L}\p{N}_-])/iuy;
/** Behind a number, a noun makes it a quantity: "after 3 retries". */
const CLOSES =
  /\s{0,3}(?:$|[.,;:!?)\]\n–—]|(?:then|please|only|use|using|with|via|have|let|ask|dispatch|and|but|in (?:an? |its own )?worktree)(?![\p{L}\p{N}_-]))/iuy;
/** "once 1 and 2 are done, do 4". */
const THEN_DO = /\s{0,3}[,:]?\s{0,3}(?:then\s)?(?:(?:do|run|start|begin|dispatch|continue with|go on with)\s)?/iuy;
/** "4 starts only" (after 1 and 2). */
const SUBJECT = new RegExp(
  `${WORD_BEGINS}(?<!#)((?:the )?(?:(?:tasks?|items?|steps?|no\\.|numbers?) )?\\d{1,3}(?:(?:, (?:and )?|,|-| and | & | und | et | y | to )\\d{1,3}){0,20}|(?:the )?last(?: one| task| item)?)` +
    "(?: (?:should|must|can|may|is|are|be|to|only|do|done|run|runs|start|starts|started|begin|begins|go|goes|come|comes|soll|sollen|erst|has to|have to)){0,5},? ?$",
  "iu",
);
const IN_TURN =
  /\bone (?:after|by) (?:the other|another|one)\b|\bone at a time\b|\b(?:strictly )?in (?:this|that|the given|the listed) order\b|\bin order(?=\s{0,3}(?:$|[.,;:!)\n]))|\bsequentially\b|\bnacheinander\b|\bder reihe nach\b|l['’]un après l['’]autre|\buno tras otro\b|\buna tras otra\b|一个接一个|順番に|по очереди/iu;

/** "tell me when 2 is done" is a wish of another kind. */
const TELLS = /\b(?:me|us|know|ping|notify|mir|uns|moi)\s{1,3}$/i;

/** Everything that a text says about what waits for what. */
export function readOrders(request: string): readonly Order[] {
  const text = withLineFeeds(request);
  const own = searchable(text);
  let told = 0;
  return [...own.matchAll(LINK)].flatMap((link) => {
    const [word, after, , before] = link;
    const from = link.index + word.length;
    const read = readReferences(text, from);
    if (read.found.length === 0) return [];
    const done = match(DONE, text, read.end);
    const isWhole = after === undefined && before === undefined ? done !== null : done !== null || ends(read, text);
    const words = own.slice(Math.max(told, link.index - 120), link.index);
    if (!isWhole || TELLS.test(words)) return [];
    told = read.end;
    const subjects = subjectsBefore(words);
    if (before !== undefined) {
      return read.found.map((reference) => ({ subjects: [reference], after: subjects }));
    }
    const end = done === null ? read.end : read.end + done[0].length;
    return [{ subjects: subjects.length > 0 ? subjects : subjectsBehind(text, end), after: read.found }];
  });
}

const NUMBERS =
  "(?:(?:tasks?|items?|steps?|numbers?|no\\.) )?\\d{1,3}(?:(?:, (?:and )?|,|-| and | & | und | et | y | to )\\d{1,3}){0,20}";
const STEPS = new RegExp(
  `${WORD_BEGINS}(?<!#)(?=(${NUMBERS}),? ?(?:(?:and |und |et |y )?(?:then|dann|puis|luego|después) (?:do |run )?|->|→|=>) ?(${NUMBERS})(?=\\s{0,3}(?:$|[.,;!)\\n→]|->|=>|(?:and |,)?then\\b|and\\b)))`,
  "giu",
);
const PLACED = new RegExp(
  `${WORD_BEGINS}(?<!#)(${NUMBERS}) (?:(?:comes?|goes|go|is|are) )?(?:(first)|last|at the (?:very )?end)(?=\\s{0,3}(?:$|[.,;!)\\n]|and\\b|then\\b))`,
  "giu",
);

/** What a remark about a numbered list says in short: "1, then 2 and 3", "1 → 2", "do 5 last". */
export function readSteps(request: string): readonly Order[] {
  const text = searchable(request);
  const numbers = (words = "") => readReferences(words, 0).found;
  const others: Reference = { kind: "place", place: "others" };
  return [
    ...[...text.matchAll(STEPS)].map(([, first, second]) => ({ subjects: numbers(second), after: numbers(first) })),
    ...[...text.matchAll(PLACED)].map(([, which, first]) =>
      first === undefined
        ? { subjects: numbers(which), after: [others] }
        : { subjects: [others], after: numbers(which) },
    ),
  ];
}

/** True when a text may say that something waits for a task of an earlier comment. */
export function mayDependOnTask(text: string): boolean {
  return readOrders(text).some(({ after }) => after.some(({ kind }) => kind === "name"));
}

/** "one after the other", "in this order". */
export function isInTurn(text: string): boolean {
  return IN_TURN.test(searchable(text));
}

const THEN =
  /^\s*(?:(?:and|und|et|y)\s+)?(then|after that|afterwards|after this|next(?=[,:])|danach|dann|anschließend|puis|ensuite|après (?:ça|cela)|luego|después|despues|entonces|затем|потом|然后|然後|接着|その後|次に|그 ?다음|그런 다음)(?![\p{L}\p{N}_-])(?!(?:’|')s)|^\s*(然后|然後|接着|その後|次に)/iu;
const FINALLY =
  /^\s*(?:(?:and|und|et|y)\s+)?(?:finally(?=[,:]|\s(?:use|have|let|ask|dispatch|write|update|run|make|add|do|review|merge|release|clean)\b)|at the (?:very )?end|lastly|last of all|zum schluss|zuletzt|schließlich|enfin|à la fin|finalmente|al final|по?след?ним|наконец|最后|最後に|마지막으로)(?![\p{L}\p{N}_-])|^\s*(?:最后|最後に)/iu;

/** Whether a text begins by saying that it comes after what stands before it: after the one before, or after all of them. */
export function opensWithThen(text: string): "no" | "previous" | "all" {
  if (FINALLY.test(text)) return "all";
  return THEN.test(text) ? "previous" : "no";
}

/** "then:", "and then" on a line of its own. */
export function isThenAlone(line: string): boolean {
  const rest = line.replace(THEN, "").replace(FINALLY, "");
  return rest !== line && /^[\s:,….!*_-]*$/.test(rest);
}

interface Read {
  readonly found: readonly Reference[];
  readonly end: number;
}

const NEXT_ORDER = new RegExp(
  `\\s(?:(?:should|must|only|starts?|runs?|comes?|goes|is|are) ){0,3}(?:${AFTER}|${WHEN}|${BEFORE})(?=\\s)`,
  "iuy",
);
/** Nobody lists more. */
const MOST = 30;

function readReferences(text: string, from: number): Read {
  const found: Reference[] = [];
  let end = from;
  let at = from;
  while (found.length < MOST) {
    const next = readReference(text, at);
    // In "2 after 1, 3 after 2" the 3 begins a new sentence.
    if (next === null || (found.length > 0 && match(NEXT_ORDER, text, next.end) !== null)) break;
    found.push(...next.found);
    end = next.end;
    const separator = match(SEPARATOR, text, end);
    if (separator === null) break;
    at = end + separator[0].length;
  }
  return { found, end };
}

function readReference(text: string, from: number): Read | null {
  const place = placeOf(text, from);
  if (place !== null) return place;
  let at = from;
  let isTask = false;
  for (let fillers = 0; fillers < 4; fillers += 1) {
    const filler = match(FILLER, text, at);
    if (filler === null) break;
    isTask ||= /^t(?:ask|âche|area)|^aufgabe/i.test(filler[1] ?? "");
    at += filler[0].length;
  }
  return numberAt(text, at) ?? placeOf(text, at) ?? nameAt(text, at, isTask);
}

function numberAt(text: string, at: number): Read | null {
  const ordinal = match(ORDINAL, text, at);
  if (ordinal !== null) {
    const number = ORDINALS[(ordinal[1] ?? "").toLowerCase()] ?? 0;
    return { found: [{ kind: "number", number }], end: at + ordinal[0].length };
  }
  const range = rangeAt(text, at);
  if (range !== null) return range;
  const single = match(NUMBER, text, at);
  return single === null
    ? null
    : { found: [{ kind: "number", number: Number(single[1]) }], end: at + single[0].length };
}

function rangeAt(text: string, at: number): Read | null {
  const first = /\s{0,3}(\d{1,3})/y;
  const start = match(first, text, at);
  const rest = start === null ? null : match(RANGE, text, at + start[0].length);
  if (start === null || rest === null) return null;
  const [low, high] = [Number(start[1]), Number(rest[1])];
  if (high < low || high - low > MOST) return null;
  const found = Array.from(
    { length: high - low + 1 },
    (_, index) => ({ kind: "number", number: low + index }) as const,
  );
  return { found, end: at + start[0].length + rest[0].length };
}

function placeOf(text: string, at: number): Read | null {
  const found = match(PLACE, text, at);
  if (found === null) return null;
  const place = found[1] !== undefined ? "previous" : found[2] !== undefined ? "others" : "earlier";
  return { found: [{ kind: "place", place }], end: at + found[0].length };
}

/** In code or behind "task" one word will do; else a hyphen makes the difference: "after fix is merged". */
function nameAt(text: string, at: number, isTask: boolean): Read | null {
  const found =
    match(NAME, text, at) ?? (isTask ? match(/\s{0,3}()([a-z\d]{3,})(?![\p{L}\p{N}_-])/iuy, text, at) : null);
  const name = found?.[1] || found?.[2];
  if (found === null || name === undefined) return null;
  const sure = (isTask && name.includes("-")) || /-(?=[a-z2-7]{0,3}[2-7])[a-z2-7]{4}$/i.test(name);
  return { found: [{ kind: "name", name: name.toLowerCase(), sure }], end: at + found[0].length };
}

/** A name is enough. A number must not count things, and "the others" must not be part of a longer phrase. */
function ends({ found, end }: Read, text: string): boolean {
  return found.at(-1)?.kind === "name" || match(CLOSES, text, end) !== null;
}

function subjectsBefore(before: string): readonly Reference[] {
  const sentence = /[^.;!?\n]*$/.exec(before)?.[0] ?? "";
  const [, said = ""] = SUBJECT.exec(sentence) ?? [];
  if (/last/i.test(said)) return [{ kind: "place", place: "last" }];
  return said === "" ? [] : readReferences(said, 0).found;
}

function subjectsBehind(text: string, from: number): readonly Reference[] {
  const gap = match(THEN_DO, text, from);
  if (gap === null || gap[0].trim() === "") return [];
  const read = readReferences(text, from + gap[0].length);
  const isWhole = read.found.length > 0 && read.found.every(({ kind }) => kind === "number") && ends(read, text);
  return isWhole ? read.found : [];
}

/** A sticky pattern at this place. */
function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
