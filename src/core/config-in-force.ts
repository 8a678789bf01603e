import { type Config, readConfig } from "./config.ts";
import type { Conversation } from "./conversation.ts";
import { firstConfig } from "./first-config.ts";
import { readSetup } from "./setup.ts";
import { notableModels } from "./setup-availability.ts";

/**
 * The config that counts: the file's; without one, what doctor has found on the runner; without that, what is built in.
 * @throws Problem "config-invalid"
 */
export function configInForce({ config, setup }: Pick<Conversation, "config" | "setup">): Config {
  if (config !== null) return readConfig(config);
  const found = readSetup(setup);
  const [best] = found === null ? [] : notableModels(found);
  return readConfig(found === null || best === undefined ? null : firstConfig(found, best.id));
}
