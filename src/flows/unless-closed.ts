import { isThreadClosed } from "../core/closed-thread.ts";
import type { Log } from "./ports.ts";

/** What each log has been told; so many conversations are remembered. */
const told = new WeakMap<Log, Set<string>>();
const MOST_TOLD = 1_000;

/**
 * Says something in a conversation that may be locked, deleted or moved by now. Then it stays unsaid: the branch has it, and the task goes
 * on. The log is told once of each such conversation, however often it is tried.
 * @returns null where it is closed
 */
export async function unlessClosed<T>(say: () => Promise<T>, log: Log): Promise<T | null> {
  try {
    return await say();
  } catch (error) {
    if (!isThreadClosed(error)) throw error;
    warnOnce(`${error.message} ${error.nextStep}`, log);
    return null;
  }
}

function warnOnce(sentence: string, log: Log): void {
  const known = told.get(log) ?? new Set();
  if (known.has(sentence)) return;
  if (known.size >= MOST_TOLD) known.clear();
  told.set(log, known.add(sentence));
  log.warning(sentence);
}
