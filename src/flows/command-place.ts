import type { ThreadEvent } from "../core/event.ts";

/** Words in a thread that may hold commands, or an answer. */
export type Said = Extract<ThreadEvent, { kind: "said" }>;
/** An edit of one of our comments by somebody else. */
export type Ticked = Extract<ThreadEvent, { kind: "ticked" }>;

/** Where a command stands: in which words of whom, and as which command of them. */
export interface CommandPlace {
  readonly said: Said;
  /**
   * "first" for whoever acknowledged the comment: they reply at once. "again": somebody else has, so look for their reply after a grace
   * time. "look": nobody can have been faster, but this may be the same delivery again.
   */
  readonly lock: "first" | "again" | "look";
  /** Tells the commands of one comment apart, edits included. */
  readonly key: string;
}
