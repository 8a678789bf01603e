import { next } from "../core/lifecycle.ts";
import { parsePlan } from "../core/plan.ts";
import { type Outcome, readTask, renderTask, type Task, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { type ResultFacts, renderResult } from "../core/thread-text.ts";
import type { Snapshot } from "./ports.ts";
import { findOurs, redrawStatus } from "./redraw.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

type EndPorts = Pick<ThreadPorts, "branches" | "index" | "comments" | "labels" | "clock" | "self" | "repository">;

/**
 * Ends a task that no run holds (any more), and says so in its thread.
 * @param outcomeFor the ending, seen from the task as it stands; null where none is due
 */
export async function endTask(
  ref: TaskRef,
  outcomeFor: (task: Task, files: TaskFiles) => Outcome | null,
  ports: EndPorts,
  from?: Snapshot,
): Promise<void> {
  const at = ports.clock.now().toISOString();
  const updated = await updateTask(
    ref,
    ({ files }) => {
      const task = readTask(files);
      const outcome = outcomeFor(task, files);
      const state = outcome === null ? null : next(task.state, { kind: "finished", outcome, at });
      if (outcome === null || state === null) return null;
      return { files: { "task.yaml": renderTask({ ...task, state }) }, message: `End ${ref.id}: ${outcome.kind}` };
    },
    ports,
    from,
  );
  if (updated?.changed) await announceEnding(updated.snapshot, {}, ports);
}

/** Says an ending that has been committed by somebody who died before saying it. */
export async function announceIfUnsaid(snapshot: Snapshot, ports: Omit<EndPorts, "branches">): Promise<void> {
  const task = readTask(snapshot.files);
  if (task.state.kind !== "finished") return;
  const said = await findOurs(task, { kind: "result", ref: snapshot.ref, attempt: task.attempt }, ports);
  if (said.length === 0) await announceEnding(snapshot, {}, ports);
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
