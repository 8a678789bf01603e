import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { processTree, signalAll } from "./processes.ts";

/** How long a cancelled step may take after each signal. GitHub's figures: 7.5 s after SIGINT, 2.5 s after SIGTERM. */
export interface CancelGrace {
  readonly afterInterruptMs: number;
  readonly afterTerminateMs: number;
}

export const GITHUB_GRACE: CancelGrace = { afterInterruptMs: 7_500, afterTerminateMs: 2_500 };

/** A background process may keep a step's output open; the runner does not wait for it for long. */
const OUTPUT_GRACE_MS = 2_000;

export interface StepCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Ends the process by signals, unhurried. */
  readonly cancel: AbortSignal;
  /** Ends it at once, with all that it has started. */
  readonly kill: AbortSignal;
  readonly grace: CancelGrace;
}

/** Runs one process of a step. Resolves to its exit code, null when a signal ended it. */
export async function runStepProcess(command: StepCommand): Promise<number | null> {
  // A group of its own keeps a Ctrl-C at the playground's terminal away from it.
  const child = spawn(command.file, command.args, {
    cwd: command.directory,
    env: command.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const input of [child.stdout, child.stderr])
    createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on("line", command.onLine);
  const gone = new AbortController();
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const closed = once(child, "close", { signal: gone.signal }).catch(() => undefined);
  try {
    await once(child, "spawn");
    if (child.pid === undefined) throw new Error("The process has no id.");
    const ending = endOnCancel(child.pid, command, gone.signal);
    const code = await exited;
    await Promise.race([closed, sleep(OUTPUT_GRACE_MS, undefined, { ref: false })]);
    gone.abort();
    await ending;
    return code;
  } finally {
    gone.abort();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** SIGINT and SIGTERM reach the entry process alone, as on GitHub; what does not listen is killed with all it has started. */
async function endOnCancel(pid: number, { cancel, kill, grace }: StepCommand, gone: AbortSignal): Promise<void> {
  await aborted(AbortSignal.any([cancel, kill, gone]));
  const hurry = AbortSignal.any([kill, gone]);
  for (const [signal, ms] of [
    ["SIGINT", grace.afterInterruptMs],
    ["SIGTERM", grace.afterTerminateMs],
  ] as const) {
    if (hurry.aborted) break;
    signalAll([pid], signal);
    await sleep(ms, undefined, { signal: hurry }).catch(() => undefined);
  }
  if (!gone.aborted) signalAll(await processTree(pid), "SIGKILL");
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
