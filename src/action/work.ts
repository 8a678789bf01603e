import { statSync } from "node:fs";
import * as core from "@actions/core";
import { renderJobSummary } from "../core/job-summary.ts";
import { Problem } from "../core/problem.ts";
import { parseTaskRef, type Task, type TaskRef } from "../core/task.ts";
import { jobStart, lastCallMs } from "../core/time-limit.ts";
import { claimTask } from "../flows/claim-task.ts";
import { OUT_OF_TIME } from "../flows/finish-hurried.ts";
import { finishInterrupted } from "../flows/finish-interrupted.ts";
import type { RunResult } from "../flows/finish-run.ts";
import type { LiveTask } from "../flows/live-task.ts";
import { saveWork } from "../flows/push-work.ts";
import type { RunPorts } from "../flows/run-ports.ts";
import { acceptPrompt } from "../flows/run-prompt.ts";
import { runTask } from "../flows/run-task.ts";
import type { ThreadPorts } from "../flows/thread-ports.ts";
import { archived } from "./archived.ts";
import { reviewFrom } from "./review.ts";
import { runPorts, threadPorts } from "./run-ports.ts";
import { rememberClaim } from "./saved-state.ts";
import type { Step } from "./step.ts";

/** Works on a task in this job: the accepted one that `task` names, or a new one from `prompt`. */
export async function work(step: Step): Promise<void> {
  // From the beginning: a signal that nobody listens to ends the process on the spot, between a claim and its note, too.
  using stop = whenToStop(step);
  const thread = threadPorts(step);
  const ref = await taskOf(step, thread);
  core.setOutput("task", ref.id);
  // Before the claim: whoever is killed right after it is found by the post step. A note of what was not claimed does no harm.
  rememberClaim(ref);
  const live = await claimTask(ref, step.job.run, step.inputs.attempt, thread);
  if (live === null) {
    core.setOutput("outcome", "lost");
    return;
  }
  const ports = runPorts(step, ref, stop.signal);
  const result = await runTask(live, ports).catch(async (error: unknown) => {
    const isKept = await keepWork(live, ports);
    throw archived(error, isKept) ?? error;
  });
  if (result.kind === "settled") await reviewFrom(step, result.files);
  await report(step, ref, result);
}

/**
 * The run has ended in an error, such as a token that is no good any more: what GitHub has not got goes to a file that a later step keeps.
 * @returns whether there is such a file
 */
async function keepWork(live: LiveTask, ports: RunPorts): Promise<boolean> {
  if (!live.checkedOut) return false;
  try {
    await saveWork(live, [`${live.task.title} (what was left)`], ports);
    const bundle = await ports.checkout.bundle();
    if (bundle !== null) core.setOutput("artifact", bundle);
    return bundle !== null;
  } catch (error) {
    ports.log.warning(`The rest of the work could not be kept: ${String(error)}`);
    return false;
  }
}

/** What a killed main step has left undone. */
export async function finishAfterKill(step: Step, ref: TaskRef): Promise<void> {
  const never = new AbortController().signal;
  const { checkout, ...ports } = runPorts(step, ref, never);
  // No step comes after this one that could keep a bundle.
  const unbundled = { ...checkout, bundle: () => Promise.resolve(null) };
  const result = await finishInterrupted(ref, step.job.run, { ...ports, checkout: unbundled });
  // The ending may have been committed by the step that was killed, which then has not come to this.
  const files = result.kind === "settled" ? result.files : (await ports.branches.read(ref))?.files;
  if (files !== undefined) await reviewFrom(step, files);
  await report(step, ref, result);
}

async function taskOf({ inputs, job }: Step, thread: ThreadPorts): Promise<TaskRef> {
  if (inputs.task === null) {
    const prompt = { text: inputs.prompt ?? "", model: inputs.model, issue: inputs.issue, by: job.actor };
    return acceptPrompt({ ...prompt, runId: job.run.id, runUrl: job.run.url }, thread);
  }
  const ref = parseTaskRef(inputs.task) ?? (await thread.index.find(inputs.task));
  if (ref !== null) return ref;
  throw new Problem(
    "no-such-task",
    `There is no task "${inputs.task.slice(0, 100)}" in this repository.`,
    "Give `task` as `<thread>/<task-id>`, as the task's branch `dispatch/tasks/<thread>/<task-id>` says it.",
  );
}

/** Fires when GitHub cancels the job (SIGINT, and SIGTERM 7.5 s later), or, with a reason of its own, when just enough of the job's time is left to save the work. */
function whenToStop({ inputs }: Step): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const limitMinutes = inputs["time-limit"];
  const now = Date.now();
  const lastCall = jobStart(jobWrittenAt(), { now, limitMinutes }) + lastCallMs(limitMinutes);
  // It does not keep a process alive that has nothing else to wait for: such a one has lost its way, and hours would pass.
  const timer = setTimeout(() => stop.abort(OUT_OF_TIME), Math.max(0, lastCall - now)).unref();
  return { signal: stop.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** The runner writes the event's file at the start of a job, before any step. */
function jobWrittenAt(): number {
  return statSync(process.env["GITHUB_EVENT_PATH"] ?? "", { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}

async function report(step: Step, ref: TaskRef, result: RunResult): Promise<void> {
  if (result.kind === "lost") {
    core.setOutput("outcome", "lost");
    return;
  }
  const { task, files, facts } = result;
  await core.summary.addRaw(renderJobSummary({ task, ref, repository: step.job.repository, files, facts })).write();
  if (task.pullRequest !== null) core.setOutput("pull-request", task.pullRequest.number);
  if (facts.unpushed?.bundle) core.setOutput("artifact", facts.unpushed.bundle);
  const { state } = task;
  core.setOutput("outcome", state.kind === "finished" ? state.outcome.kind : standing(state));
  if (state.kind === "finished" && state.outcome.kind === "failed") {
    core.setFailed(`${state.outcome.sentence} ${state.outcome.nextStep}`);
  }
}

/** What a run leaves behind that is not at its end: the next run has been asked for, or a person has to speak first. */
function standing({ kind }: Task["state"]): string {
  return kind === "queued" ? "continued" : "parked";
}
