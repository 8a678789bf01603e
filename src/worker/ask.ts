import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ipcPath } from "../core/mailbox.ts";
import { locked, readText, writeWhole } from "./task-folder.ts";
import { EXIT, HelperError, type World } from "./world.ts";

/** Agents' tools cut calls off at two minutes; Gemini's also those that are silent for long. */
const DEFAULT_WAIT_SECONDS = 100;
const SIGN_OF_LIFE_MS = 20_000;
const LOOK_MS = 250;
const DEFAULT_ANSWER_SECONDS = 600;

interface Asking {
  readonly text: string;
  readonly options: readonly string[];
}

/** Puts a question to the people in the thread, and waits a while for the answer. */
export async function askQuestion(folder: string, { text, options }: Asking, world: World): Promise<number> {
  const list = options.map((option) => `- ${option.replace(/\s+/g, " ").trim()}`);
  const question = [text, ...(list.length > 0 ? ["", ...list] : [])].join("\n");
  const number = await locked(folder, world, () => {
    const free = nextNumber(folder);
    writeWhole(join(folder, ipcPath(free, "question")), `${question}\n`);
    return free;
  });
  world.print(`Asked, as question ${number}. Waiting for the answer.`);
  return waitForAnswer(folder, { number, attempt: 1 }, world);
}

/** Waits for an answer as long as one call of a tool may take, and says what to do next where there is none. */
export async function waitForAnswer(
  folder: string,
  { number, attempt }: { readonly number: string; readonly attempt: number },
  world: World,
): Promise<number> {
  const padded = /^\d{1,3}$/.test(number) ? number.padStart(3, "0") : number;
  const question = join(folder, ipcPath(padded, "question"));
  if (!/^\d{3}$/.test(padded) || !existsSync(question)) {
    throw new HelperError(`There is no question "${number}". Ask with: dispatch-worker ask "text"`, EXIT.usage);
  }
  const from = world.now();
  const until = from + seconds(world.environment["DISPATCH_WAIT_SECONDS"], DEFAULT_WAIT_SECONDS);
  const limit = seconds(world.environment["DISPATCH_ANSWER_TIMEOUT"], DEFAULT_ANSWER_SECONDS);
  const tooLate = statSync(question).mtimeMs + limit;
  let spoken = from;
  for (;;) {
    const answer = readText(join(folder, ipcPath(padded, "answer")));
    if (answer !== null) return take(folder, padded, answer, world);
    const now = world.now();
    if (now >= tooLate) return giveUp(folder, question, limit, world);
    if (now >= until) return tryAgain(padded, attempt + 1, world);
    if (now - spoken >= SIGN_OF_LIFE_MS) {
      spoken = now;
      world.print(`Still waiting for the answer to ${padded} (${Math.round((now - from) / 1000)} s).`);
    }
    await world.sleep(Math.min(LOOK_MS, Math.max(1, Math.min(until, tooLate) - now)));
  }
}

function take(folder: string, number: string, answer: string, world: World): number {
  writeWhole(join(folder, ipcPath(number, "done")), "");
  world.print(`Answer:\n${answer.trimEnd()}`);
  return EXIT.ok;
}

function tryAgain(number: string, attempt: number, world: World): number {
  // The number makes each call another one: some agents stop when they see themselves repeat a call.
  world.print(`No answer yet. Run this next: dispatch-worker wait ${number} ${attempt}`);
  return EXIT.notYet;
}

function giveUp(folder: string, question: string, limitMs: number, world: World): number {
  const line = (readText(question) ?? "").split("\n")[0] ?? "";
  world.print(
    [
      `No answer has come within ${Math.round(limitMs / 60_000)} minutes. Do this now:`,
      `1. Write what the next worker has to know to ${join(folder, "context.md")}: what you did, what you found, what is left.`,
      `2. Mark the item as blocked: dispatch-worker block "${line.replace(/["\\$`]/g, "")}"`,
      "3. End. The answer is welcome any time, and starts a run that goes on from there.",
    ].join("\n"),
  );
  return EXIT.tooLate;
}

function nextNumber(folder: string): string {
  const mail = existsSync(join(folder, "ipc")) ? readdirSync(join(folder, "ipc")) : [];
  const used = mail.map((name) => Number(/^(\d{3})\.(?:question|answer|done)$/.exec(name)?.[1] ?? 0));
  const next = Math.max(0, ...used) + 1;
  if (next > 999) throw new HelperError("There are no numbers left for another question.");
  return String(next).padStart(3, "0");
}

function seconds(text: string | undefined, otherwise: number): number {
  const given = Number(text);
  return 1000 * (text !== undefined && text !== "" && given >= 0 ? given : otherwise);
}
