import { next } from "./lifecycle.ts";
import { ipcPath, questionNumbers, unread } from "./mailbox.ts";
import { acceptPlan, isProvisional, type Plan, parsePlan, renderPlan } from "./plan.ts";
import { readTask, renderTask, type Task, type TaskFiles } from "./task.ts";

/** What a worker's folder adds to its task, as far as we believe it. */
export interface WorkerNews {
  readonly task: Task;
  readonly plan: Plan;
  /** Files to commit; empty when there is nothing new. */
  readonly files: Readonly<Record<string, string>>;
  /** Numbers of questions that are new. */
  readonly asked: readonly string[];
  /** The plan as the worker must see it, when that is not what it wrote: an item it dropped, a note that it does not have. */
  readonly planForWorker: string | null;
  readonly warnings: readonly string[];
}

/** More questions than this are not a conversation. */
const MAX_QUESTIONS = 50;

/** Reports travel with the next commit; they are not worth one of their own while the worker still writes them. */
const REPORTS = ["output.md", "context.md", "review.json"] as const;

/**
 * Folds the files of a worker's folder into the branch's.
 * @param branch the task's files at the branch head
 * @param folder what the worker has written
 * @param final also take the reports when nothing else is new
 */
export function foldWorkerFiles(
  branch: TaskFiles,
  folder: TaskFiles,
  { at, final }: { readonly at: string; readonly final: boolean },
): WorkerNews {
  const trusted = parsePlan(branch["plan.md"] ?? "");
  const offered = folder["plan.md"];
  const { plan, warnings } = offered === undefined ? { plan: trusted, warnings: [] } : acceptPlan(trusted, offered);
  const planText = renderPlan(plan);
  const known = readTask(branch);
  // Whoever was only to write the plan, and asks when it stands, has begun with the work: that is for the run after the approval.
  const mail = known.phase === "plan" && !isProvisional(plan) ? {} : folder;
  const { task, files: ipc, asked } = foldMailbox(known, branch, mail, at);

  const worthy: Record<string, string> = { ...ipc };
  if (planText !== branch["plan.md"]) worthy["plan.md"] = planText;
  if (asked.length > 0) worthy["task.yaml"] = renderTask(task);
  const files =
    final || Object.keys(worthy).length > 0
      ? { ...worthy, ...newReports(branch, folder), ...newlyRead(branch, folder) }
      : worthy;
  const planForWorker = offered !== undefined && renderPlan(parsePlan(offered)) === planText ? null : planText;
  return { task, plan, files, asked, planForWorker, warnings };
}

function foldMailbox(task: Task, branch: TaskFiles, folder: TaskFiles, at: string) {
  const files: Record<string, string> = {};
  const asked: string[] = [];
  let folded = task;
  for (const number of questionNumbers(Object.keys(folder)).slice(0, MAX_QUESTIONS)) {
    const path = ipcPath(number, "question");
    const text = folder[path];
    if (text === undefined || branch[path] !== undefined) continue;
    const state = next(folded.state, { kind: "asked", question: number });
    if (state === null) continue;
    const exchange = { askedAt: at, comment: null, answeredBy: null };
    folded = { ...folded, state, exchanges: { ...folded.exchanges, [number]: exchange } };
    files[path] = text;
    asked.push(number);
  }
  return { task: folded, files, asked };
}

/** Which answers the worker says to have read. They travel with the next commit as well. */
function newlyRead(branch: TaskFiles, folder: TaskFiles): Record<string, string> {
  const read = unread(branch).filter((number) => folder[ipcPath(number, "done")] !== undefined);
  return Object.fromEntries(read.map((number) => [ipcPath(number, "done"), ""]));
}

function newReports(branch: TaskFiles, folder: TaskFiles): Record<string, string> {
  const reports: Record<string, string> = {};
  for (const name of REPORTS) {
    const text = folder[name];
    if (text !== undefined && text !== branch[name]) reports[name] = text;
  }
  return reports;
}
