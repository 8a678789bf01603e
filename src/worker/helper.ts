import { parseArgs } from "node:util";
import { askQuestion, waitForAnswer } from "./ask.ts";
import { addNote, markItem } from "./edit-plan.ts";
import { findTaskFolder } from "./task-folder.ts";
import { EXIT, HelperError, type World } from "./world.ts";

const HELP = `dispatch-worker: talk to the people who wait for your work

  dispatch-worker ask "text" [--option "A" --option "B"]   ask, and wait for the answer
  dispatch-worker wait NNN          go on waiting for the answer to question NNN
  dispatch-worker tick [N ["remark"] | words] [--note "text"]   mark an item of the plan done: the first open one, the N-th, or the one with these words
  dispatch-worker block [N] "question"   mark an item blocked by a question that nobody has answered
  dispatch-worker fail [N] "reason"      mark an item failed
  dispatch-worker note "text"       leave a note in the plan

Exit codes: 0 done, 75 no answer yet (run what it says), 76 nobody answered in time (do what it says).`;

/** Does what one call of `dispatch-worker` asks for. Returns the exit code. */
export async function runHelper(args: readonly string[], world: World): Promise<number> {
  const [verb = "help", ...rest] = args;
  try {
    if (/^(?:help|--help|-h)$/.test(verb)) {
      world.print(HELP);
      return EXIT.ok;
    }
    return await run(verb, rest, world);
  } catch (error) {
    if (!(error instanceof HelperError)) throw error;
    world.complain(error.message);
    return error.exit;
  }
}

async function run(verb: string, args: readonly string[], world: World): Promise<number> {
  const { words, note, options } = readWords(verb, args);
  const folder = () => findTaskFolder(world.environment, world.directory);
  switch (verb) {
    case "ask":
      return askQuestion(folder(), { text: needed(words.join(" "), "a question"), options }, world);
    case "wait":
      return waitForAnswer(folder(), { number: words[0] ?? "", attempt: Number(words[1] ?? 1) || 1 }, world);
    case "tick": {
      const { which, text } = numberFirst(words);
      const [item, remark] = which === "" ? [text, ""] : [which, text];
      return markItem(folder(), { marker: "done", which: item, explanation: note ?? remark }, world);
    }
    case "block":
    case "fail": {
      const { which, text } = numberFirst(words);
      const explanation = needed(note ?? text, verb === "block" ? "the question" : "the reason");
      return markItem(folder(), { marker: verb === "block" ? "blocked" : "error", which, explanation }, world);
    }
    case "note":
      return addNote(folder(), needed(words.join(" "), "a text"), world);
    default:
      throw new HelperError(`There is no "${verb}".\n\n${HELP}`, EXIT.usage);
  }
}

function readWords(verb: string, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { option: { type: "string", multiple: true, short: "o" }, note: { type: "string", short: "n" } },
    });
    return { words: positionals, note: values.note, options: values.option ?? [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HelperError(
      `${reason}\nWrite: dispatch-worker ${verb} … -- "text that starts with a hyphen"`,
      EXIT.usage,
    );
  }
}

function numberFirst(words: readonly string[]): { readonly which: string; readonly text: string } {
  const [first = "", ...rest] = words;
  return /^\d+$/.test(first) && rest.length > 0
    ? { which: first, text: rest.join(" ") }
    : { which: "", text: words.join(" ") };
}

function needed(text: string, what: string): string {
  if (text.trim() !== "") return text.trim();
  throw new HelperError(`Say ${what} too. "dispatch-worker help" shows how.`, EXIT.usage);
}
