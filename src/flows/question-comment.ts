import type { CommentMark } from "../core/marker.ts";
import { type QuestionComment, reviewThreadOf, type Task, talkOf } from "../core/task.ts";
import { isOurs, ourLogins } from "./our-comments.ts";
import type { Comments, ReviewThreads } from "./ports.ts";
import type { ThreadPorts } from "./thread-ports.ts";

type Places = Pick<ThreadPorts, "comments" | "reviewThreads">;
type QuestionPorts = Places & Pick<ThreadPorts, "self">;
type QuestionMark = Extract<CommentMark, { kind: "question" }>;
type Named = Pick<QuestionComment, "kind" | "id">;

/**
 * Puts a question where its task was asked for: in that review thread, else in the conversation.
 * @returns null where the task has no conversation
 * @throws Problem "thread-closed"
 */
export async function postQuestion(task: Task, body: string, ports: QuestionPorts): Promise<QuestionComment | null> {
  const talk = talkOf(task);
  if (talk === null) return null;
  const first = reviewThreadOf(task);
  const reply = first === null ? null : await ports.reviewThreads.reply(talk.number, first, body);
  if (reply !== null) return named("review-comment", reply);
  // What the thread was about may be deleted by now; the question is not.
  return named("comment", await ports.comments.create(talk.number, body));
}

/**
 * Puts a question back whose comment is gone. Of two who do so at once, the first one's stays, and both name that.
 * @throws Problem "thread-closed"
 */
export async function putQuestionBack(
  task: Task,
  mark: QuestionMark,
  body: string,
  ports: QuestionPorts,
): Promise<QuestionComment | null> {
  const posted = await postQuestion(task, body, ports);
  const [kept = posted, ...twins] = await questionsOf(task, mark, ports);
  for (const twin of twins) await placeOf(twin, ports).remove(twin.id);
  return kept;
}

/** Our comment with this question since the task was asked for. */
export async function findQuestion(
  task: Task,
  mark: QuestionMark,
  ports: QuestionPorts,
): Promise<QuestionComment | null> {
  return (await questionsOf(task, mark, ports))[0] ?? null;
}

/** All of them: those in the review thread first, each oldest first. */
async function questionsOf(task: Task, mark: QuestionMark, ports: QuestionPorts): Promise<readonly QuestionComment[]> {
  const talk = talkOf(task);
  if (talk === null) return [];
  const logins = ourLogins(task, ports.self);
  const there = reviewThreadOf(task) === null ? [] : await ports.reviewThreads.since(talk.number, task.askedAt);
  const posted = await ports.comments.since(talk.number, task.askedAt);
  return [
    ...there.filter((one) => isOurs(one, mark, logins)).map((one) => named("review-comment", one)),
    ...posted.filter((one) => isOurs(one, mark, logins)).map((one) => named("comment", one)),
  ];
}

export function editQuestion(
  comment: Named,
  body: string,
  ports: Places,
): Promise<"edited" | "gone" | "left-out" | "closed"> {
  return placeOf(comment, ports).edit(comment.id, body);
}

/** As `Comments.stands`. */
export function questionStands(comment: Named, ports: Places): Promise<boolean> {
  return placeOf(comment, ports).stands(comment.id);
}

function placeOf({ kind }: Named, { comments, reviewThreads }: Places): Comments | ReviewThreads {
  return kind === "comment" ? comments : reviewThreads;
}

function named(kind: QuestionComment["kind"], { id, author, url }: Omit<QuestionComment, "kind">): QuestionComment {
  return { kind, id, author, url };
}
