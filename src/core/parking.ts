import { next, openQuestions } from "./lifecycle.ts";
import { ipcPath, questionNumbers, unread } from "./mailbox.ts";
import { currentItem, type Plan, parsePlan, renderPlan, withMarker } from "./plan.ts";
import { readTask, renderTask, type TaskFiles } from "./task.ts";

/**
 * The files that make a question of an item which the worker only marked `[?]`, without asking in its mailbox: it has asked all the
 * same. Null when there is no such item, when a question is open already, and when an answer is there that nobody has read: then the
 * item waits for nothing any more.
 */
export function questionFromPlan(files: TaskFiles, at: string): Record<string, string> | null {
  const task = readTask(files);
  const item = parsePlan(files["plan.md"] ?? "").items.find(({ marker }) => marker === "blocked");
  if (item === undefined || openQuestions(task.state).length > 0 || unread(files).length > 0) return null;
  const last = Math.max(0, ...questionNumbers(Object.keys(files)).map(Number));
  const number = String(last + 1).padStart(3, "0");
  const state = next(task.state, { kind: "asked", question: number });
  if (state === null) return null;
  const text = item.explanation.length > 0 ? item.explanation.join("\n") : item.text;
  const exchanges = { ...task.exchanges, [number]: { askedAt: at, comment: null, answeredBy: null } };
  return {
    [ipcPath(number, "question")]: `${text}\n`,
    "task.yaml": renderTask({ ...task, state, exchanges }),
  };
}

/** The files that park a task: its questions stay open, and the item they stand in the way of is `[?]`. Null when it waits for nothing. */
export function parkedFiles(files: TaskFiles): Record<string, string> | null {
  const task = readTask(files);
  const state = next(task.state, { kind: "parked" });
  const [first] = openQuestions(task.state);
  if (state === null || first === undefined) return null;
  const plan = blocked(parsePlan(files["plan.md"] ?? ""), files[ipcPath(first, "question")] ?? "");
  return { "task.yaml": renderTask({ ...task, state }), "plan.md": renderPlan(plan) };
}

/** A plan whose blocked items are open again: what they waited for has come. */
export function unblocked(text: string): string {
  const plan = parsePlan(text);
  return renderPlan(
    plan.items.reduce(
      (current, { marker }, index) => (marker === "blocked" ? withMarker(current, index, "open") : current),
      plan,
    ),
  );
}

function blocked(plan: Plan, question: string): Plan {
  if (plan.items.some(({ marker }) => marker === "blocked")) return plan;
  const index = currentItem(plan);
  return index === null ? plan : withMarker(plan, index, "blocked", question.trim());
}
