import { ipcPath, unread } from "../core/mailbox.ts";
import { newlyDone, parsePlan } from "../core/plan.ts";
import type { TaskFiles } from "../core/task.ts";
import { foldWorkerFiles } from "../core/worker-news.ts";
import type { LiveTask } from "./live-task.ts";
import { pushWork } from "./push-work.ts";
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
  await Promise.all([
    commitNews(live, folder, { at, final }),
    finished.length > 0 ? pushSoon(live, ports) : undefined,
    news.planForWorker === null
      ? undefined
      : ports.folder.edit("plan.md", (text) => correctedPlan(live.files, text, at)),
  ]);
  return news.asked.length > 0;
}

/** Work that does not get through now goes with the next item's, or at the end: no reason to disturb the worker. */
async function pushSoon(live: LiveTask, ports: RunPorts): Promise<void> {
  try {
    await pushWork(live, ports);
  } catch (error) {
    ports.log.warning(`The work could not be pushed just now: ${String(error)}`);
  }
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
export async function deliverAnswers(live: LiveTask, { folder }: Pick<RunPorts, "folder">): Promise<void> {
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
  if (Object.keys(answers).length > 0) await folder.write(answers);
}
