import type { Conversation } from "../core/conversation.ts";
import type { Accepted } from "./accept-task.ts";
import { changeConfig } from "./change-config.ts";
import type { ThreadPorts } from "./thread-ports.ts";

/** Models that were named and used, but are not in the config, are proposed for it. The tasks do not wait for that. */
export function proposeUnlisted(accepted: readonly Accepted[], { configFrom }: Conversation, ports: ThreadPorts): void {
  // Without a file of its own there is none to add to; the first run proposes one.
  if (configFrom !== "repository") return;
  const unlisted = accepted.filter(({ isUnlisted, task }) => isUnlisted && task.worker.model !== null);
  const [first] = unlisted;
  if (first === undefined) return;
  const names = [...new Set(unlisted.map(({ task }) => task.worker.name))];
  const { requester: by, thread } = first.task;
  ports.background.later(`proposing ${names.join(", ")} for the config`, async () => {
    const changes = names.map((name) => ({ kind: "add-model", name, backend: null }) as const);
    await changeConfig(changes, { by: by.login, thread }, ports);
  });
}
