import { addedCommands, findCommands } from "../core/command.ts";
import { commandKey } from "../core/command-key.ts";
import { configInForce } from "../core/config-in-force.ts";
import type { Conversation } from "../core/conversation.ts";
import { type CommandPolicy, mayCommand, policyIn } from "../core/permission.ts";
import { Problem } from "../core/problem.ts";
import { readTask } from "../core/task.ts";
import { renderRefusal } from "../core/thread-text.ts";
import type { CommandPlace, Said } from "./command-place.ts";
import { hearReply } from "./hear-reply.ts";
import { performCommands } from "./perform-commands.ts";
import { replyOnce, replyProblem } from "./reply.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { tasksOfThread } from "./thread-tasks.ts";

/** Words in a thread: commands, or a reply where something was asked. */
export async function hear(said: Said, ports: ThreadPorts): Promise<void> {
  const commands = said.before === null ? findCommands(said.body) : addedCommands(said.before, said.body);
  if (commands.length === 0) {
    if (said.waiting && said.before === null && !said.byBot) await hearReply(said, ports);
    return;
  }
  const heard = await acknowledge(said, ports);
  if (heard === null) return;
  const { lock, conversation } = heard;
  const places = commands.map((command): CommandPlace => ({ said, lock, key: commandKey(command) }));
  const [first] = places;
  if (first === undefined) return;
  if (!heard.allowed) return replyOnce(first, (mark) => renderRefusal(mark, said.by.login), ports);
  if (said.before !== null && (await isRewording(said, ports))) return replyProblem(first, reworded(), ports);
  const each = commands.flatMap((command, index) => {
    const place = places[index];
    return place === undefined ? [] : [{ command, place }];
  });
  await performCommands(each, conversation, ports);
}

/**
 * The acknowledgement does not wait for anything: it is what the person looks for. What is needed next is asked for in the same moment.
 * Null for a bot that nobody has allowed: it is not even told so.
 */
async function acknowledge(said: Said, ports: ThreadPorts) {
  const { by, byBot, thread, trigger } = said;
  // An edit finds the first reaction there already, so it gets one of its own.
  const react = () => ports.reactions.add(trigger, said.before === null ? "eyes" : "rocket");
  if (byBot) {
    const conversation = await ports.conversations.read(thread);
    if (!mayCommand({ login: by.login, isBot: true, role: "none" }, policyOf(conversation))) return null;
    return { lock: await react(), conversation, allowed: true };
  }
  const [lock, role, conversation] = await Promise.all([
    react(),
    ports.permissions.roleOf(by.login),
    ports.conversations.read(thread),
  ]);
  return { lock, conversation, allowed: mayCommand({ login: by.login, isBot: false, role }, policyOf(conversation)) };
}

/** Who may command, as far as the config can be read; what is wrong with it is said by the command that needs it. */
export function policyOf(conversation: Pick<Conversation, "config" | "setup">): CommandPolicy {
  try {
    return configInForce(conversation);
  } catch (error) {
    if (error instanceof Problem) return policyIn(conversation.config ?? "");
    throw error;
  }
}

/** An edit that changes the words of a command which has become a task, rather than adding another one. */
async function isRewording({ before, body, trigger, thread }: Said, ports: ThreadPorts): Promise<boolean> {
  const had = findCommands(before ?? "").length;
  if (had === 0 || findCommands(body).length > had) return false;
  const tasks = await tasksOfThread(thread.number, ports.index);
  return tasks.some(({ files }) => {
    const known = readTask(files).trigger;
    return known.kind === trigger.kind && known.id === trigger.id;
  });
}

function reworded(): Problem {
  return new Problem(
    "reworded",
    "This command has been accepted already; rewording it starts nothing.",
    "Write `/dispatch cancel` and the new words as a new comment, or tell the worker more with `/dispatch note <task> <text>`.",
  );
}
