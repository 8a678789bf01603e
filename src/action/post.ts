import * as core from "@actions/core";
import { archived } from "./archived.ts";
import { unsettledTask } from "./saved-state.ts";
import { readStep } from "./step.ts";
import { finishAfterKill } from "./work.ts";

async function main(): Promise<void> {
  const ref = unsettledTask();
  if (ref !== null) await finishAfterKill(await readStep(), ref);
}

main().catch((error: unknown) =>
  core.warning(`The run could not be tidied up: ${String(archived(error, false)?.message ?? error)}`),
);
