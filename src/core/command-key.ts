import type { CommandText } from "./command.ts";
import { shortHash } from "./task-id.ts";

/** Tells the commands of one comment apart, also those that an edit has added or reworded. */
export function commandKey({ text, nth }: CommandText): string {
  return `${shortHash(text.replace(/\s+/g, " "))}${nth}`;
}
