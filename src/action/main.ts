import { setFlagsFromString } from "node:v8";
import * as core from "@actions/core";
import { Problem, TokenRefused } from "../core/problem.ts";
import { archived } from "./archived.ts";
import { modeOf } from "./mode.ts";
import { rememberSettled } from "./saved-state.ts";
import { readStep, type Step } from "./step.ts";
import { handleThread, reconcileAll, settleOwnRun } from "./thread.ts";
import { work } from "./work.ts";

// What a worker floods us with is garbage as soon as it is read; V8 would let its nursery grow by tens of megabytes for it.
setFlagsFromString("--semi-space-growth-factor=1");

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
    case "reconcile":
      return reconcileAll(step);
  }
}

/** What nobody has caught, or an event loop that has run empty with the work half done, must not end in green: post does the rest. */
let isOver = false;

process.on("uncaughtException", (error: unknown) => {
  isOver = true;
  core.setFailed(fullText(error));
  process.exit(1);
});

process.on("exit", (code) => {
  if (isOver || code !== 0) return;
  core.error("The step ended before its work did. This is a bug in Dispatch; the post step saves what there is.");
  process.exitCode = 1;
});

main()
  .catch(fail)
  .finally(() => {
    isOver = true;
    // Not when all is quiet: what a cancel has left undone may hang on to GitHub, or to git, for a minute.
    process.exit();
  });

async function fail(thrown: unknown): Promise<void> {
  const error = isTold(thrown) ? thrown : (archived(thrown, false) ?? thrown);
  if (!isTold(error)) {
    core.setFailed(fullText(error));
    return;
  }
  core.setFailed(`${error.message} ${error.nextStep}`);
  await core.summary.addHeading("Dispatch", 2).addRaw(`${error.message} ${error.nextStep}`).write();
}

function isTold(error: unknown): error is Problem | TokenRefused {
  return error instanceof Problem || error instanceof TokenRefused;
}

/** Anything can be thrown. */
function fullText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
