import { next, openQuestions } from "./lifecycle.ts";
import { ipcPath, questionNumbers } from "./mailbox.ts";
import { currentItem, type Plan, parsePlan, renderPlan, withMarker } from "./plan.ts";
import { readTask, renderTask, type TaskFiles } from "./task.ts";

/**
 * The files that park a task: its questions stay open and the item they stand in the way of is marked `[?]`. Null when it waits for
 * nothing. A worker that only wrote `[?]` into its plan, without a question file, has asked all the same.
 */
export function parkedFiles(files: TaskFiles, at: string): Record<string, string> | null {
  const plan = parsePlan(files["plan.md"] ?? "");
  const asked = openQuestions(readTask(files).state).length > 0 ? {} : questionFromPlan(files, plan, at);
  if (asked === null) return null;
  const withQuestion = { ...files, ...asked };
  const task = readTask(withQuestion);
  const state = next(task.state, { kind: "parked" });
  if (state === null) return null;
  const [first] = openQuestions(task.state);
  const question = first === undefined ? "" : (withQuestion[ipcPath(first, "question")] ?? "");
  return {
    ...asked,
    "task.yaml": renderTask({ ...task, state }),
    "plan.md": renderPlan(blocked(plan, question)),
  };
}

function blocked(plan: Plan, question: string): Plan {
  if (plan.items.some(({ marker }) => marker === "blocked")) return plan;
  const index = currentItem(plan);
  return index === null ? plan : withMarker(plan, index, "blocked", question.trim());
}

function questionFromPlan(files: TaskFiles, plan: Plan, at: string): Record<string, string> | null {
  const item = plan.items.find(({ marker }) => marker === "blocked");
  if (item === undefined) return null;
  const task = readTask(files);
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
