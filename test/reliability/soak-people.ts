import { readMark } from "../../src/core/marker.ts";
import { HELLO, type World } from "../stories/world.ts";
import type { Diary } from "./soak-diary.ts";
import type { Dice } from "./soak-dice.ts";
import type { Hands } from "./soak-hands.ts";
import { isBusy, type Scene, type Seen } from "./soak-scene.ts";
import { configSentence, smallTalk, wish } from "./soak-words.ts";

const MEMBERS = ["mona", "hubot"] as const;
/** Two processors carry about so many runs. */
const MOST_AT_ONCE = 4;
/** Everybody in the repository: what they say and do by chance. What they are asked to do is an errand. */
export class People {
  readonly #world: World;
  readonly #scene: Scene;
  readonly #diary: Diary;
  readonly #hands: Hands;
  readonly #dice: Dice;
  readonly #threads: readonly number[];
  #nr = 0;

  constructor(parts: {
    readonly world: World;
    readonly scene: Scene;
    readonly diary: Diary;
    readonly hands: Hands;
    readonly dice: Dice;
    readonly threads: readonly number[];
  }) {
    this.#world = parts.world;
    this.#scene = parts.scene;
    this.#diary = parts.diary;
    this.#hands = parts.hands;
    this.#dice = parts.dice;
    this.#threads = parts.threads;
  }

  /** Somebody says or does something that nobody has asked for. */
  async chat(tasks: readonly Seen[]): Promise<void> {
    const dice = this.#dice;
    this.#nr += 1;
    const nr = this.#nr;
    const thread = dice.any(this.#threads) ?? 1;
    const by = dice.pick(MEMBERS);
    // Thrown whether it is used or not, so that what is said later stays the same.
    const wanted = wish(dice.for(`wish ${nr}`), nr);
    const doing = dice.weighted({
      wish: 40,
      later: 6,
      talk: 10,
      status: 8,
      help: 3,
      stranger: 5,
      note: 8,
      cancel: 5,
      skip: 3,
      config: 4,
      reword: 4,
      delete: 6,
    });
    const chosen = dice.any(tasks.filter(({ task }) => task.state.kind !== "finished"));
    switch (doing) {
      case "wish":
        if (this.#isFull(tasks)) return;
        return void (await this.#hands.command(thread, wanted.text, by, { tasks: wanted.tasks }));
      case "later":
        return this.#isFull(tasks) ? undefined : this.#secondThought(thread, wanted.text, wanted.tasks, by);
      case "talk":
        return void (await this.#world.say(
          thread,
          smallTalk(dice.for(`talk ${nr}`)),
          dice.for(`who ${nr}`).pick(["mona", "hubot", "stranger"]),
        ));
      case "status":
        return void (await this.#hands.command(thread, "/dispatch status", by, { reply: true }));
      case "help":
        return void (await this.#hands.command(thread, "/dispatch help", by, { reply: true }));
      case "stranger":
        return void (await this.#hands.command(thread, `/dispatch use opus to dig a hole ${nr}`, "stranger", {
          reply: true,
        }));
      case "config":
        return void (await this.#hands.command(thread, configSentence(dice.for(`config ${nr}`), nr), by, {
          reply: true,
        }));
      case "note":
        return chosen === undefined ? undefined : this.#note(chosen, `Mind the step (note ${nr})`, by);
      case "cancel":
        return chosen === undefined ? undefined : this.#cancel(chosen, dice.for(`cancel ${nr}`), by);
      case "skip": {
        const stuck = tasks.find(({ task }) => task.state.kind === "parked");
        if (stuck !== undefined)
          await this.#hands.command(Number(stuck.ref.thread), `/dispatch skip ${stuck.ref.id}`, by, {});
        return;
      }
      case "reword": {
        const said = dice.any(this.#diary.commands.filter(({ tasks: count, isReworded }) => count > 0 && !isReworded));
        const isKnown = tasks.some(({ task }) => task.trigger.id === said?.comment);
        if (said === undefined || !isKnown) return;
        said.isReworded = true;
        return this.#world.edit(said.comment, `${said.text}\n\nPlease be quick (${nr}).`, said.by);
      }
      case "delete":
        return this.#deleteOurs(thread, dice.for(`delete ${nr}`));
    }
  }

  async #note(seen: Seen, words: string, by: string): Promise<void> {
    const thread = Number(seen.ref.thread);
    const comment = await this.#hands.command(thread, `/dispatch note ${seen.ref.id} ${words}`, by, {});
    this.#diary.notes.push({ comment, thread, id: seen.ref.id, words });
  }

  async #cancel(seen: Seen, dice: Dice, by: string): Promise<void> {
    const thread = Number(seen.ref.thread);
    this.#diary.cancels += 1;
    if (
      dice.chance(0.4) &&
      (await this.#hands.tick(this.#scene.status(seen)?.id, `dispatch:do cancel ${thread}/${seen.ref.id}`, by))
    )
      return;
    await this.#hands.command(thread, `/dispatch cancel ${seen.ref.id}`, by, {});
  }

  /** An ordinary comment becomes a command by an edit. */
  async #secondThought(thread: number, text: string, tasks: number, by: string): Promise<void> {
    const comment = await this.#world.say(thread, "@octocat I was wondering …", by);
    this.#diary.commands.push({ comment, thread, by, text, tasks, wantsReply: false, isReworded: true });
    await this.#world.edit(comment, `@octocat I was wondering …\n\n${text}`, by);
  }

  async #deleteOurs(thread: number, dice: Dice): Promise<void> {
    const mark = (body: string) => readMark(body)?.kind;
    const comment = dice.any(
      this.#scene.ours(thread).filter(({ body }) => mark(body) === "status" || mark(body) === "question"),
    );
    if (comment === undefined) return;
    this.#diary.deleted.add(comment.body.split("\n")[0] ?? "");
    await this.#world.as("mona").issues.deleteComment({ ...HELLO, comment_id: comment.id });
  }

  /** Wishes that have not become tasks yet count as well. */
  #isFull(tasks: readonly Seen[]): boolean {
    const busy = tasks.filter(({ task }) => isBusy(task)).length;
    const triggers = new Map<number, number>();
    for (const { task } of tasks) triggers.set(task.trigger.id, (triggers.get(task.trigger.id) ?? 0) + 1);
    const missing = this.#diary.commands.reduce(
      (sum, { comment, tasks: count }) => sum + Math.max(0, count - (triggers.get(comment) ?? 0)),
      0,
    );
    return busy + missing >= MOST_AT_ONCE;
  }
}
