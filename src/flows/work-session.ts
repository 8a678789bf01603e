import type { WorkerCommand } from "../core/backend.ts";
import { openQuestions } from "../core/lifecycle.ts";
import { isDone } from "../core/mailbox.ts";
import { isProvisional, newlyDone, type Plan, parsePlan, sameSteps } from "../core/plan.ts";
import { TokenRefused } from "../core/problem.ts";
import type { Cause } from "../core/task.ts";
import { Bell } from "./bell.ts";
import { isInterrupted, unlessInterrupted } from "./finish-hurried.ts";
import { keepAsking } from "./keep-questions.ts";
import type { LiveTask } from "./live-task.ts";
import type { WorkerExit, WorkerProcess } from "./machine-ports.ts";
import { saveWork } from "./push-work.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";
import { deliverAnswers, syncProgress } from "./sync-progress.ts";
import { watchBranch } from "./watch-branch.ts";
import { WorkerOutput } from "./worker-output.ts";

/** How one worker process came to its end. */
export type SessionEnd =
  | { readonly kind: "exited"; readonly exit: WorkerExit; readonly cause: Cause | null }
  | { readonly kind: "cancelled"; readonly by: string }
  /** It was only to write the plan, and has. */
  | { readonly kind: "planned" }
  /** A question has waited its time, or could not be put anywhere. */
  | { readonly kind: "unanswered" }
  | { readonly kind: "timed-out" }
  /** It has cost more than it may. */
  | { readonly kind: "over-budget"; readonly spent: number; readonly budget: number }
  /** The job has just enough time left to save the work. */
  | { readonly kind: "out-of-time" }
  /** The branch is gone, or another run holds the task. */
  | { readonly kind: "lost" }
  /** GitHub cancels the job. */
  | { readonly kind: "interrupted" };

/** How often the comment is drawn anew although only the clock has moved. */
const REDRAW_MS = 30_000;
/** How soon a new "doing" line is worth an edit. */
const DOING_MS = 10_000;
/** What a worker gets to park itself, after its question has waited its time. */
const PARK_GRACE_MS = 30_000;
/** What a worker gets to end by itself after it has said that it is done. */
const DONE_GRACE_MS = 60_000;
/** How long a plan that is all that was asked for must have stood still: some workers write it step by step. */
const PLAN_SETTLED_MS = 3_000;
const STOP_GRACE_MS = 2_000;
/** Of the ten seconds that GitHub leaves a cancelled job. */
const HURRIED_GRACE_MS = 500;
/** Runs one worker process to its end and carries everything between it and the people who wait. */
export async function workSession(
  live: LiveTask,
  view: StatusView,
  command: WorkerCommand,
  ports: RunPorts,
): Promise<SessionEnd> {
  const session = new Session(live, view, ports);
  return session.run(command);
}

class Session {
  readonly #live: LiveTask;
  readonly #view: StatusView;
  readonly #ports: RunPorts;
  readonly #bell = new Bell();
  readonly #over = new AbortController();
  readonly #output: WorkerOutput;
  #exit: WorkerExit | null = null;
  /** What the branch's last look has found, when it was not what we knew. */
  #seenHead: string | null = null;
  /** Why nothing more can be said to GitHub, nor heard from it. */
  #cutOff: TokenRefused | null = null;
  #doneAt: number | null = null;
  /** When what is asked was last looked after. */
  #askedAt = 0;
  /** The plan that the planning phase has brought, and since when it stands. */
  #planned: { readonly plan: Plan; readonly at: number } | null = null;
  /** The plan up to which the work has been committed. */
  #kept: Plan;
  #keeping: Promise<void> = Promise.resolve();

  constructor(live: LiveTask, view: StatusView, ports: RunPorts) {
    this.#live = live;
    this.#view = view;
    this.#ports = ports;
    this.#output = new WorkerOutput(live, (news) => this.#onNews(news), ports);
    this.#kept = parsePlan(live.files["plan.md"] ?? "");
    this.#askedAt = ports.clock.now().getTime();
  }

