import type { WorkerCommand } from "../core/backend.ts";
import { openQuestions } from "../core/lifecycle.ts";
import { isDone } from "../core/mailbox.ts";
import { newlyDone, type Plan, parsePlan } from "../core/plan.ts";
import type { Cause } from "../core/task.ts";
import { readWorkerEvent, type WorkerEvent } from "../core/worker-event.ts";
import { Bell } from "./bell.ts";
import type { LiveTask } from "./live-task.ts";
import type { WorkerExit, WorkerProcess } from "./ports.ts";
import { saveWork } from "./push-work.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";
import { deliverAnswers, syncProgress } from "./sync-progress.ts";

/** How one worker process came to its end. */
export type SessionEnd =
  | { readonly kind: "exited"; readonly exit: WorkerExit; readonly cause: Cause | null }
  | { readonly kind: "cancelled"; readonly by: string }
  /** A question has waited its time, or could not be put anywhere. */
  | { readonly kind: "unanswered" }
  | { readonly kind: "timed-out" }
  /** The branch is gone, or another run holds the task. */
  | { readonly kind: "lost" }
  /** GitHub cancels the job. */
  | { readonly kind: "interrupted" };

const POLL_MS = 5_000;
/** While somebody may be answering. */
const POLL_ASKING_MS = 2_000;
/** How often the comment is drawn anew although only the clock has moved. */
const REDRAW_MS = 30_000;
/** How soon a new "doing" line is worth an edit. */
const DOING_MS = 10_000;
/** What a worker gets to park itself, after its question has waited its time. */
const PARK_GRACE_MS = 30_000;
/** What a worker gets to end by itself after it has said that it is done. */
const DONE_GRACE_MS = 60_000;
const STOP_GRACE_MS = 2_000;

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
  #exit: WorkerExit | null = null;
  #cause: Cause | null = null;
  /** What the branch's last look has found, when it was not what we knew. */
  #seenHead: string | null = null;
  #doneAt: number | null = null;
  /** The plan up to which the work has been committed. */
  #kept: Plan;
  #keeping: Promise<void> = Promise.resolve();

  constructor(live: LiveTask, view: StatusView, ports: RunPorts) {
    this.#live = live;
    this.#view = view;
    this.#ports = ports;
    this.#kept = parsePlan(live.files["plan.md"] ?? "");
  }

  async run(command: WorkerCommand): Promise<SessionEnd> {
    const worker = this.#start(command);
    const ring = () => this.#bell.ring();
    this.#ports.stop.addEventListener("abort", ring);
    const watching = Promise.all([this.#watchFolder(), this.#watchBranch()]);
    try {
      for (;;) {
        const end = await this.#turn();
        if (end !== null) return end;
        await this.#bell.wait(this.#untilNextDeadline(), this.#ports.clock);
      }
    } finally {
      this.#over.abort();
      this.#ports.stop.removeEventListener("abort", ring);
      await worker.stop(STOP_GRACE_MS);
      await watching;
    }
  }

  #start(command: WorkerCommand): WorkerProcess {
    const { settings, worker: spec } = this.#live.task;
    const worker = this.#ports.workers.start(command, {
      directory: this.#ports.checkout.directory,
      ref: this.#live.ref,
      answerTimeout: settings.answerTimeout,
      env: settings.env,
      onLine: (line) => {
        for (const event of readWorkerEvent(spec.kind, line)) this.#hear(event);
      },
    });
    void worker.ended.then((exit) => {
      this.#exit = exit;
      this.#bell.ring();
    });
    return worker;
  }

  #hear(event: WorkerEvent): void {
    switch (event.kind) {
      case "started":
        this.#live.recordSession(event.session);
        return;
      case "doing":
        this.#print(event.text);
        this.#live.doing = event.text;
        if (this.#view.age > DOING_MS) this.#bell.ring();
        return;
      case "usage":
        this.#live.usage = { tokensIn: event.tokensIn, tokensOut: event.tokensOut, costUsd: event.costUsd };
        return;
      case "ended":
        this.#cause = event.ok ? null : event.cause;
        return;
      case "message":
        this.#print(event.text);
        return;
    }
  }

  /** Every line is marked as the worker's: a bare `::…` in a job's log would be a command to the runner. */
  #print(text: string): void {
    for (const line of text.split(/\r\n?|\n/)) this.#ports.log.info(`│ ${line}`);
  }

  /** One look at everything. What ended first is found first: the signal, the branch, the folder, the process, the clock. */
  async #turn(): Promise<SessionEnd | null> {
    // Taken before the folder is read, so that nothing the worker wrote at its end is missed.
    const exit = this.#exit;
    if (exit !== null) await this.#keep();
    if (this.#ports.stop.aborted) return { kind: "interrupted" };
    const lost = await this.#lookAtBranch();
    if (lost !== null) return lost;
    const asked = await syncProgress(this.#live, this.#view, { final: exit !== null }, this.#ports);
    // Not only when a look has found something new: any commit of ours may have met an answer on its way.
    await deliverAnswers(this.#live, this.#ports);
    const state = this.#live.task.state;
    if (state.kind === "cancelling") return { kind: "cancelled", by: state.by };
    if (!this.#live.held) return { kind: "lost" };
    if (exit !== null) return { kind: "exited", exit, cause: this.#cause };
    if (!asked) return { kind: "unanswered" };
    return this.#overdue();
  }

  async #lookAtBranch(): Promise<SessionEnd | null> {
    if (this.#seenHead === null || this.#seenHead === this.#live.head) return null;
    await this.#live.refresh();
    this.#seenHead = null;
    if (this.#live.gone) return { kind: "cancelled", by: "" };
    return this.#live.held ? null : { kind: "lost" };
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
    if (this.#doneAt !== null) deadlines.push(this.#doneAt + DONE_GRACE_MS);
    return Math.max(10, Math.min(...deadlines) - now);
  }

  async #watchFolder(): Promise<void> {
    for await (const _ of this.#ports.folder.changes(this.#over.signal)) {
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

  async #watchBranch(): Promise<void> {
    const { clock, branches, log } = this.#ports;
    while (!this.#over.signal.aborted) {
      const asking = openQuestions(this.#live.task.state).length > 0;
      await clock.sleep(asking ? POLL_ASKING_MS : POLL_MS, this.#over.signal);
      if (this.#over.signal.aborted) return;
      try {
        const seen = await branches.head(this.#live.ref, this.#live.head);
        if (seen === "same") continue;
        this.#seenHead = seen === "gone" ? seen : seen.head;
        if (this.#seenHead !== this.#live.head) this.#bell.ring();
      } catch (error) {
        log.warning(`The task's branch could not be looked at: ${String(error)}`);
      }
    }
  }
}
