// A run holds its task by moving the task's branch: what is not heard of for long has died, or is cut off. Judged by GitHub's times alone,
// when the branch moved and when GitHub answered, so that no runner's clock and none of ours matters.

/** A run that has nothing else to commit commits that it lives. */
export const HEARTBEAT_MS = 10 * 60_000;

/** Two heartbeats may be late or lost; after three nobody is there. */
const LEASE_MS = 30 * 60_000;

/** @param movedAt when the branch last moved; @param now GitHub's time; both ISO 8601 */
export function isSilent(movedAt: string, now: string): boolean {
  return Date.parse(now) - Date.parse(movedAt) > LEASE_MS;
}
