import type { Command } from "../core/command-meaning.ts";
import { configInForce } from "../core/config-in-force.ts";
import type { ConfigRequest } from "../core/config-request.ts";
import { renderConfig, renderConfigChanged, renderConfigForms } from "../core/config-text.ts";
import type { Conversation } from "../core/conversation.ts";
import { openQuestions } from "../core/lifecycle.ts";
import { planUrl } from "../core/links.ts";
import { type CommentMark, renderMark } from "../core/marker.ts";
import type { Problem } from "../core/problem.ts";
import { readTask } from "../core/task.ts";
import {
  renderHelp,
  renderProblem,
  renderTasksStatus,
  renderUnclear,
  renderWarmUp,
  renderWhichTask,
} from "../core/thread-text.ts";
import { changeConfig } from "./change-config.ts";
import type { CommandPlace } from "./command-place.ts";
import { isOurs } from "./our-comments.ts";
import type { Snapshot } from "./ports.ts";
import { redrawQuestion } from "./redraw.ts";
import { GRACE_MS, type ThreadPorts } from "./thread-ports.ts";
import { openQuestionsOf } from "./thread-tasks.ts";

type ReplyPorts = Pick<ThreadPorts, "comments" | "clock" | "self">;

/**
 * Answers a command that starts nothing. Such a command leaves no branch, so the reaction is its lock: who put it there replies;
 * anybody else looks for the reply after a grace time and posts it only when it is missing.
 */
export function replyOnce(place: CommandPlace, render: (mark: string) => string, ports: ReplyPorts): Promise<void> {
  return replyMarked(place, { kind: "reply", to: place.said.trigger.id, key: place.key }, render, ports);
}

async function replyMarked(
  { said, lock }: CommandPlace,
  mark: CommentMark,
  render: (mark: string) => string,
  ports: ReplyPorts,
): Promise<void> {
  if (lock !== "first") {
    if (lock === "again") await ports.clock.sleep(GRACE_MS);
    const posted = await ports.comments.since(said.thread.number, said.at);
    if (posted.some((comment) => isOurs(comment, mark, ports.self))) return;
  }
  await ports.comments.create(said.thread.number, render(renderMark(mark)));
}

export function replyProblem(place: CommandPlace, problem: Problem, ports: ReplyPorts): Promise<void> {
  return replyOnce(place, (mark) => renderProblem(mark, problem), ports);
}

export function replyHelp(place: CommandPlace, ports: ReplyPorts): Promise<void> {
  return replyOnce(place, renderHelp, ports);
}

/** A name that fits several tasks, or a verb without one: the person ticks which. */
export function replyWhichTask(
  place: CommandPlace,
  { verb, prefix, candidates }: Pick<Extract<Command, { kind: "unclear" }>, "verb" | "prefix" | "candidates">,
  tasks: readonly Snapshot[],
  ports: ReplyPorts,
): Promise<void> {
  const found = tasks.filter(({ ref }) => candidates.includes(ref.id)).map(({ files }) => readTask(files));
  if (found.length === 0) return replyOnce(place, (mark) => renderUnclear(mark, prefix), ports);
  const { trigger } = place.said;
  return replyOnce(
    place,
    (mark) => renderWhichTask(mark, { verb, tasks: found, source: trigger, key: place.key }),
    ports,
  );
}

/** What is configured; the reply's mark remembers that this person has been told in this thread. */
export async function replyWarmUp(place: CommandPlace, conversation: Conversation, ports: ReplyPorts): Promise<void> {
  const config = configInForce(conversation);
  const { trigger, by } = place.said;
  const mark: CommentMark = { kind: "warm-up", to: trigger.id, key: place.key, by: by.id };
  await replyMarked(place, mark, (line) => renderWarmUp(line, config, conversation), ports);
}

/** Shows the config, or proposes the change that was asked for. */
export async function replyConfig(
  place: CommandPlace,
  request: ConfigRequest,
  conversation: Conversation,
  ports: ThreadPorts,
): Promise<void> {
  switch (request.kind) {
    case "show": {
      const config = configInForce(conversation);
      return replyOnce(place, (mark) => renderConfig(mark, config, conversation), ports);
    }
    case "unreadable":
      return replyOnce(place, (mark) => renderConfigForms(mark, request.text), ports);
    case "change": {
      const { by, thread } = place.said;
      const proposed = await changeConfig(request.changes, { by: by.login, thread }, ports);
      return replyOnce(place, (mark) => renderConfigChanged(mark, proposed), ports);
    }
  }
}

/** @param task one task's id; null for all tasks of the thread */
export async function replyStatus(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: ReplyPorts & Pick<ThreadPorts, "repository" | "reviewThreads" | "log">,
): Promise<void> {
  const wanted = task === null ? tasks : tasks.filter(({ ref }) => ref.id === task);
  const rows = wanted.map(({ ref, head, files, movedAt = null }) => ({
    task: readTask(files),
    movedAt,
    plan: files["plan.md"] ?? "",
    planUrl: planUrl(ports.repository, ref),
    questions: openQuestionsOf([{ ref, head, files }]).map(({ question }) => question.text),
  }));
  await replyOnce(place, (mark) => renderTasksStatus(mark, rows, ports.clock.now().toISOString()), ports);
  // Whoever looks how things stand finds every question that waits for them, also one whose comment has been deleted.
  for (const { ref, files } of wanted)
    for (const number of openQuestions(readTask(files).state)) await redrawQuestion(ref, number, files, ports);
}
