import type { Run, TaskRef } from "../../src/core/task.ts";
import { readTask, renderTask } from "../../src/core/task.ts";
import { LiveTask } from "../../src/flows/live-task.ts";
import type { RunPorts } from "../../src/flows/run-ports.ts";
import { DISPATCH, type Dispatch } from "./dispatch.ts";

/** Dispatch as one would write it first: it acknowledges at once, takes the task without asking, and sends again whatever fails. */
export const NAIVE: Dispatch = {
  ...DISPATCH,
  acknowledges: "first",
  isPatient: false,
  claim: takeUnasked,
  reconcile: async () => {},
};

/** Writes "running" over whatever stands there. */
async function takeUnasked(
  ref: TaskRef,
  run: Run,
  _attempt: number | null,
  ports: Pick<RunPorts, "branches" | "clock">,
): Promise<LiveTask | null> {
  for (;;) {
    const snapshot = await ports.branches.read(ref);
    if (snapshot === null) return null;
    const task = readTask(snapshot.files);
    if (task.state.kind === "finished") return null;
    const files = { "task.yaml": renderTask({ ...task, state: { kind: "running", run } }) };
    const committed = await ports.branches.commit(ref, snapshot.head, {
      files,
      message: `Claim ${ref.id} for run ${run.id}`,
    });
    if (committed === "gone") return null;
    if (committed === "stale") continue;
    return new LiveTask({ ref, head: committed.head, files: { ...snapshot.files, ...files } }, run, ports);
  }
}
