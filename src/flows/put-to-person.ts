import { next } from "../core/lifecycle.ts";
import { readTask, renderTask, type Task, type TaskFiles } from "../core/task.ts";
import { askPerson } from "./ask-person.ts";
import { finishParked, type RunResult } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import { drawOverview } from "./overview.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";

interface Put {
  readonly what: "confirming" | "planned";
  /** What else changes with it: files, and in the task itself. */
  readonly change: (files: TaskFiles) => Readonly<Record<string, string>>;
  readonly inTask?: (task: Task) => Task;
}

/** Ends a run because a person has to decide something before the next one. */
export async function putToPerson(
  live: LiveTask,
  view: StatusView,
  { what, change, inTask = (task) => task }: Put,
  ports: RunPorts,
): Promise<RunResult> {
  const at = ports.clock.now().toISOString();
  live.doing = null;
  await view.settled();
  const changed = await live.change((files) => {
    const task = readTask(files);
    const state = next(task.state, { kind: "put-to-person", what, at });
    if (state === null) return null;
    const text = renderTask(inTask({ ...task, state }));
    return { files: { ...change(files), "task.yaml": text }, message: `Ask a person about ${task.id}` };
  });
  if (!changed) return { kind: "lost" };
  await askPerson(live.snapshot, ports);
  // What has been shown is on the branch now, and with it the box that approves it.
  await live.refresh();
  await drawOverview(live.task, ports);
  return finishParked(live, view, { pushed: null, summary: null }, ports);
}
