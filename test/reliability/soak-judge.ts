import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { WAITING_LABEL } from "../../src/core/event.ts";
import { type CommentMark, readMark } from "../../src/core/marker.ts";
import { parsePlan } from "../../src/core/plan.ts";
import { readTask, type TaskRef } from "../../src/core/task.ts";
import { readCommit } from "../../src/playground/github/git-objects.ts";
import { histories, type Moment, replay } from "../crash/history.ts";
import { claimedTwice, repeated } from "../crash/verdict.ts";
import type { World } from "../stories/world.ts";
import type { Diary } from "./soak-diary.ts";
import { isOver, type Scene } from "./soak-scene.ts";

type History = { readonly ref: TaskRef; readonly moments: readonly Moment[] };

/** Every sentence is something that must never happen. */
export async function judge(scene: Scene, diary: Diary): Promise<readonly string[]> {
  const { world } = scene;
  const tasks = await histories(world.playground.repository.git);
  return [
    ...wishes(tasks, diary),
    ...tasks.flatMap((task) => ofTask(task)),
    ...(await work(world, tasks)),
    ...answers(tasks, scene, diary),
    ...notes(tasks, scene, diary),
    ...comments(tasks, scene, diary),
    ...labels(world),
    ...(await runs(world)),
    ...deliveries(world),
    ...proposals(world),
  ];
}

function wishes(tasks: readonly History[], { commands }: Diary): readonly string[] {
  const triggers = tasks.map(({ ref, moments }) => ({ ref, trigger: taskOf(moments).trigger.id }));
  const wrong = commands.flatMap(({ comment, thread, by, text, tasks: wanted }) => {
    const made = triggers.filter(({ trigger }) => trigger === comment);
    if (made.length === wanted) return [];
    const names = made.map(({ ref }) => ref.id).join(", ");
    return [
      `Comment ${comment} of ${by} in #${thread} made ${made.length} tasks instead of ${wanted}${names === "" ? "" : ` (${names})`}: ${firstLine(text)}`,
    ];
  });
  const known = new Set(commands.map(({ comment }) => comment));
  const unasked = triggers.filter(({ trigger }) => !known.has(trigger));
  return [...wrong, ...unasked.map(({ ref }) => `Nobody has asked for ${nameOf(ref)}.`)];
}

function ofTask({ ref, moments }: History): readonly string[] {
  const name = nameOf(ref);
  const task = taskOf(moments);
  const wrong = claimedTwice(moments).map((sentence) => `${name}: ${sentence}.`);
  if (!isOver(task))
    wrong.push(
      `${name} never came to its end: it is ${task.state.kind}${task.state.kind === "finished" ? ` (${JSON.stringify(task.state.outcome)})` : ""}.`,
    );
  if (task.requester.login === "stranger") wrong.push(`${name} was started by a stranger.`);
  const replayed = replay(moments);
  if ("broken" in replayed) wrong.push(`${name} does not replay: ${replayed.broken}`);
  else if (!isDeepStrictEqual(replayed.state, task.state))
    wrong.push(`The history of ${name} gives another state than it has.`);
  const given = new Map<string, string>();
  for (const { files } of moments) {
    for (const [path, text] of Object.entries(files)) {
      if (!path.endsWith(".answer")) continue;
      const before = given.get(path);
      if (before !== undefined && before !== text) wrong.push(`${name}: ${path} was answered twice.`);
      given.set(path, text);
    }
  }
  return wrong;
}

/** Every item of a plan is committed once at most. */
async function work(world: World, tasks: readonly History[]): Promise<readonly string[]> {
  const { git, defaultBranch } = world.playground.repository;
  const base = await git.ref(`refs/heads/${defaultBranch}`);
  const wrong: string[] = [];
  for (const { ref, moments } of tasks) {
    const { work: place } = taskOf(moments);
    const items = new Set(parsePlan(moments.at(-1)?.files["plan.md"] ?? "").items.map(({ text }) => text));
    const committed: string[] = [];
    for (let oid = await git.ref(`refs/heads/${place.branch}`); oid !== null && oid !== base; ) {
      const commit = await readCommit(git, oid);
      committed.push(
        ...(commit?.message.split("\n") ?? []).slice(0, 1).filter((line) => items.has(line) && ref.id.length > 0),
      );
      oid = commit?.parents[0] ?? null;
    }
    // Items without a number of their own are the same in every task of a pull request's branch.
    const own = place.onPullRequest ? committed.filter((line) => /\d/.test(line)) : committed;
    wrong.push(...repeated(own).map((line) => `${nameOf(ref)}: "${line}" was committed twice.`));
  }
  return wrong;
}

/** A reply to a question that was open is its answer, a note, or is told that it came late. */
function answers(tasks: readonly History[], scene: Scene, { replies }: Diary): readonly string[] {
  return replies.flatMap(({ comment, thread, id, question, words, by, manner, isOnly }) => {
    const there = tasks.filter(({ ref }) => ref.thread === String(thread));
    const isKept = there.some(({ moments }) =>
      moments.some(({ files }) =>
        Object.entries(files).some(
          ([path, text]) => (path.endsWith(".answer") || path === "plan.md") && text.includes(words),
        ),
      ),
    );
    if (isKept || repliesTo(scene, thread, comment).length > 0) return [];
    const task = there.find(({ ref }) => ref.id === id);
    if (task === undefined) return [`${by} answered a task that is no more: ${id}.`];
    // Cancelled, skipped, or its run dead before anybody could hear it: there was nothing to answer any more.
    const answer = task.moments.at(-1)?.files[`ipc/${question}.answer`];
    if (answer === undefined || (manner === "plain" && !isOnly)) return [];
    const { answeredBy, answeredAt } = taskOf(task.moments).exchanges[question] ?? {};
    const writtenAt = scene.comments(thread).find((one) => one.id === comment)?.createdAt;
    return [
      `Nobody heard the answer "${words}" (${manner}) of ${by} to question ${question} of ${thread}/${id}, written at ${writtenAt}; "${answer.trim()}" of ${answeredBy} came at ${answeredAt}.`,
    ];
  });
}

