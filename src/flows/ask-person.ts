import { runOf } from "../core/lifecycle.ts";
import { type CommentRef, readTask, renderTask, type Task, type TaskFiles, talkOf } from "../core/task.ts";
import type { Snapshot } from "./ports.ts";
import { askText } from "./redraw.ts";
import type { CoursePorts } from "./thread-ports.ts";
import { unlessClosed } from "./unless-closed.ts";
import { updateTask } from "./update-task.ts";
import { labelAsWaiting } from "./waiting-label.ts";

/** What a look at the set-up has found, for whoever is to choose a model. */
const SETUP = "setup.md";

type AskPorts = Pick<CoursePorts, "branches" | "comments" | "labels" | "clock" | "repository" | "log">;

/**
 * Puts a choice of the model, or a plan, to people. The label goes first: it is what makes a plain reply heard. Where a run has looked
 * before, people have turned to other things since, so a comment calls the requester; else the status comment does.
 * @returns the branch with what has been shown recorded on it: an approval is for that plan and no other
 */
export async function askPerson(snapshot: Snapshot, ports: AskPorts): Promise<Snapshot> {
  const task = readTask(snapshot.files);
  const talk = talkOf(task);
  if (talk === null) return snapshot;
  await labelAsWaiting(talk.number, ports);
  const { [SETUP]: setup, ...others } = snapshot.files;
  // Whoever was called to choose a model has done so: the plan is another matter, and what was found has been read.
  const asksAnew = task.state.kind === "planned" && setup !== undefined;
  const asked = {
    ...(asksAnew ? others : snapshot.files),
    "task.yaml": renderTask(withShown(task, snapshot.head)),
  };
  const calls = runOf(task.state) !== null && (task.askComment === null || asksAnew);
  const text = askText(snapshot.ref, asked, ports);
  const comment = calls ? await unlessClosed(() => ports.comments.create(talk.number, text), ports.log) : null;
  // Nothing has been shown: whoever looks after the task asks once that is possible.
  if (calls && comment === null) return snapshot;
  const updated = await updateTask(
    snapshot.ref,
    ({ files }) => record(files, task.state.kind, snapshot, comment),
    ports,
    snapshot,
  );
  return updated?.snapshot ?? snapshot;
}

function record(files: TaskFiles, kind: Task["state"]["kind"], shown: Snapshot, comment: CommentRef | null) {
  const task = readTask(files);
  // Somebody has decided in the meantime, or the plan is not the one that was shown.
  if (task.state.kind !== kind || files["plan.md"] !== shown.files["plan.md"]) return null;
  const read = comment !== null && kind === "planned" && files[SETUP] !== undefined ? { [SETUP]: null } : {};
  const recorded: Task = {
    ...withShown(task, shown.head),
    askComment:
      comment === null
        ? task.askComment
        : { id: comment.id, author: comment.author, url: comment.url, attempt: task.attempt },
  };
  const text = renderTask(recorded);
  return text === files["task.yaml"]
    ? null
    : { files: { ...read, "task.yaml": text }, message: `Ask about ${task.id}` };
}

function withShown(task: Task, head: string): Task {
  return task.state.kind === "planned" ? { ...task, state: { ...task.state, shown: head } } : task;
}
