import { dueForRedelivery, type LoggedDelivery } from "../core/redelivery.ts";
import type { Clock, Log } from "./ports.ts";

/** Deliveries are an inbox that GitHub keeps for three days. */
export interface DeliveryLog {
  since(moment: string): Promise<readonly LoggedDelivery[]>;
  redeliver(id: number): Promise<void>;
}

const LOG_MS = 3 * 24 * 60 * 60_000;

/** Has GitHub deliver again what has never arrived. */
export async function redeliverMissed(ports: {
  readonly deliveries: DeliveryLog;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<void> {
  const { deliveries, clock, log } = ports;
  const now = clock.now();
  const known = await deliveries.since(new Date(now.getTime() - LOG_MS).toISOString());
  for (const { id, guid } of dueForRedelivery(known, now.toISOString())) {
    log.info(`Delivery ${guid} has not arrived yet; asking for it again.`);
    await deliveries.redeliver(id);
  }
}
