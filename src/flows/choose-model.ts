import { type Config, settingsOf } from "../core/config.ts";
import { configInForce } from "../core/config-in-force.ts";
import type { Conversation } from "../core/conversation.ts";
import { resolveWorker } from "../core/model.ts";
import { parsePlan } from "../core/plan.ts";
import { cleared } from "../core/readiness.ts";
import { readSetup } from "../core/setup.ts";
import { unavailable } from "../core/setup-availability.ts";
import { readTask, renderTask, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { drawOverview, membersOf } from "./overview.ts";
import type { Change, Snapshot } from "./ports.ts";
import { proposeFirstConfig } from "./propose-first-config.ts";
import { redrawAsk, redrawStatus } from "./redraw.ts";
import { beginTask, releaseIfDue, startIfMissing } from "./task-course.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

export interface ModelChoice {
  readonly ref: TaskRef;
  /** A model or alias, as people write it. */
  readonly model: string;
  /** For every task of the same comment that waits for this choice. */
  readonly all: boolean;
  readonly by: string;
}

/**
 * Starts what has waited for the choice of a model.
 * @throws Problem where the model is not available
 */
export async function chooseModel({ ref, model, all, by }: ModelChoice, ports: ThreadPorts): Promise<void> {
  const [snapshot, conversation] = await Promise.all([ports.branches.read(ref), ports.conversations.read(null)]);
  if (snapshot === null) return;
  const task = readTask(snapshot.files);
  const config = configInForce(conversation);
  const { worker } = resolveWorker(`--model ${model}`, config);
  const setup = readSetup(conversation.setup);
  const problem = setup === null ? null : unavailable(worker, setup);
  if (problem !== null) throw problem;
  const targets = all ? await membersOf(task, ports) : [snapshot];
  const at = ports.clock.now().toISOString();
  await Promise.all(
    targets.map((target) =>
      choose(target, (files) => chosen(files, { worker, config, by, at }), conversation.defaultBranch, ports),
    ),
  );
  await drawOverview(task, ports);
  const talk = talkOf(task);
  if (talk !== null) await unlabelWhenQuiet(talk.number, ports);
  if (task.state.kind === "confirming") proposeIfFirst(conversation, { model: worker.name, by, snapshot }, ports);
}

async function choose(
  target: Snapshot,
  decide: (files: TaskFiles) => Change | null,
  defaultBranch: string,
  ports: ThreadPorts,
): Promise<void> {
  const updated = await updateTask(target.ref, ({ files }) => decide(files), ports, target);
  if (updated === null) return;
  const { files } = updated.snapshot;
  if (updated.changed) {
    await Promise.all([beginTask(updated.snapshot, { defaultBranch }, ports), redrawAsk(target.ref, files, ports)]);
    await releaseIfDue(target.ref, ports);
  } else {
    // The tick stays in the comment's source until it is drawn over.
    await Promise.all([redrawStatus(target.ref, files, ports), redrawAsk(target.ref, files, ports)]);
    // Whoever was first may have died before it asked for the run.
    const { state, confirmedBy } = readTask(files);
    if (state.kind === "queued" && confirmedBy !== null) await startIfMissing(target.ref, ports);
  }
}

interface Chosen {
  readonly worker: ReturnType<typeof resolveWorker>["worker"];
  readonly config: Config;
  readonly by: string;
  readonly at: string;
}

function chosen(files: TaskFiles, { worker, config, by, at }: Chosen): Change | null {
  const task = readTask(files);
  if (task.state.kind !== "confirming") return null;
  const changed = { worker, confirmedBy: by };
  const free = cleared(task, parsePlan(files["plan.md"] ?? ""), { at, othersDone: false, changed });
  if (free === null) return null;
  const text = renderTask({ ...free, settings: settingsOf(config) });
  return { files: { "task.yaml": text }, message: `Start ${task.id} with ${worker.name}` };
}

/** A repository without a config is proposed one, with the model that was chosen as its default. */
function proposeIfFirst(
  { config, setup }: Conversation,
  { model, by, snapshot }: { readonly model: string; readonly by: string; readonly snapshot: Snapshot },
  ports: ThreadPorts,
): void {
  if (config !== null || setup === null) return;
  const { thread } = readTask(snapshot.files);
  ports.background.later("proposing the first config", () => proposeFirstConfig(setup, { model, by, thread }, ports));
}
