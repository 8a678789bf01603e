/** How somebody answers. */
export type Manner = "plain" | "tick" | "quote" | "command";

interface SaidCommand {
  readonly comment: number;
  readonly thread: number;
  readonly by: string;
  readonly text: string;
  /** Tasks that must come of it. */
  readonly tasks: number;
  /** Something must be said to it. */
  readonly wantsReply: boolean;
  isReworded: boolean;
}

export interface GivenReply {
  readonly comment: number;
  readonly thread: number;
  /** The task and its question. */
  readonly id: string;
  readonly question: string;
  readonly words: string;
  readonly by: string;
  readonly manner: Manner;
  /** No other question was open in the thread, and nothing else was asked there. */
  readonly isOnly: boolean;
}

/** What people have said and done, to be held against what has come of it. */
export class Diary {
  readonly commands: SaidCommand[] = [];
  readonly replies: GivenReply[] = [];
  readonly notes: { readonly comment: number; readonly thread: number; readonly id: string; readonly words: string }[] =
    [];
  /** First lines of our comments that somebody has deleted. */
  readonly deleted = new Set<string>();
  readonly retries = new Map<string, number>();
  /** What had to be said twice. */
  readonly nudges: string[] = [];
  /** What GitHub would not let them do. */
  refusals = 0;
  cancels = 0;
  ticks = 0;
}
