import { next } from "../core/lifecycle.ts";
import { jobTimeUsedUp, outcomeOfPlan } from "../core/outcome.ts";
import { parsePlan } from "../core/plan.ts";
import { readTask, renderTask, type TaskFiles } from "../core/task.ts";
import { MOST_CONTINUATIONS } from "../core/time-limit.ts";
import { factsOf, finishRun, type RunResult, saveRest } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import type { Change } from "./ports.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";
import { beginTask } from "./task-course.ts";

/**
 * The end of a run whose job has no more time: the work is saved, and the next run goes on by itself. After a few of them, a person
 * decides.
 */
export async function continueTask(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  const plan = parsePlan(live.files["plan.md"] ?? "");
  const decided = outcomeOfPlan(plan);
  if (decided !== null) return finishRun(live, view, decided, ports);
  const usedUp = jobTimeUsedUp(plan, live.task.continued + 1);
  if (live.task.continued >= MOST_CONTINUATIONS) return finishRun(live, view, usedUp, ports);
  live.doing = null;
  const saved = await saveRest(live, ports);
  // Another run would do again what did not arrive, and be refused again.
  if (saved.pushed?.kind === "refused") return finishRun(live, view, usedUp, ports);
  await view.settled();
  const at = ports.clock.now().toISOString();
  if (!(await live.change((files) => requeued(files, at)))) return finishElsewhere(live, view, ports);
  const { snapshot, task, files } = live;
  await beginTask(snapshot, {}, ports);
  return { kind: "settled", task, files, facts: factsOf(live, saved, ports) };
}

/** A cancel came first, or somebody else has the task. */
async function finishElsewhere(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  const { state } = live.task;
  if (!live.held || state.kind !== "cancelling") return { kind: "lost" };
  return finishRun(live, view, { kind: "cancelled", by: state.by }, ports);
}

function requeued(files: TaskFiles, at: string): Change | null {
  const task = readTask(files);
  const state = next(task.state, { kind: "requeued", at });
  if (state === null) return null;
  const again = { ...task, state, attempt: task.attempt + 1, continued: task.continued + 1 };
  return { files: { "task.yaml": renderTask(again) }, message: `Go on with ${task.id} in another run` };
}
