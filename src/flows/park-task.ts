import { openQuestions, workingRun } from "../core/lifecycle.ts";
import { parkedFiles, questionFromPlan } from "../core/parking.ts";
import { readTask, type TaskRef, talkOf } from "../core/task.ts";
import { finishParked, finishRun, type RunResult, saveRest } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import type { Snapshot } from "./ports.ts";
import { redrawQuestion, redrawStatus } from "./redraw.ts";
import { relayQuestions } from "./relay-questions.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";
import type { CoursePorts, ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";
import { labelAsWaiting } from "./waiting-label.ts";

/**
 * Ends the run although a question is open. Asked and saved first, for after the parking the task is nobody's; then whoever commits
 * first wins, this or an answer.
 * @returns "answered" when the answer was first: the task is still this run's
 */
export async function parkTask(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult | "answered"> {
  const at = ports.clock.now().toISOString();
  await live.change((files) => {
    const asked = questionFromPlan(files, at);
    return asked === null ? null : { files: asked, message: "Ask what the plan asks" };
  });
  await relayQuestions(live, ports);
  const saved = await saveRest(live, ports);
  await live.change((files) => {
    const parked = parkedFiles(files);
    return parked === null ? null : { files: parked, message: "Park: no answer in time" };
  });
  const { state } = live.task;
  switch (state.kind) {
    case "parked":
      await Promise.all(state.questions.map((number) => redrawQuestion(live.ref, number, live.files, ports)));
      return finishParked(live, view, saved, ports);
    case "running":
      return "answered";
    case "cancelling":
      return finishRun(live, view, { kind: "cancelled", by: state.by }, ports);
    case "confirming":
    case "held":
    case "planned":
    case "waiting":
    case "queued":
    case "finished":
      return { kind: "lost" };
  }
}

/**
 * Parks a task whose run has died while people were being asked: their answer is still good, and starts the next run.
 * @param run the run that has died, with its try
 * @returns false where nothing was open, or somebody else has the task by now
 */
export async function parkLeftBehind(
  ref: TaskRef,
  run: { readonly id: number; readonly tryNumber: number },
  ports: CoursePorts & Pick<ThreadPorts, "reviewThreads">,
  from?: Snapshot,
): Promise<boolean> {
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const holder = workingRun(readTask(files).state);
      const parked = holder?.id === run.id && holder.tryNumber <= run.tryNumber ? parkedFiles(files) : null;
      return parked === null ? null : { files: parked, message: "Park: the run has died" };
    },
    ports,
    from,
  );
  if (updated === null || !updated.changed) return false;
  const { files } = updated.snapshot;
  const task = readTask(files);
  const talk = talkOf(task);
  if (talk !== null) await labelAsWaiting(talk.number, ports);
  await Promise.all(openQuestions(task.state).map((number) => redrawQuestion(ref, number, files, ports)));
  await redrawStatus(ref, files, ports);
  return true;
}
