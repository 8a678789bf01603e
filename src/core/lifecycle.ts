import type { Outcome, Run, TaskState } from "./task.ts";

export type TaskEvent =
  /** A run begins to work. */
  | { readonly kind: "claimed"; readonly run: Run }
  | { readonly kind: "asked"; readonly question: string }
  | { readonly kind: "answered"; readonly question: string; readonly at: string }
  /** The run ends although questions are open. */
  | { readonly kind: "parked" }
  | { readonly kind: "cancel-requested"; readonly by: string; readonly at: string }
  /** The next run is asked for: a retry, a skipped item, or a run that has used up its job's time. */
  | { readonly kind: "requeued"; readonly at: string }
  /** A person's word or another task's end has made the way free; `to` is what comes next. */
  | { readonly kind: "cleared"; readonly to: Extract<TaskState, { kind: "held" | "planned" | "queued" }> }
  /** The run ends here, for a person has to choose the model or approve the plan. */
  | { readonly kind: "put-to-person"; readonly what: "confirming" | "planned"; readonly at: string }
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
      return requeue(state, event.at);
    case "cleared":
      return clear(state, event.to);
    case "put-to-person":
      return putToPerson(state, event.what, event.at);
    case "finished":
      return finish(state, event);
  }
}

/** Of a cancel and an ending that meet, the one that was committed first is what is said. */
function finish(state: TaskState, { outcome, at }: Extract<TaskEvent, { kind: "finished" }>): TaskState | null {
  if (!isActive(state) && !isPending(state)) return null;
  const said: Outcome = state.kind === "cancelling" ? { kind: "cancelled", by: state.by } : outcome;
  return { kind: "finished", run: runOf(state), outcome: said, at };
}

/** A task that no run has: a person or other tasks must make the way free first. */
export function isPending(state: TaskState): boolean {
  return state.kind === "confirming" || state.kind === "held" || state.kind === "planned";
}

/** Something to be said by a person, without which the task does not go on. */
export function waitsForPerson(state: TaskState): boolean {
  return state.kind === "confirming" || state.kind === "planned" || openQuestions(state).length > 0;
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
    case "confirming":
    case "held":
    case "planned":
    case "queued":
    case "parked":
    case "finished":
      return null;
  }
}

/** The latest run that is known to have worked on the task, dead or alive. */
export function runOf(state: TaskState): Run | null {
  return state.kind === "queued" || state.kind === "held" ? null : state.run;
}

/** Questions that still want an answer, whether the worker waits for it or the task is parked. */
export function openQuestions(state: TaskState): readonly string[] {
  return state.kind === "waiting" || state.kind === "parked" ? state.questions : [];
}

function claim(state: TaskState, run: Run): TaskState | null {
  if (state.kind === "queued") return { kind: "running", run };
  const holder = workingRun(state);
  // "Re-run jobs" on GitHub keeps the run's id: the earlier try is dead, so the later one takes its place, with the questions that
  // are open and the cancel that was asked for.
  return holder !== null && holder.id === run.id && holder.tryNumber < run.tryNumber ? withRun(state, run) : null;
}

function withRun(state: TaskState, run: Run): TaskState | null {
  switch (state.kind) {
    case "running":
    case "waiting":
    case "cancelling":
      return { ...state, run };
    case "confirming":
    case "held":
    case "planned":
    case "queued":
    case "parked":
    case "finished":
      return null;
  }
}

/** A running task is requeued by its own run, as its last act. */
function requeue(state: TaskState, at: string): TaskState | null {
  const ended = state.kind === "finished" || state.kind === "parked" || state.kind === "running";
  return ended ? { kind: "queued", since: at } : null;
}

/** The order in which a task passes what may stand in its way; nothing goes back. */
const WAY: readonly TaskState["kind"][] = ["confirming", "held", "planned", "queued"];

function clear(state: TaskState, to: TaskState): TaskState | null {
  const from = WAY.indexOf(state.kind);
  return from >= 0 && WAY.indexOf(to.kind) > from ? to : null;
}

function putToPerson(state: TaskState, what: "confirming" | "planned", since: string): TaskState | null {
  // A question that is open beside a plan is one about the work: it is asked again when that begins.
  const mayPlan = state.kind === "running" || state.kind === "waiting";
  if (what === "planned") return mayPlan ? { kind: "planned", since, run: state.run, shown: null } : null;
  return state.kind === "running" ? { kind: "confirming", since, run: state.run } : null;
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
