import { isDeepStrictEqual } from "node:util";
import { WAITING_LABEL } from "../../src/core/event.ts";
import { readMark, renderMark } from "../../src/core/marker.ts";
import { parsePlan } from "../../src/core/plan.ts";
import { readTask } from "../../src/core/task.ts";
import { type Moment, replay } from "../crash/history.ts";
import { claimedTwice, repeated, unusedReplies, type Verdict } from "../crash/verdict.ts";

/** What one command in a thread of its own has left behind. */
export interface Evidence {
  readonly tasks: readonly (readonly Moment[])[];
  /** Bodies of all comments of the thread. */
  readonly comments: readonly string[];
  readonly labels: readonly string[];
  /** Replies that the person has written. */
  readonly said: readonly string[];
  /** What the worker has written down of each item, as the work branch has it: on a busy machine in the commit of the item before. */
  readonly work: readonly string[];
  /** Items in the messages of the work branch's commits. */
  readonly committed: readonly string[];
  /** For each attempt, by its run's title, how many workers were started. */
  readonly workers: ReadonlyMap<string, number>;
}

/** What was to be done, by the plan as it stands at last. */
export function itemsOf(moments: readonly Moment[]): readonly string[] {
  return parsePlan(moments.at(-1)?.files["plan.md"] ?? "").items.map(({ text }) => text);
}

/** The task is to be done by now: once, with one answer to each question, and said once. */
export function judge({ tasks, comments, labels, said, work, committed, workers }: Evidence): Verdict {
  const lost: string[] = [];
  const twice: string[] = [];
  const wrong: string[] = [];
  if (tasks.length === 0) lost.push("the command made no task");
  if (tasks.length > 1) twice.push(`one command made ${tasks.length} tasks`);
  for (const moments of tasks) {
    const head = moments.at(-1);
    if (head === undefined) continue;
    const { id, state } = readTask(head.files);
    if (state.kind !== "finished") lost.push(`${id} is ${state.kind}`);
    else if (state.outcome.kind !== "done") lost.push(`${id} ended as ${state.outcome.kind}`);
    const replayed = replay(moments);
    if ("broken" in replayed) wrong.push(replayed.broken);
    else if (!isDeepStrictEqual(replayed.state, state)) wrong.push(`the history of ${id} gives another state`);
    twice.push(...claimedTwice(moments), ...answeredTwice(moments), ...usedTwice(head, said));
    lost.push(...unusedReplies(head, said));
    const missing = itemsOf(moments).filter((item) => !work.some((line) => line.startsWith(item)));
    lost.push(...missing.map((item) => `the work of "${item}" is not on the branch`));
  }
  twice.push(...repeated(committed).map((item) => `"${item}" was committed twice`));
  for (const [title, started] of workers) if (started > 1) twice.push(`${started} workers of ${title}`);
  const marks = comments.flatMap((body) => readMark(body) ?? []);
  if (!marks.some(({ kind }) => kind === "result")) lost.push("nobody was told how it ended");
  if (labels.includes(WAITING_LABEL)) wrong.push("the waiting label is still there");
  return { lost, twice, duplicates: repeated(marks.map(renderMark)), wrong };
}

/** An answer that stands is never replaced by another one. */
function answeredTwice(moments: readonly Moment[]): readonly string[] {
  const answers = new Map<string, Set<string>>();
  for (const { files } of moments) {
    for (const [path, text] of Object.entries(files)) {
      const question = /^ipc\/(\d+)\.answer$/.exec(path)?.[1];
      if (question !== undefined) answers.set(question, (answers.get(question) ?? new Set()).add(text));
    }
  }
  return [...answers]
    .filter(([, texts]) => texts.size > 1)
    .map(([question]) => `question ${question} was answered twice`);
}

/** What was said once answers one question. */
function usedTwice({ files }: Moment, said: readonly string[]): readonly string[] {
  const answers = Object.entries(files).filter(([path]) => path.endsWith(".answer"));
  return said
    .filter((words) => answers.filter(([, text]) => text.includes(words)).length > 1)
    .map((words) => `"${words}" answers two questions`);
}
