import { workerCommand } from "../core/backend.ts";
import { openQuestions } from "../core/lifecycle.ts";
import { ipcPath, unread } from "../core/mailbox.ts";
import { failure, failureBy, outcomeOf } from "../core/outcome.ts";
import { parkedFiles, questionFromPlan, unblocked } from "../core/parking.ts";
import { parsePlan } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { type Resume, workerPrompt } from "../core/prompt.ts";
import { readQuestion } from "../core/question.ts";
import type { Outcome, TaskFiles } from "../core/task.ts";
import { finishParked, finishRun, type RunResult, saveRest } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import { redrawQuestion } from "./redraw.ts";
import { relayQuestions } from "./relay-questions.ts";
import type { RunPorts } from "./run-ports.ts";
import { StatusView } from "./status-view.ts";
import { syncProgress } from "./sync-progress.ts";
import { type SessionEnd, workSession } from "./work-session.ts";

/** Works on a claimed task until it is finished or parked. */
export async function runTask(live: LiveTask, ports: RunPorts): Promise<RunResult> {
  const view = new StatusView(live, ports);
  view.draw();
  const refused = await prepare(live, ports);
  if (refused !== null) return finishRun(live, view, refused, ports);
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

/** Everything that must be true before a worker starts. Returns the ending where it is not. */
async function prepare(live: LiveTask, ports: RunPorts): Promise<Outcome | null> {
  const { task } = live;
  try {
    const [allowed, , problem] = await Promise.all([
      mayStill(live, ports),
      ports.checkout.prepare(task.work, live.ref),
      ports.workers.preflight(task.worker),
    ]);
    if (!allowed) return notAllowedAnyMore(task.requester.login);
    if (problem !== null) return unable(problem);
    live.checkedOut = true;
  } catch (error) {
    if (error instanceof Problem) return unable(error);
    throw error;
  }
  await ports.folder.write(filesForWorker(live.files));
  return null;
}

/** Who could start the workflow run itself may write: GitHub has seen to that, and knows automation by other means. */
async function mayStill({ task }: LiveTask, { permissions }: RunPorts): Promise<boolean> {
  return task.trigger.kind === "workflow" || permissions.mayWrite(task.requester.login);
}

/** The worker sees its plan, what was asked and answered, and what it left for itself. */
function filesForWorker(files: TaskFiles): TaskFiles {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== "task.yaml"));
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
  // The worker is gone now, so this look sees the last it has written.
  if (end.kind !== "lost") await syncProgress(live, view, { final: true }, ports);
  const plan = parsePlan(live.files["plan.md"] ?? "");
  switch (end.kind) {
    case "lost":
      return { kind: "lost" };
    case "cancelled":
      return finishRun(live, view, { kind: "cancelled", by: end.by }, ports);
    case "interrupted":
      return finishRun(live, view, interrupted(live), ports);
    case "timed-out":
      return finishRun(live, view, failureBy("timeout", plan), ports);
    case "unanswered":
      return parkTask(live, view, ports);
    case "exited": {
      const blocked = plan.items.some(({ marker }) => marker === "blocked");
      if (blocked || openQuestions(live.task.state).length > 0) return parkTask(live, view, ports);
      return finishRun(live, view, outcomeOf({ plan, exit: end.exit, cause: end.cause }), ports);
    }
  }
}

/**
 * Ends the run although a question is open. Asked and saved first, for after the parking the task is nobody's; then whoever commits
 * first wins, this or an answer. After an answer the worker goes on.
 */
async function parkTask(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult | "answered"> {
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
      await reopen(live, ports);
      return "answered";
    case "cancelling":
      return finishRun(live, view, { kind: "cancelled", by: state.by }, ports);
    case "waiting":
    case "queued":
    case "finished":
      return { kind: "lost" };
  }
}

/** Readies branch and folder for the worker that goes on with an answer. */
async function reopen(live: LiveTask, { folder }: RunPorts): Promise<void> {
  await live.change((files) => {
    const plan = unblocked(files["plan.md"] ?? "");
    return plan === files["plan.md"] ? null : { files: { "plan.md": plan }, message: "Go on with the answer" };
  });
  await folder.write(filesForWorker(live.files));
}

function interrupted(live: LiveTask): Outcome {
  const { state } = live.task;
  return { kind: "cancelled", by: state.kind === "cancelling" ? state.by : "" };
}

function unable(problem: Problem): Outcome {
  const cause = CAUSE_OF[problem.code] ?? "not-started";
  return failure(cause, problem.message, problem.nextStep);
}

const CAUSE_OF: Readonly<Record<string, "cli-missing" | "cli-outdated" | "secret-missing">> = {
  "cli-missing": "cli-missing",
  "cli-outdated": "cli-outdated",
  "secret-missing": "secret-missing",
};

function notAllowedAnyMore(login: string): Outcome {
  return failure(
    "not-started",
    `@${login} has no write access to this repository any more, so the task was not worked on.`,
    "Somebody with write access can write the command again.",
  );
}
