import { readConfig } from "../core/config.ts";
import { next } from "../core/lifecycle.ts";
import { resolveWorker } from "../core/model.ts";
import { parsePlan, renderPlan, withMarker } from "../core/plan.ts";
import { readTask, renderTask, type Task, type TaskFiles, type TaskRef, type WorkerSpec } from "../core/task.ts";
import { chooseTask } from "./choose-task.ts";
import type { Snapshot } from "./ports.ts";
import { redrawStatus } from "./redraw.ts";
import { endUnstarted, type StartPorts, startIfMissing, startRun } from "./start-run.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

type RetryPorts = StartPorts & Pick<ThreadPorts, "conversations">;

export async function retryByCommand(
  wanted: { readonly task: string | null; readonly model: string | null },
  tasks: readonly Snapshot[],
  ports: RetryPorts,
): Promise<void> {
  const { ref } = chooseTask(tasks, {
    task: wanted.task,
    verb: "retry",
    fits: (state) => state.kind === "finished" && state.outcome.kind !== "done",
  });
  await retryTask(ref, wanted.model, ports);
}

/**
 * Starts the next run of an ended task: what is done stays done, everything else is open again.
 * @throws Problem where the model is not known
 */
export async function retryTask(ref: TaskRef, model: string | null, ports: RetryPorts): Promise<void> {
  const { config, defaultBranch } = await ports.conversations.read(null);
  const worker = model === null ? null : resolveWorker(`--model ${model}`, readConfig(config)).worker;
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(ref, ({ files }) => requeue(ref, files, worker, at), ports);
  if (updated === null) return;
  const { files } = updated.snapshot;
  // Asked for twice, or by a delivery that came again: then only a run that is missing is started.
  if (!updated.changed) return readTask(files).state.kind === "queued" ? startIfMissing(ref, ports) : undefined;
  const [problem] = await Promise.all([
    startRun(ref, readTask(files), defaultBranch, ports),
    redrawStatus(ref, files, ports),
  ]);
  await endUnstarted(ref, problem, ports);
}

function requeue(ref: TaskRef, files: TaskFiles, worker: WorkerSpec | null, at: string) {
  const task = readTask(files);
  const state = task.state.kind === "parked" ? null : next(task.state, { kind: "requeued", at });
  if (state === null) return null;
  const retried: Task = {
    ...task,
    state,
    attempt: task.attempt + 1,
    worker: worker ?? task.worker,
    // Another model's CLI cannot continue this one's session.
    session: worker === null ? task.session : null,
  };
  return {
    files: { "task.yaml": renderTask(retried), "plan.md": renderPlan(reopened(files["plan.md"] ?? "")) },
    message: `Retry ${ref.id}`,
  };
}

/** Failed and blocked items are open again; the explanation below them stays, for the next worker to read. */
function reopened(text: string) {
  const plan = parsePlan(text);
  return plan.items.reduce(
    (current, { marker }, index) =>
      marker === "error" || marker === "blocked" ? withMarker(current, index, "open") : current,
    plan,
  );
}
