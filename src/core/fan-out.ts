import { type ListedRequest, listedRequest } from "./fan-out-list.ts";
import { withModels } from "./fan-out-models.ts";
import { isThenAlone } from "./fan-out-order.ts";
import { tooMany } from "./fan-out-problem.ts";
import { type Block, type Dependency, dependencies } from "./fan-out-waiting.ts";
import { withoutMailTail } from "./mail.ts";
import { ownText } from "./markdown.ts";
import { searchable } from "./mention.ts";
import { wantsWorktree } from "./model.ts";
import { wantsPlanFirst } from "./plan-first.ts";

export { orderDiagram } from "./fan-out-diagram.ts";

/** One of the tasks that a comment asks for. */
export interface TaskPart {
  /** In the user's words, without the list's number. */
  readonly text: string;
  /** Tells equal texts of the same comment apart. */
  readonly nth: number;
  /** What the comment says to all of its tasks. */
  readonly remarks: string;
  readonly planFirst: boolean;
  readonly after: readonly Dependency[];
  /** Which of the commands it comes from, from 0. */
  readonly command: number;
}

export interface TaskCommand {
  readonly text: string;
  readonly nth: number;
  readonly planFirst: boolean;
}

export interface Surroundings {
  /** Ids of the thread's tasks, for "after <task>". */
  readonly taskIds: readonly string[];
  /** Whether a text names a model or alias. */
  readonly names: (text: string) => boolean;
}

/** Each is a run of its own. More than these are a mistake, or somebody's table of contents. */
const MOST_TASKS = 50;

/**
 * Everything that the task commands of one comment ask for, in order: each command is a task, or several where at least two items of its
 * list carry directives of their own, or where it says so ("a worker for each of these").
 * @throws Problem "too-many-tasks", "no-such-part", "no-such-task", "ambiguous-task", "dependency-cycle"
 */
export function readParts(commands: readonly TaskCommand[], known: Surroundings): readonly TaskPart[] {
  const blocks = blocksOf(commands, known);
  const count = blocks.reduce((sum, { items }) => sum + items.length, 0);
  if (count > MOST_TASKS) throw tooMany(count, MOST_TASKS);
  const closing = closingOf(blocks);
  const after = dependencies(blocks, known.taskIds);
  const nths = new Map<string, Set<number>>();
  return blocks
    .flatMap((block, command) =>
      block.items.map(({ text }) => {
        const own = [block.opening, ...block.items.map(({ between }) => between), block.closing];
        // The comment's last words speak to all of its tasks.
        const all = command === blocks.length - 1 ? own : [...own, closing];
        const remarks = all.filter((words) => words.trim() !== "" && !isThenAlone(words));
        const { nth, planFirst } = commands[command] ?? { nth: 0, planFirst: false };
        return {
          text,
          nth: firstFree(text, nth, nths),
          remarks: remarks.join("\n\n"),
          planFirst: isPlannedFirst({ text, remarks, planFirst, whole: commands[command]?.text ?? "" }),
          command,
        };
      }),
    )
    .map((part, index) => ({ ...part, after: after[index] ?? [] }));
}

function blocksOf(commands: readonly TaskCommand[], { names }: Surroundings): readonly Block[] {
  let then = "";
  return commands.map(({ text }, index) => {
    const isLast = index === commands.length - 1;
    const parted = isLast ? { text, then: "" } : withoutThen(text);
    const list = fansOut(parted.text, names);
    const single = commands.length > 1 && isLast ? closingRemark(parted.text) : { text: parted.text, closing: "" };
    const block: Block =
      list === null
        ? {
            opening: "",
            items: [{ label: null, text: single.text, between: "" }],
            closing: single.closing,
            isList: false,
            then,
          }
        : { ...list, isList: true, then };
    then = parted.then;
    return block;
  });
}

/** "then:" on the last line of a command is about the next one. */
function withoutThen(text: string): { readonly text: string; readonly then: string } {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  if (lines.length < 2 || !isThenAlone(last)) return { text, then: "" };
  return { text: lines.slice(0, -1).join("\n").trimEnd(), then: last.trim() };
}

