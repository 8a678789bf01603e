import { readEvent } from "../core/event.ts";
import { parseTaskRef } from "../core/task.ts";
import { handleEvent } from "../flows/handle-event.ts";
import { settleTask } from "../flows/settle-run.ts";
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
  await handleEvent(event, threadPorts(step));
  await background.settled();
}

/** Looks after a task whose job has died in this same run. */
export async function settleOwnRun(step: Step): Promise<void> {
  const ports = threadPorts(step);
  const { task, attempt } = step.inputs;
  const ref = task === null ? null : (parseTaskRef(task) ?? (await ports.index.find(task)));
  if (ref === null) return;
  const { id, tryNumber } = step.job.run;
  await settleTask(ref, { runId: id, tryNumber, attempt, conclusion: "failure" }, ports);
}
