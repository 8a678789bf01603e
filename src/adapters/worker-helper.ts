import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface WorkerHelperOptions {
  /** The Node that runs it. */
  readonly node: string;
  /** The bundled helper. */
  readonly script: string;
}

/** Writes the command `dispatch-worker` into a directory that goes on the worker's PATH. */
export function installWorkerHelper(directory: string, { node, script }: WorkerHelperOptions): void {
  mkdirSync(directory, { recursive: true });
  const command = join(directory, "dispatch-worker");
  writeFileSync(command, `#!/bin/sh\nexec ${quoted(node)} ${quoted(script)} "$@"\n`);
  chmodSync(command, 0o755);
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
