import { openQuestions } from "../../src/core/lifecycle.ts";
import { readMark } from "../../src/core/marker.ts";
import type { World } from "../stories/world.ts";
import type { Diary, GivenReply, Manner } from "./soak-diary.ts";
import type { Dice } from "./soak-dice.ts";
import type { Hands } from "./soak-hands.ts";
import { isOver, type Scene, type Seen } from "./soak-scene.ts";
import { answerWords } from "./soak-words.ts";

/** After so long a person says once more, and unmistakably, what nothing has come of. */
const PATIENCE_MS = { storm: 120_000, calm: 75_000 };
/** After so many retries a person gives the step up that fails. */
const MOST_RETRIES = 2;
/** A person who is ignored for so long has gone home: the question is parked. */
const LONG_PAUSE_MS = 28_000;

type Weather = "storm" | "calm";

interface Errand {
  /** When the person gets to it. */
  readonly due: number;
  readonly manner: Manner;
  done: number | null;
}

/** What people are asked to do: answer, choose, approve, retry. Each has a manner and a pace that the dice have given. */
export class Errands {
  readonly #world: World;
  readonly #scene: Scene;
  readonly #diary: Diary;
  readonly #hands: Hands;
  readonly #dice: Dice;
  readonly #errands = new Map<string, Errand>();
  #nr = 0;

  constructor(parts: {
    readonly world: World;
    readonly scene: Scene;
    readonly diary: Diary;
    readonly hands: Hands;
    readonly dice: Dice;
  }) {
    this.#world = parts.world;
    this.#scene = parts.scene;
    this.#diary = parts.diary;
    this.#hands = parts.hands;
    this.#dice = parts.dice;
  }

  /** People do what is asked of them, each at their own pace. In the calm nobody keeps anybody waiting. */
  async attend(tasks: readonly Seen[], weather: Weather): Promise<void> {
    for (const seen of tasks) {
      const { state, attempt } = seen.task;
      const { id } = seen.ref;
      if (isOver(seen.task)) continue;
      if (state.kind === "confirming")
        await this.#errand(`${id} choose ${attempt}`, weather, (manner) => this.#choose(seen, manner));
      if (state.kind === "planned")
        await this.#errand(`${id} approve ${attempt}`, weather, (manner) => this.#approve(seen, manner));
      if (state.kind === "finished")
        await this.#errand(`${id} retry ${attempt}`, weather, (manner) => this.#retry(seen, manner));
      for (const number of openQuestions(state))
        await this.#errand(`${id} answer ${number}`, weather, (manner) => this.#answer(seen, number, tasks, manner));
    }
    for (const { number: thread } of this.#world.playground.repository.issues.values()) await this.#chooseAmong(thread);
  }

  /** @param act gives whether it could be done */
  async #errand(name: string, weather: Weather, act: (manner: Manner) => Promise<boolean>): Promise<void> {
    const now = Date.now();
    const known = this.#errands.get(name);
    if (known === undefined) {
      const dice = this.#dice.for(name);
      const manner = dice.weighted({ plain: 35, tick: 30, quote: 15, command: 20 });
      const isSlow = dice.chance(0.12);
      const pause = weather === "calm" ? 500 : isSlow ? LONG_PAUSE_MS : dice.between(200, 6_000);
      this.#errands.set(name, { due: now + pause, manner, done: null });
      return;
    }
    if (known.done !== null && now - known.done < PATIENCE_MS[weather]) return;
    if (known.done === null && now < known.due && !(weather === "calm" && now > known.due - LONG_PAUSE_MS + 2_000))
      return;
    const isAgain = known.done !== null;
    if (!(await act(isAgain ? "command" : known.manner))) return;
    known.done = Date.now();
    if (isAgain) this.#diary.nudges.push(`${name} (first by ${known.manner})`);
  }

