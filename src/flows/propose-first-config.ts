import { firstConfig } from "../core/first-config.ts";
import { readSetup } from "../core/setup.ts";
import type { Thread } from "../core/task.ts";
import { proposeConfig } from "./change-config.ts";
import type { ThreadPorts } from "./thread-ports.ts";

/** Proposes a config with all that was found, so that nobody has to be asked a second time. */
export async function proposeFirstConfig(
  setup: string,
  { model, by, thread }: { readonly model: string; readonly by: string; readonly thread: Thread | null },
  ports: ThreadPorts,
): Promise<void> {
  const found = readSetup(setup);
  if (found !== null) await proposeConfig(firstConfig(found, model), { by, thread }, ports);
}
