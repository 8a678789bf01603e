import { setTimeout as pause } from "node:timers/promises";
import { demoConfig } from "../../src/playground/demo-config.ts";
import type { CallAttempt } from "../../src/playground/github/faults.ts";
import { readCommit } from "../../src/playground/github/git-objects.ts";
import { filesAt, histories } from "../crash/history.ts";
import { itemsOnBranch, type Verdict } from "../crash/verdict.ts";
import type { Hosting } from "../stories/hostings.ts";
import { World } from "../stories/world.ts";
import { type Blow, orderBlow } from "./blow.ts";
import { type Caller, type CallKind, kindOfCall } from "./callers.ts";
import { itemsOf, judge } from "./judge.ts";

/** The question is answered while the worker waits, or only when the task has been parked. */
export const STORIES = ["answered", "parked"] as const;
export type StoryName = (typeof STORIES)[number];

/** The n-th call of one kind in a story, from 0, and what befalls whoever makes it. */
export interface Strike extends CallKind {
  readonly nth: number;
  readonly blow: Blow;
}

/** What a trial has come to. */
export interface Outcome {
  readonly verdict: Verdict;
  /** Whether all blows fell: a story can end before its call is made. */
  readonly fell: boolean;
  /** How many processes or machines died. */
  readonly victims: number;
  /** Who called GitHub after the last blow, and how often: whoever saved the day is among them. */
  readonly after: ReadonlyMap<Caller, number>;
  /** Retries that a person had to ask for. */
  readonly retries: number;
  readonly runs: number;
}

/** Written down by the demo worker, which asks where an item is a question: next to no work, so that a trial is cheap. */
const COMMAND = `/dispatch use opus

- [ ] Begin a log
- [ ] Which format should the log have?
- [ ] End the log`;
const SAMPLE = { "README.md": "# Hello\n" };
/** How long a task may go without an ending before somebody who uses it would say so again. */
const PATIENCE_MS = 180_000;
/** So long nothing may happen before the world counts as still. */
const STILL_MS = 400;

/** A world in which one trial after the other is held, each in an issue of its own. */
export class Stage implements AsyncDisposable {
  readonly #world: World;
  readonly #story: StoryName;
  readonly #serverLines: string[];
  /** One restart after the other: a server can be killed while it starts. */
  #restarted: Promise<void> = Promise.resolve();

  private constructor(world: World, story: StoryName, serverLines: string[]) {
    this.#world = world;
    this.#story = story;
    this.#serverLines = serverLines;
  }

  static async open(hosting: Hosting, story: StoryName): Promise<Stage> {
    const config = demoConfig({ backend: "demo", pace: 0, env: [] });
    const patience = story === "parked" ? "answer_timeout: 1s\n" : "";
    const lines: string[] = [];
    const world = await World.start({
      hosting,
      pace: 0,
      sample: SAMPLE,
      config: `${config}${patience}`,
      onServerLine: (line) => void lines.push(line),
    });
    return new Stage(world, story, lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }

  /** Tells the story on a good day: each kind of call, and how often it was made. */
  async rehearse(): Promise<readonly (CallKind & { readonly times: number })[]> {
    await this.#still();
    const kinds = new Map<string, CallKind & { times: number }>();
    this.#faults.onCall = (attempt) => {
      const kind = kindOfCall(this.#world, attempt);
      if (kind === null) return;
      const key = `${kind.caller} ${kind.call}`;
      const known = kinds.get(key) ?? { ...kind, times: 0 };
      kinds.set(key, { ...known, times: known.times + 1 });
    };
    const { verdict } = await this.#tell();
    const wrong = Object.values(verdict).flat();
    if (wrong.length > 0) throw new Error(`On a good day: ${wrong.join("; ")}`);
    return [...kinds.values()];
  }

  /** Tells the story while things go wrong. */
  async try(strikes: readonly Strike[]): Promise<Outcome> {
    await this.#still();
    this.#faults.clear();
    let victims = 0;
    let after = new Map<Caller, number>();
    for (const { caller, call, nth, blow } of strikes) {
      const which = (attempt: CallAttempt) => {
        const kind = kindOfCall(this.#world, attempt);
        return kind?.caller === caller && kind.call === call;
      };
      orderBlow(this.#world, { match: { which }, at: nth, blow }, (died) => {
        victims += died;
        after = new Map();
        if (caller === "server") this.#restarted = this.#restarted.then(() => this.#restartServer());
      });
    }
    this.#faults.onCall = (attempt) => {
      const caller = kindOfCall(this.#world, attempt)?.caller;
      if (caller !== undefined) after.set(caller, (after.get(caller) ?? 0) + 1);
    };
    const told = await this.#tell();
    return { ...told, fell: this.#faults.pending === 0, victims, after };
  }

  get #faults() {
    return this.#world.playground.github.faults;
  }

  /** Resolves when nobody calls GitHub any more, so that only the story's own calls are counted. */
  async #still(): Promise<void> {
    for (let seen = -1; seen !== this.#faults.log.length; ) {
      seen = this.#faults.log.length;
      await pause(STILL_MS);
    }
  }

