import { workerCommand } from "../core/backend.ts";
import { openQuestions } from "../core/lifecycle.ts";
import { ipcPath, unread } from "../core/mailbox.ts";
import { budgetReached, failureBy, outcomeOf, outcomeOfPlan } from "../core/outcome.ts";
import { unblocked } from "../core/parking.ts";
import { isProvisional, type Plan, parsePlan, progress, renderPlan, withMarker } from "../core/plan.ts";
import { type Resume, workerPrompt } from "../core/prompt.ts";
import { readQuestion } from "../core/question.ts";
import type { TaskFiles } from "../core/task.ts";
import { continueTask } from "./continue-task.ts";
import { finishGone } from "./finish-gone.ts";
import { finishHurried, unlessInterrupted } from "./finish-hurried.ts";
import { finishRun, type RunResult } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import type { Checkout } from "./machine-ports.ts";
import { parkTask } from "./park-task.ts";
import { filesForWorker, prepareRun } from "./prepare-run.ts";
import { putToPerson } from "./put-to-person.ts";
import { runCheck } from "./run-check.ts";
import type { RunPorts } from "./run-ports.ts";
import { StatusView } from "./status-view.ts";
import { syncProgress } from "./sync-progress.ts";
import { type SessionEnd, workSession } from "./work-session.ts";

/** Does with a claimed task what its phase asks for, until it is finished, or waits for a person. */
export async function runTask(live: LiveTask, ports: RunPorts): Promise<RunResult> {
  const view = new StatusView(live, ports);
  view.draw();
  const reachable = live.task.phase === "plan" ? { ...ports, checkout: unpublished(ports.checkout) } : ports;
  const result = await runPhase(live, view, reachable);
  return result.kind === "lost" && live.isDeleted ? finishGone(live, view, reachable) : result;
}

async function runPhase(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  switch (live.task.phase) {
    case "check":
      return runCheck(live, view, ports);
    case "plan":
    case "work":
      return runWorkers(live, view, ports);
  }
}

/** Whatever a planning worker changes beside its plan stays where it is: nothing leaves this machine before a person has approved. */
function unpublished(checkout: Checkout): Checkout {
  return {
    ...checkout,
    save: () => Promise.resolve(false),
    push: () => Promise.resolve({ kind: "nothing" }),
  };
}

async function runWorkers(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  const refused = await unlessInterrupted(() => prepareRun(live, ports), ports);
  if (refused === "interrupted") return finishHurried(live, ports);
  if (refused !== null) return finishRun(live, view, refused, ports);
  // All that was left has been skipped, or was done before the last run died: only the ending is missing.
  if (isComplete(live)) return finishRun(live, view, { kind: "done" }, ports);
  let resume = resumeOf(live.task.attempt, live.files);
  // The CLI's session is on this machine only from the first worker of this run on.
  for (let session: string | null = null; ; session = live.task.session) {
    // What the prompt says, the worker has read; it is not to be asked or told again.
    if (resume?.kind === "answer") await ports.folder.write({ [ipcPath(resume.question.number, "done")]: "" });
    const end = await workSession(live, view, commandFor(live, resume, session), ports);
    const result = await conclude(live, view, end, ports);
    if (result !== "answered") return result;
    // The answer came while the worker was giving up: the next worker goes on with it, in this same run.
    resume = resumeOf(live.task.attempt, live.files);
  }
}

function isComplete({ files }: LiveTask): boolean {
  const { done, total } = progress(parsePlan(files["plan.md"] ?? ""));
  return total > 0 && done === total;
}

function commandFor(live: LiveTask, resume: Resume | null, session: string | null) {
  const { task, files } = live;
  const prompt = workerPrompt({
    task,
    request: files["request.md"] ?? "",
    thread: files["thread.md"] ?? "",
    plan: parsePlan(files["plan.md"] ?? ""),
    resume,
  });
  return workerCommand(task.worker, prompt, session);
}

/** What a worker has to know that does not start at the beginning. */
function resumeOf(attempt: number, files: TaskFiles): Resume | null {
  const context = files["context.md"] ?? null;
  const latest = unread(files).at(-1);
  if (latest === undefined) return attempt > 1 ? { kind: "retry", context } : null;
  const question = readQuestion(latest, files[ipcPath(latest, "question")] ?? "");
  return { kind: "answer", question, answer: files[ipcPath(latest, "answer")] ?? "", context };
}

async function conclude(
  live: LiveTask,
  view: StatusView,
  end: SessionEnd,
  ports: RunPorts,
): Promise<RunResult | "answered"> {
  if (end.kind === "interrupted") return finishHurried(live, ports);
  // The worker is gone now, so this look sees the last it has written.
  if (end.kind !== "lost") await syncProgress(live, view, { final: true }, ports);
  const plan = parsePlan(live.files["plan.md"] ?? "");
  switch (end.kind) {
    case "lost":
      return { kind: "lost" };
    case "cancelled":
      return finishRun(live, view, { kind: "cancelled", by: end.by }, ports);
    case "timed-out":
      return finishRun(live, view, outcomeOfPlan(plan) ?? failureBy("timeout", plan), ports);
    case "over-budget":
      return finishRun(live, view, outcomeOfPlan(plan) ?? budgetReached(plan, end), ports);
    case "out-of-time":
      // What it has asked just now, or marks as waiting, wants a person, not another run.
      return isBlocked(live, plan) ? parkOrGoOn(live, view, ports) : continueTask(live, view, ports);
    case "unanswered":
      return parkOrGoOn(live, view, ports);
    case "planned":
      return putPlan(live, view, ports);
    case "exited": {
      if (isBlocked(live, plan)) return parkOrGoOn(live, view, ports);
      if (live.task.phase === "plan" && !isProvisional(plan)) return putPlan(live, view, ports);
      return finishRun(live, view, outcomeOf({ plan, exit: end.exit, cause: end.cause }), ports);
    }
  }
}

function isBlocked({ task }: LiveTask, plan: Plan): boolean {
  return plan.items.some(({ marker }) => marker === "blocked") || openQuestions(task.state).length > 0;
}

/** Ends the run although a question is open; after an answer that came in time, the worker goes on. */
async function parkOrGoOn(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult | "answered"> {
  const result = await parkTask(live, view, ports);
  if (result === "answered") await reopen(live, ports);
  return result;
}

/** Readies branch and folder for the worker that goes on with an answer. */
async function reopen(live: LiveTask, { folder }: RunPorts): Promise<void> {
  await live.change((files) => {
    const plan = unblocked(files["plan.md"] ?? "");
    return plan === files["plan.md"] ? null : { files: { "plan.md": plan }, message: "Go on with the answer" };
  });
  await folder.write(filesForWorker(live.files));
}

/** The plan stands: every step of it open, whatever the worker has ticked, it waits for a person's approval. */
async function putPlan(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  return putToPerson(
    live,
    view,
    { what: "planned", change: (files) => ({ "plan.md": allOpen(files["plan.md"] ?? "") }) },
    ports,
  );
}

function allOpen(text: string): string {
  const plan = parsePlan(text);
  return renderPlan(plan.items.reduce((current, _, index) => withMarker(current, index, "open"), plan));
}
