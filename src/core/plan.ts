import {
  type Block,
  type ChecklistItem,
  checklistBlocks,
  dedent,
  listBlocks,
  type Marker,
  marked,
  places,
  renderItem,
} from "./checklist.ts";
import { indentOf, type MarkdownLine, readMarkdown, withLineFeeds } from "./markdown.ts";

export type { ChecklistItem, Marker } from "./checklist.ts";

export interface Note {
  readonly from: string;
  readonly text: string;
}

/** A plan is its text; the rest is what we read in it. So lines that we do not understand survive. */
export interface Plan {
  readonly title: string;
  readonly items: readonly ChecklistItem[];
  readonly notes: readonly Note[];
  readonly source: string;
}

const TITLE = /^ {0,3}#[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const NOTE = /^[ \t]*>[ \t]?\*\*Note from ([^*\n]+?):\*\*[ \t]*(.*)$/;
const PROVISIONAL = "Plan the work: replace this line with the steps";

/** What a plan may hold of a worker's; people's own checklists may be longer. */
const MAX_ITEMS = 100;
const MAX_BYTES = 64 * 1024;
const MAX_LINE = 2000;
/** Lines of explanation that come back with an item that was dropped. */
const MAX_RESTORED = 10;

/** Reads any text; what is not a title, an item or a note is kept as it is. */
export function parsePlan(text: string): Plan {
  const source = cleaned(text);
  const lines = readMarkdown(source);
  const title = lines.find((line) => line.kind === "text" && TITLE.test(line.text));
  return {
    title: TITLE.exec(title?.text ?? "")?.[1] ?? "",
    items: checklistBlocks(lines).map((block) => block.item),
    notes: readNotes(lines),
    source,
  };
}

export function renderPlan(plan: Plan): string {
  return plan.source;
}

export interface Beginning {
  readonly title: string;
  readonly request: string;
  /** Where the worker finds the task's files. */
  readonly taskFolder: string;
}

/** The plan that a task starts with: the request's checklist word for word, else the points of its list, else one provisional item. */
export function firstPlan({ title, request, taskFolder }: Beginning): Plan {
  const heading = `# ${title.replaceAll("<!--", "").replace(/\s+/g, " ").trim() || "Task"}`;
  const lines = readMarkdown(cleaned(request));
  const checklist = checklistBlocks(lines);
  const verbatim = parsePlan(`${heading}\n\n${wordForWord(lines, checklist)}\n`);
  // Taken out of its surroundings (a list in a list, say), Markdown may read differently: then the items are written anew.
  if (checklist.length > 0 && sameItems(verbatim.items, checklist)) return verbatim;

  const points = listBlocks(lines);
  const blocks = checklist.length > 0 ? checklist : points.length > 1 ? points : [];
  const items = blocks.length > 0 ? blocks.map((block) => block.item) : [provisionalItem(taskFolder)];
  return parsePlan(`${[`${heading}\n`, ...items.map(renderItem)].join("\n")}\n`);
}

/** True while the worker has not said yet what its steps are. */
export function isProvisional(plan: Plan): boolean {
  return plan.items.length === 1 && plan.items[0]?.text === PROVISIONAL;
}

/** The plan with another marker at one item, and a further explanation below the item unless it stands there already. */
export function withMarker(plan: Plan, index: number, marker: Marker, explanation = ""): Plan {
  const block = blocksOf(plan)[index];
  if (block === undefined) return plan;
  const lines = plan.source.split("\n");
  lines[block.start] = marked(lines[block.start] ?? "", marker);
  const bare = parsePlan(lines.join("\n"));
  const added = harmless(explanation).trim();
  if (block.item.explanation.join("\n").includes(added)) return bare;

  const indent = " ".repeat(block.width);
  const below = added.split("\n").map((line) => `${indent}${line}`.trimEnd());
  // Behind text that only seems to be the item's, a block that the explanation opens would swallow the items below.
  const explained = [block.end, block.start + 1].map((at) => parsePlan(lines.toSpliced(at, 0, ...below).join("\n")));
  return explained.find(({ items }) => sameMarkers(items, bare.items)) ?? bare;
}

/**
 * The plan without the item that is in the way: the first that has failed or is blocked, else the one in progress. It is struck out and
 * counts as done. Null when every item is done.
 */
export function withSkipped(plan: Plan, by: string): Plan | null {
  const inTheWay = plan.items.findIndex(({ marker }) => marker === "error" || marker === "blocked");
  const index = inTheWay >= 0 ? inTheWay : currentItem(plan);
  const block = index === null ? undefined : blocksOf(plan)[index];
  if (index === null || block === undefined) return null;
  const lines = plan.source.split("\n");
  const { text } = block.item;
  const line = lines[block.start] ?? "";
  lines[block.start] = `${line.slice(0, line.lastIndexOf(text))}~~${text.replaceAll("~~", "")}~~`;
  return withMarker(parsePlan(lines.join("\n")), index, "done", `Skipped by ${by}.`);
}

