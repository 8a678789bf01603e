import * as core from "@actions/core";
import { parseTaskRef, type TaskRef } from "../core/task.ts";

// The runner hands these from the main step to the post step.
const CLAIMED = "claimed";
const SETTLED = "settled";

export function rememberClaim({ thread, id }: TaskRef): void {
  core.saveState(CLAIMED, `${thread}/${id}`);
}

/** Everything has been said: the post step has nothing to do. */
export function rememberSettled(): void {
  core.saveState(SETTLED, "true");
  core.setOutput(SETTLED, "true");
}

/** The task that the main step has claimed and not brought to an end. */
export function unsettledTask(): TaskRef | null {
  return core.getState(SETTLED) === "true" ? null : parseTaskRef(core.getState(CLAIMED));
}
