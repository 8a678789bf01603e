import { next } from "../core/lifecycle.ts";
import { readTask, renderTask, type TaskFiles } from "../core/task.ts";
import { foldWorkerFiles } from "../core/worker-news.ts";
import { lastWords } from "./finish-hurried.ts";
import { factsOf, type RunResult, saveRest, tryToCompletePullRequest } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";
import { announceEnding } from "./task-course.ts";

/**
 * The end of a task whose branch somebody has deleted while its run works: that is a cancel, and there is no branch any more to commit it
 * to. The work is saved, and the thread told from what the run still knows; nobody else could. The branch stays deleted.
 */
export async function finishGone(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  live.doing = null;
  const folder = live.checkedOut ? await lastWords(live, ports) : {};
  const saved = await saveRest(live, ports);
  const files = endedFiles(live.files, folder, ports.clock.now().toISOString());
  if (files === null) return { kind: "lost" };
  const outcome = { kind: "cancelled", by: "" } as const;
  if (saved.summary !== null && saved.summary.commits > 0) await tryToCompletePullRequest(live, outcome, ports);
  await view.settled();
  const facts = factsOf(live, saved, ports);
  // What the pull request is called was learnt only now.
  const { pullRequest, work } = live.task;
  const ended = { ...files, "task.yaml": renderTask({ ...readTask(files), pullRequest, work }) };
  await announceEnding({ ...live.snapshot, files: ended }, facts, ports);
  return { kind: "settled", task: readTask(ended), files: ended, facts };
}

function endedFiles(branch: TaskFiles, folder: TaskFiles, at: string): TaskFiles | null {
  const { files } = foldWorkerFiles(branch, folder, { at, final: true });
  const last = { ...branch, ...files };
  const task = readTask(last);
  const state = next(task.state, { kind: "finished", outcome: { kind: "cancelled", by: "" }, at });
  // Nothing is left that could be taken up again, just as after a clean-up.
  return state === null ? null : { ...last, "task.yaml": renderTask({ ...task, state, cleaned: true }) };
}
