import { next, runOf } from "./lifecycle.ts";
import { isProvisional, type Plan } from "./plan.ts";
import type { Phase, Task, TaskState } from "./task.ts";

/** What a task that is about to start has to wait for first, in this order: other tasks, then the approval of its plan. */
export function stateWhenReady(
  task: Pick<Task, "after" | "approval">,
  plan: Plan,
  { at, othersDone }: { readonly at: string; readonly othersDone: boolean },
): Extract<TaskState, { kind: "held" | "planned" | "queued" }> {
  if (task.after.length > 0 && !othersDone) return { kind: "held", since: at };
  // A plan that is not written yet has to be written by a run before there is anything to approve.
  if (task.approval.kind === "wanted" && !isProvisional(plan))
    return { kind: "planned", since: at, run: null, shown: null };
  return { kind: "queued", since: at };
}

/** What the next run of a task is for, once the set-up is known. */
export function phaseWhenReady(task: Pick<Task, "approval">): Phase {
  return task.approval.kind === "wanted" ? "plan" : "work";
}

/**
 * The task when nothing stands in its way any more but what `stateWhenReady` finds; null when it is past that already.
 * @param changed what the clearing itself changes: the worker that was chosen, the approval that was given
 */
export function cleared(
  task: Task,
  plan: Plan,
  {
    at,
    othersDone,
    changed = {},
  }: {
    readonly at: string;
    readonly othersDone: boolean;
    readonly changed?: Partial<Pick<Task, "worker" | "approval" | "confirmedBy">>;
  },
): Task | null {
  const free = { ...task, ...changed };
  const state = next(task.state, { kind: "cleared", to: stateWhenReady(free, plan, { at, othersDone }) });
  if (state === null) return null;
  // A run has had this attempt already; the next one is another.
  const attempt = state.kind === "queued" && runOf(task.state) !== null ? task.attempt + 1 : task.attempt;
  return { ...free, state: keepingRun(state, task.state), attempt, phase: phaseWhenReady(free) };
}

/** A plan that waits for its approval remembers the run before it, so that the next run is counted. */
function keepingRun(state: TaskState, before: TaskState): TaskState {
  return state.kind === "planned" ? { ...state, run: runOf(before) } : state;
}

/** How the tasks that this one waits for have turned out. */
export type Others =
  | { readonly kind: "done" }
  | { readonly kind: "working" }
  /** This one was cancelled, has failed, or is gone: what waits for it can never start. */
  | { readonly kind: "broken"; readonly id: string; readonly why: "cancelled" | "failed" | "gone" };

/** @param others all tasks of the thread */
export function othersOf(task: Pick<Task, "after">, others: readonly Task[]): Others {
  const byId = new Map(others.map((other) => [other.id, other]));
  let working = false;
  for (const id of task.after) {
    const state = byId.get(id)?.state;
    if (state === undefined) return { kind: "broken", id, why: "gone" };
    if (state.kind !== "finished") working = true;
    else if (state.outcome.kind !== "done") return { kind: "broken", id, why: state.outcome.kind };
  }
  return { kind: working ? "working" : "done" };
}
