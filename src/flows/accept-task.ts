import { configInForce } from "../core/config-in-force.ts";
import type { Conversation } from "../core/conversation.ts";
import { isPending, waitsForPerson } from "../core/lifecycle.ts";
import { type CommentMark, readMark, sameMark } from "../core/marker.ts";
import { type NewTask, newTask, type TaskRequest } from "../core/new-task.ts";
import { readTask, type TaskRef, taskRef } from "../core/task.ts";
import { postOverview } from "./overview.ts";
import type { Snapshot } from "./ports.ts";
import { findStatusComment, postStatus } from "./redraw.ts";
import { announceIfLeft, beginTask, releaseIfDue, startIfMissing } from "./task-course.ts";
import type { CoursePorts } from "./thread-ports.ts";
import { labelAsWaiting } from "./waiting-label.ts";

/** A task as its branch was made from a delivery. */
export interface Accepted extends NewTask {
  readonly ref: TaskRef;
  /** "exists": the delivery was here before. */
  readonly outcome: "created" | "exists";
}

/**
 * Takes on the tasks that one comment asks for: first what each is, so that a request that cannot be met starts none of them; then their
 * branches; then runs and status comments. A branch's name is a function of the delivery, so whoever comes second with the same delivery
 * finds the branch, and has only to repair what is missing (`repairAccepted`).
 * @returns the tasks, those left out that were worked on before and have been cleaned up
 * @throws Problem where a request, the config or GitHub does not allow a task
 */
export async function acceptTasks(
  requests: readonly TaskRequest[],
  conversation: Conversation,
  ports: CoursePorts,
): Promise<readonly Accepted[]> {
  const tasks = requests.map((request) => describeTask(request, conversation, ports.self));
  const published = await Promise.all(tasks.map((task) => publishTask(task, conversation, ports)));
  const accepted = published.filter((one) => one !== null);
  const created = accepted.filter(({ outcome }) => outcome === "created");
  await begin(created, conversation.defaultBranch, ports);
  // What another task's end was to set going may have missed that end while its branch was being made.
  const held = created.filter(({ task }) => task.state.kind === "held");
  for (const { ref } of held) await releaseIfDue(ref, ports);
  return accepted;
}

/**
 * Does for tasks that were there before what whoever came first has not come to. Each leaves that one its time: all of a delivery at once,
 * or GitHub would have hung up before the last.
 */
export async function repairAccepted(accepted: readonly Accepted[], ports: CoursePorts): Promise<void> {
  await Promise.all(accepted.filter(({ outcome }) => outcome === "exists").map(({ ref }) => repair(ref, ports)));
}

/** @throws Problem where the request or the config does not allow the task */
export function describeTask(request: TaskRequest, conversation: Conversation, self: readonly string[]): NewTask {
  return newTask(request, conversation, { config: configInForce(conversation), self });
}

/**
 * Publishes the task's branch with everything in it. Null when this very command was worked on before and has been cleaned up.
 * @throws Problem where GitHub does not allow it
 */
export async function publishTask(
  described: NewTask,
  conversation: Conversation,
  { branches, self }: Pick<CoursePorts, "branches" | "self">,
): Promise<Accepted | null> {
  const ref = taskRef(described.task);
  if (hasStatusComment(conversation, ref, self)) {
    return (await branches.read(ref)) === null ? null : { ...described, ref, outcome: "exists" };
  }
  return { ...described, ref, outcome: await branches.create(ref, described.files, `Accept ${ref.id}`) };
}

async function begin(created: readonly Accepted[], defaultBranch: string, ports: CoursePorts): Promise<void> {
  const [only, ...others] = created;
  if (only === undefined) return;
  if (others.length === 0 && only.task.siblings < 2) return beginOne(only, defaultBranch, ports);
  // Runs start at once; the comments come in their order, the overview first, since that is what answers.
  const label = created.find(({ task }) => waitsForPerson(task.state));
  if (label?.task.thread) await labelAsWaiting(label.task.thread.number, ports);
  const comment = async () => {
    await postOverview(created.map(unread), ports);
    for (const { ref, files } of created) await postStatus(ref, files, ports);
  };
  const drawn = async () => {};
  const queued = created.filter(({ task }) => task.state.kind === "queued");
  await Promise.all([comment(), ...queued.map((one) => beginTask(unread(one), { defaultBranch, draw: drawn }, ports))]);
  for (const { ref } of created.filter(({ task }) => task.state.kind === "planned")) await beginPending(ref, ports);
}

/** A queued task needs no look at its branch; what people are asked about is shown as it stands there. */
async function beginOne(accepted: Accepted, defaultBranch: string, ports: CoursePorts): Promise<void> {
  const { ref, task } = accepted;
  if (task.state.kind === "planned") return beginPending(ref, ports);
  const draw = (files: Snapshot["files"]) => postStatus(ref, files, ports);
  if (task.state.kind === "confirming" && task.thread !== null) await labelAsWaiting(task.thread.number, ports);
  if (isPending(task.state)) await draw(accepted.files);
  else await beginTask(unread(accepted), { defaultBranch, draw }, ports);
}

async function beginPending(ref: TaskRef, ports: CoursePorts): Promise<void> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot !== null) await beginTask(snapshot, {}, ports);
}

/** A branch that we have just made; nobody has needed its head yet. */
function unread({ ref, files }: Accepted): Snapshot {
  return { ref, files, head: "" };
}

function hasStatusComment({ topic }: Conversation, ref: TaskRef, self: readonly string[]): boolean {
  const mark: CommentMark = { kind: "status", ref };
  return (topic?.remarks ?? []).some(({ author, body }) => {
    const found = self.includes(author) ? readMark(body) : null;
    return found !== null && sameMark(found, mark);
  });
}

async function repair(ref: TaskRef, ports: CoursePorts): Promise<void> {
  await startIfMissing(ref, ports);
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return;
  const task = readTask(snapshot.files);
  if (isPending(task.state)) await beginTask(snapshot, {}, ports);
  else if ((await findStatusComment(ref, task, ports)) === null) await postStatus(ref, snapshot.files, ports);
  await announceIfLeft(snapshot, ports);
}
