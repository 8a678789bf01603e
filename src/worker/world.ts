/** What the helper needs of the world. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export const EXIT = {
  ok: 0,
  failed: 1,
  /** The command was not understood. */
  usage: 64,
  /** No answer yet; ask again. */
  notYet: 75,
  /** Nobody has answered in time. */
  tooLate: 76,
} as const;

/** Something that the worker can put right; its message is all that it gets to see. */
export class HelperError extends Error {
  readonly exit: number;

  constructor(message: string, exit: number = EXIT.failed) {
    super(message);
    this.exit = exit;
  }
}
