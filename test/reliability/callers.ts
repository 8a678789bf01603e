import { readdirSync, readFileSync } from "node:fs";
import type { CallAttempt } from "../../src/playground/github/faults.ts";
import { nameOfCall } from "../crash/call-name.ts";
import type { World } from "../stories/world.ts";

/** Who calls GitHub: the server, or a job of the workflow; `post` is what cleans up after the job that works. */
export const CALLERS = ["server", "thread", "again", "work", "post", "settle"] as const;
export type Caller = (typeof CALLERS)[number];

/** A sort of call: who makes it and what it is, whatever the numbers in it. */
export interface CallKind {
  readonly caller: Caller;
  readonly call: string;
}

/** Null for people, for git's own requests (git repeats them itself), and for looking after installations and deliveries. */
export function kindOfCall(world: World, attempt: CallAttempt): CallKind | null {
  const { method, path, query } = attempt;
  if (/^\/[^/]+\/[^/]+\.git\/|^\/app\/(?:installations$|hook\/)/.test(path)) return null;
  const caller = callerOf(world, attempt);
  return caller === null ? null : { caller, call: nameOfCall(method, path, query ?? "") };
}

function callerOf(world: World, { tokenKind, token }: CallAttempt): Caller | null {
  if (tokenKind === "installation" || tokenKind === "app") return "server";
  const job = token === null ? undefined : world.playground.actions.jobWith(token);
  const caller = CALLERS.find((one) => one === job?.job.id) ?? null;
  return caller === "work" && job?.run?.isCleaningUp === true ? "post" : caller;
}

/** The processes that call with this token: the Action's step that a job is at. What that step has started is not among them. */
export function stepsWith(token: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      if (!/dist\/(?:main|post)\.js/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"))) return false;
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`INPUT_GITHUB-TOKEN=${token}`);
    } catch {
      return false; // gone, or not ours to look at
    }
  });
}
