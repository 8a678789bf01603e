import { readTask, renderTask, type TaskFiles } from "../core/task.ts";
import { renderCleanedUp } from "../core/thread-text.ts";
import { withChosenTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import type { Change, Snapshot } from "./ports.ts";
import { replyOnce } from "./reply.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { updateTask } from "./update-task.ts";

/** GitHub's delivery log keeps 3 days: so long, a delivery that comes again must find that its task was there. */
const KEPT_MS = 4 * 24 * 60 * 60_000;

/** Deletes what finished tasks have left behind: the files at once, the branch when no delivery can name it any more. */
export async function cleanUp(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: ThreadPorts,
): Promise<void> {
  if (task === null) return cleanAll(place, tasks.filter(isFinished), ports);
  const wanted = { task, verb: "cleanup", fits: ({ kind }: { kind: string }) => kind === "finished" } as const;
  await withChosenTask(place, wanted, tasks, ports, (chosen) => cleanAll(place, [chosen], ports));
}

async function cleanAll(place: CommandPlace, tasks: readonly Snapshot[], ports: ThreadPorts): Promise<void> {
  const cleaned = tasks.filter(({ files }) => !readTask(files).cleaned).map(({ ref }) => ref.id);
  await Promise.all(tasks.map((snapshot) => cleanTask(snapshot, ports)));
  await replyOnce(place, (mark) => renderCleanedUp(mark, cleaned), ports);
}

function isFinished({ files }: Snapshot): boolean {
  return readTask(files).state.kind === "finished";
}

/**
 * Empties a finished task, and deletes its branch once no delivery can name it. Emptied first: a task that is cleaned is not taken up again,
 * so a retry at the same moment either comes before, and keeps its branch, or is told that it comes too late.
 */
export async function cleanTask(
  snapshot: Snapshot,
  { branches, clock }: Pick<ThreadPorts, "branches" | "clock">,
): Promise<void> {
  const updated = await updateTask(snapshot.ref, ({ files }) => emptied(files), { branches, clock }, snapshot);
  if (updated === null) return;
  const { state, cleaned } = readTask(updated.snapshot.files);
  const isOver = state.kind === "finished" && clock.now().getTime() - Date.parse(state.at) > KEPT_MS;
  if (isOver && cleaned) await branches.remove(snapshot.ref);
}

function emptied(files: TaskFiles): Change | null {
  const task = readTask(files);
  if (task.state.kind !== "finished" || task.cleaned) return null;
  const others = Object.keys(files).filter((path) => path !== "task.yaml");
  const gone = Object.fromEntries(others.map((path) => [path, null]));
  return {
    files: { ...gone, "task.yaml": renderTask({ ...task, cleaned: true }) },
    message: `Clean up ${task.id}`,
  };
}
