import { SlidingWindow } from "./github-budget-window.ts";

interface Hour {
  readonly reset: number;
  readonly used: number;
  readonly at: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Below GitHub's 900: what others do is seen late, and their polls that find nothing are not seen at all. */
const MOST = 600;
/** Of a request that somebody else has made we see that it was counted, and not what it was: most of a run's are writes. */
const POINTS_EACH = 4;
/** What has reached GitHub is seen a little later. */
const LATE_MS = 3_000;
/** Two replies of one hour may name its end with so much difference. */
const SAME_HOUR_MS = 5_000;
/** From so much on, others are not to be left out of account for a while. */
const CROWDED = 0.3;
const CROWDED_MS = 5 * MINUTE_MS;
/** All who wait for the same room see it in the same moment. */
const SPREAD_MS = 10_000;

/**
 * The others who use the same account: the runs of one repository know nothing of each other, but each of GitHub's replies tells how much
 * of their common hour is used. What was not ours was theirs.
 */
export class Crowd {
  readonly #others = new SlidingWindow({ ms: MINUTE_MS + LATE_MS, most: MOST });
  readonly #hours = new Map<string, Hour>();
  /** Requests of ours that no reply has shown to be counted yet, the ones under way among them. */
  readonly #ours = new Map<string, number>();
  #crowdedUntil = Number.NEGATIVE_INFINITY;

  sent(resource: string): void {
    this.#ours.set(resource, this.#uncounted(resource) + 1);
  }

  /** One of ours cost nothing: there was nothing new. */
  spared(resource: string): void {
    this.#ours.set(resource, Math.max(0, this.#uncounted(resource) - 1));
  }

  /** Takes in what the reply to one of our requests says. */
  note(resource: string, { used, reset }: { readonly used: number; readonly reset: number }, now: number): void {
    const known = this.#hours.get(resource);
    if (known !== undefined && reset < known.reset - SAME_HOUR_MS) return;
    const isSameHour = known !== undefined && reset <= known.reset + SAME_HOUR_MS;
    // Replies overtake each other.
    if (isSameHour && used <= known.used) return;
    const since = Math.max(isSameHour ? known.at : (known?.at ?? 0), reset - HOUR_MS);
    const more = used - (isSameHour ? known.used : 0);
    const ours = Math.min(more, this.#uncounted(resource));
    const theirs = more - ours;
    this.#ours.set(resource, this.#uncounted(resource) - ours);
    this.#hours.set(resource, { reset: isSameHour ? known.reset : reset, used, at: now });
    const ofLastMinute = theirs * Math.min(1, MINUTE_MS / Math.max(1, now - since));
    if (ofLastMinute > 0) this.#others.spend(ofLastMinute * POINTS_EACH, now);
    if (this.fullness(now) > CROWDED) this.#crowdedUntil = now + CROWDED_MS;
  }

  #uncounted(resource: string): number {
    return this.#ours.get(resource) ?? 0;
  }

  /** Milliseconds until so many points of ours fit in beside what others do; 0 for at once. */
  untilFits(points: number, random: number, now: number): number {
    const ms = this.#others.total(now) === 0 ? 0 : this.#others.untilFits(points, now);
    return ms > 0 ? ms + SPREAD_MS * random : 0;
  }

  /** Whether so many others are about that what was seen of them some seconds ago is nothing to go by. */
  isBusy(now: number): boolean {
    return now < this.#crowdedUntil;
  }

  /** From 0 (nobody else is there) to 1 (they leave no room). */
  fullness(now: number): number {
    return Math.min(1, this.#others.fullness(now));
  }
}
