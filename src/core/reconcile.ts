import { isSilent } from "./lease.ts";
import { isPending, openQuestions, workingRun } from "./lifecycle.ts";
import type { Task } from "./task.ts";

/** What a task lacks, compared with the world. */
export type Repair =
  | { readonly kind: "none" }
  /** Nobody has asked for its run, or GitHub has lost that. */
  | { readonly kind: "start" }
  /** Its run has been asked for long ago, and no runner has taken it. */
  | { readonly kind: "say-waiting" }
  /** Its run is over and has not said so. */
  | { readonly kind: "settle" }
  /** Its run is cut off, or does not hear that it is to end. */
  | { readonly kind: "cancel-run" }
  /** An ending may not have been said. */
  | { readonly kind: "announce" }
  /** Its questions, and the label by which replies are heard, may be missing. */
  | { readonly kind: "show-questions" }
  /** What a person is asked, before any work, may be missing. */
  | { readonly kind: "ask-again" }
  | { readonly kind: "release" }
  /** Nobody needs its branch any more. */
  | { readonly kind: "remove" };

export interface RunFacts {
  readonly status: "queued" | "in_progress" | "completed";
}

export interface WorldFacts {
  /** GitHub's time, ISO 8601. */
  readonly now: string;
  /** When the branch last moved, by GitHub. */
  readonly movedAt: string;
  /** The run that holds the task or has been asked for; null when there is none. */
  readonly run: RunFacts | null;
  /** Also what may have been deleted since, and what ended long ago: at a start and once a day, not every few minutes. */
  readonly thorough: boolean;
  /** Days that a finished task's branch is kept. */
  readonly keepDays: number;
  /** Tasks that are not over wait for this one. */
  readonly needed: boolean;
}

/** Whoever has just accepted a task is about to ask for its run. */
const START_GRACE_MS = 60_000;
/** After this long without a runner people are told so. */
const NO_RUNNER_MS = 10 * 60_000;
/** A cancel is seen by the run's next poll; it then saves its work. */
const CANCEL_GRACE_MS = 20_000;
/** A question is committed before it is asked. */
export const ASK_GRACE_MS = 60_000;
/** An ending is committed before it is said. */
const SAY_GRACE_MS = 60_000;
/** So long ago, everything that could still be said has been: rounds, one every few minutes, need not look again and again. */
const RECENT_MS = 30 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** GitHub's delivery log keeps 3 days: so long, a delivery that comes again must find its task. */
export const MIN_KEEP_DAYS = 4;

/**
 * The run to look at before anything can be decided: by its name, by its id, or none. Where the branch has just moved there is somebody
 * at work, and nothing to look for.
 */
export function runToLookAt(
  { state }: Task,
  { now, movedAt, thorough }: Pick<WorldFacts, "now" | "movedAt" | "thorough">,
) {
  const stillMs = Date.parse(now) - Date.parse(movedAt);
  if (stillMs <= CANCEL_GRACE_MS) return null;
  if (state.kind === "queued") return stillMs > START_GRACE_MS ? "by-name" : null;
  // Whoever has committed an ending says it, and may have to wait for that until GitHub's hour is over.
  if (state.kind === "finished")
    return mayBeUnsaid(overFor(state.at, { now, movedAt }), thorough) ? (state.run?.id ?? null) : null;
  return workingRun(state)?.id ?? null;
}

/** What is to be done about a task that has not been heard of; pure, so that every row is one line of a table. */
export function decideRepair(task: Task, facts: WorldFacts): Repair {
  const { state } = task;
  const { now, movedAt, run, thorough } = facts;
  const stillMs = Date.parse(now) - Date.parse(movedAt);
  switch (state.kind) {
    case "queued":
      return queued(stillMs, run, thorough);
    case "running":
    case "waiting":
    case "cancelling":
      if (run?.status === "completed") return { kind: "settle" };
      // GitHub deletes no run that works; still, one look that finds nothing is not enough.
      if (run === null) return isSilent(movedAt, now) ? { kind: "settle" } : { kind: "none" };
      if (isSilent(movedAt, now)) return { kind: "cancel-run" };
      if (state.kind === "cancelling") return stillMs > CANCEL_GRACE_MS ? { kind: "cancel-run" } : { kind: "none" };
      return openQuestions(state).length > 0 && isToBeShown(task, stillMs, thorough)
        ? { kind: "show-questions" }
        : { kind: "none" };
    case "parked":
      return isToBeShown(task, stillMs, thorough) ? { kind: "show-questions" } : { kind: "none" };
    case "held":
      return stillMs > START_GRACE_MS ? { kind: "release" } : { kind: "none" };
    case "confirming":
    case "planned":
      return stillMs > ASK_GRACE_MS && (thorough || stillMs < RECENT_MS) ? { kind: "ask-again" } : { kind: "none" };
    case "finished":
      return finished(task, state.at, facts);
  }
}

function queued(stillMs: number, run: RunFacts | null, thorough: boolean): Repair {
  if (run === null) return { kind: stillMs > START_GRACE_MS ? "start" : "none" };
  if (run.status === "completed") return { kind: stillMs > START_GRACE_MS ? "settle" : "none" };
  return { kind: stillMs > NO_RUNNER_MS && (thorough || stillMs < RECENT_MS) ? "say-waiting" : "none" };
}

function isToBeShown({ exchanges, state }: Task, stillMs: number, thorough: boolean): boolean {
  const unrecorded = openQuestions(state).some((number) => (exchanges[number]?.comment ?? null) === null);
  return stillMs > ASK_GRACE_MS && (thorough || unrecorded);
}

/** An ending is dated before the work is saved, and committed when that is done: the later of the two counts. */
function overFor(at: string, { now, movedAt }: Pick<WorldFacts, "now" | "movedAt">): number {
  return Date.parse(now) - Math.max(Date.parse(at), Date.parse(movedAt));
}

function mayBeUnsaid(overMs: number, thorough: boolean): boolean {
  return overMs < RECENT_MS || (thorough && overMs < MIN_KEEP_DAYS * DAY_MS);
}

function finished({ cleaned }: Task, at: string, facts: WorldFacts): Repair {
  const { keepDays, needed, run, thorough } = facts;
  const overMs = overFor(at, facts);
  if (overMs > Math.max(keepDays, MIN_KEEP_DAYS) * DAY_MS) return { kind: needed ? "none" : "remove" };
  if (cleaned || overMs < SAY_GRACE_MS || (run !== null && run.status !== "completed")) return { kind: "none" };
  return { kind: mayBeUnsaid(overMs, thorough) ? "announce" : "none" };
}

/** Whether a task that is not over waits for this one. */
export function isNeeded(id: string, others: readonly Task[]): boolean {
  return others.some(({ after, state }) => after.includes(id) && (isPending(state) || state.kind === "queued"));
}
