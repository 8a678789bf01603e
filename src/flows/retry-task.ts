import { configInForce } from "../core/config-in-force.ts";
import { next } from "../core/lifecycle.ts";
import { resolveWorker } from "../core/model.ts";
import { parsePlan, renderPlan, reopened } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { readTask, renderTask, type Task, type TaskFiles, type TaskRef, type WorkerSpec } from "../core/task.ts";
import { withChosenTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import type { Change, Snapshot } from "./ports.ts";
import { beginTask, startIfMissing } from "./task-course.ts";
import type { CoursePorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

export async function retryByCommand(
  place: CommandPlace,
  { task, model }: { readonly task: string | null; readonly model: string | null },
  tasks: readonly Snapshot[],
  ports: CoursePorts,
): Promise<void> {
  const fits = (state: Task["state"]) => state.kind === "finished" && state.outcome.kind !== "done";
  const command = commandName(place);
  await withChosenTask(place, { task, verb: "retry", fits, command }, tasks, ports, ({ ref }) =>
    retryTask(ref, model, ports, command),
  );
}

/** Names a command for good: its comment, and which of that comment's commands it is. */
export function commandName({ said: { trigger }, key }: CommandPlace): string {
  return `${trigger.kind}/${trigger.id}/${key}`;
}

/**
 * Starts the next run of an ended task: what is done stays done, everything else is open again.
 * @param command the command that asks for it; a ticked box is one only once, and needs none
 * @throws Problem where the model is not known
 */
export async function retryTask(
  ref: TaskRef,
  model: string | null,
  ports: CoursePorts,
  command: string | null = null,
): Promise<void> {
  const conversation = await ports.conversations.read(null);
  const worker = model === null ? null : resolveWorker(`--model ${model}`, configInForce(conversation)).worker;
  const at = ports.clock.now().toISOString();
  await startAgain(ref, (files) => requeued(files, { worker, at, command }), conversation.defaultBranch, ports);
}

/** Commits what makes an ended task ready for its next run, and starts that. Asked for twice, it is done once. */
export async function startAgain(
  ref: TaskRef,
  decide: (files: TaskFiles) => Change | null,
  defaultBranch: string,
  ports: CoursePorts,
): Promise<void> {
  const updated = await updateTask(ref, ({ files }) => decide(files), ports);
  if (updated === null) return;
  if (updated.changed) return beginTask(updated.snapshot, { defaultBranch }, ports);
  // A delivery that came again: then only a run that is missing is started.
  if (readTask(updated.snapshot.files).state.kind === "queued") await startIfMissing(ref, ports);
}

function cleanedUp(id: string): Problem {
  return new Problem(
    "task-cleaned",
    `Task \`${id}\` has been cleaned up: its plan and request are gone.`,
    "Write the command again as a new comment.",
  );
}

interface Asked {
  readonly worker: WorkerSpec | null;
  readonly at: string;
  readonly command: string | null;
}

function requeued(files: TaskFiles, { worker, at, command }: Asked) {
  const task = readTask(files);
  if (task.state.kind !== "finished" || (command !== null && task.commands.includes(command))) return null;
  if (task.cleaned) throw cleanedUp(task.id);
  return nextRun(obeying(task, command), { at, worker, plan: renderPlan(reopened(parsePlan(files["plan.md"] ?? ""))) });
}

const MOST_COMMANDS = 20;

/** The task, remembering the command that it obeys. */
export function obeying(task: Task, command: string | null): Task {
  return command === null ? task : { ...task, commands: [...task.commands, command].slice(-MOST_COMMANDS) };
}

/** The change by which a task that nobody works on any more is queued for one more run. */
export function nextRun(
  task: Task,
  { at, worker, plan }: { readonly at: string; readonly worker: WorkerSpec | null; readonly plan: string },
): Change | null {
  const state = next(task.state, { kind: "requeued", at });
  if (state === null) return null;
  const again: Task = {
    ...task,
    state,
    attempt: task.attempt + 1,
    continued: 0,
    // Whoever retries has the plan before their eyes, and takes it as it stands.
    approval: task.approval.kind === "given" ? { kind: "not-needed" } : task.approval,
    worker: worker ?? task.worker,
    // Another model's CLI cannot continue this one's session.
    session: worker === null ? task.session : null,
  };
  return { files: { "task.yaml": renderTask(again), "plan.md": plan }, message: `Retry ${task.id}` };
}
