import { isActive, next, workingRun } from "../core/lifecycle.ts";
import { readTask, renderTask, type TaskRef } from "../core/task.ts";
import { chooseTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import { announceEnding, endTask } from "./end-task.ts";
import type { Snapshot } from "./ports.ts";
import { redrawStatus } from "./redraw.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

type CancelPorts = Pick<
  ThreadPorts,
  "branches" | "index" | "comments" | "labels" | "runs" | "clock" | "self" | "repository" | "background" | "log"
>;

/** How long a run may take to end itself, unhurried and with everything saved, before GitHub is asked to cancel it. */
const PATIENCE_MS = 20_000;

export async function cancelByCommand(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: CancelPorts,
): Promise<void> {
  const fits = (state: Parameters<typeof isActive>[0]) => isActive(state) || state.kind === "parked";
  const { ref } = chooseTask(tasks, { task, verb: "cancel", fits });
  await cancelTask(ref, place.said.by.login, ports);
}

/** Asks a task to stop. Its run sees the commit and ends itself; a task that no run holds ends here and now. */
export async function cancelTask(ref: TaskRef, by: string, ports: CancelPorts): Promise<void> {
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const task = readTask(files);
      const state = next(task.state, { kind: "cancel-requested", by, at });
      if (state === null) return null;
      return { files: { "task.yaml": renderTask({ ...task, state }) }, message: `Cancel ${ref.id}` };
    },
    ports,
  );
  if (updated === null) return;
  const { state } = readTask(updated.snapshot.files);
  if (updated.changed && state.kind === "finished") return announceEnding(updated.snapshot, {}, ports);
  await redrawStatus(ref, updated.snapshot.files, ports);
  const run = workingRun(state);
  if (run !== null) ports.background.later(`cancel of ${ref.id}`, () => insist(ref, run.id, ports));
}

async function insist(ref: TaskRef, runId: number, ports: CancelPorts): Promise<void> {
  const { branches, runs, clock } = ports;
  await clock.sleep(PATIENCE_MS);
  const snapshot = await branches.read(ref);
  if (snapshot === null) return;
  const { state } = readTask(snapshot.files);
  // The run may have drawn its ending while our own drawing was on its way: the branch is right.
  if (state.kind === "finished") return redrawStatus(ref, snapshot.files, ports);
  if (state.kind !== "cancelling" || state.run.id !== runId) return;
  await runs.cancel(runId);
  const run = await runs.read(runId);
  if (run !== null && run.status !== "completed") return;
  // Nobody is left to end it.
  await endTask(
    ref,
    (task) => (task.state.kind === "cancelling" ? { kind: "cancelled", by: task.state.by } : null),
    ports,
  );
}
