import * as core from "@actions/core";
import { Problem } from "../core/problem.ts";
import { modeOf } from "./mode.ts";
import { rememberSettled } from "./saved-state.ts";
import { readStep, type Step } from "./step.ts";
import { handleThread, settleOwnRun } from "./thread.ts";
import { work } from "./work.ts";

async function main(): Promise<void> {
  const step = await readStep();
  await perform(step);
  rememberSettled();
}

function perform(step: Step): Promise<void> {
  switch (modeOf(step.inputs, step.job.eventName)) {
    case "work":
      return work(step);
    case "thread":
      return handleThread(step);
    case "settle":
      return settleOwnRun(step);
  }
}

main().catch(async (error: unknown) => {
  if (!(error instanceof Problem)) {
    core.setFailed(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return;
  }
  core.setFailed(`${error.message} ${error.nextStep}`);
  await core.summary.addHeading("Dispatch", 2).addRaw(`${error.message} ${error.nextStep}`).write();
});
