/** One attempt to deliver an event, as the App's delivery log has it. */
export interface LoggedDelivery {
  readonly id: number;
  /** The same for every attempt to deliver one event. */
  readonly guid: string;
  readonly deliveredAt: string;
  readonly ok: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
/** GitHub forgets them then. */
const LOG_MS = 3 * DAY_MS;
/** One that took too long to answer may still be at work on it. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 4 * 60 * 60_000;
/** A server that comes back meets what it has missed little by little. */
const MOST_AT_ONCE = 20;

/**
 * The deliveries that have never arrived and are due to be tried again, oldest first. How often they have been tried is in the log itself,
 * so any number of servers, and one that has just started, pause alike.
 */
export function dueForRedelivery(log: readonly LoggedDelivery[], now: string): readonly LoggedDelivery[] {
  const events = Object.values(Object.groupBy(log, ({ guid }) => guid)).flatMap((tries) => {
    const [latest] = (tries ?? []).toSorted((a, b) => b.deliveredAt.localeCompare(a.deliveredAt) || b.id - a.id);
    return latest === undefined || tries === undefined || tries.some(({ ok }) => ok) ? [] : [{ latest, tries }];
  });
  const at = Date.parse(now);
  return events
    .filter(({ latest, tries }) => {
      const first = Math.min(...tries.map(({ deliveredAt }) => Date.parse(deliveredAt)));
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries.length - 1));
      return at - first < LOG_MS && at - Date.parse(latest.deliveredAt) >= pause;
    })
    .map(({ latest }) => latest)
    .toSorted((a, b) => a.deliveredAt.localeCompare(b.deliveredAt))
    .slice(0, MOST_AT_ONCE);
}
