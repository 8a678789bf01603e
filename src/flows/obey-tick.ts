import { findCommands, readCommand } from "../core/command.ts";
import { commandKey } from "../core/command-key.ts";
import { type Control, readTick, withEffect, withoutControls } from "../core/control.ts";
import { type CommentMark, readMark } from "../core/marker.ts";
import { mayCommand, mayWrite } from "../core/permission.ts";
import { Problem } from "../core/problem.ts";
import { person } from "../core/safe-text.ts";
import { readTask } from "../core/task.ts";
import { approvePlan } from "./approve-plan.ts";
import { cancelTask } from "./cancel-task.ts";
import { changeConfig } from "./change-config.ts";
import { chooseModel } from "./choose-model.ts";
import type { CommandPlace, Said, Ticked } from "./command-place.ts";
import { policyOf } from "./hear.ts";
import { drawOverview } from "./overview.ts";
import { perform } from "./perform-commands.ts";
import { redrawAsk, redrawQuestion, redrawStatus } from "./redraw.ts";
import { replyProblem } from "./reply.ts";
import { retryTask } from "./retry-task.ts";
import { skipItem } from "./skip-item.ts";
import { answerByTick, answerFrom } from "./take-answer.ts";
import type { ThreadPorts } from "./thread-ports.ts";
import { unlessClosed } from "./unless-closed.ts";

/** A box of ours that somebody ticked, or an edit of our comment that is not a tick: then it is drawn anew. */
export async function obeyTick(ticked: Ticked, ports: ThreadPorts): Promise<void> {
  const mark = readMark(ticked.after) ?? readMark(ticked.before);
  if (mark === null || ticked.byBot) return;
  // At a pull request's lines we put questions only; the ids there are not those of the conversation's comments.
  if (ticked.comment.kind === "review-comment" && mark.kind !== "question") return;
  const control = readTick(ticked.before, ticked.after);
  if (control === null || !(await isAllowed(control, ticked, ports))) return redraw(mark, ticked, ports);
  try {
    const effect = await carryOut(control, ticked, ports);
    await showEffect(effect, mark, ticked, ports);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await unlessClosed(() => replyProblem(placeOf(ticked), error, ports), ports.log);
    // Last: where the task's record is what is wrong, there is nothing to draw from.
    await redraw(mark, ticked, ports);
  }
}

/** An answer is welcome from everybody with write access; what commands is for those who may command. */
async function isAllowed(control: Control, { by }: Ticked, ports: ThreadPorts): Promise<boolean> {
  if (control.kind === "option" || control.kind === "answer") return mayWrite(await ports.permissions.roleOf(by.login));
  const [role, conversation] = await Promise.all([ports.permissions.roleOf(by.login), ports.conversations.read(null)]);
  return mayCommand({ login: by.login, isBot: false, role }, policyOf(conversation));
}

/** What a box's comment says afterwards, where that is not drawn from a task's branch. */
type Effect =
  | { readonly kind: "drawn" }
  /** The boxes go, and this stands in their place. */
  | { readonly kind: "settled"; readonly note: string }
  /** This box's line says so; the others stay. */
  | { readonly kind: "noted"; readonly control: Control; readonly note: string };

async function carryOut(control: Control, ticked: Ticked, ports: ThreadPorts): Promise<Effect> {
  const by = ticked.by.login;
  switch (control.kind) {
    case "cancel":
      await cancelTask(control.ref, by, ports);
      return { kind: "settled", note: `🛑 Cancelled by ${person(by)}.` };
    case "retry":
      return retry(control, ticked, ports);
    case "skip":
      await skipItem(control.ref, by, ports);
      return { kind: "settled", note: `⏭️ Skipped by ${person(by)}; the rest goes on.` };
    case "model":
      await chooseModel({ ref: control.ref, model: control.model, all: control.all, by }, ports);
      return { kind: "settled", note: `✅ ${person(by)} chose \`${control.model}\`.` };
    case "approve":
      await approvePlan({ ref: control.ref, commit: control.commit, by }, ports);
      return { kind: "settled", note: `✅ Approved by ${person(by)}.` };
    case "option":
      await answerByTick(ticked, control, ports);
      return { kind: "drawn" };
    case "answer":
      return { kind: "settled", note: await answerFrom(control, ticked, ports) };
    case "choose":
      await performChosen(control, ticked, ports);
      return { kind: "settled", note: `✅ ${person(by)} chose \`${control.ref.id}\`.` };
    case "config": {
      const { url, number } = await changeConfig([control.change], { by, thread: ticked.thread }, ports);
      const link = number === null ? "" : `: [pull request #${number}](${url})`;
      return {
        kind: "noted",
        control,
        note: `✅ Proposed by ${person(by)}${url === null ? ": nothing is left to change" : link || `: [open the pull request](${url})`}`,
      };
    }
  }
}