  /** What a supervisor does. What met a dead server is for the new one to fetch from GitHub's log of deliveries. */
  async #restartServer(): Promise<void> {
    const { server } = this.#world.playground;
    await this.#world.eventually("the server to be gone", async () => server?.pid === null);
    // Killed again before it listens, it is started by the restart that this asks for.
    await server?.start().catch(() => undefined);
  }

  async #tell(): Promise<Pick<Outcome, "verdict" | "retries" | "runs">> {
    const issue = await this.#world.openIssue("Nothing is written down");
    const said: string[] = [];
    let retries = 0;
    const end = await this.#delegate(issue, said, () => {
      retries += 1;
    }).catch((error: unknown) => String(error));
    await this.#restarted;
    const runs = (await this.#world.runsOf(issue)).length;
    const verdict = await this.#judge(issue, said);
    if (end === null) return { verdict, retries, runs };
    return { verdict: { ...verdict, lost: [end, ...(await this.#deafness()), ...verdict.lost] }, retries, runs };
  }

  /** Why, by its own words, somebody did not do what was said. */
  async #deafness(): Promise<readonly string[]> {
    const { actions, repository } = this.#world.playground;
    const handlers = actions.runs(repository).filter(({ order }) => order.event !== "workflow_dispatch");
    const logs = await Promise.all(handlers.slice(0, 10).map(({ order }) => this.#world.log(order.id)));
    const lines = [...this.#serverLines, ...logs.flatMap((log) => log.split("\n"))];
    return lines
      .flatMap((line) => /Not an answer: [^"]*|Delivery \S+ \(\w+\) failed: [^"]*/.exec(line)?.[0] ?? [])
      .slice(-5);
  }

  /** A person at work: asks for it, answers what is asked, and asks for a retry when one is offered. */
  async #delegate(issue: number, said: string[], retried: () => void): Promise<null> {
    await this.#world.say(issue, COMMAND);
    const answered = new Set<number>();
    let ended = 0;
    await this.#world.eventually(
      "the task to be done",
      async () => {
        const comments = await this.#world.comments(issue);
        const ends = comments.filter(({ body }) => body.startsWith("<!-- dispatch:result"));
        if (ends.some(({ body }) => /^### ✅/m.test(body))) return true;
        const open = comments.find(
          ({ id, body }) => body.startsWith("<!-- dispatch:question") && !answered.has(id) && this.#isDue(body),
        );
        if (open !== undefined) {
          answered.add(open.id);
          const words = `One line for each entry (${answered.size})`;
          said.push(words);
          await this.#world.say(issue, words);
        } else if (ends.length > ended) {
          ended = ends.length;
          retried();
          await this.#world.say(issue, "/dispatch retry");
        }
        return false;
      },
      PATIENCE_MS,
    );
    await this.#world.quiet();
    await this.#still();
    return null;
  }

  /** The question of a parked task can be answered at any time, and says so. */
  #isDue(question: string): boolean {
    return this.#story === "answered" || /any time/i.test(question);
  }

  async #judge(issue: number, said: readonly string[]): Promise<Verdict> {
    const { repository } = this.#world.playground;
    const tasks = await histories(repository.git, String(issue));
    const work: string[] = [];
    const committed: string[] = [];
    for (const { ref, moments } of tasks) {
      const items = new Set(itemsOf(moments));
      const branch = `refs/heads/dispatch/${ref.id}`;
      work.push(...(await this.#workLog(branch)));
      committed.push(...(await itemsOnBranch(repository, branch, (line) => items.has(line))));
    }
    const workers = new Map<string, number>();
    for (const { id, display_title: title } of await this.#world.runsOf(issue)) {
      const started = (await this.#world.log(id)).match(/demo worker \d+ works/gi)?.length ?? 0;
      workers.set(title, (workers.get(title) ?? 0) + started);
    }
    return judge({
      tasks: tasks.map(({ moments }) => moments),
      comments: (await this.#world.comments(issue)).map(({ body }) => body),
      labels: await this.#world.labels(issue),
      said,
      work,
      committed,
      workers,
    });
  }

  async #workLog(branch: string): Promise<readonly string[]> {
    const { git } = this.#world.playground.repository;
    const oid = await git.ref(branch);
    const commit = oid === null ? null : await readCommit(git, oid);
    if (commit === null) return [];
    const { "WORKLOG.md": text = "" } = await filesAt(git, commit.tree, "");
    return text.split("\n").map((line) => line.replace(/^- /, ""));
  }
}