/** Words for the whole list; "run each suite in a worker" is about the code. */
const EACH =
  /\b(?:as|are) (?:separate|individual|different) tasks\b|\b(?:in|use|using|with) (?:separate|individual|different|their own) (?:worktrees|agents)\b|\b(?:task|worker|agent|worktree) (?:each|per (?:item|task|point|line)|for (?:each|every)(?: one| item| task| point| of (?:these|them))?)(?=\s{0,3}(?:$|[.,:;!?)\n]))|\b(?:each|every one|all)(?: of (?:them|these|those)| items?| tasks?| points?)?,? (?:(?:should|must|to) )?(?:(?:be|go) )?(?:in|into|on|with|gets?|use|using) (?:an? |its own |their own |own |separate )?(?:git )?worktrees?\b|\bworktrees? for (?:all|each|every)/i;

/** The request's list, where its items are tasks of their own. A list without directives is the plan of one task. */
function fansOut(text: string, names: (text: string) => boolean): ListedRequest | null {
  const written = listedRequest(text);
  if (written === null) return null;
  const list = withModels(written, names);
  const directed = list.items.filter((item) => carriesDirective(item.text, names)).length;
  const told = EACH.test(searchable(`${written.opening}\n\n${written.closing}`));
  // Whoever says which model is for which number speaks of several tasks.
  if (directed < 2 && !told && list === written) return null;
  return { ...list, items: list.items.map((item) => ({ ...item, text: item.text.replace(/^\/dispatch\s+/i, "") })) };
}

function carriesDirective(text: string, names: (text: string) => boolean): boolean {
  return /^(?:please\s+)?\/?dispatch\s/i.test(text) || wantsWorktree(text) || names(text);
}

const SPEAKS_TO_ALL =
  /^(?:please[, ]+)?(?:ask|let me know|tell me|ping me|thanks|thank you|thx|wait for my|show me|make sure|don['’]t|do not|(?:use|in|all in) (?:an? |separate |own )?(?:git )?worktrees?|plan first|frag|demande|pregunta)\b|\b(?:all|each|every|any|both|these|them|none) (?:of|in|should|must|task|tasks|worker|workers|one|three|two|four|five)\b|^(?:all|everything|both|each)\b|\bone (?:after|by) |^(?:tasks? )?\d{1,2} (?:after|only after|when|once|depends on|before)\b|\ball of (?:them|these)\b/i;

/**
 * Below the last of several commands: the last paragraph, if it speaks to whoever reads all of them ("ask me if anything is unclear"). Other
 * words there are details of the last command.
 */
function closingRemark(text: string): { readonly text: string; readonly closing: string } {
  const body = withoutMailTail(text).text;
  const own = ownText(body);
  const at = [...own.matchAll(/\n[ \t]*\n(?=\S)/g)].at(-1)?.index;
  const words = at === undefined ? "" : body.slice(at).trim();
  if (at === undefined || !SPEAKS_TO_ALL.test(words) || /^(?:[-*+]|\d{1,3}[.)]|>|```)/.test(words))
    return { text, closing: "" };
  return { text: body.slice(0, at).trimEnd(), closing: words };
}

function closingOf(blocks: readonly Block[]): string {
  return blocks.at(-1)?.closing ?? "";
}

function isPlannedFirst(part: {
  readonly text: string;
  readonly remarks: readonly string[];
  readonly planFirst: boolean;
  readonly whole: string;
}): boolean {
  if (wantsPlanFirst(part.text) || part.remarks.some(wantsPlanFirst)) return true;
  // Where no phrase says so, it was the verb, which speaks of everything behind it.
  return part.planFirst && !wantsPlanFirst(part.whole);
}

function firstFree(text: string, from: number, taken: Map<string, Set<number>>): number {
  const numbers = taken.get(text) ?? new Set();
  let nth = from;
  while (numbers.has(nth)) nth += 1;
  taken.set(text, numbers.add(nth));
  return nth;
}