/** A person has given this item up. */
export function isSkipped({ marker, text }: Pick<ChecklistItem, "marker" | "text">): boolean {
  return marker === "done" && /^~~.+~~$/.test(text);
}

/** The plan with every item open that is not done: what failed or was blocked is tried again. */
export function reopened(plan: Plan): Plan {
  return plan.items.reduce(
    (current, { marker }, index) =>
      marker === "error" || marker === "blocked" ? withMarker(current, index, "open") : current,
    plan,
  );
}

/** Whether two plans have the same steps, whatever is ticked, explained or noted in them. */
export function sameSteps(a: Plan, b: Plan): boolean {
  return a.items.length === b.items.length && a.items.every(({ text }, index) => b.items[index]?.text === text);
}

/** The plan with a note at its end. */
export function withNote(plan: Plan, note: Note): Plan {
  const from = note.from.replace(/[*\s]+/g, " ").trim() || "somebody";
  const lines = `**Note from ${from}:** ${harmless(note.text).trim()}`.split("\n");
  const quote = lines.map((line) => `> ${line}`.trimEnd()).join("\n");
  const before = plan.source.trim() === "" ? "" : `${plan.source.trimEnd()}\n\n`;
  const appended = parsePlan(`${before}${quote}\n`);
  // A code block that was never closed swallows what stands at the end; nothing swallows the first line.
  return appended.notes.length > plan.notes.length ? appended : parsePlan(`${quote}\n\n${plan.source}`);
}

export function progress(plan: Plan): { readonly done: number; readonly total: number } {
  return { done: plan.items.filter((item) => item.marker === "done").length, total: plan.items.length };
}

/** Index of the item that is in progress: the first open one. */
export function currentItem(plan: Plan): number | null {
  const index = plan.items.findIndex((item) => item.marker === "open");
  return index < 0 ? null : index;
}

/** Items that are done now and were not before, in order. An item is found again by its text. */
export function newlyDone(before: Plan, after: Plan): readonly ChecklistItem[] {
  const found = places(before.items, after.items);
  const known = new Set(found.filter((_, index) => before.items[index]?.marker === "done"));
  return after.items.filter((item, index) => item.marker === "done" && !known.has(index));
}

/**
 * What is believed of a plan that a worker has rewritten: what was done stays done, what was dropped comes back (steps may only
 * be replaced while the plan is provisional), notes come back. Each warning is a sentence for people.
 */
export function acceptPlan(
  trusted: Plan,
  offered: string,
): { readonly plan: Plan; readonly warnings: readonly string[] } {
  const cut = withinLimits(trusted, offered);
  const unreadable = {
    plan: trusted,
    warnings: ["The worker's plan has no step that can be read; the last good plan is kept."],
  };
  if (cut.plan.items.length === 0) return unreadable;

  const { plan, warnings } = merge(trusted, cut.plan);
  const complete = trusted.notes.reduce((kept, note) => (hasNote(kept, note) ? kept : withNote(kept, note)), plan);
  // Text that hides what we put back, such as a code block without an end, is not believed at all.
  return keeps(trusted, complete) ? { plan: complete, warnings: [...cut.warnings, ...warnings] } : unreadable;
}

function merge(trusted: Plan, offered: Plan): { readonly plan: Plan; readonly warnings: readonly string[] } {
  const lines = offered.source.split("\n");
  const blocks = blocksOf(offered);
  const found = places(trusted.items, offered.items);
  const inserted = new Map<number, string[]>();
  let unticked = 0;
  let dropped = 0;
  // An item that comes back stands behind the one that it stood behind before.
  let at = blocks[0]?.start ?? lines.length;
  const marginOf = (block: Block | undefined) => /^[ \t]*/.exec(lines[block?.start ?? -1] ?? "")?.[0] ?? "";
  let margin = marginOf(blocks[0]);
  for (const [index, item] of trusted.items.entries()) {
    const block = blocks[found[index] ?? -1];
    if (block !== undefined) {
      at = block.end;
      margin = marginOf(block);
      if (item.marker !== "done" || block.item.marker === "done") continue;
      lines[block.start] = marked(lines[block.start] ?? "", "done");
      unticked++;
    } else if (mustStay(trusted, item)) {
      inserted.set(at, [...(inserted.get(at) ?? []), renderItem(shortened(item)).replace(/^/gm, margin)]);
      dropped++;
    }
  }
  const source = [...lines, null].flatMap((line, index) => [
    ...(inserted.get(index) ?? []),
    ...(line === null ? [] : [line]),
  ]);
  const warnings = [
    ...(unticked > 0
      ? [`The worker unticked ${count(unticked)} that ${unticked > 1 ? "were" : "was"} done; done it stays.`]
      : []),
    ...(dropped > 0
      ? [`The worker dropped ${count(dropped)} from the plan; ${dropped > 1 ? "they are" : "it is"} back.`]
      : []),
  ];
  return { plan: parsePlan(source.join("\n")), warnings };
}

