import { findCommands } from "../core/command.ts";
import { WAITING_LABEL } from "../core/event.ts";
import { openQuestions, waitsForPerson } from "../core/lifecycle.ts";
import { readTask, type Task, type Thread, talkOf } from "../core/task.ts";
import type { Said } from "./command-place.ts";
import { hearReply } from "./hear-reply.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { tasksOfThread } from "./thread-tasks.ts";
import { labelAsWaiting, unlabelWhenQuiet } from "./waiting-label.ts";

/** Puts the label back by which replies are heard. Those that came while it was gone are heard now; one that was heard is no second one. */
export async function keepListening({ number, kind }: Thread, ports: ThreadPorts): Promise<void> {
  if (await ports.labels.has(number, WAITING_LABEL)) return;
  await labelAsWaiting(number, ports);
  await listenAgain({ number, kind }, ports);
  // It may have been taken off for the last answer, which we had not seen yet.
  await unlabelWhenQuiet(number, ports);
}

/** The ports, with ears for what was missed: a flow that takes the label off may find that it was needed. */
export function withEars(ports: Omit<ThreadPorts, "hearMissed">): ThreadPorts {
  const whole: ThreadPorts = { ...ports, hearMissed: (thread) => hearMissed(thread, whole) };
  return whole;
}

/** Hears the replies in a thread, whichever kind it is, once more. */
export async function hearMissed(thread: number, ports: ThreadPorts): Promise<void> {
  const tasks = await tasksOfThread(thread, ports.index);
  const talk = tasks.map(({ files }) => talkOf(readTask(files))).find((found) => found?.number === thread);
  if (talk) await listenAgain(talk, ports);
}

/** Hears the replies in a thread that waits once more. One that was heard is an answer already, and is no second one. */
export async function listenAgain(thread: Thread, ports: ThreadPorts): Promise<void> {
  const asked = (await tasksOfThread(thread.number, ports.index)).map(({ files }) => readTask(files));
  const since = asked.flatMap(askedAt).toSorted()[0];
  if (since === undefined) return;
  for (const posted of await ports.comments.since(thread.number, since)) {
    // Commands have deliveries of their own, which are delivered again.
    if (posted.fromBot || ports.self.includes(posted.author) || findCommands(posted.body).length > 0) continue;
    const written = await ports.comments.read({ kind: "comment", id: posted.id });
    if (written === null) continue;
    await hearReply(said(thread, posted.id, posted.url, written, ports), ports);
    const open = (await tasksOfThread(thread.number, ports.index)).some(({ files }) =>
      waitsForPerson(readTask(files).state),
    );
    if (!open) return;
  }
}

function askedAt({ state, exchanges, askedAt: accepted }: Task): readonly string[] {
  if (state.kind === "confirming" || state.kind === "planned") return [state.since];
  return openQuestions(state).map((number) => exchanges[number]?.askedAt ?? accepted);
}

function said(
  thread: Thread,
  id: number,
  url: string,
  { by, body, at }: { readonly by: Said["by"]; readonly body: string; readonly at: string },
  { repository: { owner, repo } }: ThreadPorts,
): Said {
  const trigger = { kind: "comment" as const, id, url };
  return {
    kind: "said",
    owner,
    repo,
    thread,
    trigger,
    by,
    byBot: false,
    body,
    before: null,
    waiting: true,
    at,
    place: null,
  };
}
