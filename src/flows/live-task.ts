import { HEARTBEAT_MS } from "../core/lease.ts";
import { workingRun } from "../core/lifecycle.ts";
import type { Problem } from "../core/problem.ts";
import { doingOrSilent } from "../core/silence.ts";
import type { TaskUsage } from "../core/status-comment.ts";
import {
  type CommentRef,
  type QuestionComment,
  type Run,
  readTask,
  renderTask,
  type Task,
  type TaskFiles,
  type TaskRef,
} from "../core/task.ts";
import type { Change, PullRequest, Snapshot } from "./ports.ts";
import type { LiveFacts } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";
import { isReadable } from "./thread-tasks.ts";
import { updateTask } from "./update-task.ts";

type Ports = Pick<RunPorts, "branches" | "clock">;

/** A task in the hands of its run: the branch as last seen, and what only this run knows. */
export class LiveTask {
  readonly ref: TaskRef;
  readonly run: Run;
  readonly startedAt: Date;
  /** True when another process had the task before, under this or an earlier run. */
  readonly hasTakenOver: boolean;
  doing: string | null = null;
  /** When the worker was last heard of. */
  heardAt: Date;
  /** Items that are ticked and whose work could not be committed. */
  unsaved: readonly string[] = [];
  /** Whether work has been committed that no push has carried yet. */
  unpushed = false;
  /** True once the workspace holds the work branch: from then on there may be work to save. */
  checkedOut = false;
  /** The pull request of this run's work, once it is known. */
  pullRequest: PullRequest | null = null;
  /** Why there is none. */
  pullRequestRefusal: Problem | null = null;
  usage: TaskUsage | null = null;
  readonly #warnings = new Set<string>();
  readonly #ports: Ports;
  #snapshot: Snapshot;
  /** When the branch was last seen to move, by this machine's clock: it is only to know how long nothing has been said. */
  #movedAt: Date;
  #gone = false;
  /** The head whose record somebody has damaged. */
  #damagedAt: string | null = null;
  /** Small facts that are not worth a commit of their own: they ride on the next one. */
  #recordings: ((task: Task) => Task)[] = [];

  constructor(snapshot: Snapshot, run: Run, ports: Ports) {
    this.ref = snapshot.ref;
    this.run = run;
    this.startedAt = ports.clock.now();
    this.heardAt = this.startedAt;
    this.hasTakenOver = Object.keys(readTask(snapshot.files).exchanges).length > 0;
    this.#snapshot = snapshot;
    this.#movedAt = this.startedAt;
    this.#ports = ports;
  }

