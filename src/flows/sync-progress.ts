import { machineTrouble } from "../core/machine-trouble.ts";
import { ipcPath, unread } from "../core/mailbox.ts";
import { newlyDone, parsePlan } from "../core/plan.ts";
import type { TaskFiles } from "../core/task.ts";
import { foldWorkerFiles } from "../core/worker-news.ts";
import type { LiveTask } from "./live-task.ts";
import type { Log } from "./ports.ts";
import { pushWork, saveWork } from "./push-work.ts";
import { relayQuestions } from "./relay-questions.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";

/**
 * Carries what the worker has written to where people see it: plan and questions to the task's branch, finished items to the work
 * branch, all of it into the thread.
 * @param final also take the reports, when the worker has ended
 * @returns false where a question has no place to be asked
 */
export async function syncProgress(
  live: LiveTask,
  view: StatusView,
  how: { readonly final: boolean },
  ports: RunPorts,
): Promise<boolean> {
  const asked = await keepProgress(live, view, how, ports);
  const hasPlace = await relayQuestions(live, ports);
  // Now the questions have comments to link to.
  if (asked) view.draw();
  return hasPlace;
}

/**
 * The part of it that asks nothing.
 * @returns true when the worker has asked something new
 */
export async function keepProgress(
  live: LiveTask,
  view: StatusView,
  { final }: { readonly final: boolean },
  ports: RunPorts,
): Promise<boolean> {
  const { files: folder, warnings } = await ports.folder.read();
  for (const warning of warnings) live.warn(warning);
  const at = ports.clock.now().toISOString();
  const before = parsePlan(live.files["plan.md"] ?? "");
  const news = foldWorkerFiles(live.files, folder, { at, final });
  for (const warning of news.warnings) live.warn(warning);

  const finished = newlyDone(before, news.plan);
  // The comment does not wait for the branch: what it shows is on its way there.
  view.draw({ ...live.files, ...news.files });
  // First the work, then the tick: a run that dies between the two has done the item, and one that is ticked is never missing.
  const isSafe = (finished.length === 0 && !live.unpushed) || (await pushItems(live, { final }, ports));
  await Promise.all([
    commitNews(live, isSafe ? folder : without(folder, "plan.md"), { at, final }),
    news.planForWorker === null ? undefined : correctPlan(live, at, ports),
  ]);
  return news.asked.length > 0;
}

/**
 * Pushes the work of finished items. What does not get through now goes with the next item's, or at the end: no reason to disturb the
 * worker. At the end there is no later.
 * @returns false when it is still only on this machine
 */
async function pushItems(live: LiveTask, { final }: { readonly final: boolean }, ports: RunPorts): Promise<boolean> {
  try {
    if (live.unsaved.length > 0) await saveWork(live, live.unsaved, ports);
    await pushWork(live, ports);
    return true;
  } catch (error) {
    // What cannot be committed here, no other attempt would find: the ending says so.
    if (final && live.unsaved.length === 0) throw error;
    ports.log.warning(`The work could not be pushed just now: ${String(error)}`);
    return false;
  }
}

function without(files: TaskFiles, path: string): TaskFiles {
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
}

async function correctPlan(live: LiveTask, at: string, { folder, log }: RunPorts): Promise<void> {
  try {
    await folder.edit("plan.md", (text) => correctedPlan(live.files, text, at));
  } catch (error) {
    warnOfFolder(live, error, log);
  }
}

/** A disk that is full now may have room at the next look; the worker goes on meanwhile. */
function warnOfFolder(live: LiveTask, error: unknown, log: Log): void {
  const trouble = machineTrouble(String(error));
  if (trouble === null) throw error;
  log.warning(`The task's folder could not be written: ${String(error)}`);
  live.warn(`${trouble.sentence} The worker cannot be given what it should read until there is room again.`);
}

/** The plan as the worker must see it, made from what it has written by now. */
function correctedPlan(branch: TaskFiles, written: string, at: string): string | null {
  return foldWorkerFiles(branch, { "plan.md": written }, { at, final: false }).planForWorker;
}

async function commitNews(live: LiveTask, folder: TaskFiles, how: { at: string; final: boolean }): Promise<void> {
  await live.change((files) => {
    const news = foldWorkerFiles(files, folder, how);
    if (Object.keys(news.files).length === 0) return null;
    return { files: news.files, message: describe(files, news.files, news.asked) };
  });
}

function describe(before: TaskFiles, files: TaskFiles, asked: readonly string[]): string {
  if (asked.length > 0) return `Ask question ${asked.join(", ")}`;
  const plan = files["plan.md"];
  if (plan === undefined) return "Keep the worker's report";
  const done = newlyDone(parsePlan(before["plan.md"] ?? ""), parsePlan(plan));
  const [first] = done;
  if (first === undefined) return "Update the plan";
  return done.length === 1 ? `Done: ${first.text.slice(0, 60)}` : `Done: ${done.length} items`;
}

/** Hands answers that have been committed to the branch to the worker. */
export async function deliverAnswers(live: LiveTask, { folder, log }: Pick<RunPorts, "folder" | "log">): Promise<void> {
  if (unread(live.files).length === 0) return;
  const { files: local } = await folder.read();
  const numbers = Object.keys(live.task.exchanges);
  const answers: Record<string, string> = {};
  for (const number of numbers) {
    const path = ipcPath(number, "answer");
    const text = live.files[path];
    // Also when it is there already: an answer is ours alone to write, and is restored when somebody touched it.
    if (text !== undefined && local[path] !== text) answers[path] = text;
  }
  if (Object.keys(answers).length === 0) return;
  try {
    await folder.write(answers);
  } catch (error) {
    warnOfFolder(live, error, log);
  }
}
