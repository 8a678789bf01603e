import type { ThreadEvent } from "../core/event.ts";
import { Problem } from "../core/problem.ts";
import { hear } from "./hear.ts";
import { obeyTick } from "./obey-tick.ts";
import { settleRun } from "./settle-run.ts";
import type { ThreadPorts } from "./thread-ports.ts";

/** What a person does in a thread, or a run does by ending, and what Dispatch makes of it. Both entrances end up here. */
export async function handleEvent(event: ThreadEvent, ports: ThreadPorts): Promise<void> {
  try {
    await handle(event, ports);
  } catch (error) {
    // A Problem is a person's to put right: to deliver the event again would not help.
    if (!(error instanceof Problem)) throw error;
    ports.log.warning(`${error.code}: ${error.message} ${error.nextStep}`);
  }
}

async function handle(event: ThreadEvent, ports: ThreadPorts): Promise<void> {
  switch (event.kind) {
    case "ignored":
      return;
    case "said":
      return hear(event, ports);
    case "ticked":
      return obeyTick(event, ports);
    case "run-ended":
      return settleRun(event, ports);
  }
}
