import { join } from "node:path";
import {
  currentItem,
  type Marker,
  type Plan,
  parsePlan,
  progress,
  renderPlan,
  withMarker,
  withNote,
} from "../core/plan.ts";
import { locked, readText, writeWhole } from "./task-folder.ts";
import { EXIT, HelperError, type World } from "./world.ts";

interface Marking {
  readonly marker: Exclude<Marker, "open">;
  /** A number from 1, words of the item, or "" for the first open one. */
  readonly which: string;
  readonly explanation: string;
}

/** Marks one item of the plan. With the last tick the task is said to be done. */
export async function markItem(folder: string, { marker, which, explanation }: Marking, world: World): Promise<number> {
  const said = await locked(folder, world, () => {
    const before = readPlan(folder);
    const index = findItem(before, which);
    const plan = withMarker(before, index, marker, explanation);
    writeWhole(join(folder, "plan.md"), renderPlan(plan));
    const { done, total } = progress(plan);
    if (done === total) writeWhole(join(folder, "ipc", ".done"), "");
    return describeItem(plan, index, `${done} of ${total} done`);
  });
  world.print(said);
  return EXIT.ok;
}

export async function addNote(folder: string, text: string, world: World): Promise<number> {
  await locked(folder, world, () => {
    writeWhole(join(folder, "plan.md"), renderPlan(withNote(readPlan(folder), { from: "the worker", text })));
  });
  world.print("Noted.");
  return EXIT.ok;
}

function readPlan(folder: string): Plan {
  const text = readText(join(folder, "plan.md"));
  if (text === null) throw new HelperError(`There is no plan at ${join(folder, "plan.md")}.`);
  return parsePlan(text);
}

function findItem(plan: Plan, which: string): number {
  if (which === "") {
    const open = currentItem(plan);
    if (open === null) throw new HelperError(`No item is open.\n${listItems(plan)}`);
    return open;
  }
  if (/^\d+$/.test(which)) {
    if (plan.items[Number(which) - 1] === undefined)
      throw new HelperError(`There is no item ${which}.\n${listItems(plan)}`);
    return Number(which) - 1;
  }
  const words = which.toLowerCase();
  const matching = [...plan.items.entries()].filter(([, { text }]) => text.toLowerCase().includes(words));
  const exact = matching.filter(([, { text }]) => text.toLowerCase() === words);
  const open = matching.filter(([, item]) => item.marker !== "done");
  const [only, other] = [exact, open, matching].find(({ length }) => length > 0) ?? [];
  if (only === undefined) throw new HelperError(`No item says "${which}".\n${listItems(plan)}`);
  if (other !== undefined) throw new HelperError(`Several items say "${which}"; give the number.\n${listItems(plan)}`);
  return only[0];
}

function describeItem(plan: Plan, index: number, count: string): string {
  const next = currentItem(plan);
  const then = next === null ? "Nothing is open any more." : `Next: ${next + 1}. ${plan.items[next]?.text ?? ""}`;
  return `${index + 1}. ${plan.items[index]?.text ?? ""}: ${plan.items[index]?.marker ?? ""} (${count}). ${then}`;
}

const SIGNS: Readonly<Record<Marker, string>> = { open: " ", done: "x", blocked: "?", error: "!" };

function listItems({ items }: Plan): string {
  return items.map(({ marker, text }, index) => `${index + 1}. [${SIGNS[marker]}] ${text}`).join("\n");
}
