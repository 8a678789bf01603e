import type { Config } from "./config.ts";
import { Problem } from "./problem.ts";

/** A file between two changes: its text, and what that text means. */
export interface Draft {
  /** Empty for no file. */
  readonly text: string;
  readonly config: Config;
}

/** What one change makes of the text, and the sentence that says so. */
export interface Edited {
  readonly text: string;
  readonly said: string;
}

/** What is written so that no change of ours would leave the rest as it is, such as a section that is a reference. */
export function cannotEdit(path: readonly string[], nextStep: string): Problem {
  return new Problem(
    "config-not-editable",
    `I cannot change \`${path.join(".")}\` in \`.github/dispatch.yml\` without touching other lines of it.`,
    nextStep,
  );
}
