import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const ITEM = /^(\s*(?:[-*+]|\d+[.)])\s+\[)([ xX?!])(\]\s+)(.*)$/;

/** Written beside its place and then moved there, so that nobody ever reads half a file. */
export function writeWhole(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${basename(path)}.draft`);
  writeFileSync(draft, text);
  renameSync(draft, path);
}

export function readPlan(folder) {
  return readFileSync(`${folder}/plan.md`, "utf8");
}

export function itemsOf(plan) {
  return plan.split(/\r?\n/).flatMap((line, index) => {
    const match = ITEM.exec(line);
    return match === null ? [] : [{ line: index, marker: match[2].toLowerCase(), text: match[4] }];
  });
}

/** Sets one item's marker; what explained the old one below it goes, the new explanation comes. */
export function mark(folder, at, marker, because = "") {
  const plan = readPlan(folder);
  const lines = plan.split(/\r?\n/);
  const item = itemsOf(plan)[at];
  if (item === undefined) return;
  lines[item.line] = lines[item.line].replace(ITEM, `$1${marker}$3$4`);
  const end = endOfItem(lines, item.line);
  const explanation =
    because === ""
      ? []
      : because
          .trimEnd()
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map((line) => `  ${line}`);
  lines.splice(item.line + 1, end - item.line - 1, ...explanation);
  writeWhole(`${folder}/plan.md`, lines.join("\n"));
}

/** The line after the last one that explains the item. */
function endOfItem(lines, at) {
  let end = at + 1;
  while (end < lines.length && /^\s{2,}\S/.test(lines[end]) && !ITEM.test(lines[end])) end += 1;
  return end;
}

/** Puts concrete steps where the provisional item stood; everything around it stays. */
export function replaceItems(folder, texts) {
  const plan = readPlan(folder);
  const lines = plan.split(/\r?\n/);
  const [provisional] = itemsOf(plan);
  lines.splice(
    provisional.line,
    endOfItem(lines, provisional.line) - provisional.line,
    ...texts.map((text) => `- [ ] ${text}`),
  );
  writeWhole(`${folder}/plan.md`, lines.join("\n"));
}
