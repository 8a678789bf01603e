import { openQuestions } from "../core/lifecycle.ts";
import { ipcPath } from "../core/mailbox.ts";
import { type Plan, parsePlan, renderPlan, reopened, withSkipped } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { readTask, type Task, type TaskFiles, type TaskRef, talkOf } from "../core/task.ts";
import { withChosenTask } from "./choose-task.ts";
import type { CommandPlace } from "./command-place.ts";
import type { Change, Snapshot } from "./ports.ts";
import { redrawQuestion } from "./redraw.ts";
import { commandName, nextRun, obeying, startAgain } from "./retry-task.ts";
import { takeAnswer } from "./take-answer.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { unlabelWhenQuiet } from "./waiting-label.ts";

/** What a worker that waits is told: it knows best which of its steps that is. */
const SKIP_ANSWER = "Skip this step: leave it out, say so below it in the plan, and go on with the rest.";

export async function skipByCommand(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: ThreadPorts,
): Promise<void> {
  const command = commandName(place);
  const wanted = { task, verb: "skip", fits: mayBeSkipped, command } as const;
  await withChosenTask(place, wanted, tasks, ports, ({ ref }) => skipItem(ref, place.said.by.login, ports, command));
}

function mayBeSkipped(state: Task["state"]): boolean {
  const failed = state.kind === "finished" && state.outcome.kind === "failed";
  return failed || state.kind === "waiting" || state.kind === "parked";
}

/**
 * Gives up the item that is in the way, and goes on with the rest.
 * @throws Problem "nothing-to-skip"
 */
export async function skipItem(
  ref: TaskRef,
  by: string,
  ports: ThreadPorts,
  command: string | null = null,
): Promise<void> {
  const snapshot = await ports.branches.read(ref);
  if (snapshot === null) return;
  const task = readTask(snapshot.files);
  // Delivered again, after the run that it has started is over.
  if (command !== null && task.commands.includes(command)) return;
  const { state } = task;
  const [question] = openQuestions(state);
  if (state.kind === "waiting" && question !== undefined) {
    await takeAnswer({ ref, question, text: SKIP_ANSWER, by }, ports, snapshot);
    return;
  }
  if (mayBeSkipped(state) && planWithout(task, snapshot.files, by) === null) throw nothingToSkip(ref);
  const at = ports.clock.now().toISOString();
  const { defaultBranch } = await ports.conversations.read(null);
  await startAgain(ref, (files) => skipped(files, { by, at, command }), defaultBranch, ports);
  if (state.kind !== "parked") return;
  const after = await ports.branches.read(ref);
  if (after !== null) await Promise.all(state.questions.map((each) => redrawQuestion(ref, each, after.files, ports)));
  const talk = talkOf(task);
  if (talk !== null) await unlabelWhenQuiet(talk.number, ports);
}

function nothingToSkip({ id }: TaskRef): Problem {
  return new Problem(
    "nothing-to-skip",
    `Every step of \`${id}\` is done, so there is none to skip.`,
    `Write \`/dispatch retry ${id}\` to have the rest finished.`,
  );
}

interface Skip {
  readonly by: string;
  readonly at: string;
  readonly command: string | null;
}

function skipped(files: TaskFiles, { by, at, command }: Skip): Change | null {
  const task = obeying(readTask(files), command);
  const plan = mayBeSkipped(task.state) ? planWithout(task, files, by) : null;
  if (plan === null) return null;
  const over = openQuestions(task.state);
  const exchanges = over.map((number) => [number, { ...exchangeOf(task, number), answeredBy: by }] as const);
  const change = nextRun(
    { ...task, exchanges: { ...task.exchanges, ...Object.fromEntries(exchanges) } },
    { at, worker: null, plan: renderPlan(reopened(plan)) },
  );
  // A question that stood in the way is over too: nobody is to answer it any more, nor the next run to wait for that.
  const answers = Object.fromEntries(over.map((number) => [ipcPath(number, "answer"), `${SKIP_ANSWER}\n`]));
  return change === null ? null : { files: { ...change.files, ...answers }, message: `Skip a step of ${task.id}` };
}

/** Null where every step is done, unless a question is open all the same. */
function planWithout({ state }: Task, files: TaskFiles, by: string): Plan | null {
  const plan = parsePlan(files["plan.md"] ?? "");
  return withSkipped(plan, by) ?? (openQuestions(state).length > 0 ? plan : null);
}

function exchangeOf({ exchanges, askedAt }: Task, number: string): Task["exchanges"][string] {
  return exchanges[number] ?? { askedAt, comment: null, answeredBy: null };
}