  async run(command: WorkerCommand): Promise<SessionEnd> {
    if (isInterrupted(this.#ports)) return { kind: "interrupted" };
    const worker = this.#start(command);
    const ring = () => this.#bell.ring();
    this.#ports.stop.addEventListener("abort", ring);
    const watching = Promise.all([
      this.#watchFolder(),
      watchBranch(this.#live, (seen) => this.#onSeen(seen), this.#over.signal, this.#ports),
    ]);
    try {
      for (;;) {
        const end = await unlessInterrupted(() => this.#turn(), this.#ports);
        if (end === "interrupted") return { kind: "interrupted" };
        if (end !== null) return end;
        await this.#bell.wait(this.#untilNextDeadline(), this.#ports.clock);
      }
    } finally {
      this.#over.abort();
      this.#ports.stop.removeEventListener("abort", ring);
      await worker.stop(isInterrupted(this.#ports) ? HURRIED_GRACE_MS : STOP_GRACE_MS);
      await unlessInterrupted(() => watching, this.#ports);
    }
  }

  #start(command: WorkerCommand): WorkerProcess {
    const { settings, work } = this.#live.task;
    const worker = this.#ports.workers.start(command, {
      directory: this.#ports.checkout.directory,
      ref: this.#live.ref,
      answerTimeout: settings.answerTimeout,
      // A stranger's code gets to see the model's key alone.
      env: work.readOnly === true ? [] : settings.env,
      onLine: (line) => this.#output.hear(line),
    });
    void worker.ended.then((exit) => {
      this.#exit = exit;
      this.#bell.ring();
    });
    return worker;
  }

  #onNews(news: "doing" | "usage"): void {
    const isDue = news === "doing" ? this.#view.age > DOING_MS : this.#usedUp() !== null;
    if (isDue) this.#bell.ring();
  }

  /** One look at everything. What ended first is found first: the signal, the branch, the folder, the process, the clock. */
  async #turn(): Promise<SessionEnd | null> {
    // Taken before the folder is read, so that nothing the worker wrote at its end is missed.
    const exit = this.#exit;
    if (exit !== null) await this.#keep();
    if (this.#cutOff !== null) throw this.#cutOff;
    const lost = await this.#lookAtBranch();
    if (lost !== null) return lost;
    // A tick that nobody has committed the work of yet would be pushed without it.
    await this.#keep();
    const asked = await syncProgress(this.#live, this.#view, { final: exit !== null }, this.#ports);
    // Not only when a look has found something new: any commit of ours may have met an answer on its way.
    await deliverAnswers(this.#live, this.#ports);
    await this.#live.keepLease();
    await this.#keepAsking();
    const state = this.#live.task.state;
    if (state.kind === "cancelling") return { kind: "cancelled", by: state.by };
    if (!this.#live.held) return { kind: "lost" };
    if (exit !== null) return { kind: "exited", exit, cause: this.#output.cause };
    if (this.#hasPlanned()) return { kind: "planned" };
    if (!asked) return { kind: "unanswered" };
    return this.#usedUp() ?? this.#overdue();
  }

  /** Labels get taken off and comments deleted: while something is asked, that is looked at now and then. */
  async #keepAsking(): Promise<void> {
    const now = this.#ports.clock.now().getTime();
    if (now < this.#askedAt + REDRAW_MS) return;
    this.#askedAt = now;
    await keepAsking(this.#live, this.#ports);
  }

  async #lookAtBranch(): Promise<SessionEnd | null> {
    if (this.#seenHead === null || this.#seenHead === this.#live.head) return null;
    await this.#live.refresh();
    this.#seenHead = null;
    return this.#live.held ? null : { kind: "lost" };
  }

  /** In the planning phase the worker has nothing more to do once its plan stands, and one that has begun to work is stopped. */
  #hasPlanned(): boolean {
    const plan = parsePlan(this.#live.files["plan.md"] ?? "");
    if (this.#live.task.phase !== "plan" || isProvisional(plan)) return false;
    if (plan.items.some(({ marker }) => marker !== "open")) return true;
    const now = this.#ports.clock.now().getTime();
    if (this.#planned === null || !sameSteps(this.#planned.plan, plan)) this.#planned = { plan, at: now };
    return now >= this.#planned.at + PLAN_SETTLED_MS;
  }

  /** What the worker was given, time apart, is at its end: the job, or the money. */
  #usedUp(): SessionEnd | null {
    const isAsking = openQuestions(this.#live.task.state).length > 0;
    if (this.#ports.stop.aborted) return { kind: isAsking ? "unanswered" : "out-of-time" };
    const budget = this.#live.task.settings.budgetUsd;
    const spent = this.#live.usage?.costUsd ?? 0;
    return budget === null || spent <= budget ? null : { kind: "over-budget", spent, budget };
  }

  async #overdue(): Promise<SessionEnd | null> {
    const now = this.#ports.clock.now().getTime();
    const isAsking = openQuestions(this.#live.task.state).length > 0;
    if (now >= this.#timeoutAt()) return { kind: isAsking ? "unanswered" : "timed-out" };
    const parkAt = this.#parkAt();
    if (parkAt !== null && now >= parkAt) return { kind: "unanswered" };
    this.#doneAt ??= isDone((await this.#ports.folder.read()).files) ? now : null;
    if (this.#doneAt !== null && now >= this.#doneAt + DONE_GRACE_MS) {
      return { kind: "exited", exit: { code: 0, signal: null, tail: "" }, cause: null };
    }
    return null;
  }

  #timeoutAt(): number {
    return this.#live.startedAt.getTime() + this.#live.task.settings.timeout * 60_000;
  }

  #parkAt(): number | null {
    const { task } = this.#live;
    const asked = openQuestions(task.state).map((number) => Date.parse(task.exchanges[number]?.askedAt ?? ""));
    if (asked.length === 0) return null;
    return Math.min(...asked) + task.settings.answerTimeout * 60_000 + PARK_GRACE_MS;
  }

  #untilNextDeadline(): number {
    const now = this.#ports.clock.now().getTime();
    const deadlines = [this.#timeoutAt(), this.#parkAt() ?? Infinity, now + REDRAW_MS];
    if (this.#planned !== null) deadlines.push(this.#planned.at + PLAN_SETTLED_MS);
    if (this.#doneAt !== null) deadlines.push(this.#doneAt + DONE_GRACE_MS);
    return Math.max(10, Math.min(...deadlines) - now);
  }

  async #watchFolder(): Promise<void> {
    for await (const _ of this.#ports.folder.changes(this.#over.signal)) {
      this.#live.heardAt = this.#ports.clock.now();
      await this.#keep();
      this.#bell.ring();
    }
  }

  /** Commits the work of each item at once, so that the next item's work does not get into its commit. */
  #keep(): Promise<void> {
    // A commit that fails is tried again with the next item, and at the end; it must not stop the watching.
    this.#keeping = this.#keeping
      .then(() => this.#keepNow())
      .catch((error: unknown) => {
        this.#ports.log.warning(`The work could not be committed just now: ${String(error)}`);
      });
    return this.#keeping;
  }

  async #keepNow(): Promise<void> {
    const text = (await this.#ports.folder.read()).files["plan.md"];
    if (text === undefined) return;
    const plan = parsePlan(text);
    const finished = newlyDone(this.#kept, plan).map((item) => item.text);
    if (finished.length > 0) await saveWork(this.#live, finished, this.#ports);
    this.#kept = plan;
  }

  #onSeen(seen: string | TokenRefused): void {
    if (seen instanceof TokenRefused) this.#cutOff = seen;
    else this.#seenHead = seen;
    if (seen !== this.#live.head) this.#bell.ring();
  }
}
