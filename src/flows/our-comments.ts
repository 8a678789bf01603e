import { type CommentMark, readMark, sameMark } from "../core/marker.ts";
import type { Task } from "../core/task.ts";
import type { PostedComment } from "./ports.ts";

/** A comment is ours by its author; the mark only tells which of ours it is. */
export function isOurs(
  comment: Pick<PostedComment, "author" | "body">,
  mark: CommentMark,
  logins: readonly string[],
): boolean {
  const found = logins.includes(comment.author) ? readMark(comment.body) : null;
  return found !== null && sameMark(found, mark);
}

/** Our logins, and those of whoever took the task on: a run that another run has started does not know the App by itself. */
export function ourLogins({ ours }: Pick<Task, "ours">, self: readonly string[]): readonly string[] {
  return [...self, ...ours];
}
