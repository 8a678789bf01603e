import { Problem } from "../core/problem.ts";
import type { Inputs } from "./inputs.ts";

/** What this step of a workflow is for. */
export type Mode = "work" | "thread" | "settle" | "reconcile";

const THREAD_EVENTS: readonly string[] = [
  "issue_comment",
  "issues",
  "pull_request",
  "pull_request_target",
  "pull_request_review",
  "pull_request_review_comment",
];

/**
 * A job that looks after another one does nothing else. Otherwise a task or a prompt is worked on, whatever the event; without one,
 * what was said in a thread is handled, and on a schedule
 * everything that has stopped halfway is looked after.
 * @throws Problem "nothing-to-do"
 */
export function modeOf({ task, prompt, settle }: Pick<Inputs, "task" | "prompt" | "settle">, eventName: string): Mode {
  if (settle) return "settle";
  if (task !== null || prompt !== null) return "work";
  if (THREAD_EVENTS.includes(eventName)) return "thread";
  if (eventName === "schedule") return "reconcile";
  throw new Problem(
    "nothing-to-do",
    `The event \`${eventName}\` says nothing in a thread, and neither \`task\` nor \`prompt\` is given.`,
    "Give the step a `prompt`, or run it on `issue_comment` and the other events of the ready-made workflow.",
  );
}