async function retry(
  { ref, model, makeDefault }: Extract<Control, { kind: "retry" }>,
  { by, thread }: Ticked,
  ports: ThreadPorts,
): Promise<Effect> {
  await retryTask(ref, model, ports);
  if (makeDefault && model !== null) {
    const change = { kind: "set-default", name: model } as const;
    ports.background.later(`proposing ${model} as the default`, async () => {
      await changeConfig([change], { by: by.login, thread }, ports);
    });
  }
  const how =
    model === null
      ? ""
      : ` with \`${model}\`${makeDefault ? ", the default from now on once its pull request is merged" : ""}`;
  return { kind: "settled", note: `🔁 Retried${how} by ${person(by.login)}.` };
}

/** The command is read again as if the chosen task were the only one. */
async function performChosen(
  { ref, source, key }: Extract<Control, { kind: "choose" }>,
  ticked: Ticked,
  ports: ThreadPorts,
): Promise<void> {
  const [written, snapshot] = await Promise.all([ports.comments.read(source), ports.branches.read(ref)]);
  const text = findCommands(written?.body ?? "").find((each) => commandKey(each) === key)?.text;
  if (written === null || snapshot === null || text === undefined) throw commandGone();
  const command = readCommand(text, [ref.id]);
  if (command.kind === "task") throw commandGone();
  // Words that name no task mean the chosen one, whether or not it fits.
  const meant = "task" in command ? { ...command, task: ref.id } : command;
  const place = { ...placeOf(ticked), key: `${key}-${ref.id}` };
  // The words are their author's; whoever ticks only says which task they mean.
  const said: Said = {
    ...place.said,
    by: written.by,
    body: written.body,
    trigger: { ...place.said.trigger, ...source },
  };
  const conversation = await ports.conversations.read(ticked.thread);
  await perform(meant, { ...place, said }, [snapshot], conversation, ports);
}

function commandGone(): Problem {
  return new Problem(
    "command-gone",
    "The command that this box is about has been deleted or changed since.",
    "Write the command again, with the task's name.",
  );
}

/** Replies to a tick stand under its comment's id. A repeated delivery of the same tick looks for them first. */
function placeOf({ owner, repo, thread, comment, by, byBot, after, at }: Ticked): CommandPlace {
  const said: Said = {
    kind: "said",
    owner,
    repo,
    thread,
    trigger: { kind: comment.kind, id: comment.id, url: comment.url },
    by,
    byBot,
    body: after,
    before: null,
    waiting: false,
    at,
    place: null,
  };
  return { said, lock: "look", key: "tick" };
}

async function showEffect(effect: Effect, mark: CommentMark, ticked: Ticked, ports: ThreadPorts): Promise<void> {
  if (effect.kind === "drawn") return;
  if (effect.kind === "noted") {
    await ports.comments.edit(ticked.comment.id, withEffect(ticked.after, effect.control, effect.note));
    return;
  }
  switch (mark.kind) {
    // Drawn from the branch by whoever has changed it.
    case "status":
    case "question":
      return;
    case "ask":
    case "overview":
      return redraw(mark, ticked, ports);
    case "result":
    case "review":
    case "reply":
    case "warm-up":
      await ports.comments.edit(ticked.comment.id, withoutControls(ticked.after, effect.note));
  }
}

async function redraw(mark: CommentMark, { before, comment, thread }: Ticked, ports: ThreadPorts): Promise<void> {
  switch (mark.kind) {
    case "overview": {
      const tasks = await ports.index.ofThread(String(thread.number));
      const member = tasks
        .map(({ files }) => readTask(files))
        .find(({ trigger }) => `${trigger.kind}-${trigger.id}` === mark.trigger);
      return member === undefined ? undefined : drawOverview(member, ports);
    }
    case "result":
    case "review":
    case "reply":
    case "warm-up":
      await ports.comments.edit(comment.id, before);
      return;
    case "status":
    case "question":
    case "ask": {
      const snapshot = await ports.branches.read(mark.ref);
      if (snapshot === null) return;
      if (mark.kind === "status") return redrawStatus(mark.ref, snapshot.files, ports);
      if (mark.kind === "question") return redrawQuestion(mark.ref, mark.question, snapshot.files, ports);
      return redrawAsk(mark.ref, snapshot.files, ports);
    }
  }
}
