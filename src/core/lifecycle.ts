import type { Outcome, Run, TaskState } from "./task.ts";

export type TaskEvent =
  /** A run begins to work. */
  | { readonly kind: "claimed"; readonly run: Run }
  | { readonly kind: "asked"; readonly question: string }
  | { readonly kind: "answered"; readonly question: string; readonly at: string }
  /** The run ends although questions are open. */
  | { readonly kind: "parked" }
  | { readonly kind: "cancel-requested"; readonly by: string; readonly at: string }
  /** The next run is asked for: an answer to a parked task, or a retry. */
  | { readonly kind: "requeued"; readonly at: string }
  | { readonly kind: "finished"; readonly outcome: Outcome; readonly at: string };

/**
 * What becomes of a task, or null where the event has no place: the caller then reads the branch again and decides again.
 * The same pure step is taken by the thread handler and by the run, so that whoever loses the race for the branch head can repeat it.
 */
export function next(state: TaskState, event: TaskEvent): TaskState | null {
  switch (event.kind) {
    case "claimed":
      return claim(state, event.run);
    case "asked":
      return ask(state, event.question);
    case "answered":
      return answer(state, event.question, event.at);
    case "parked":
      return state.kind === "waiting" ? { ...state, kind: "parked" } : null;
    case "cancel-requested":
      return cancel(state, event.by, event.at);
    case "requeued":
      return state.kind === "finished" || state.kind === "parked" ? { kind: "queued", since: event.at } : null;
    case "finished":
      return isActive(state) ? { kind: "finished", run: runOf(state), outcome: event.outcome, at: event.at } : null;
  }
}

/** A task that a run works on, or is about to. A parked task is nobody's: it waits for a person. */
export function isActive(state: TaskState): boolean {
  return state.kind === "queued" || workingRun(state) !== null;
}

/** The run that holds the task now. */
export function workingRun(state: TaskState): Run | null {
  switch (state.kind) {
    case "running":
    case "waiting":
    case "cancelling":
      return state.run;
    case "queued":
    case "parked":
    case "finished":
      return null;
  }
}

/** The latest run that is known to have worked on the task, dead or alive. */
export function runOf(state: TaskState): Run | null {
  return state.kind === "queued" ? null : state.run;
}

/** Questions that still want an answer, whether the worker waits for it or the task is parked. */
export function openQuestions(state: TaskState): readonly string[] {
  return state.kind === "waiting" || state.kind === "parked" ? state.questions : [];
}

function claim(state: TaskState, run: Run): TaskState | null {
  if (state.kind === "queued") return { kind: "running", run };
  if (state.kind === "parked" || state.kind === "finished") return null;
  // "Re-run jobs" on GitHub keeps the run's id: the earlier try is dead, so the later one takes its place, with the questions that
  // are open and the cancel that was asked for.
  return state.run.id === run.id && state.run.tryNumber < run.tryNumber ? { ...state, run } : null;
}

function ask(state: TaskState, question: string): TaskState | null {
  if (state.kind === "running") return { kind: "waiting", run: state.run, questions: [question] };
  if (state.kind !== "waiting" || state.questions.includes(question)) return null;
  return { ...state, questions: [...state.questions, question].sort() };
}

function answer(state: TaskState, question: string, at: string): TaskState | null {
  if (state.kind !== "waiting" && state.kind !== "parked") return null;
  if (!state.questions.includes(question)) return null;
  const [first, ...others] = state.questions.filter((open) => open !== question);
  if (first !== undefined) return { ...state, questions: [first, ...others] };
  return state.kind === "waiting" ? { kind: "running", run: state.run } : { kind: "queued", since: at };
}

function cancel(state: TaskState, by: string, at: string): TaskState | null {
  if (state.kind === "cancelling" || state.kind === "finished") return null;
  const run = workingRun(state);
  if (run === null) return { kind: "finished", run: runOf(state), outcome: { kind: "cancelled", by }, at };
  return { kind: "cancelling", run, by };
}
