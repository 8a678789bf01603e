import { configInForce } from "../core/config-in-force.ts";
import type { Control } from "../core/control.ts";
import { type Decision, readDecision } from "../core/decision.ts";
import { resolveWorker } from "../core/model.ts";
import { mayWrite } from "../core/permission.ts";
import { Problem } from "../core/problem.ts";
import { readTask, type Task, taskRef } from "../core/task.ts";
import { renderWhichDecision } from "../core/thread-text.ts";
import { approvePlan } from "./approve-plan.ts";
import { cancelTask } from "./cancel-task.ts";
import { chooseModel } from "./choose-model.ts";
import type { CommandPlace, Said } from "./command-place.ts";
import { obeyed } from "./perform-commands.ts";
import type { Snapshot } from "./ports.ts";
import { replyOnce } from "./reply.ts";
import { answerByReply } from "./take-answer.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { openQuestionsOf, tasksOfThread } from "./thread-tasks.ts";

/** Plain words in a thread that waits for a person: a decision in a word or two, or the answer to a question. */
export async function hearReply(said: Said, ports: ThreadPorts): Promise<void> {
  const tasks = await tasksOfThread(said.thread.number, ports.index);
  if (!(await decideByReply(said, tasks, ports))) await answerByReply(said, tasks, ports);
}

/** @returns whether the words were a decision on something that their author is asked */
async function decideByReply(said: Said, tasks: readonly Snapshot[], ports: ThreadPorts): Promise<boolean> {
  const asked = tasks.map(({ files }) => readTask(files)).filter((task) => isAsked(task, said));
  if (asked.length === 0) return false;
  const conversation = await ports.conversations.read(null);
  const config = configInForce(conversation);
  const decision = readDecision(said.body, (word) => isModel(word, config));
  if (decision === null) return false;
  const meant = asked.filter(({ state }) => decision.kind !== "model" || state.kind === "confirming");
  // "yes" may as well answer a question that is open beside.
  if (meant.length === 0 || (decision.kind !== "model" && openQuestionsOf(tasks).length > 0)) return false;
  if (!mayWrite(await ports.permissions.roleOf(said.by.login))) return true;
  const lock = await ports.reactions.add(said.trigger, "eyes");
  const place: CommandPlace = { said, lock, key: "decision" };
  await obeyed(place, () => decide(decision, meant, place, ports), ports);
  return true;
}

/** Others tick the boxes: in plain words it is the requester who is asked. */
function isAsked({ state, requester }: Task, { by }: Said): boolean {
  return (state.kind === "confirming" || state.kind === "planned") && requester.id === by.id;
}

function isModel(word: string, config: Parameters<typeof resolveWorker>[1]): boolean {
  try {
    // In this position any known name counts, and unknown ones are refused.
    return resolveWorker(`--model ${word}`, config).named;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

async function decide(
  decision: Decision,
  meant: readonly Task[],
  place: CommandPlace,
  ports: ThreadPorts,
): Promise<void> {
  const [first, ...others] = meant;
  if (first === undefined) return;
  const isOneComment = others.every(
    ({ trigger }) => trigger.kind === first.trigger.kind && trigger.id === first.trigger.id,
  );
  if (!isOneComment) {
    const choices = meant.flatMap((task) => {
      const control = controlFor(decision, task);
      return control === null ? [] : [{ task, control }];
    });
    return replyOnce(place, (mark) => renderWhichDecision(mark, choices), ports);
  }
  for (const task of meant) await carryOut(decision, task, place.said.by.login, ports);
}

function controlFor(decision: Decision, task: Task): Control | null {
  const ref = taskRef(task);
  if (decision.kind === "no") return { kind: "cancel", ref };
  if (task.state.kind === "planned")
    return task.state.shown === null ? null : { kind: "approve", ref, commit: task.state.shown };
  const model = decision.kind === "model" ? decision.name : task.worker.name;
  return { kind: "model", ref, model, all: false };
}

async function carryOut(decision: Decision, task: Task, by: string, ports: ThreadPorts): Promise<void> {
  const ref = taskRef(task);
  if (decision.kind === "no") return cancelTask(ref, by, ports);
  if (task.state.kind === "planned") return approvePlan({ ref, commit: null, by }, ports);
  const model = decision.kind === "model" ? decision.name : task.worker.name;
  return chooseModel({ ref, model, all: false, by }, ports);
}
