import type { TaskFiles } from "./task.ts";

/** The file that says the worker considers its task finished. */
const DONE_PATH = "ipc/.done";

/** `ipcPath("001", "answer")` is `ipc/001.answer`. */
export function ipcPath(number: string, kind: "question" | "answer" | "done"): string {
  return `ipc/${number}.${kind}`;
}

/** Numbers of the questions among these paths, lowest first. Anything else in the mailbox is not a question. */
export function questionNumbers(paths: readonly string[]): readonly string[] {
  const numbers = paths.flatMap((path) => /^ipc\/(\d{3})\.question$/.exec(path)?.[1] ?? []);
  return [...new Set(numbers)].sort();
}

/** Question numbers that no answer file matches yet, lowest first. Only an answer closes a question, whatever the worker marks as done. */
export function unanswered(files: TaskFiles): readonly string[] {
  return questionNumbers(Object.keys(files)).filter((number) => !Object.hasOwn(files, ipcPath(number, "answer")));
}

/** Numbers of the answers that the worker has not said to have read, lowest first. */
export function unread(files: TaskFiles): readonly string[] {
  return questionNumbers(Object.keys(files)).filter(
    (number) => Object.hasOwn(files, ipcPath(number, "answer")) && !Object.hasOwn(files, ipcPath(number, "done")),
  );
}

export function isDone(files: TaskFiles): boolean {
  return Object.hasOwn(files, DONE_PATH);
}
