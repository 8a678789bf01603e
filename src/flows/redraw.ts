import { openQuestions, runOf } from "../core/lifecycle.ts";
import { planUrl } from "../core/links.ts";
import type { CommentMark } from "../core/marker.ts";
import { parsePlan } from "../core/plan.ts";
import { readQuestion } from "../core/question.ts";
import type { TaskUsage } from "../core/status-comment.ts";
import { renderStatus } from "../core/status-comment.ts";
import {
  type CommentRef,
  type QuestionComment,
  readTask,
  type Task,
  type TaskFiles,
  type TaskRef,
  type TaskState,
  talkOf,
} from "../core/task.ts";
import { renderAsk, renderQuestion } from "../core/thread-text.ts";
import { isOurs, ourLogins } from "./our-comments.ts";
import { editQuestion, findQuestion, putQuestionBack } from "./question-comment.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { unlessClosed } from "./unless-closed.ts";

type DrawPorts = Pick<ThreadPorts, "comments" | "repository" | "clock" | "self" | "log">;

/** What only the run knows, and what dies with it. */
export interface LiveFacts {
  readonly doing: string | null;
  readonly usage: TaskUsage | null;
  readonly warnings: readonly string[];
}

export const NO_LIVE_FACTS: LiveFacts = { doing: null, usage: null, warnings: [] };

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

/** After so long the task's run may post its status comment itself. */
const LATE_MS = 10_000;

/** Null where there is no conversation, or none that takes it. */
export async function postStatus(ref: TaskRef, files: TaskFiles, ports: DrawPorts): Promise<CommentRef | null> {
  const task = readTask(files);
  const talk = talkOf(task);
  if (talk === null) return null;
  const text = statusText(ref, files, NO_LIVE_FACTS, ports);
  const mark = { kind: "status", ref } as const;
  const isLate = () => ports.clock.now().getTime() - Date.parse(task.askedAt) > LATE_MS;
  return unlessClosed(async () => {
    const [standing] = isLate() ? await findOurs(task, mark, ports) : [];
    if (standing !== undefined) return standing;
    const posted = await ports.comments.create(talk.number, text);
    return isLate() ? keepFirst(posted, task, mark, ports) : posted;
  }, ports.log);
}

/**
 * Puts a status comment back that is gone, or was never posted.
 * @throws Problem "thread-closed"
 */
export function putStatusBack(ref: TaskRef, task: Task, text: string, ports: DrawPorts): Promise<CommentRef | null> {
  return putBack(task, { kind: "status", ref }, text, ports);
}

/**
 * Puts a comment of ours back. Somebody else may have done so before, or do so at the same moment.
 * @throws Problem "thread-closed"
 */
export async function putBack(
  task: Task,
  mark: CommentMark,
  text: string,
  ports: Pick<DrawPorts, "comments" | "self">,
): Promise<CommentRef | null> {
  const talk = talkOf(task);
  if (talk === null) return null;
  const [standing] = await findOurs(task, mark, ports);
  if (standing !== undefined && (await ports.comments.edit(standing.id, text)) !== "gone") return standing;
  return keepFirst(await ports.comments.create(talk.number, text), task, mark, ports);
}

/** Takes twins away. Whoever posts at the same moment does so as well: the first one stays, and all name that. */
async function keepFirst(
  posted: CommentRef,
  task: Task,
  mark: CommentMark,
  ports: Pick<DrawPorts, "comments" | "self">,
): Promise<CommentRef> {
  const [kept = posted, ...twins] = await findOurs(task, mark, ports);
  for (const { id } of twins) await ports.comments.remove(id);
  return kept;
}

/** Our status comment of a task: the recorded one, else the oldest of ours that carries its mark. */
export async function findStatusComment(ref: TaskRef, task: Task, ports: DrawPorts): Promise<CommentRef | null> {
  return task.statusComment ?? (await findOurs(task, { kind: "status", ref }, ports))[0] ?? null;
}