function withinLimits(trusted: Plan, offered: string): { readonly plan: Plan; readonly warnings: readonly string[] } {
  const longest = trusted.source.split("\n").reduce((most, line) => Math.max(most, line.length), MAX_LINE);
  const text = firstBytes(cleaned(offered), MAX_BYTES);
  const whole = parsePlan(
    text
      .split("\n")
      .map((line) => line.slice(0, longest))
      .join("\n"),
  );
  const rest = blocksOf(whole)[Math.max(MAX_ITEMS, trusted.items.length)];
  const plan = rest === undefined ? whole : parsePlan(whole.source.split("\n").slice(0, rest.start).join("\n"));
  const isWhole = plan.source === cleaned(offered);
  return {
    plan,
    warnings: isWhole
      ? []
      : [`The worker's plan is too long; what goes beyond ${MAX_ITEMS} steps or 64 KiB is left out.`],
  };
}

function firstBytes(text: string, limit: number): string {
  // A UTF-16 unit takes at most three bytes, so most plans need no closer look.
  if (text.length * 3 <= limit) return text;
  const bytes = new TextEncoder().encode(text.slice(0, limit + 1));
  if (bytes.length <= limit) return text;
  const cut = new TextDecoder().decode(bytes.subarray(0, limit));
  return cut.slice(0, cut.lastIndexOf("\n") + 1) || cut.replace(/\uFFFD+$/, "");
}

function keeps(trusted: Plan, plan: Plan): boolean {
  const found = places(trusted.items, plan.items);
  return trusted.items.every((item, index) => {
    const kept = plan.items[found[index] ?? -1];
    return kept === undefined ? !mustStay(trusted, item) : item.marker !== "done" || kept.marker === "done";
  });
}

function mustStay(trusted: Plan, item: ChecklistItem): boolean {
  return item.marker === "done" || !isProvisional(trusted);
}

function hasNote(plan: Plan, note: Note): boolean {
  return plan.notes.some((other) => other.from === note.from && other.text === note.text);
}

function shortened(item: ChecklistItem): ChecklistItem {
  return { ...item, explanation: item.explanation.slice(0, MAX_RESTORED) };
}

function provisionalItem(taskFolder: string): ChecklistItem {
  const hint = `When a report is due, the last step writes it to ${taskFolder}/output.md.`;
  return { marker: "open", text: PROVISIONAL, explanation: [hint] };
}

function blocksOf(plan: Plan): readonly Block[] {
  return checklistBlocks(readMarkdown(plan.source));
}

function readNotes(lines: readonly MarkdownLine[]): readonly Note[] {
  const notes: { from: string; text: string }[] = [];
  let open = false;
  for (const [index, line] of lines.entries()) {
    const match = line.kind === "quote" && lines[index - 1]?.kind !== "quote" ? NOTE.exec(line.text) : null;
    const last = notes.at(-1);
    if (match !== null) notes.push({ from: match[1] ?? "", text: match[2] ?? "" });
    else if (open && last !== undefined && /^[ \t]*>/.test(line.text))
      last.text += `\n${line.text.replace(/^[ \t]*> ?/, "")}`;
    else open = false;
    open ||= match !== null;
  }
  return notes.map(({ from, text }) => ({ from, text: text.trim() }));
}

function wordForWord(lines: readonly MarkdownLine[], checklist: readonly Block[]): string {
  const [first, last] = [checklist[0], checklist.at(-1)];
  if (first === undefined || last === undefined) return "";
  const texts = lines.slice(first.start, last.end).map((line) => line.text);
  // A closing remark right below the last item is no part of it.
  while (texts.length > last.start - first.start + 1 && indentOf(texts.at(-1) ?? "") === 0) texts.pop();
  const margin = indentOf(texts[0] ?? "");
  return texts.map((text) => dedent(text, margin)).join("\n");
}

function sameMarkers(a: readonly ChecklistItem[], b: readonly ChecklistItem[]): boolean {
  return a.length === b.length && a.every(({ marker, text }, at) => b[at]?.marker === marker && b[at]?.text === text);
}

function sameItems(items: readonly ChecklistItem[], blocks: readonly Block[]): boolean {
  return items.length === blocks.length && blocks.every(({ item }, index) => items[index]?.text === item.text);
}

function count(steps: number): string {
  return steps === 1 ? "one step" : `${steps} steps`;
}

/** Text without a byte-order mark, NUL and carriage returns. */
function cleaned(text: string): string {
  return withLineFeeds(text.replace(/^\uFEFF/, "").replaceAll("\0", ""));
}

/** Text of ours for a plan: an opened HTML comment in it would hide the items below. */
function harmless(text: string): string {
  return cleaned(text).replaceAll("<!--", "&lt;!--");
}
