import { openQuestions } from "../core/lifecycle.ts";
import { renderMark } from "../core/marker.ts";
import { Problem } from "../core/problem.ts";
import { readTask, renderTask, type Thread, talkOf } from "../core/task.ts";
import { renderOpenedIssue } from "../core/thread-text.ts";
import type { LiveTask } from "./live-task.ts";
import { findQuestion, postQuestion } from "./question-comment.ts";
import { questionText } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";
import { unlessClosed } from "./unless-closed.ts";
import { labelAsWaiting } from "./waiting-label.ts";

type RelayPorts = Pick<
  RunPorts,
  "comments" | "reviewThreads" | "labels" | "issues" | "repository" | "clock" | "self" | "log"
>;

/**
 * Puts every open question that has no comment yet into the thread. The label goes first: it is what makes a plain reply heard.
 * @returns false where there is no place to ask: then the task can only be parked
 */
export async function relayQuestions(live: LiveTask, ports: RelayPorts): Promise<boolean> {
  const unasked = openQuestions(live.task.state).filter((number) => live.task.exchanges[number]?.comment === null);
  if (unasked.length === 0) return true;
  const talk = talkOf(live.task) ?? (await openIssue(live, ports));
  if (talk === null) return false;
  await labelAsWaiting(talk.number, ports);
  const asked = await unlessClosed(() => askThere(live, unasked, ports), ports.log);
  if (asked === null) live.warn(`#${talk.number} takes no comments now, so its question could not be asked there.`);
  return asked !== null;
}

async function askThere(live: LiveTask, unasked: readonly string[], ports: RelayPorts): Promise<true> {
  for (const number of unasked) {
    // A run that was killed before it could record its comment has asked already.
    const mark = { kind: "question", ref: live.ref, question: number } as const;
    const posted = live.hasTakenOver ? await findQuestion(live.task, mark, ports) : null;
    const text = questionText(live.ref, number, live.files, ports);
    const comment = posted ?? (await postQuestion(live.task, text, ports));
    if (comment !== null) live.recordQuestionComment(number, comment);
  }
  return true;
}

/** A task that nobody started in a thread asks in an issue of its own, which is its thread from then on. */
async function openIssue(live: LiveTask, ports: RelayPorts): Promise<Thread | null> {
  try {
    const mark = renderMark({ kind: "status", ref: live.ref });
    const issue = await ports.issues.open(live.task.title, renderOpenedIssue(mark, live.task));
    await live.change((files) => ({
      files: { "task.yaml": renderTask({ ...readTask(files), openedIssue: issue }) },
      message: `Ask in issue #${issue.number}`,
    }));
    return issue;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    live.warn(error.message);
    ports.log.warning(error.message);
    return null;
  }
}
