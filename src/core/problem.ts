/**
 * Something a person can put right. It becomes a sentence in the thread and in the run: what is wrong, then what to do next.
 * Anything that is not a Problem is a bug and is left to rise.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  /** Stable, kebab-case; tests and documentation refer to it. */
  readonly code: string;
  /** One imperative sentence: what the reader can do now. */
  readonly nextStep: string;

  constructor(code: string, sentence: string, nextStep: string, options?: ErrorOptions) {
    super(sentence, options);
    this.code = code;
    this.nextStep = nextStep;
  }
}

/**
 * GitHub does not take our token (any more). No Problem, since nobody can be told by whoever holds it, and a person need not do anything:
 * it ends the job, and another one, with a token of its own, goes on.
 */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
  /** One imperative sentence, for whoever reads the job's log. */
  readonly nextStep =
    "What was done so far is kept: where nobody goes on by itself, write `/dispatch retry`. For jobs that outlast their token, give the step `app-id` and `private-key`.";

  constructor() {
    super(
      "GitHub does not accept the token of this run (any more). A job's own token ends with its job, or when permissions are taken away.",
    );
  }
}
