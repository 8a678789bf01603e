import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import type { WorkerCommand } from "../core/backend.ts";
import { type TaskRef, taskFolder } from "../core/task.ts";
import type { WorkerExit, WorkerPlace, WorkerProcess, Workers } from "../flows/machine-ports.ts";
import type { Log } from "../flows/ports.ts";
import { endWorker } from "./worker-ending.ts";
import { workerEnvironment } from "./worker-environment.ts";
import { lineReader, tailKeeper } from "./worker-output.ts";
import { preflight } from "./worker-preflight.ts";
import type { Worker } from "./worker-processes.ts";

export interface WorkersOptions {
  /** The environment of the run, of which a worker gets a part. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `dispatch-worker` is installed. */
  readonly helperDir: string;
  readonly log: Log;
}

const TAIL_BYTES = 8 * 1024;
/** What is left in the pipes after the exit is read, but a process left behind may hold them open for ever. */
const DRAIN_MS = 500;

export function workers({ environment, helperDir, log }: WorkersOptions): Workers {
  return {
    preflight(spec) {
      const path = [helperDir, environment["PATH"] ?? ""].join(delimiter);
      return preflight(spec, { ...environment, PATH: path });
    },

    start(command, place) {
      const isRoot = process.getuid?.() === 0;
      const env = workerEnvironment({ environment, helperDir, command, place, isRoot });
      const child = startProcess(command, place, env);
      const ended = watchProcess(child, place);
      const { pid } = child;
      if (pid === undefined) return { ended, stop: () => Promise.resolve() };
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
      const worker: Worker = { pid, marker: markerOf(place.directory, place.ref), hasEnded };
      return { ended, stop: (graceMs) => endWorker(worker, graceMs, log) } satisfies WorkerProcess;
    },

    endLeftBehind(directory, ref, graceMs) {
      return endWorker({ pid: null, marker: markerOf(directory, ref), hasEnded: () => true }, graceMs, log);
    },
  };
}

/** The folder, not the task: on a machine with several runners another repository's task may have the same id. */
function markerOf(directory: string, ref: TaskRef): string {
  return `DISPATCH_TASK_FOLDER=${join(directory, taskFolder(ref))}`;
}

function startProcess(command: WorkerCommand, place: WorkerPlace, env: Record<string, string>): ChildProcess {
  // Bash takes a standard input that is a socket, as Node's pipes are, for a remote shell, and would run the user's own files.
  const child = spawn("bash", ["--norc", "--noprofile", "-c", command.script, "bash", ...command.args], {
    cwd: place.directory,
    env,
    // A group of its own, so that it can be ended as a whole.
    detached: true,
    stdio: [command.stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
  });
  // A worker may end, or close its input, before it has read its prompt.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(command.stdin ?? "");
  return child;
}

function watchProcess(child: ChildProcess, place: WorkerPlace): Promise<WorkerExit> {
  const tail = tailKeeper(TAIL_BYTES);
  const lines = lineReader(place.onLine);
  child.stdout?.on("data", (chunk: Buffer) => {
    tail.push(chunk);
    lines.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => tail.push(chunk));
  return new Promise((resolve) => {
    const finish = (code: number | null, signalName: string | null) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      lines.end();
      resolve({ code, signal: signalName, tail: tail.text() });
    };
    child.once("error", (error) => {
      if (child.pid !== undefined) return;
      tail.push(Buffer.from(error.message));
      // As a shell says that it cannot find the command.
      finish(127, null);
    });
    child.once("exit", (code, signalName) => {
      const timer = setTimeout(() => finish(code, signalName), DRAIN_MS);
      child.once("close", () => {
        clearTimeout(timer);
        finish(code, signalName);
      });
    });
  });
}
