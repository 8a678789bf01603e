import { failure } from "../core/outcome.ts";
import { mayWrite, policyIn } from "../core/permission.ts";
import { parsePlan, progress, renderPlan, sameSteps } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { withArrived } from "../core/push-refusal.ts";
import type { Outcome, TaskFiles } from "../core/task.ts";
import { checkOut } from "./check-out.ts";
import type { LiveTask } from "./live-task.ts";
import type { RunPorts } from "./run-ports.ts";

/** Everything that must be true before a worker starts. Returns the ending where it is not. */
export async function prepareRun(live: LiveTask, ports: RunPorts): Promise<Outcome | null> {
  const { task } = live;
  try {
    const [allowed, approved, , problem] = await Promise.all([
      mayStill(live, ports),
      isApproved(live, ports),
      checkOut(live, ports),
      ports.workers.preflight(task.worker),
    ]);
    if (!allowed) return notAllowedAnyMore(task.requester.login);
    if (!approved) return planChanged();
    if (problem !== null) return unable(problem);
    live.checkedOut = true;
  } catch (error) {
    if (error instanceof Problem) return unable(error);
    throw error;
  }
  await tickArrived(live, ports);
  await ports.folder.write(filesForWorker(live.files));
  return null;
}

/** The work is pushed before its step is ticked: what a run that died in between has left must not be done again. */
async function tickArrived(live: LiveTask, { checkout }: RunPorts): Promise<void> {
  if (live.task.phase !== "work") return;
  const lines = await checkout.saved(live.ref.id);
  if (lines.length === 0) return;
  await live.change((files) => {
    const plan = renderPlan(withArrived(parsePlan(files["plan.md"] ?? ""), lines));
    return plan === files["plan.md"] ? null : { files: { "plan.md": plan }, message: "Tick what had been pushed" };
  });
}

/** An approval is for the steps that were shown: before the first of them is done, they must still be those. */
async function isApproved({ task, ref, files }: LiveTask, { branches }: RunPorts): Promise<boolean> {
  const plan = parsePlan(files["plan.md"] ?? "");
  if (task.approval.kind !== "given" || progress(plan).done > 0) return true;
  const shown = await branches.fileAt(ref, task.approval.commit, "plan.md");
  return shown !== null && sameSteps(parsePlan(shown), plan);
}

function planChanged(): Outcome {
  return failure(
    "not-started",
    "The plan was changed after it had been approved, so it was not worked on.",
    "Look at the plan. If it is what you want, retry; a retry takes it as it stands.",
  );
}

/** Who could start the workflow run itself may write: GitHub has seen to that, and knows automation by other means. */
async function mayStill({ task }: LiveTask, { permissions, conversations }: RunPorts): Promise<boolean> {
  const { login } = task.requester;
  if (task.trigger.kind === "workflow" || mayWrite(await permissions.roleOf(login))) return true;
  // A bot has no role of its own: the config names those that may.
  const { config } = await conversations.read(null);
  return policyIn(config ?? "").bots.includes(login);
}

/** The worker sees its plan, what was asked and answered, and what it left for itself. */
export function filesForWorker(files: TaskFiles): TaskFiles {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== "task.yaml"));
}

function unable(problem: Problem): Outcome {
  const cause = CAUSE_OF[problem.code] ?? "not-started";
  return failure(cause, problem.message, problem.nextStep);
}

const CAUSE_OF: Readonly<Record<string, "cli-missing" | "cli-outdated" | "secret-missing" | "model-unknown">> = {
  "unknown-model": "model-unknown",
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
