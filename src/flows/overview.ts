import { planUrl } from "../core/links.ts";
import type { CommentMark } from "../core/marker.ts";
import { renderOverview } from "../core/overview-comment.ts";
import { parsePlan } from "../core/plan.ts";
import { type CommentRef, readTask, type Task } from "../core/task.ts";
import type { Snapshot } from "./ports.ts";
import { findOurs, putBack } from "./redraw.ts";
import type { CoursePorts } from "./thread-ports.ts";
import { isReadable } from "./thread-tasks.ts";
import { unlessClosed } from "./unless-closed.ts";

type OverviewPorts = Pick<CoursePorts, "index" | "comments" | "clock" | "self" | "repository" | "log">;

/** Each round is for a change that came while the one before was drawn. So many in a row mean that others draw all the time. */
const MOST_ROUNDS = 10;

/** The handler posts the overview when it has accepted the last task; only when it has not after this long is it taken for missing. */
const GRACE_MS = 60_000;

/** Answers a comment that asked for several tasks. Harmless to repeat: one that stands is drawn anew. */
export async function postOverview(members: readonly Snapshot[], ports: OverviewPorts): Promise<void> {
  const [first] = members.map(({ files }) => readTask(files));
  const thread = first?.thread ?? null;
  if (first === undefined || thread === null || first.siblings < 2) return;
  await unlessClosed(async () => {
    const standing = await findOverview(first, ports);
    if (standing === null) await ports.comments.create(thread.number, textOf(first, members, ports));
    else await drawOverview(first, ports, { comment: standing });
  }, ports.log);
}

interface HowToDraw {
  /** The overview, where it is at hand. */
  readonly comment?: CommentRef;
  readonly urgency?: "cosmetic";
}

/**
 * Brings the overview that a task belongs to up to date, and puts it back where somebody has deleted it. Several runs draw the same
 * comment; whoever draws last looks once more, so that the last word is never an old one.
 */
export async function drawOverview(task: Task, ports: OverviewPorts, how: HowToDraw = {}): Promise<void> {
  const { thread } = task;
  if (task.siblings < 2 || thread === null) return;
  await unlessClosed(async () => {
    let comment = how.comment ?? (await findOverview(task, ports));
    let drawn = "";
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const text = textOf(task, await membersOf(task, ports), ports);
      if (text === drawn) return;
      const edit = comment === null ? "gone" : await ports.comments.edit(comment.id, text, how.urgency);
      if (edit === "left-out" || edit === "closed") return;
      if (edit === "gone") {
        if (!isOverdue(task, ports)) return;
        comment = await putBack(task, markOf(task, thread), text, ports);
      }
      drawn = text;
    }
  }, ports.log);
}

function isOverdue({ askedAt }: Task, { clock }: OverviewPorts): boolean {
  return clock.now().getTime() - Date.parse(askedAt) > GRACE_MS;
}

/** All tasks that the same comment has asked for, in its order. */
export async function membersOf(task: Task, { index }: Pick<OverviewPorts, "index">): Promise<readonly Snapshot[]> {
  if (task.thread === null) return [];
  const tasks = await index.ofThread(String(task.thread.number));
  return tasks.filter(isReadable).filter(({ files }) => {
    const { trigger } = readTask(files);
    return trigger.kind === task.trigger.kind && trigger.id === task.trigger.id;
  });
}

async function findOverview(task: Task, ports: OverviewPorts): Promise<CommentRef | null> {
  if (task.overviewComment !== null || task.thread === null) return task.overviewComment;
  return (await findOurs(task, markOf(task, task.thread), ports))[0] ?? null;
}

function markOf({ trigger: { kind, id } }: Task, { number }: NonNullable<Task["thread"]>): CommentMark {
  return { kind: "overview", thread: number, trigger: `${kind}-${id}` };
}

function textOf({ trigger, thread }: Task, members: readonly Snapshot[], { repository }: OverviewPorts): string {
  if (thread === null) throw new Error("Tasks without a thread have no overview.");
  const rows = members
    .map(({ ref, files }) => ({
      task: readTask(files),
      plan: parsePlan(files["plan.md"] ?? ""),
      planUrl: planUrl(repository, ref),
    }))
    .toSorted((a, b) => a.task.position - b.task.position);
  return renderOverview({ thread, trigger, rows });
}
