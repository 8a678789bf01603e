import type { ListedRequest } from "./fan-out-list.ts";
import { searchable } from "./mention.ts";

const NUMBERS =
  "(?:(?:tasks?|items?|steps?|numbers?|no\\.) )?\\d{1,3}(?:(?:, (?:and )?|,|-|–| and | & | und | et | y | to )\\d{1,3}(?![\\d.]*[a-z]|\\.\\d)){0,20}";
const WHICH = `(${NUMBERS}|(?:the )?(?:first|second|third|fourth|fifth|last)(?: one| item| task)?|(?:all )?(?:the )?(?:rest|others)|everything else)`;
const NAME = "([a-z\\d][\\w.:/+-]{0,60})";
const BEGINS = "(?<![\\p{L}\\p{N}_/.#-])";
const ENDS = "(?![\\p{L}\\p{N}_-])";
/** "opus for 1 and 2", "sonnet for the rest". */
const MODEL_FOR = new RegExp(
  `${BEGINS}${NAME} (?:model )?(?:for|on) ${WHICH}(?=\\s{0,3}(?:$|[.,;:!?)\\n]|(?:and|but)\\b))`,
  "giu",
);
/** "1 and 2 with opus", "3: sonnet", "for 4 use haiku". */
const WITH_MODEL = new RegExp(
  `${BEGINS}${WHICH},? ?(?:(?:should |must |to )?(?:use|using|with|by|via|be done by|goes to|go to|on)|:|=|→) ?(?:the )?${NAME}${ENDS}`,
  "giu",
);
const LEFT_OVER =
  /(?<![\p{L}\p{N}_-])(?:(?:please|use|using|take|have|with|and|for|but)[ ,]{0,3}){1,5}(?=\s{0,3}(?:$|[.;:!?,\n]))/giu;
const ORDINALS: readonly string[] = ["first", "second", "third", "fourth", "fifth"];

interface Assignment {
  readonly which: string;
  readonly model: string;
  readonly said: string;
}

/**
 * The list with each item that the words around it give a model to saying so itself: "use opus for 1 and 2, and sonnet for the rest". What an
 * item says of its own counts more.
 */
export function withModels(list: ListedRequest, names: (text: string) => boolean): ListedRequest {
  const found = [list.opening, list.closing].flatMap((words) => assignments(words, names));
  if (found.length === 0) return list;
  const models: (string | null)[] = list.items.map(() => null);
  for (const { which, model } of found) for (const at of placesOf(which, list, models)) models[at] = model;
  return {
    opening: without(list.opening, found),
    items: list.items.map((item, index) => {
      const model = models[index] ?? null;
      if (model === null || names(item.text)) return item;
      const named = `${model}: ${item.text}`;
      return { ...item, text: names(named) ? named : `use ${named}` };
    }),
    closing: without(list.closing, found),
  };
}

function assignments(words: string, names: (text: string) => boolean): readonly Assignment[] {
  const text = searchable(words);
  const read = (which = "", model = "", said = ""): readonly Assignment[] => {
    const name = model.replace(/[.:/+-]+$/, "");
    return /[a-z]/i.test(name) && names(`use ${name} to`)
      ? [{ which, model: name, said: said.replace(/[.:]+$/, "") }]
      : [];
  };
  const found = [
    ...[...text.matchAll(MODEL_FOR)].flatMap(([said, model, which]) => read(which, model, said)),
    ...[...text.matchAll(WITH_MODEL)].flatMap(([said, which, model]) => read(which, model, said)),
  ];
  // "the rest" is what nothing else speaks of.
  return found.toSorted((a, b) => Number(isRest(a.which)) - Number(isRest(b.which)));
}

function placesOf(which: string, { items }: ListedRequest, models: readonly (string | null)[]): readonly number[] {
  if (isRest(which)) return [...items.keys()].filter((index) => models[index] === null);
  if (/last/i.test(which)) return [items.length - 1];
  const ordinal = ORDINALS.findIndex((word) => which.toLowerCase().includes(word));
  if (ordinal >= 0) return ordinal < items.length ? [ordinal] : [];
  const labels = items.map(({ label }, index) => label ?? index + 1);
  return numbersIn(which)
    .map((number) => labels.indexOf(number))
    .filter((index) => index >= 0);
}

function isRest(which: string): boolean {
  return /rest|others|else/i.test(which);
}

function numbersIn(which: string): readonly number[] {
  const numbers: number[] = [];
  for (const [, gap = "", digits = ""] of which.matchAll(/(-|–| to )?(\d{1,3})/g)) {
    const number = Number(digits);
    const from = gap === "" ? number : Math.min((numbers.at(-1) ?? number) + 1, number);
    for (let each = Math.max(from, number - 50); each <= number; each += 1) numbers.push(each);
  }
  return numbers;
}

/** What has been carried out need not be told to everybody, and would name a model to those who have none. */
function without(words: string, said: readonly Assignment[]): string {
  const rest = said.reduce((text, { said }) => text.replace(said, ""), words);
  if (rest === words) return words;
  const tidied = rest.replace(LEFT_OVER, "").replace(/[ \t]{2,}/g, " ");
  return /[\p{L}\p{N}]/u.test(tidied) ? tidied.replace(/^[\s,.;:]+|[ \t,;]+$/g, "") : "";
}
