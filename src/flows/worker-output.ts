import type { Cause } from "../core/task.ts";
import type { TaskUsage } from "../core/task-text.ts";
import { readWorkerEvent, type WorkerEvent } from "../core/worker-event.ts";
import type { LiveTask } from "./live-task.ts";
import type { RunPorts } from "./run-ports.ts";

/** A worker that floods its output must not fill the job's log with it. */
const MOST_PRINTED = 20 * 1024 * 1024;

/** What one worker prints: kept in the job's log, and read for what people want to know while it works. */
export class WorkerOutput {
  /** Why the worker has failed, as far as it has said so. */
  cause: Cause | null = null;
  readonly #live: LiveTask;
  readonly #ports: Pick<RunPorts, "clock" | "log">;
  readonly #tell: (news: "doing" | "usage") => void;
  /** What earlier workers of this run have used. */
  readonly #before: TaskUsage | null;
  #printed = 0;

  constructor(live: LiveTask, tell: (news: "doing" | "usage") => void, ports: Pick<RunPorts, "clock" | "log">) {
    this.#live = live;
    this.#ports = ports;
    this.#tell = tell;
    this.#before = live.usage;
  }

  hear(line: string): void {
    this.#live.heardAt = this.#ports.clock.now();
    for (const event of readWorkerEvent(this.#live.task.worker.kind, line)) this.#take(event);
  }

  #take(event: WorkerEvent): void {
    switch (event.kind) {
      case "started":
        this.#live.recordSession(event.session);
        return;
      case "doing":
        this.#print(event.text);
        this.#live.doing = event.text;
        this.#tell("doing");
        return;
      case "usage":
        this.#live.usage = sum(this.#before, event);
        this.#tell("usage");
        return;
      case "ended":
        this.cause = event.ok ? null : event.cause;
        return;
      case "message":
        this.#print(event.text);
        return;
    }
  }

  /** Every line is marked as the worker's: a bare `::…` in a job's log would be a command to the runner. */
  #print(text: string): void {
    const { log } = this.#ports;
    if (this.#printed > MOST_PRINTED) return;
    this.#printed += text.length;
    for (const line of text.split(/\r\n?|\n/)) log.info(`│ ${line}`);
    if (this.#printed > MOST_PRINTED) log.info("│ … What follows is not printed any more: it is too much.");
  }
}

function sum(before: TaskUsage | null, { tokensIn, tokensOut, costUsd }: TaskUsage): TaskUsage {
  const costs = [before?.costUsd ?? null, costUsd].filter((cost) => cost !== null);
  return {
    tokensIn: (before?.tokensIn ?? 0) + tokensIn,
    tokensOut: (before?.tokensOut ?? 0) + tokensOut,
    costUsd: costs.length === 0 ? null : costs.reduce((total, cost) => total + cost, 0),
  };
}