  /** The branch's files, with everything that is known of the task. */
  get files(): TaskFiles {
    const { files } = this.#snapshot;
    return this.#recordings.length === 0 ? files : { ...files, "task.yaml": renderTask(this.task) };
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get head(): string {
    return this.#snapshot.head;
  }

  /** The task with everything that is known of it, recorded or not yet. */
  get task(): Task {
    return this.#recordings.reduce((task, record) => record(task), readTask(this.#snapshot.files));
  }

  /** False once the task's branch is gone, or another run holds it: then nothing more may be written. */
  get held(): boolean {
    return !this.#gone && holds(readTask(this.#snapshot.files), this.run);
  }

  /** True once somebody has deleted the task's branch while this run held the task. */
  get isDeleted(): boolean {
    return this.#gone && holds(readTask(this.#snapshot.files), this.run);
  }

  get facts(): LiveFacts {
    const silentMs = this.#ports.clock.now().getTime() - this.heardAt.getTime();
    return { doing: doingOrSilent(this.doing, silentMs), usage: this.usage, warnings: [...this.#warnings] };
  }

  warn(sentence: string): void {
    this.#warnings.add(sentence);
  }

  recordStatusComment(comment: CommentRef): void {
    this.#recordings.push((task) => ({ ...task, statusComment: comment }));
  }

  recordQuestionComment(number: string, comment: QuestionComment): void {
    this.#recordings.push((task) => {
      const exchange = task.exchanges[number];
      return exchange === undefined
        ? task
        : { ...task, exchanges: { ...task.exchanges, [number]: { ...exchange, comment } } };
    });
  }

  recordPullRequest(pullRequest: NonNullable<Task["pullRequest"]>): void {
    this.#recordings.push((task) => ({ ...task, pullRequest }));
  }

  recordSession(session: string): void {
    if (this.task.session !== session) this.#recordings.push((task) => ({ ...task, session }));
  }

  /** The work goes to a branch of its own now, and its pull request from there to `base`. */
  recordBranch(branch: string, base: string): void {
    this.pullRequest = null;
    this.pullRequestRefusal = null;
    this.#recordings.push((task) => ({ ...task, work: { ...task.work, branch, base, onPullRequest: false } }));
  }

  /** The base is called something else now. */
  recordBase(base: string): void {
    this.#recordings.push((task) => ({ ...task, work: { ...task.work, base } }));
  }

  /** Commits a change as long as this run holds the task. False when there was nothing to change, or no right to. */
  async change(decide: (files: TaskFiles) => Change | null): Promise<boolean> {
    let recorded: readonly unknown[] = [];
    const updated = await updateTask(
      this.ref,
      (snapshot) => {
        const { files } = this.#mended(snapshot);
        const change = holds(readTask(files), this.run) ? decide(files) : null;
        if (change === null) return null;
        recorded = [...this.#recordings];
        return this.#withRecordings(change, files, this.#isDamaged(snapshot));
      },
      this.#ports,
      this.#snapshot,
    );
    if (updated === null) {
      this.#gone = true;
      return false;
    }
    this.#take(updated.snapshot);
    // Not by their number: a change that was made at the same time may have carried some of them already.
    if (updated.changed) this.#recordings = this.#recordings.filter((record) => !recorded.includes(record));
    return updated.changed;
  }

  /** Reads the branch again. */
  async refresh(): Promise<void> {
    const snapshot = await this.#ports.branches.read(this.ref);
    if (snapshot === null) {
      this.#gone = true;
      return;
    }
    this.#take(snapshot);
    if (isReadable(snapshot)) return;
    await this.change(() => ({ files: {}, message: `Restore the record of ${this.ref.id}` }));
    this.warn("The task's record, task.yaml, was damaged on its branch; it has been restored.");
  }

  /** Moves the branch where nothing else has for long: a task whose branch stands still is taken for one whose run has died. */
  async keepLease(): Promise<void> {
    if (this.#ports.clock.now().getTime() - this.#movedAt.getTime() < HEARTBEAT_MS) return;
    await this.change(() => ({ files: {}, message: `Still at work on ${this.ref.id}` }));
  }

  #take(snapshot: Snapshot): void {
    if (snapshot.head !== this.#snapshot.head) this.#movedAt = this.#ports.clock.now();
    this.#snapshot = this.#mended(snapshot);
  }

  /** Where somebody has damaged the record on the branch, the last good one counts, and goes with the next commit. */
  #mended(snapshot: Snapshot): Snapshot {
    if (isReadable(snapshot)) return snapshot;
    this.#damagedAt = snapshot.head;
    return { ...snapshot, files: { ...snapshot.files, "task.yaml": this.#snapshot.files["task.yaml"] ?? "" } };
  }

  #isDamaged(snapshot: Snapshot): boolean {
    return !isReadable(snapshot) || snapshot.head === this.#damagedAt;
  }

  #withRecordings(change: Change, files: TaskFiles, isDamaged: boolean): Change {
    if (this.#recordings.length === 0 && !isDamaged) return change;
    const text = change.files["task.yaml"] ?? files["task.yaml"] ?? "";
    const task = this.#recordings.reduce((current, record) => record(current), readTask({ "task.yaml": text }));
    return { ...change, files: { ...change.files, "task.yaml": renderTask(task) } };
  }
}

function holds(task: Task, run: Run): boolean {
  const working = workingRun(task.state);
  return working !== null && working.id === run.id && working.tryNumber === run.tryNumber;
}
