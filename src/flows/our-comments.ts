import { type CommentMark, readMark, sameMark } from "../core/marker.ts";
import type { PostedComment } from "./ports.ts";

/** A comment is ours by its author; the mark only tells which of ours it is. */
export function isOurs(comment: PostedComment, mark: CommentMark, self: readonly string[]): boolean {
  const found = self.includes(comment.author) ? readMark(comment.body) : null;
  return found !== null && sameMark(found, mark);
}
