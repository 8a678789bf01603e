/** What can go wrong at one call of GitHub's API. The last two kill whoever makes it. */
export const FAULTS = ["5xx", "lost", "429", "401", "crash-before", "crash-after"] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  /** Which call of the trial, from 0. */
  readonly at: number;
  readonly kind: FaultKind;
}

/** One call of Dispatch's, as it went. */
export interface CallRecord {
  readonly number: number;
  readonly call: string;
  /** server, handler, run, post or settle */
  readonly by: string;
  readonly fault: FaultKind | null;
  /** Milliseconds of simulated time since the trial began. */
  readonly at: number;
}

/** The parts of a task's life. A question is answered while the worker waits, or it is parked first. */
export type Phase = "accept" | "question" | "answer" | "park" | "finish";
