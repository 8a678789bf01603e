import { next } from "../core/lifecycle.ts";
import { compareUrl } from "../core/links.ts";
import { machineTrouble } from "../core/machine-trouble.ts";
import { notSaved } from "../core/outcome.ts";
import { parsePlan, renderPlan } from "../core/plan.ts";
import { pushRefused, withoutUnarrived } from "../core/push-refusal.ts";
import type { ResultFacts, UnpushedWork } from "../core/result-comment.ts";
import { type Outcome, readTask, renderTask, type Task, type TaskFiles } from "../core/task.ts";
import type { LiveTask } from "./live-task.ts";
import type { Pushed, RefusedPush, WorkSummary } from "./machine-ports.ts";
import { completePullRequest, pushWork, saveWork } from "./push-work.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";
import { announceEnding } from "./task-course.ts";

export type RunResult =
  /** Not this run's task any more; nothing was written. */
  | { readonly kind: "lost" }
  | { readonly kind: "settled"; readonly task: Task; readonly files: TaskFiles; readonly facts: ResultFacts };

/** What has become of the work when a run ends. */
export interface Saved {
  readonly pushed: Pushed | null;
  readonly summary: WorkSummary | null;
  /** What GitHub did not take; null where all has arrived. */
  readonly unpushed?: UnpushedWork | null;
  /** Why the last of it could not be committed. */
  readonly unsaved?: string;
}

/**
 * The end of a run: what is left is saved and pushed, the pull request completed, the ending committed, and only then said. Whoever
 * commits the ending announces it.
 */
export async function finishRun(
  live: LiveTask,
  view: StatusView,
  wanted: Outcome,
  ports: RunPorts,
): Promise<RunResult> {
  live.doing = null;
  const saved = await saveRest(live, ports);
  const { pushed, summary } = saved;
  const refused = pushed?.kind === "refused" ? pushed : null;
  const { branch } = live.task.work;
  const reached = wanted.kind === "done" && refused !== null ? pushRefused({ ...refused, branch }) : wanted;
  const plan = parsePlan(live.files["plan.md"] ?? "");
  const isLost = saved.unsaved !== undefined && wanted.kind !== "cancelled";
  const outcome = isLost ? notSaved(plan, saved.unsaved) : reached;
  const hasArrived = refused === null || live.task.pullRequest !== null;
  if (summary !== null && summary.commits > 0 && hasArrived) await tryToCompletePullRequest(live, outcome, ports);
  const at = ports.clock.now().toISOString();
  await view.settled();
  const changed = await live.change((files) => {
    const task = readTask(files);
    const state = next(task.state, { kind: "finished", outcome, at });
    if (state === null) return null;
    const corrected = refused === null ? {} : { "plan.md": arrived(files["plan.md"] ?? "", refused) };
    return {
      files: { "task.yaml": renderTask({ ...task, state }), ...corrected },
      message: `End ${task.id}: ${outcome.kind}`,
    };
  });
  if (!changed) return { kind: "lost" };
  const facts = factsOf(live, saved, ports);
  await announceEnding(live.snapshot, facts, ports);
  return { kind: "settled", task: live.task, files: live.files, facts };
}

/** The end of a run whose task waits for an answer without it. */
export async function finishParked(
  live: LiveTask,
  view: StatusView,
  saved: Saved,
  ports: RunPorts,
): Promise<RunResult> {
  live.doing = null;
  view.draw();
  await view.settled();
  return { kind: "settled", task: live.task, files: live.files, facts: factsOf(live, saved, ports) };
}

/** The plan of a run whose last push was refused: what has not arrived is not done. */
function arrived(plan: string, { commits }: RefusedPush): string {
  return renderPlan(withoutUnarrived(parsePlan(plan), commits));
}

/** The work is done and pushed: that its pull request could not be dressed up must not make it a failure. */
export async function tryToCompletePullRequest(live: LiveTask, outcome: Outcome, ports: RunPorts): Promise<void> {
  try {
    const output = live.files["output.md"] ?? null;
    const done = outcome.kind === "done" && live.task.state.kind !== "cancelling";
    await completePullRequest(live, { done, output }, ports);
  } catch (error) {
    ports.log.warning(`The pull request could not be completed: ${String(error)}`);
    live.warn("The pull request could not be brought up to date; its title, text and draft state may be old.");
  }
}

/** A run that never got as far as a checkout has nothing to save. */
export async function saveRest(live: LiveTask, ports: RunPorts): Promise<Saved> {
  if (!live.checkedOut) return { pushed: null, summary: null };
  const unsaved = await saveLast(live, ports);
  const pushed = await pushWork(live, ports);
  const unpushed = pushed.kind === "refused" ? { bundle: await bundle(ports), runUrl: live.run.url } : null;
  const saved = { pushed, summary: await ports.checkout.summary(), unpushed };
  return unsaved === null ? saved : { ...saved, unsaved };
}

/** What cannot be committed must not keep from its branch what has been. Returns the reason. */
async function saveLast(live: LiveTask, ports: RunPorts): Promise<string | null> {
  try {
    await saveWork(live, [`${live.task.title} (what was left)`], ports);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    ports.log.warning(`The last of the work could not be committed: ${reason}`);
    live.warn(`The last of the work could not be committed: ${machineTrouble(reason)?.sentence ?? reason}`);
    return reason;
  }
}

/** It is the last that can be done for the work; that it failed must not keep the ending from being said. */
async function bundle({ checkout, log }: RunPorts): Promise<string | null> {
  try {
    return await checkout.bundle();
  } catch (error) {
    log.warning(`The work could not be bundled: ${String(error)}`);
    return null;
  }
}

export function factsOf(
  live: LiveTask,
  { summary, unpushed = null }: Saved,
  { clock, repository }: RunPorts,
): ResultFacts {
  const { work, title, pullRequest } = live.task;
  const isOnBranch = summary !== null && summary.commits > 0 && unpushed === null;
  const unopened = isOnBranch && !work.onPullRequest && pullRequest === null;
  return {
    usage: live.usage,
    elapsedMs: clock.now().getTime() - live.startedAt.getTime(),
    summary,
    compare: unopened
      ? {
          url: compareUrl(repository, { base: work.base, branch: work.branch, title }),
          reason: live.pullRequestRefusal?.message ?? null,
        }
      : null,
    unpushed,
    warnings: live.facts.warnings,
  };
}
