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
