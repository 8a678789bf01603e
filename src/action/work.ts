import * as core from "@actions/core";
import { renderJobSummary } from "../core/job-summary.ts";
import { Problem } from "../core/problem.ts";
import { parseTaskRef, type TaskRef } from "../core/task.ts";
import { claimTask } from "../flows/claim-task.ts";
import { finishInterrupted } from "../flows/finish-interrupted.ts";
import type { RunResult } from "../flows/finish-run.ts";
import { acceptPrompt } from "../flows/run-prompt.ts";
import { runTask } from "../flows/run-task.ts";
import type { ThreadPorts } from "../flows/thread-ports.ts";
import { runPorts, threadPorts } from "./run-ports.ts";
import { rememberClaim } from "./saved-state.ts";
import type { Step } from "./step.ts";

/** Works on a task in this job: the accepted one that `task` names, or a new one from `prompt`. */
export async function work(step: Step): Promise<void> {
  const thread = threadPorts(step);
  const ref = await taskOf(step, thread);
  core.setOutput("task", ref.id);
  const live = await claimTask(ref, step.job.run, step.inputs.attempt, thread);
  if (live === null) {
    core.setOutput("outcome", "lost");
    return;
  }
  rememberClaim(ref);
  await report(step, ref, await runTask(live, runPorts(step, ref, whenCancelled())));
}

/** What a killed main step has left undone. */
export async function finishAfterKill(step: Step, ref: TaskRef): Promise<void> {
  const never = new AbortController().signal;
  await report(step, ref, await finishInterrupted(ref, step.job.run, runPorts(step, ref, never)));
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

/** GitHub cancels a job with SIGINT, and with SIGTERM 7.5 s later. */
function whenCancelled(): AbortSignal {
  const cancelled = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => cancelled.abort());
  return cancelled.signal;
}

async function report(step: Step, ref: TaskRef, result: RunResult): Promise<void> {
  if (result.kind === "lost") {
    core.setOutput("outcome", "lost");
    return;
  }
  const { task, files, facts } = result;
  await core.summary.addRaw(renderJobSummary({ task, ref, repository: step.job.repository, files, facts })).write();
  if (task.pullRequest !== null) core.setOutput("pull-request", task.pullRequest.number);
  const { state } = task;
  core.setOutput("outcome", state.kind === "finished" ? state.outcome.kind : state.kind);
  if (state.kind === "finished" && state.outcome.kind === "failed") {
    core.setFailed(`${state.outcome.sentence} ${state.outcome.nextStep}`);
  }
}