function notes(tasks: readonly History[], scene: Scene, diary: Diary): readonly string[] {
  return diary.notes.flatMap(({ comment, thread, id, words }) => {
    const plan = tasks.find(({ ref }) => ref.id === id)?.moments.at(-1)?.files["plan.md"] ?? "";
    const times = plan.split(words).length - 1;
    if (times > 1) return [`The note "${words}" stands ${times} times in the plan of ${thread}/${id}.`];
    const isKept = times === 1 || repliesTo(scene, thread, comment).length > 0;
    return isKept ? [] : [`The note "${words}" to ${thread}/${id} was lost.`];
  });
}

function comments(tasks: readonly History[], scene: Scene, diary: Diary): readonly string[] {
  const threads = [...scene.world.playground.repository.issues.keys()];
  const wrong: string[] = [];
  for (const thread of threads) {
    const lines = scene.ours(thread).map(({ body }) => firstLine(body));
    wrong.push(...repeated(lines).map((line) => `Twice in #${thread}: ${line}`));
  }
  for (const { ref, moments } of tasks) {
    const task = taskOf(moments);
    const ours = scene.ours(Number(ref.thread)).flatMap(({ body }) => readMark(body) ?? []);
    const isOne = (kind: CommentMark["kind"]) =>
      ours.some((mark) => mark.kind === kind && "ref" in mark && mark.ref.id === ref.id);
    const isDeleted = [...diary.deleted].some((line) => line.includes(nameOf(ref)));
    const shared = ours.some((mark) => mark.kind === "overview" && mark.trigger.endsWith(String(task.trigger.id)));
    if (!isOne("status") && !shared && !isDeleted) wrong.push(`${nameOf(ref)} has no status comment.`);
    const isSaid = ours.some(
      (mark) => mark.kind === "result" && mark.ref.id === ref.id && mark.attempt === task.attempt,
    );
    if (task.state.kind === "finished" && task.state.run !== null && !isSaid)
      wrong.push(`The ending of ${nameOf(ref)} (attempt ${task.attempt}) was never said.`);
    for (const [number, { comment }] of Object.entries(task.exchanges)) {
      const isAsked = ours.some(
        (mark) => mark.kind === "question" && mark.ref.id === ref.id && mark.question === number,
      );
      if (!isAsked && !isDeleted && comment !== null)
        wrong.push(`Question ${number} of ${nameOf(ref)} has lost its comment.`);
    }
  }
  for (const { comment, thread, by, text, wantsReply } of diary.commands) {
    if (wantsReply && repliesTo(scene, thread, comment).length === 0)
      wrong.push(`Nothing was said to comment ${comment} of ${by} in #${thread}: ${firstLine(text)}`);
  }
  return wrong;
}

function repliesTo(scene: Scene, thread: number, comment: number): readonly CommentMark[] {
  return scene
    .ours(thread)
    .flatMap(({ body }) => readMark(body) ?? [])
    .filter((mark) => (mark.kind === "reply" || mark.kind === "warm-up") && mark.to === comment);
}

function labels(world: World): readonly string[] {
  return [...world.playground.repository.issues.values()].flatMap(({ number, labels: all }) =>
    all.some(({ name }) => name === WAITING_LABEL) ? [`#${number} still carries the label "${WAITING_LABEL}".`] : [],
  );
}

/** One attempt is worked on in one run. */
async function runs(world: World): Promise<readonly string[]> {
  const { actions, repository } = world.playground;
  const wrong: string[] = [];
  const working = new Map<string, number>();
  for (const run of actions.runs(repository)) {
    if (run.status !== "completed") wrong.push(`Run ${run.order.id} (${run.title}) is still ${run.status}.`);
    if (run.order.event !== "workflow_dispatch") continue;
    const paths = run.jobs.flatMap((job) => job.run?.log.path ?? []);
    const logs = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
    if (logs.some((log) => /demo worker \d+ works/i.test(log)))
      working.set(run.title, (working.get(run.title) ?? 0) + 1);
  }
  for (const [title, count] of working) if (count > 1) wrong.push(`${count} runs have worked on "${title}".`);
  return wrong;
}

/** What happened while nobody listened was told in the end. */
function deliveries(world: World): readonly string[] {
  const { webhooks, apps } = world.playground.github.world;
  const [app] = apps.all();
  const all = app === undefined ? [] : webhooks.deliveries(app.appId);
  const events = Object.values(Object.groupBy(all, ({ guid }) => guid));
  const lost = events.filter((tries) => tries?.every(({ statusCode }) => statusCode < 200 || statusCode > 299));
  return lost.map(
    (tries) =>
      `A delivery of ${tries?.[0]?.event}.${tries?.[0]?.action} never arrived in ${tries?.length} tries: ${tries?.[0]?.status}.`,
  );
}

function proposals(world: World): readonly string[] {
  const open = [...world.playground.repository.issues.values()].filter(
    ({ state, pull }) => state === "open" && pull?.headRef.startsWith("dispatch/config"),
  );
  return open.length > 1 ? [`${open.length} pull requests propose changes of the config at the same time.`] : [];
}

function taskOf(moments: readonly Moment[]) {
  return readTask(moments.at(-1)?.files ?? {});
}

function nameOf({ thread, id }: TaskRef): string {
  return `${thread}/${id}`;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
