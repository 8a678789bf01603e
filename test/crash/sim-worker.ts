import type { WorkerScript } from "./sim-machine.ts";

/** What a worker has done in the world outside its machine, as far as a trial counts it. */
interface Deed {
  readonly task: string;
  readonly item: string;
}

export interface WorkerHabits {
  /** How many items its plan has; the last one writes the report. */
  readonly items: number;
  /** The item (from 0) before which it asks; null: it never asks. */
  readonly asksAt: number | null;
  /** How long it waits for an answer, in minutes. */
  readonly patience: number;
  readonly paceMs: number;
}

/** Whom a worker tells what it does. */
export interface Hearers {
  started(task: string): void;
  done(deed: Deed): void;
  heard(task: string, answer: string): void;
  /** Nobody has answered in time. */
  gaveUp(task: string): void;
}

const QUESTION = "Which format should the endpoint answer in?\n\n- JSON\n- Plain text\n";

/** A worker that keeps to the file protocol: plan, ticks, a question, the report. It tells `done` of every item that it works on. */
export function scriptedWorker(habits: WorkerHabits, tell: Hearers): WorkerScript {
  return async (machine, prompt, place, worker) => {
    const task = place.ref.id;
    const { items, asksAt, patience, paceMs } = habits;
    tell.started(task);
    const plan = () => machine.folder.get("plan.md") ?? "";
    await worker.sleep(paceMs);
    if (/replace this line/.test(plan())) {
      const steps = Array.from({ length: items }, (_, at) => `- [ ] Step ${at + 1} of ${task}`);
      machine.write("plan.md", `# The work\n\n${steps.join("\n")}\n`);
    }
    let given = /^Answer to question (\d{3})\b/m.test(prompt) ? answerIn(prompt) : null;
    if (given !== null) tell.heard(task, given);
    for (let at = 0; at < items; at += 1) {
      await worker.sleep(paceMs);
      const line = new RegExp(`^- \\[(.)\\] (Step ${at + 1} of .*)$`, "m").exec(plan());
      if (line === null) return 3;
      const [, marker, item = ""] = line;
      if (marker === "x") continue;
      if (at === asksAt && given === null) {
        given = await ask(machine, worker, patience);
        if (given === null) {
          tell.gaveUp(task);
          machine.write("context.md", "Waiting for the format.");
          machine.write(
            "plan.md",
            plan().replace(`- [${marker}] ${item}`, `- [?] ${item}\n  ${QUESTION.split("\n")[0]}`),
          );
          return 0;
        }
        tell.heard(task, given);
      }
      machine.workspace.set(`work/${task}-${at + 1}.txt`, item);
      tell.done({ task, item });
      if (at === items - 1) machine.write("output.md", "All of it works.");
      machine.write("plan.md", plan().replace(`- [${marker}] ${item}`, `- [x] ${item}`));
    }
    machine.write("ipc/.done", "");
    return 0;
  };
}

async function ask(
  machine: Parameters<WorkerScript>[0],
  worker: Parameters<WorkerScript>[3],
  patience: number,
): Promise<string | null> {
  const numbers = [...machine.folder.keys()].flatMap((path) => /^ipc\/(\d{3})\.question$/.exec(path)?.[1] ?? []);
  const number = String(Math.max(0, ...numbers.map(Number)) + 1).padStart(3, "0");
  machine.write(`ipc/${number}.question`, QUESTION);
  for (let waited = 0; waited < patience * 60_000; waited += 1_000) {
    const answer = machine.folder.get(`ipc/${number}.answer`);
    if (answer !== undefined) {
      machine.write(`ipc/${number}.done`, "");
      return answer.trim();
    }
    await worker.sleep(1_000);
  }
  return null;
}

function answerIn(prompt: string): string {
  const lines = prompt.split("\n");
  const at = lines.findIndex((line) => line.startsWith("Answer to question"));
  return lines.slice(at).join("\n").slice(0, 500);
}
