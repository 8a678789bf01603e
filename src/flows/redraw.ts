import { runOf } from "../core/lifecycle.ts";
import { planUrl } from "../core/links.ts";
import type { CommentMark } from "../core/marker.ts";
import { parsePlan } from "../core/plan.ts";
import { readQuestion } from "../core/question.ts";
import type { TaskUsage } from "../core/status-comment.ts";
import { renderStatus } from "../core/status-comment.ts";
import { type CommentRef, readTask, type Task, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { renderQuestion } from "../core/thread-text.ts";
import { isOurs } from "./our-comments.ts";
import type { ThreadPorts } from "./thread-ports.ts";

type DrawPorts = Pick<ThreadPorts, "comments" | "repository" | "clock" | "self">;

/** What only the run knows, and what dies with it. */
export interface LiveFacts {
  readonly doing: string | null;
  readonly usage: TaskUsage | null;
  readonly warnings: readonly string[];
}

const NO_LIVE_FACTS: LiveFacts = { doing: null, usage: null, warnings: [] };

/** The status comment's text for a task's files. */
export function statusText(ref: TaskRef, files: TaskFiles, live: LiveFacts, ports: DrawPorts): string {
  const task = readTask(files);
  return renderStatus({
    task,
    plan: parsePlan(files["plan.md"] ?? ""),
    now: ports.clock.now().toISOString(),
    ...live,
    links: {
      run: runOf(task.state)?.url ?? null,
      plan: planUrl(ports.repository, ref),
      pullRequest: task.pullRequest?.url ?? null,
    },
  });
}

export async function postStatus(ref: TaskRef, files: TaskFiles, ports: DrawPorts): Promise<CommentRef | null> {
  const talk = talkOf(readTask(files));
  return talk === null ? null : ports.comments.create(talk.number, statusText(ref, files, NO_LIVE_FACTS, ports));
}

/** Our status comment of a task: the recorded one, else the oldest of ours that carries its mark. */
export async function findStatusComment(ref: TaskRef, task: Task, ports: DrawPorts): Promise<CommentRef | null> {
  return task.statusComment ?? (await findOurs(task, { kind: "status", ref }, ports))[0] ?? null;
}

/** Our comments with a mark since the task was asked for, oldest first. */
export async function findOurs(task: Task, mark: CommentMark, ports: DrawPorts): Promise<readonly CommentRef[]> {
  const talk = talkOf(task);
  if (talk === null) return [];
  const posted = await ports.comments.since(talk.number, task.askedAt);
  return posted.filter((comment) => isOurs(comment, mark, ports.self));
}

/** Brings the status comment up to the branch. Never more than cosmetics: the branch is the truth. */
export async function redrawStatus(
  ref: TaskRef,
  files: TaskFiles,
  ports: DrawPorts,
  live: LiveFacts = NO_LIVE_FACTS,
): Promise<void> {
  const comment = await findStatusComment(ref, readTask(files), ports);
  if (comment === null) await postStatus(ref, files, ports);
  else await ports.comments.edit(comment.id, statusText(ref, files, live, ports));
}

/** The question comment's text as the branch has it: waiting, parked, or answered. */
export function questionText(ref: TaskRef, number: string, files: TaskFiles, ports: DrawPorts): string {
  const task = readTask(files);
  const answer = files[`ipc/${number}.answer`];
  const exchange = task.exchanges[number];
  return renderQuestion({
    task,
    ref,
    question: readQuestion(number, files[`ipc/${number}.question`] ?? ""),
    planUrl: planUrl(ports.repository, ref),
    state:
      answer !== undefined
        ? { kind: "answered", by: exchange?.answeredBy ?? task.requester.login, text: answer }
        : { kind: task.state.kind === "parked" ? "parked" : "waiting" },
  });
}

export async function redrawQuestion(ref: TaskRef, number: string, files: TaskFiles, ports: DrawPorts): Promise<void> {
  const task = readTask(files);
  const recorded = task.exchanges[number]?.comment ?? null;
  const comment = recorded ?? (await findOurs(task, { kind: "question", ref, question: number }, ports))[0] ?? null;
  if (comment !== null) await ports.comments.edit(comment.id, questionText(ref, number, files, ports));
}
