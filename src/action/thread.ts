import { readEvent } from "../core/event.ts";
import { parseTaskRef } from "../core/task.ts";
import { handleEvent } from "../flows/handle-event.ts";
import { reconcile } from "../flows/reconcile.ts";
import { settleTask } from "../flows/settle-run.ts";
import { reviewFrom } from "./review.ts";
import { threadPorts } from "./run-ports.ts";
import type { Step } from "./step.ts";

/** Hosts the thread handler in this job: what a server does for a delivery, done for the event that started the run. */
export async function handleThread(step: Step): Promise<void> {
  const { job, self, log, background } = step;
  const event = readEvent(job.eventName, job.event, self);
  if (event.kind === "ignored") {
    log.info(event.reason);
    return;
  }
  const ports = threadPorts(step);
  await handleEvent(event, ports);
  // What people wait for comes first. Without a server nobody else comes by here before the day is over.
  if (event.kind === "said" || event.kind === "ticked") {
    background.later("a look at the thread's other tasks", () =>
      reconcile({ thread: event.thread.number, thorough: false }, ports),
    );
  }
  await background.settled();
}

/** Looks after whatever has stopped halfway anywhere in the repository. */
export async function reconcileAll(step: Step): Promise<void> {
  await reconcile({ thread: null, thorough: true }, threadPorts(step));
  await step.background.settled();
}

/** Looks after a task whose job has died in this same run. */
export async function settleOwnRun(step: Step): Promise<void> {
  const ports = threadPorts(step);
  const { task, attempt } = step.inputs;
  const ref = task === null ? null : (parseTaskRef(task) ?? (await ports.index.find(task)));
  if (ref === null) return;
  const { id, tryNumber } = step.job.run;
  await settleTask(ref, { runId: id, tryNumber, attempt, conclusion: "failure" }, ports);
  // The ending may have been committed by the job that died, which then has not come to its review.
  const settled = await ports.branches.read(ref);
  if (settled !== null) await reviewFrom(step, settled.files);
}
