import type { ThreadEvent } from "../core/event.ts";

/** Words in a thread that may hold commands, or an answer. */
export type Said = Extract<ThreadEvent, { kind: "said" }>;
/** An edit of one of our comments by somebody else. */
export type Ticked = Extract<ThreadEvent, { kind: "ticked" }>;

/** Where a command stands: in which words of whom, and as which command of them. */
export interface CommandPlace {
  readonly said: Said;
  /** "first" for whoever acknowledged the comment: only they reply at once. */
  readonly lock: "first" | "again";
  readonly nth: number;
}
