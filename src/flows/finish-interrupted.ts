import { openQuestions, workingRun } from "../core/lifecycle.ts";
import { failureBy } from "../core/outcome.ts";
import { parsePlan, progress } from "../core/plan.ts";
import { type Outcome, type Run, readTask, type TaskRef } from "../core/task.ts";
import { finishRun, type RunResult } from "./finish-run.ts";
import { LiveTask } from "./live-task.ts";
import { parkTask } from "./park-task.ts";
import type { RunPorts } from "./run-ports.ts";
import { StatusView } from "./status-view.ts";
import { keepProgress } from "./sync-progress.ts";
import { announceIfUnsaid } from "./task-course.ts";

/** What a worker that nobody watches any more gets to end by itself. */
const STOP_GRACE_MS = 1_000;

/** Ends a run whose process was killed before it could: what the worker left in the workspace is still saved and said. */
export async function finishInterrupted(ref: TaskRef, run: Run, ports: RunPorts): Promise<RunResult> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return { kind: "lost" };
  const task = readTask(snapshot.files);
  const working = workingRun(task.state);
  if (task.state.kind === "finished" && task.state.run?.id === run.id) await announceIfUnsaid(snapshot, ports);
  if (working?.id !== run.id || working.tryNumber !== run.tryNumber) return { kind: "lost" };
  const live = new LiveTask(snapshot, run, ports);
  // Its tools live in sessions of their own, which outlast the run: what they wrote after the last look would be half a change.
  await ports.workers.endLeftBehind(ports.checkout.directory, ref, STOP_GRACE_MS);
  live.checkedOut = await ports.checkout.adopt(task.work, ref);
  const view = new StatusView(live, ports);
  if (live.checkedOut) await keepProgress(live, view, { final: true }, ports);
  if (openQuestions(live.task.state).length > 0) {
    // People are being asked: their answer is still good, and starts the next run.
    const parked = await parkTask(live, view, ports);
    if (parked !== "answered") return parked;
  }
  return finishRun(live, view, ending(live), ports);
}

function ending(live: LiveTask): Outcome {
  const { state } = live.task;
  if (state.kind === "cancelling") return { kind: "cancelled", by: state.by };
  const plan = parsePlan(live.files["plan.md"] ?? "");
  const { done, total } = progress(plan);
  return total > 0 && done === total ? { kind: "done" } : failureBy("run-died", plan);
}
