import { next } from "../core/lifecycle.ts";
import { type Outcome, readTask, renderTask, type TaskFiles } from "../core/task.ts";
import { foldWorkerFiles } from "../core/worker-news.ts";
import { factsOf, type RunResult, saveRest } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import type { RunPorts } from "./run-ports.ts";
import { announceEnding } from "./task-course.ts";

/** Whether GitHub cancels the job, which then has ten seconds in all. */
export function isInterrupted({ stop }: Pick<RunPorts, "stop">): boolean {
  return stop.aborted && stop.reason !== OUT_OF_TIME;
}

/** The reason that the signal to stop carries where it is the job's time that ends; any other is GitHub's cancel. */
export const OUT_OF_TIME = "out-of-time";

/** The work, or "interrupted" as soon as GitHub cancels the job: a call that is slow, or is being repeated, is not waited for. */
export async function unlessInterrupted<T>(
  work: () => Promise<T>,
  { stop, log }: Pick<RunPorts, "stop" | "log">,
): Promise<T | "interrupted"> {
  if (isInterrupted({ stop })) return "interrupted";
  const interruption = Promise.withResolvers<"interrupted">();
  const onStop = () => {
    if (isInterrupted({ stop })) interruption.resolve("interrupted");
  };
  stop.addEventListener("abort", onStop);
  const working = work();
  // What is left behind may still fail; by then nobody waits for it.
  working.catch((error: unknown) => {
    if (isInterrupted({ stop })) log.info(`Left undone by the cancel: ${String(error)}`);
  });
  try {
    return await Promise.race([working, interruption.promise]);
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}

/**
 * The end of a run that GitHub cancels. Everything that makes the work safe comes first and in as few calls as there can be: commit,
 * push, one commit for all that the worker has written and the ending; then the words. What is not reached, the post step does.
 */
export async function finishHurried(live: LiveTask, ports: RunPorts): Promise<RunResult> {
  live.doing = null;
  const saved = await saveRest(live, ports);
  const folder = live.checkedOut ? await lastWords(live, ports) : {};
  const at = ports.clock.now().toISOString();
  const changed = await live.change((files) => {
    const news = foldWorkerFiles(files, folder, { at, final: true });
    const task = readTask({ ...files, ...news.files });
    const cancelled: Outcome = { kind: "cancelled", by: "" };
    const state = next(task.state, { kind: "finished", outcome: cancelled, at });
    if (state === null) return null;
    return {
      files: { ...news.files, "task.yaml": renderTask({ ...task, state }) },
      message: `End ${task.id}: cancelled`,
    };
  });
  if (!changed) return { kind: "lost" };
  const facts = factsOf(live, saved, ports);
  await announceEnding(live.snapshot, facts, ports);
  return { kind: "settled", task: live.task, files: live.files, facts };
}

/** What the worker has written, but for questions that nobody has been asked: there is nobody to answer to any more. */
export async function lastWords({ files }: LiveTask, { folder }: RunPorts): Promise<TaskFiles> {
  const { files: written } = await folder.read();
  const told = Object.entries(written).filter(([path]) => !path.endsWith(".question") || files[path] !== undefined);
  return Object.fromEntries(told);
}
