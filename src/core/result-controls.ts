import { type Control, renderControl } from "./control.ts";
import type { Plan } from "./plan.ts";
import { type Cause, type Task, taskRef } from "./task.ts";

/** More than this many other models are a list to read, not a choice. */
const MAX_ALTERNATIVES = 3;

/** Causes for which another model may do better than the same again. */
const ABOUT_THE_MODEL: readonly Cause[] = [
  "nothing-done",
  "cli-missing",
  "cli-outdated",
  "secret-missing",
  "auth",
  "quota",
  "overloaded",
  "model-unknown",
  "item-error",
];
/** Causes that will meet the next task with this model too. */
const BROKEN: readonly Cause[] = ["cli-missing", "secret-missing", "auth", "quota", "model-unknown"];

/** What one can do about a task that has not come to its end, as boxes. */
export function resultControls(task: Task, plan: Plan): readonly string[] {
  const { state, worker } = task;
  // Without its plan and its request nothing can be taken up again.
  if (task.cleaned) return [];
  if (state.kind !== "finished" || state.outcome.kind === "done" || task.kind === "doctor") return [];
  const ref = taskRef(task);
  const cause = state.outcome.kind === "failed" ? state.outcome.cause : null;
  const isStarted = plan.items.some(({ marker }) => marker === "done");
  const again: Control = { kind: "retry", ref, model: null, makeDefault: false };
  return [
    renderControl(again, isStarted ? "Retry what is left" : "Retry"),
    ...(cause === "item-error"
      ? [renderControl({ kind: "skip", ref }, "Skip this step, and go on with the rest")]
      : []),
    ...(cause !== null && ABOUT_THE_MODEL.includes(cause) ? alternatives(task, cause) : []),
    ...(cause === "cli-outdated" && worker.command.includes("--full-auto")
      ? [renderControl({ kind: "config", change: { kind: "mend-codex" } }, "Mend the command in the config")]
      : []),
    ...(cause !== null &&
    BROKEN.includes(cause) &&
    task.settings.names.includes(worker.name) &&
    task.settings.names.length > 1
      ? [
          renderControl(
            { kind: "config", change: { kind: "remove", name: worker.name } },
            `Remove \`${worker.name}\` from the config`,
          ),
        ]
      : []),
  ];
}

function alternatives(task: Task, cause: Cause): readonly string[] {
  const ref = taskRef(task);
  return others(task).flatMap((model) => [
    renderControl({ kind: "retry", ref, model, makeDefault: false }, `Retry with \`${model}\``),
    ...(BROKEN.includes(cause)
      ? [
          renderControl(
            { kind: "retry", ref, model, makeDefault: true },
            `Retry with \`${model}\`, and make it the default`,
          ),
        ]
      : []),
  ]);
}

function others({ settings, worker }: Task): readonly string[] {
  return settings.names.filter((name) => name !== worker.name).slice(0, MAX_ALTERNATIVES);
}
