import { renderControl } from "./control.ts";
import { renderMark } from "./marker.ts";
import type { Plan } from "./plan.ts";
import { mention, person, plainLine } from "./safe-text.ts";
import { type Task, taskRef } from "./task.ts";
import { alert, checklist, paragraphs } from "./task-text.ts";

/** More boxes than this are a list to read, not a choice. */
const MAX_CHOICES = 6;
const ROOM_FOR_PLAN = 40_000;

/** What a task asks of people before it goes on, in its status comment; null when it asks nothing. */
export function askNews(task: Task): string | null {
  switch (task.state.kind) {
    case "confirming":
      return alert(
        "IMPORTANT",
        `You named no model. **Tick one below**, or reply with its name. ${defaultWords(task)}`,
      );
    case "planned":
      return alert(
        "IMPORTANT",
        "This is the plan, and nothing starts before somebody approves it. **Tick “Approve” below**, or reply “yes”.",
      );
    case "held":
    case "queued":
    case "running":
    case "waiting":
    case "cancelling":
    case "parked":
    case "finished":
      return null;
  }
}

function defaultWords({ worker, settings, state }: Task): string {
  const [first] = settings.names;
  const isFirstRun = state.kind === "confirming" && state.run !== null;
  return first === worker.name && !isFirstRun ? `A “yes” takes the default, \`${first}\`.` : "";
}

/** The boxes that go with it. */
export function askControls(task: Task): readonly string[] {
  const { state } = task;
  const ref = taskRef(task);
  if (state.kind === "confirming") {
    return choices(task).map((model) =>
      renderControl({ kind: "model", ref, model, all: false }, choiceLabel(task, model)),
    );
  }
  // The box is for one plan: before people have been shown it, there is none.
  if (state.kind === "planned" && state.shown !== null)
    return [renderControl({ kind: "approve", ref, commit: state.shown }, "Approve this plan and start")];
  return [];
}

/** What a task without a model can be started with, the default first. */
export function choices({ settings, worker }: Pick<Task, "settings" | "worker">): readonly string[] {
  const names = settings.names.length > 0 ? settings.names : [worker.name];
  return names.slice(0, MAX_CHOICES);
}

function choiceLabel(task: Task, model: string): string {
  // After the first look there is no default yet: this choice makes one.
  const isDefault = task.state.kind === "confirming" && task.state.run === null && model === task.settings.names[0];
  return isDefault && model === task.worker.name ? `Start with \`${model}\`, the default` : `Start with \`${model}\``;
}

export interface AskView {
  readonly task: Task;
  readonly plan: Plan;
  readonly planUrl: string;
  /** What a look at the set-up has found, as Markdown of ours; null when nobody has looked. */
  readonly setup: string | null;
}

/** The comment that calls the requester when a run has found that a person must decide. Once decided, it says so. */
export function renderAsk(view: AskView): string {
  const { task } = view;
  const mark = renderMark({ kind: "ask", ref: taskRef(task), attempt: askedAttempt(task) });
  return `${mark}\n${view.setup === null ? planAsk(view) : modelAsk(view, view.setup)}`;
}

/** The attempt whose run has asked: as recorded, or in older records the one before, once the next has been asked for. */
function askedAttempt({ state, attempt, askComment }: Task): number {
  if (askComment?.attempt !== undefined) return askComment.attempt;
  const open = state.kind === "confirming" || state.kind === "planned";
  return open || askComment === null ? attempt : Math.max(1, attempt - 1);
}

function modelAsk({ task }: AskView, setup: string): string {
  const decided = task.state.kind === "confirming" ? null : decision(task, "chose");
  return paragraphs(
    "### 👋 First time here: which model should work?",
    `${mention(task.requester.login)}, this repository has no config yet.`,
    setup,
    decided ??
      "**Tick the model to use.** It becomes the default, I propose a config with all of this as a pull request, and your task starts right away.",
    task.state.kind === "confirming" ? askControls(task).join("\n") : null,
  );
}

function planAsk({ task, plan, planUrl }: AskView): string {
  const open = task.state.kind === "planned";
  return paragraphs(
    `### 📋 ${open ? "A plan" : "The plan"} for “${plainLine(task.title)}”`,
    open ? `${mention(task.requester.login)}, nothing starts before you approve it:` : decision(task, "approved"),
    checklist(plan, { current: "untouched", over: false, room: ROOM_FOR_PLAN, planUrl }),
    open ? "Tick the box, or reply “yes”. To change the plan, cancel and write the command anew." : null,
    open ? askControls(task).join("\n") : null,
  );
}

function decision(task: Task, verb: "chose" | "approved"): string {
  const { approval, confirmedBy, worker, state } = task;
  if (state.kind === "finished" && state.outcome.kind === "cancelled") return "This was cancelled instead.";
  if (verb === "approved") return approval.kind === "given" ? `✅ Approved by ${person(approval.by)}.` : "";
  return confirmedBy === null ? "" : `✅ ${person(confirmedBy)} chose \`${plainLine(worker.name)}\`.`;
}