  async #choose(seen: Seen, manner: Manner): Promise<boolean> {
    const { requester } = seen.task;
    const thread = Number(seen.ref.thread);
    const others = this.#scene.ours(thread).length === 0;
    if (others) return false;
    if (manner === "tick")
      return this.#hands.tick(this.#scene.status(seen)?.id, `dispatch:do model ${thread}/${seen.ref.id}`, "hubot");
    if (!(await this.#hands.isLabelled(thread))) return false;
    await this.#world.say(thread, manner === "plain" ? "sonnet" : "yes", requester.login);
    return true;
  }

  async #approve(seen: Seen, manner: Manner): Promise<boolean> {
    const { state, requester } = seen.task;
    const { id } = seen.ref;
    const thread = Number(seen.ref.thread);
    if (state.kind !== "planned" || state.shown === null) return false;
    if (manner === "tick")
      return this.#hands.tick(this.#scene.status(seen)?.id, `dispatch:do approve ${thread}/${id}`, "hubot");
    if (manner === "plain" && (await this.#hands.isLabelled(thread)))
      await this.#world.say(thread, "yes", requester.login);
    else await this.#hands.command(thread, `/dispatch approve ${id}`, "mona", {});
    return true;
  }

  async #retry(seen: Seen, manner: Manner): Promise<boolean> {
    const thread = Number(seen.ref.thread);
    const { id } = seen.ref;
    const tries = (this.#diary.retries.get(id) ?? 0) + 1;
    this.#diary.retries.set(id, tries);
    // What has gone wrong so often will go wrong again.
    if (tries > MOST_RETRIES) {
      await this.#hands.command(thread, `/dispatch skip ${id}`, "mona", {});
      return true;
    }
    if (
      manner === "tick" &&
      (await this.#hands.tick(this.#scene.status(seen)?.id, `dispatch:do retry ${thread}/${id} `, "mona"))
    )
      return true;
    await this.#hands.command(thread, `/dispatch retry ${id}`, "mona", {});
    return true;
  }

  async #answer(seen: Seen, number: string, tasks: readonly Seen[], manner: Manner): Promise<boolean> {
    const thread = Number(seen.ref.thread);
    const { id } = seen.ref;
    const { login } = seen.task.requester;
    const shown = this.#scene.question(seen, number);
    // Whoever is not asked yet says nothing; in the end one asks what is open.
    if (shown === undefined && manner !== "command") return false;
    this.#nr += 1;
    const words = answerWords(this.#dice.for(`words ${id} ${number}`), this.#nr);
    const open = tasks
      .filter(({ ref }) => ref.thread === seen.ref.thread)
      .flatMap(({ task }) => openQuestions(task.state));
    const waitsElse = tasks.some(
      ({ ref, task }) =>
        ref.thread === seen.ref.thread && (task.state.kind === "confirming" || task.state.kind === "planned"),
    );
    const about = { thread, id, question: number, words, isOnly: open.length === 1 && !waitsElse };
    switch (manner) {
      case "tick":
        if (
          shown !== undefined &&
          (await this.#hands.tick(shown.id, `dispatch:do option ${thread}/${id} ${number}`, "hubot"))
        )
          return true;
        return this.#reply({ ...about, text: words, by: login, manner: "plain" });
      case "plain":
        return this.#reply({ ...about, text: words, by: login, manner });
      case "quote": {
        const asked = (seen.files[`ipc/${number}.question`] ?? "").split("\n")[0] ?? "";
        return this.#reply({ ...about, text: `> ${asked}\n\n${words}`, by: "hubot", manner });
      }
      case "command":
        return this.#reply({ ...about, text: `/dispatch answer ${id} ${number} ${words}`, by: "mona", manner });
    }
  }

  /** "Which one?" is asked with boxes, in a reply; whoever was asked ticks the first. */
  async #chooseAmong(thread: number): Promise<void> {
    for (const { id, body } of this.#scene.ours(thread).filter((one) => readMark(one.body)?.kind === "reply")) {
      const box = /^- \[ \] .*<!-- (dispatch:do (?:answer|choose|model|approve) \S+)/m.exec(body)?.[1];
      const name = `which ${id}`;
      if (box === undefined || this.#errands.has(name)) continue;
      this.#errands.set(name, { due: 0, manner: "tick", done: Date.now() });
      await this.#hands.tick(id, box, "hubot");
    }
  }

  async #reply(reply: Omit<GivenReply, "comment"> & { readonly text: string }): Promise<boolean> {
    await this.#hands.reply(reply);
    return true;
  }
}
