import { readMark, renderMark } from "../../src/core/marker.ts";
import type { Hosting } from "../../src/playground/demo-config.ts";
import type { GitHubEvent } from "../../src/playground/github/local-github.ts";
import type { Dispatch } from "./dispatch.ts";
import type { CallRecord, Fault, Phase } from "./faults.ts";
import { scriptedWorker, type WorkerHabits } from "./sim-worker.ts";
import { SimWorld } from "./sim-world.ts";
import { type Choose, Simulation } from "./simulation.ts";
import { judge, type Verdict } from "./verdict.ts";

/** When the question is answered: while the worker waits, long after it was parked, or in the moment in which it gives up. */
type Story = "answered" | "parked" | "at once";

export interface TrialPlan {
  readonly hosting: Hosting;
  readonly story: Story;
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Decides who comes first: from the beginning, or, where the answer comes in the moment of giving up, from there on. */
  readonly choose?: Choose;
  /** Which calls `choose` is asked about; by default those at which it can matter. */
  readonly contested?: RegExp;
  readonly dispatch?: Dispatch;
  /** How many replies a question gets, all at once. */
  readonly replies?: number;
  /** How many servers get every delivery. */
  readonly servers?: number;
  /** Simulated time after which the trial is broken off; then what is not done yet is not lost. */
  readonly limitMs?: number;
}

export interface Trial {
  readonly verdict: Verdict;
  /** How often a command that no job had taken had to be written again. */
  readonly askedAgain: number;
  readonly calls: readonly CallRecord[];
  /** The first call of each phase but the first. */
  readonly phases: readonly { readonly phase: Phase; readonly from: number }[];
  readonly world: SimWorld;
}

const DAY_MS = 24 * 3_600_000;
const HABITS: WorkerHabits = { items: 3, asksAt: 1, patience: 1, paceMs: 3_000 };
/** Later than the worker waits and the run gives it to park itself. */
const LATE_MS = 3 * 60_000;
const READING_MS = 20_000;
const COMMAND = "/dispatch use opus to add a /health endpoint";
const MOST_RETRIES = 6;
/** Without a server the workflow's schedule looks after what has stopped halfway; only when that has brought nothing is it asked for again. */
const PATIENCE_MS = 25 * 3_600_000;

/** Mona asks for one task in one issue, and answers what the worker asks; when something has died, she has it tried again. */
export async function runTrial(plan: TrialPlan): Promise<Trial> {
  const phases: { readonly phase: Phase; readonly from: number }[] = [];
  const enter = (phase: Phase) => {
    if (!phases.some((known) => known.phase === phase)) phases.push({ phase, from: world.calls.length });
  };
  let mayChoose = plan.story !== "at once";
  const chosen = plan.choose;
  const simulation = new Simulation({
    seed: plan.seed,
    choose: chosen === undefined ? null : (count) => (mayChoose ? chosen(count) : 0),
  });
  const script = scriptedWorker(HABITS, {
    started: () => enter("question"),
    done: () => undefined,
    heard: () => enter("finish"),
    gaveUp: () => {
      if (plan.story !== "at once") return;
      mayChoose = true;
      user.replyNow();
    },
  });
  const { hosting, faults, servers = 1, limitMs = 30 * DAY_MS } = plan;
  const world = await SimWorld.create({
    simulation,
    hosting,
    script,
    faults,
    servers,
    ...(plan.dispatch === undefined ? {} : { dispatch: plan.dispatch }),
    ...(plan.contested === undefined ? {} : { contested: plan.contested }),
  });
  const issue = world.openIssue(world.repository, "The service has no health check");
  const user = new User(world, issue, plan, () => enter(plan.story === "answered" ? "answer" : "park"));
  await world.say(issue, COMMAND);
  const end = await simulation.run(limitMs);
  const verdict = await judge(world, {
    issue,
    said: user.said,
    isWhole: plan.limitMs === undefined,
    isIdle: end === "idle",
  });
  const { askedAgain } = user;
  return { verdict, askedAgain, calls: world.calls, phases, world };
}

class User {
  /** How often the command had to be written again. */
  askedAgain = 0;
  /** Replies that have been written. */
  readonly said: string[] = [];
  readonly #world: SimWorld;
  readonly #plan: TrialPlan;
  readonly #asked = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #issue: number;
  #thread = 0;

  constructor(world: SimWorld, issue: number, plan: TrialPlan, asked: () => void) {
    this.#issue = issue;
    this.#world = world;
    this.#plan = plan;
    world.github.onEvent((event) => {
      if (isRed(event)) world.simulation.after(PATIENCE_MS, () => this.#askAgain());
      const comment = commentOf(event);
      const mark = comment === null ? null : readMark(comment.body);
      if (comment === null || mark === null) return;
      this.#thread = comment.thread;
      const name = renderMark(mark);
      if (mark.kind === "question" && !this.#asked.has(name)) {
        this.#asked.add(name);
        asked();
        if (plan.story !== "at once") this.#reply(plan.story === "parked" ? LATE_MS : READING_MS);
      }
      if (mark.kind === "result" && !this.#ended.has(name)) {
        this.#ended.add(name);
        const isDone = /^### ✅/m.test(comment.body);
        if (!isDone && this.#ended.size <= MOST_RETRIES) {
          world.simulation.after(READING_MS, () => world.say(comment.thread, "/dispatch retry"));
        }
      }
    });
  }

  /** What no job has taken is written once more: both of them are red, and nothing else is there to see. */
  async #askAgain(): Promise<void> {
    if (this.#thread !== 0) return;
    this.askedAgain += 1;
    await this.#world.say(this.#issue, COMMAND);
  }

  /** In the moment in which the run sees that its worker has given up. */
  replyNow(): void {
    this.#reply(25);
  }

  #reply(afterMs: number): void {
    for (let nth = 1; nth <= (this.#plan.replies ?? 1); nth += 1) {
      const body = `In JSON, please (${this.#asked.size}.${nth})`;
      this.#world.simulation.after(afterMs, async () => {
        this.said.push(body);
        await this.#world.say(this.#thread, body);
      });
    }
  }
}

/** A job that was to hear something has failed. */
function isRed({ name, payload }: GitHubEvent): boolean {
  if (name !== "workflow_run") return false;
  const { workflow_run: run } = payload as { workflow_run: { name: string; conclusion: string } };
  return run.name.startsWith("dispatch hears") && run.conclusion === "failure";
}

function commentOf(event: GitHubEvent): { readonly body: string; readonly thread: number } | null {
  const { name, action, payload, actor } = event;
  if (name !== "issue_comment" || action !== "created" || actor.type !== "Bot") return null;
  const { comment, issue } = payload as { comment: { body: string }; issue: { number: number } };
  return { body: comment.body, thread: issue.number };
}
