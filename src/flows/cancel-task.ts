import { next, workingRun } from "../core/lifecycle.ts";
import { readTask, renderTask, type TaskRef, type TaskState } from "../core/task.ts";
import { withChosenTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import { drawOverview } from "./overview.ts";
import type { Snapshot } from "./ports.ts";
import { redrawStatus } from "./redraw.ts";
import { commandName, obeying } from "./retry-task.ts";
import { announceEnding, announceIfLeft, endTask } from "./task-course.ts";
import { type CoursePorts, GRACE_MS, type ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

type CancelPorts = CoursePorts & Pick<ThreadPorts, "background">;

/** How long a run may take to end itself, unhurried and with everything saved, before GitHub is asked to cancel it. */
const PATIENCE_MS = 20_000;

export async function cancelByCommand(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: CancelPorts,
): Promise<void> {
  const command = commandName(place);
  const fits = ({ kind }: TaskState) => kind !== "finished";
  await withChosenTask(place, { task, verb: "cancel", fits, command }, tasks, ports, ({ ref }) =>
    cancelTask(ref, place.said.by.login, ports, command),
  );
}

/**
 * Asks a task to stop. Its run sees the commit and ends itself; a task that no run holds ends here and now.
 * @param command the command that asks for it: delivered again, it must not cancel a run that was asked for since
 */
export async function cancelTask(
  ref: TaskRef,
  by: string,
  ports: CancelPorts,
  command: string | null = null,
): Promise<void> {
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const task = readTask(files);
      const state = next(task.state, { kind: "cancel-requested", by, at });
      if (state === null || (command !== null && task.commands.includes(command))) return null;
      return { files: { "task.yaml": renderTask({ ...obeying(task, command), state }) }, message: `Cancel ${ref.id}` };
    },
    ports,
  );
  if (updated === null) return;
  const { state } = readTask(updated.snapshot.files);
  if (updated.changed && state.kind === "finished") {
    await announceEnding(updated.snapshot, {}, ports);
    return;
  }
  await redrawStatus(ref, updated.snapshot.files, ports);
  await drawOverview(readTask(updated.snapshot.files), ports);
  const run = workingRun(state);
  const finish = run === null ? () => repair(ref, ports) : () => insist(ref, run.id, ports);
  ports.background.later(`cancel of ${ref.id}`, finish);
}

/** Whoever has ended the task may have died before saying so: but not before they have had the time for it. */
async function repair(ref: TaskRef, ports: CancelPorts): Promise<void> {
  await ports.clock.sleep(GRACE_MS);
  const snapshot = await ports.branches.read(ref);
  if (snapshot !== null) await announceIfLeft(snapshot, ports);
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