/** Our comments with a mark since the task was asked for, oldest first. */
export async function findOurs(
  task: Task,
  mark: CommentMark,
  ports: Pick<DrawPorts, "comments" | "self">,
): Promise<readonly CommentRef[]> {
  const talk = talkOf(task);
  if (talk === null) return [];
  const posted = await ports.comments.since(talk.number, task.askedAt);
  return posted.filter((comment) => isOurs(comment, mark, ourLogins(task, ports.self)));
}

/** Brings the status comment up to the branch. Never more than cosmetics: the branch is the truth. */
export async function redrawStatus(
  ref: TaskRef,
  files: TaskFiles,
  ports: DrawPorts,
  live: LiveFacts = NO_LIVE_FACTS,
): Promise<void> {
  const task = readTask(files);
  const text = statusText(ref, files, live, ports);
  await unlessClosed(async () => {
    const comment = task.statusComment;
    // Whoever has deleted it has not ended the task: it is drawn anew.
    if (comment === null || (await ports.comments.edit(comment.id, text)) === "gone")
      await putStatusBack(ref, task, text, ports);
  }, ports.log);
}

/** The comment in which a run has put a choice or a plan to people, as the branch has it now. */
export function askText(ref: TaskRef, files: TaskFiles, ports: Pick<DrawPorts, "repository">): string {
  return renderAsk({
    task: readTask(files),
    plan: parsePlan(files["plan.md"] ?? ""),
    planUrl: planUrl(ports.repository, ref),
    setup: files["setup.md"] ?? null,
  });
}

/** Shows what has been decided where it was asked. */
export async function redrawAsk(ref: TaskRef, files: TaskFiles, ports: DrawPorts): Promise<void> {
  const { askComment } = readTask(files);
  if (askComment !== null) await ports.comments.edit(askComment.id, askText(ref, files, ports));
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
        : { kind: standingOf(task.state) },
  });
}

function standingOf({ kind }: TaskState): "waiting" | "parked" | "over" {
  if (kind === "finished" || kind === "cancelling") return "over";
  return kind === "parked" ? "parked" : "waiting";
}

/** Brings a question's comment up to the branch. An open question whose comment is gone is asked again. */
export async function redrawQuestion(
  ref: TaskRef,
  number: string,
  files: TaskFiles,
  ports: DrawPorts & Pick<ThreadPorts, "reviewThreads">,
): Promise<void> {
  await showQuestion(ref, number, files, ports);
}

/**
 * The same, for whoever records where it stands now.
 * @returns null where it stands nowhere
 */
export async function showQuestion(
  ref: TaskRef,
  number: string,
  files: TaskFiles,
  ports: DrawPorts & Pick<ThreadPorts, "reviewThreads">,
): Promise<QuestionComment | null> {
  const task = readTask(files);
  const text = questionText(ref, number, files, ports);
  const mark = { kind: "question", ref, question: number } as const;
  return unlessClosed(async () => {
    const recorded = task.exchanges[number]?.comment ?? null;
    if (recorded !== null && (await editQuestion(recorded, text, ports)) !== "gone") return recorded;
    const found = await findQuestion(task, mark, ports);
    if (found !== null && (await editQuestion(found, text, ports)) !== "gone") return found;
    const isOpen = openQuestions(task.state).includes(number) && isToBePosted(task, number, ports);
    return isOpen ? putQuestionBack(task, mark, text, ports) : null;
  }, ports.log);
}

/** The run that has the question posts its comment itself; only when it has not after this long is it taken for gone. */
const ASKING_GRACE_MS = 10_000;

function isToBePosted({ state, exchanges }: Task, number: string, { clock }: DrawPorts): boolean {
  // A parked task has no run that could, and what has been recorded was posted.
  if (state.kind === "parked" || (exchanges[number]?.comment ?? null) !== null) return true;
  const askedAt = exchanges[number]?.askedAt;
  return askedAt !== undefined && clock.now().getTime() - Date.parse(askedAt) > ASKING_GRACE_MS;
}
