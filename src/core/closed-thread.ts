import { Problem } from "./problem.ts";

/** Why a conversation takes no more words. One that has become a discussion is gone as well. */
export type WhyClosed = "locked" | "gone" | "moved";

const SENTENCE = {
  locked: "is locked, so Dispatch can write nothing there.",
  gone: "has been deleted.",
  moved: "has been moved to another repository.",
} as const satisfies Record<WhyClosed, string>;

/** The task itself goes on: its branch holds the plan and the outcome, whoever can be told of them. */
export function threadClosed(thread: number, why: WhyClosed, cause: unknown): Problem {
  const nextStep =
    why === "locked"
      ? "Unlock it to be told there what is missing; until then the task's branch and its run's page say it."
      : "Look at the task's branch, or at its run's page: they say what has come of it.";
  return new Problem("thread-closed", `#${thread} ${SENTENCE[why]}`, nextStep, { cause });
}

export function isThreadClosed(error: unknown): error is Problem {
  return error instanceof Problem && error.code === "thread-closed";
}
