import { next } from "../core/lifecycle.ts";
import { parsePlan } from "../core/plan.ts";
import { type Outcome, readTask, renderTask, type TaskRef, type TaskState, talkOf } from "../core/task.ts";
import { type ResultFacts, renderResult } from "../core/thread-text.ts";
import type { Snapshot } from "./ports.ts";
import { redrawStatus } from "./redraw.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

type EndPorts = Pick<ThreadPorts, "branches" | "index" | "comments" | "labels" | "clock" | "self" | "repository">;

/**
 * Ends a task that no run holds (any more), and says so in its thread.
 * @param wanted the states in which this ending is still true
 */
export async function endTask(
  ref: TaskRef,
  outcome: Outcome,
  wanted: (state: TaskState) => boolean,
  ports: EndPorts,
): Promise<void> {
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const task = readTask(files);
      const state = wanted(task.state) ? next(task.state, { kind: "finished", outcome, at }) : null;
      if (state === null) return null;
      return { files: { "task.yaml": renderTask({ ...task, state }) }, message: `End ${ref.id}: ${outcome.kind}` };
    },
    ports,
  );
  if (updated?.changed) await announceEnding(updated.snapshot, {}, ports);
}

/**
 * Shows an ending that has been committed: the result comment, the status comment drawn anew, the label taken off. Whoever committed
 * the ending announces it, so it is said once.
 */
export async function announceEnding(
  { ref, files }: Snapshot,
  facts: ResultFacts,
  ports: Omit<EndPorts, "branches">,
): Promise<void> {
  const task = readTask(files);
  const talk = talkOf(task);
  if (talk === null) return;
  const plan = parsePlan(files["plan.md"] ?? "");
  const output = files["output.md"] ?? null;
  const view = { task, ref, plan, output, facts, repository: ports.repository };
  const { id, author, url } = await ports.comments.create(talk.number, renderResult(view));
  const withResult = { ...files, "task.yaml": renderTask({ ...task, resultComment: { id, author, url } }) };
  const live = { doing: null, usage: facts.usage ?? null, warnings: facts.warnings ?? [] };
  await redrawStatus(ref, withResult, ports, live);
  if (Object.keys(task.exchanges).length > 0) await unlabelWhenQuiet(talk.number, ports);
}
