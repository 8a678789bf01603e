import type { Command } from "../core/command.ts";
import { readConfig } from "../core/config.ts";
import { planUrl } from "../core/links.ts";
import { type CommentMark, renderMark } from "../core/marker.ts";
import type { Problem } from "../core/problem.ts";
import { readTask } from "../core/task.ts";
import { renderHelp, renderProblem, renderTasksStatus, renderUnclear, renderWarmUp } from "../core/thread-text.ts";
import type { CommandPlace } from "./command-place.ts";
import { isOurs } from "./our-comments.ts";
import type { Snapshot } from "./ports.ts";
import { GRACE_MS, type ThreadPorts } from "./thread-ports.ts";
import { openQuestionsOf } from "./thread-tasks.ts";

type ReplyPorts = Pick<ThreadPorts, "comments" | "clock" | "self">;

/**
 * Answers a command that starts nothing. Such a command leaves no branch, so the reaction is its lock: who put it there replies;
 * anybody else looks for the reply after a grace time and posts it only when it is missing.
 */
export async function replyOnce(
  { said, lock, nth }: CommandPlace,
  render: (mark: string) => string,
  ports: ReplyPorts,
): Promise<void> {
  const mark: CommentMark = { kind: "reply", to: said.trigger.id, nth };
  if (lock === "again") {
    await ports.clock.sleep(GRACE_MS);
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

export function replyUnclear(
  place: CommandPlace,
  command: Extract<Command, { kind: "unclear" }>,
  ports: ReplyPorts,
): Promise<void> {
  return replyOnce(place, (mark) => renderUnclear(mark, command.prefix, command.candidates), ports);
}

export async function replyWarmUp(
  place: CommandPlace,
  ports: ReplyPorts & Pick<ThreadPorts, "conversations">,
): Promise<void> {
  const { config } = await ports.conversations.read(null);
  const loaded = readConfig(config);
  await replyOnce(place, (mark) => renderWarmUp(mark, loaded, { builtIn: config === null }), ports);
}

/** @param task one task's id; null for all tasks of the thread */
export async function replyStatus(
  place: CommandPlace,
  task: string | null,
  tasks: readonly Snapshot[],
  ports: ReplyPorts & Pick<ThreadPorts, "repository">,
): Promise<void> {
  const wanted = task === null ? tasks : tasks.filter(({ ref }) => ref.id === task);
  const rows = wanted.map(({ ref, head, files }) => ({
    task: readTask(files),
    plan: files["plan.md"] ?? "",
    planUrl: planUrl(ports.repository, ref),
    questions: openQuestionsOf([{ ref, head, files }]).map(({ question }) => question.text),
  }));
  await replyOnce(place, (mark) => renderTasksStatus(mark, rows, ports.clock.now().toISOString()), ports);
}
