import { next, workingRun } from "../core/lifecycle.ts";
import { unblocked } from "../core/parking.ts";
import { type CommentRef, type Run, readTask, renderTask, type TaskFiles, type TaskRef } from "../core/task.ts";
import { LiveTask } from "./live-task.ts";
import { findOurs } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";
import { unlessClosed } from "./unless-closed.ts";
import { updateTask } from "./update-task.ts";

/**
 * Takes the task for this run, before any work. Of two runs for one task, one commits the claim; the other gets null and ends.
 * @param attempt which attempt this run was started for; null when a person started it by hand
 */
export async function claimTask(
  ref: TaskRef,
  run: Run,
  attempt: number | null,
  ports: Pick<RunPorts, "branches" | "comments" | "clock" | "repository" | "self" | "log">,
): Promise<LiveTask | null> {
  const first = await ports.branches.read(ref);
  if (first === null) {
    ports.log.warning(`There is no task \`${ref.id}\` in this repository: its branch is gone.`);
    return null;
  }
  const [status, ...twins] = await findStatus(first.files, ref, ports);
  const updated = await updateTask(ref, ({ files }) => claim(files, run, attempt, status ?? null), ports, first);
  if (updated === null) return null;
  const task = readTask(updated.snapshot.files);
  const working = workingRun(task.state);
  if (working?.id !== run.id || working.tryNumber !== run.tryNumber) {
    ports.log.info(`Task \`${ref.id}\` is not this run's to work on: it is ${task.state.kind}.`);
    return null;
  }
  await Promise.all(twins.map(({ id }) => ports.comments.remove(id)));
  return new LiveTask(updated.snapshot, run, ports);
}

async function findStatus(
  files: TaskFiles,
  ref: TaskRef,
  ports: Pick<RunPorts, "comments" | "clock" | "repository" | "self" | "log">,
): Promise<readonly CommentRef[]> {
  const task = readTask(files);
  if (task.statusComment !== null) return [task.statusComment];
  return (await unlessClosed(() => findOurs(task, { kind: "status", ref }, ports), ports.log)) ?? [];
}

function claim(files: TaskFiles, run: Run, attempt: number | null, status: CommentRef | null) {
  const task = readTask(files);
  if (attempt !== null && attempt !== task.attempt) return null;
  const state = next(task.state, { kind: "claimed", run });
  if (state === null) return null;
  const statusComment = task.statusComment ?? (status && { id: status.id, author: status.author, url: status.url });
  return {
    files: {
      "task.yaml": renderTask({ ...task, state, statusComment }),
      "plan.md": unblocked(files["plan.md"] ?? ""),
    },
    message: `Claim ${task.id} for run ${run.id}`,
  };
}
