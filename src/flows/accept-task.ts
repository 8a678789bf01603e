import { readConfig } from "../core/config.ts";
import type { Conversation } from "../core/conversation.ts";
import { type CommentMark, readMark, sameMark } from "../core/marker.ts";
import { newTask, type TaskRequest } from "../core/new-task.ts";
import { readTask, type TaskFiles, type TaskRef, taskRef } from "../core/task.ts";
import { announceIfUnsaid } from "./end-task.ts";
import { findStatusComment, postStatus } from "./redraw.ts";
import { endUnstarted, type StartPorts, startIfMissing, startRun } from "./start-run.ts";
import type { ThreadPorts } from "./thread-ports.ts";

type AcceptPorts = StartPorts & Pick<ThreadPorts, "conversations">;

/** A task as its branch was made from a delivery. */
export interface Accepted {
  readonly ref: TaskRef;
  readonly files: TaskFiles;
  readonly defaultBranch: string;
  /** "exists": the delivery was here before. */
  readonly outcome: "created" | "exists";
}

/**
 * Takes a task on: its branch, then its run and its status comment. The branch name is a function of the delivery, so whoever comes
 * second with the same delivery finds the branch and only repairs what is missing.
 */
export async function acceptTask(request: TaskRequest, ports: AcceptPorts): Promise<void> {
  const accepted = await publishTask(request, ports);
  if (accepted === null) return;
  if (accepted.outcome === "exists") return repair(accepted, ports);
  const { ref, files } = accepted;
  // Both at once: neither needs the other, and people wait for both.
  const [problem] = await Promise.all([
    startRun(ref, readTask(files), accepted.defaultBranch, ports),
    postStatus(ref, files, ports),
  ]);
  await endUnstarted(ref, problem, ports);
}

/**
 * Publishes the task's branch with everything in it. Null when this very command was worked on before and has been cleaned up.
 * @throws Problem where the request, the config or GitHub does not allow the task
 */
export async function publishTask(
  request: TaskRequest,
  { branches, conversations, self }: Pick<AcceptPorts, "branches" | "conversations" | "self">,
): Promise<Accepted | null> {
  const conversation = await conversations.read(request.thread);
  const { task, files } = newTask(request, withoutUs(conversation, self), readConfig(conversation.config));
  const ref = taskRef(task);
  const { defaultBranch } = conversation;
  if (hasStatusComment(conversation, ref, self)) {
    return (await branches.read(ref)) === null ? null : { ref, files, defaultBranch, outcome: "exists" };
  }
  return { ref, files, defaultBranch, outcome: await branches.create(ref, files, `Accept ${ref.id}`) };
}

/** Our own comments would tell the worker nothing about its task. */
function withoutUs(conversation: Conversation, self: readonly string[]): Conversation {
  const { topic } = conversation;
  if (topic === null) return conversation;
  return {
    ...conversation,
    topic: { ...topic, remarks: topic.remarks.filter(({ author }) => !self.includes(author)) },
  };
}

function hasStatusComment({ topic }: Conversation, ref: TaskRef, self: readonly string[]): boolean {
  const mark: CommentMark = { kind: "status", ref };
  return (topic?.remarks ?? []).some(({ author, body }) => {
    const found = self.includes(author) ? readMark(body) : null;
    return found !== null && sameMark(found, mark);
  });
}

async function repair({ ref }: Accepted, ports: AcceptPorts): Promise<void> {
  await startIfMissing(ref, ports);
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return;
  await postIfMissing(ref, snapshot.files, ports);
  await announceIfUnsaid(snapshot, ports);
}

async function postIfMissing(ref: TaskRef, files: TaskFiles, ports: AcceptPorts): Promise<void> {
  if ((await findStatusComment(ref, readTask(files), ports)) === null) await postStatus(ref, files, ports);
}
