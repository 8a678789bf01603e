import { type CommandText, mayNameTask, readCommand } from "../core/command.ts";
import type { Command } from "../core/command-meaning.ts";
import { configInForce } from "../core/config-in-force.ts";
import type { Conversation } from "../core/conversation.ts";
import { readParts, type TaskPart } from "../core/fan-out.ts";
import { resolveWorker } from "../core/model.ts";
import { PLAIN_REQUEST, type TaskRequest, taskIdOf } from "../core/new-task.ts";
import { Problem } from "../core/problem.ts";
import type { TaskRef } from "../core/task.ts";
import { type Accepted, acceptTasks, repairAccepted } from "./accept-task.ts";
import { addNote } from "./add-note.ts";
import { approveByCommand } from "./approve-plan.ts";
import { cancelByCommand } from "./cancel-task.ts";
import { cleanUp } from "./clean-up.ts";
import type { CommandPlace, Said } from "./command-place.ts";
import type { Snapshot } from "./ports.ts";
import { proposeUnlisted } from "./propose-unlisted.ts";
import { replyConfig, replyHelp, replyProblem, replyStatus, replyWarmUp, replyWhichTask } from "./reply.ts";
import { retryByCommand } from "./retry-task.ts";
import { skipByCommand } from "./skip-item.ts";
import { answerByCommand } from "./take-answer.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { branchesOfThread, damagedTask } from "./thread-tasks.ts";
import { unlessClosed } from "./unless-closed.ts";

/** One command of a comment, and where it stands there. */
export interface PlacedCommand {
  readonly command: CommandText;
  readonly place: CommandPlace;
}

type TaskCommand = Extract<Command, { kind: "task" }>;

/** Does what the commands of one comment ask for, in their order. All their tasks together are taken on where the first of them stands. */
export async function performCommands(
  placed: readonly PlacedCommand[],
  conversation: Conversation,
  ports: ThreadPorts,
): Promise<void> {
  const [first] = placed;
  if (first === undefined) return;
  const needsTasks = placed.some(({ command }) => mayNameTask(command.text));
  const { tasks, damaged } = needsTasks
    ? await branchesOfThread(first.place.said.thread.number, ports.index)
    : { tasks: [], damaged: [] };
  const ids = [...tasks.map(({ ref }) => ref.id), ...damaged.map(({ id }) => id)];
  const read = placed.map(({ command, place }) => ({
    nth: command.nth,
    place,
    command: readCommand(command.text, ids),
  }));
  const wanted = read.flatMap(({ command, ...where }) => (command.kind === "task" ? [{ ...where, command }] : []));
  let taken = false;
  for (const { command, place } of read) {
    if (command.kind !== "task") {
      await obeyed(
        place,
        async () => {
          needSound(command, tasks, damaged);
          await perform(command, place, tasks, conversation, ports);
        },
        ports,
      );
    } else if (!taken) await takeOn(wanted, ids, conversation, ports);
    taken ||= command.kind === "task";
  }
}

/** @throws Problem "task-unreadable" where the command can only mean a task whose record is damaged */
function needSound(command: Command, tasks: readonly Snapshot[], damaged: readonly TaskRef[]): void {
  if (!("task" in command)) return;
  const meant = damaged.find(({ id }) => (command.task === null ? tasks.length === 0 : id === command.task));
  if (meant !== undefined) throw damagedTask(meant);
}

/** Does what a command asks for; a Problem on the way is the reply. */
export async function obeyed(place: CommandPlace, act: () => Promise<void>, ports: ThreadPorts): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    ports.log.info(`${error.code}: ${error.message}`);
    await unlessClosed(() => replyProblem(place, error, ports), ports.log);
  }
}

interface WantedTasks {
  readonly command: TaskCommand;
  readonly nth: number;
  readonly place: CommandPlace;
}

/** Each command's tasks are taken on whole or not at all; one that cannot be met does not hold up the others. */
async function takeOn(
  wanted: readonly WantedTasks[],
  taskIds: readonly string[],
  conversation: Conversation,
  ports: ThreadPorts,
): Promise<void> {
  const [first] = wanted;
  if (first === undefined) return;
  await obeyed(
    first.place,
    async () => {
      const parts = readParts(
        wanted.map(({ command, nth }) => ({ text: command.text, nth, planFirst: command.planFirst })),
        { taskIds, names: namesModel(conversation) },
      );
      const requests = requestsOf(parts, first.place.said);
      const accepted: Accepted[] = [];
      for (const [index, { place }] of wanted.entries()) {
        const own = requests.filter((_, at) => parts[at]?.command === index);
        const take = async () => void accepted.push(...(await acceptTasks(own, conversation, ports)));
        await obeyed(place, take, ports);
      }
      proposeUnlisted(accepted, conversation, ports);
      await repairAccepted(accepted, ports);
    },
    ports,
  );
}

/** Whether a text names a model that is known; one that is not available is named all the same. */
function namesModel(conversation: Conversation): (text: string) => boolean {
  const config = configInForce(conversation);
  return (text) => {
    try {
      return resolveWorker(text, config).named;
    } catch (error) {
      if (error instanceof Problem) return true;
      throw error;
    }
  };
}

function requestsOf(parts: readonly TaskPart[], said: Said): readonly TaskRequest[] {
  const { thread, trigger, by, at, place } = said;
  const ids = parts.map(({ text, nth }) => taskIdOf({ thread, trigger, text, nth, model: null }));
  return parts.map(({ text, nth, remarks, planFirst, after }, position) => ({
    kind: "work",
    thread,
    trigger,
    by,
    at,
    text,
    remarks,
    nth,
    model: null,
    planFirst,
    after: after.flatMap((one) => (one.kind === "task" ? one.id : (ids[one.index] ?? []))),
    siblings: parts.length,
    position,
    place,
  }));
}

/** Does what a command other than a task asks for. */
export async function perform(
  command: Exclude<Command, TaskCommand>,
  place: CommandPlace,
  tasks: readonly Snapshot[],
  conversation: Conversation,
  ports: ThreadPorts,
): Promise<void> {
  switch (command.kind) {
    case "warm-up":
      return replyWarmUp(place, conversation, ports);
    case "help":
      return replyHelp(place, ports);
    case "doctor":
      return repairAccepted(await acceptTasks([doctorRequest(place.said)], conversation, ports), ports);
    case "config":
      return replyConfig(place, command.request, conversation, ports);
    case "status":
      return replyStatus(place, command.task, tasks, ports);
    case "cancel":
      return cancelByCommand(place, command.task, tasks, ports);
    case "retry":
      return retryByCommand(place, command, tasks, ports);
    case "approve":
      return approveByCommand(place, command.task, tasks, ports);
    case "skip":
      return skipByCommand(place, command.task, tasks, ports);
    case "cleanup":
      return cleanUp(place, command.task, tasks, ports);
    case "answer":
      return answerByCommand(place, command, tasks, ports);
    case "note":
      return addNote(place, command, tasks, ports);
    case "unclear":
      return replyWhichTask(place, command, tasks, ports);
  }
}

function doctorRequest({ thread, trigger, by, at }: Said): TaskRequest {
  return { ...PLAIN_REQUEST, kind: "doctor", thread, trigger, by, at, text: "Check the set-up" };
}
