import { threadClosed } from "../core/closed-thread.ts";
import { statusOf, wordsOf } from "./github-error.ts";

/**
 * Something said in a conversation.
 * @throws Problem "thread-closed" where that is locked, deleted, or in another repository now
 */
export async function inThread<T>(thread: number, say: () => Promise<T>): Promise<T> {
  try {
    return await say();
  } catch (error) {
    if (isLocked(error)) throw threadClosed(thread, "locked", error);
    if (isGone(error)) throw threadClosed(thread, "gone", error);
    throw error;
  }
}

/**
 * GitHub's 301 turns a POST into a reading of the conversation's new place: fetch follows it by itself, and what comes back looks like success.
 * @throws Problem "thread-closed"
 */
export function moved(thread: number): never {
  throw threadClosed(thread, "moved", undefined);
}

export function isGone(error: unknown): boolean {
  return statusOf(error) === 404 || statusOf(error) === 410;
}

export function isLocked(error: unknown): boolean {
  return statusOf(error) === 403 && /\block(ed)?\b/i.test(wordsOf(error));
}
