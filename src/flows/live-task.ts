import { workingRun } from "../core/lifecycle.ts";
import type { Problem } from "../core/problem.ts";
import type { TaskUsage } from "../core/status-comment.ts";
import {
  type CommentRef,
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
  #gone = false;
  /** Small facts that are not worth a commit of their own: they ride on the next one. */
  #recordings: ((task: Task) => Task)[] = [];

  constructor(snapshot: Snapshot, run: Run, ports: Ports) {
    this.ref = snapshot.ref;
    this.run = run;
    this.startedAt = ports.clock.now();
    this.hasTakenOver = Object.keys(readTask(snapshot.files).exchanges).length > 0;
    this.#snapshot = snapshot;
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

  get gone(): boolean {
    return this.#gone;
  }

  get facts(): LiveFacts {
    return { doing: this.doing, usage: this.usage, warnings: [...this.#warnings] };
  }

  warn(sentence: string): void {
    this.#warnings.add(sentence);
  }

  recordStatusComment(comment: CommentRef): void {
    this.#recordings.push((task) => ({ ...task, statusComment: comment }));
  }

  recordQuestionComment(number: string, { id, author, url }: CommentRef): void {
    const comment = { id, author, url };
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

  recordBranch(branch: string): void {
    this.#recordings.push((task) => ({ ...task, work: { ...task.work, branch, onPullRequest: false } }));
  }

  /** Commits a change as long as this run holds the task. False when there was nothing to change, or no right to. */
  async change(decide: (files: TaskFiles) => Change | null): Promise<boolean> {
    let recorded = 0;
    const updated = await updateTask(
      this.ref,
      ({ files }) => {
        const change = holds(readTask(files), this.run) ? decide(files) : null;
        if (change === null) return null;
        recorded = this.#recordings.length;
        return this.#withRecordings(change, files);
      },
      this.#ports,
      this.#snapshot,
    );
    if (updated === null) {
      this.#gone = true;
      return false;
    }
    this.#snapshot = updated.snapshot;
    if (updated.changed) this.#recordings = this.#recordings.slice(recorded);
    return updated.changed;
  }

  /** Reads the branch again. */
  async refresh(): Promise<void> {
    const snapshot = await this.#ports.branches.read(this.ref);
    if (snapshot === null) this.#gone = true;
    else this.#snapshot = snapshot;
  }

  #withRecordings(change: Change, files: TaskFiles): Change {
    if (this.#recordings.length === 0) return change;
    const text = change.files["task.yaml"] ?? files["task.yaml"] ?? "";
    const task = this.#recordings.reduce((current, record) => record(current), readTask({ "task.yaml": text }));
    return { ...change, files: { ...change.files, "task.yaml": renderTask(task) } };
  }
}

function holds(task: Task, run: Run): boolean {
  const working = workingRun(task.state);
  return working !== null && working.id === run.id && working.tryNumber === run.tryNumber;
}
