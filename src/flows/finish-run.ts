import { next } from "../core/lifecycle.ts";
import { compareUrl } from "../core/links.ts";
import { failure } from "../core/outcome.ts";
import { type Outcome, readTask, renderTask, type Task, type TaskFiles } from "../core/task.ts";
import type { ResultFacts } from "../core/thread-text.ts";
import { announceEnding } from "./end-task.ts";
import type { LiveTask } from "./live-task.ts";
import type { Pushed, WorkSummary } from "./ports.ts";
import { completePullRequest, pushWork, saveWork } from "./push-work.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";

export type RunResult =
  /** Not this run's task any more; nothing was written. */
  | { readonly kind: "lost" }
  | { readonly kind: "settled"; readonly task: Task; readonly files: TaskFiles; readonly facts: ResultFacts };

/** What has become of the work when a run ends. */
export interface Saved {
  readonly pushed: Pushed | null;
  readonly summary: WorkSummary | null;
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
  const { pushed, summary } = await saveRest(live, ports);
  const outcome = wanted.kind === "done" && pushed?.kind === "refused" ? refused(pushed.sentence) : wanted;
  if (summary !== null && summary.commits > 0) await tryToCompletePullRequest(live, outcome, ports);
  const at = ports.clock.now().toISOString();
  await view.settled();
  const changed = await live.change((files) => {
    const task = readTask(files);
    const state = next(task.state, { kind: "finished", outcome, at });
    return state === null
      ? null
      : { files: { "task.yaml": renderTask({ ...task, state }) }, message: `End ${task.id}: ${outcome.kind}` };
  });
  if (!changed) return { kind: "lost" };
  const facts = factsOf(live, summary, ports);
  await announceEnding(live.snapshot, facts, ports);
  return { kind: "settled", task: live.task, files: live.files, facts };
}

/** The end of a run whose task waits for an answer without it. */
export async function finishParked(
  live: LiveTask,
  view: StatusView,
  { summary }: Saved,
  ports: RunPorts,
): Promise<RunResult> {
  live.doing = null;
  view.draw();
  await view.settled();
  return { kind: "settled", task: live.task, files: live.files, facts: factsOf(live, summary, ports) };
}

/** The work is done and pushed: that its pull request could not be dressed up must not make it a failure. */
async function tryToCompletePullRequest(live: LiveTask, outcome: Outcome, ports: RunPorts): Promise<void> {
  try {
    const output = live.files["output.md"] ?? null;
    await completePullRequest(live, { done: outcome.kind === "done", output }, ports);
  } catch (error) {
    ports.log.warning(`The pull request could not be completed: ${String(error)}`);
    live.warn("The pull request could not be brought up to date; its title, text and draft state may be old.");
  }
}

/** A run that never got as far as a checkout has nothing to save. */
export async function saveRest(live: LiveTask, ports: RunPorts): Promise<Saved> {
  if (!live.checkedOut) return { pushed: null, summary: null };
  await saveWork(live, [`${live.task.title} (what was left)`], ports);
  const pushed = await pushWork(live, ports);
  return { pushed, summary: await ports.checkout.summary() };
}

function factsOf(live: LiveTask, summary: WorkSummary | null, { clock, repository }: RunPorts): ResultFacts {
  const { work, title, pullRequest } = live.task;
  const unopened = summary !== null && summary.commits > 0 && !work.onPullRequest && pullRequest === null;
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
    warnings: live.facts.warnings,
  };
}

function refused(sentence: string): Outcome {
  return failure(
    "push-refused",
    `The work is done, but GitHub refused the push: ${sentence}`,
    "Allow the push (for a ruleset: exclude `dispatch/**`), then retry.",
  );
}
