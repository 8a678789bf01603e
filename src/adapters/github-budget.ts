import {
  mayBeUsedUp,
  pace,
  type RateBudget,
  type Resource,
  SLOWEST_POLL_MS,
  type Urgency,
  untilAffordable,
} from "../core/rate-budget.ts";
import type { Clock } from "../flows/ports.ts";
import { Crowd } from "./github-budget-crowd.ts";
import { Lanes } from "./github-budget-lanes.ts";
import { SlidingWindow } from "./github-budget-window.ts";

/** What a request costs, besides one of its resource's hour. */
export interface Cost {
  readonly resource: Resource;
  /** What it asks for, whatever it asks it of. */
  readonly kind: string;
  /** Of the 900 a minute: 1 to read, 5 to write. */
  readonly points: number;
  /** A comment, an issue, a pull request, a review. */
  readonly content: boolean;
}

/** What a reply says of the hour it was charged to. */
export interface Reading {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970, by GitHub's clock. */
  readonly reset: number;
}

/** A request that can be left out, and was: there is something better to do with the budget. */
export class NotNow extends Error {
  override readonly name = "NotNow";
}

// GitHub's secondary limits are 900 points and 80 pieces of content a minute, 500 an hour, 100 requests at a time. We stay below, and count
// a moment longer: what we have sent arrives a little later, and others may use the same account.
const LATE_MS = 3_000;
const POINTS = { ms: 60_000 + LATE_MS, most: 800 };
const CONTENT = { ms: 60_000 + LATE_MS, most: 70 };
const CONTENT_OF_HOUR = { ms: 3_600_000 + LATE_MS, most: 450 };
const MOST_AT_ONCE = 60;
/** Cosmetics leave half of the minute to what must be made. */
const FULL_FOR_COSMETICS = 0.5;
/** All who wait for the same new hour would otherwise begin it in the same moment. */
const SPREAD_MS = 60_000;
/** Two replies of one hour may name its end with so much difference. */
const SAME_HOUR_MS = 5_000;
/** Not minus infinity: with an endless pause that would add up to no time at all. */
const LONG_AGO = Number.MIN_SAFE_INTEGER;
const LONGEST_BLOCK_MS = 15 * 60_000;
/** A refusal so soon after another shows that the wait was too short: other jobs, which we know nothing of, use the same account. */
const AGAIN_MS = 5 * 60_000;
/** At most so often a job asks how much is left; where it cannot be had, more seldom. */
const LOOK_EVERY_MS = 3_000;
const LOOK_AGAIN_MS = 60_000;
/** Where many others are about, what is known of them is good for so long. */
const FRESH_MS = 10_000;
const RESOURCES: readonly Resource[] = ["core", "graphql"];
/** How long GitHub's hour is taken to last where it is over by our clock. */
const CLOCK_AHEAD_MS = 60_000;

/** Whose requests wait together: one piece of work, with a client of its own. */
type Lane = object;

export interface Waiting {
  readonly cost: Cost;
  readonly go: () => void;
}

interface Hour extends RateBudget {
  readonly reset: number;
  /** When a reply last told of it. */
  readonly readAt: number;
}

/** What keeps a request from being made now. Whoever comes later and would meet the same waits behind it. */
interface Obstacle {
  readonly gate: Resource | "content" | "crowd" | "all";
  readonly ms: number;
}

/**
 * The limits of one account at GitHub (an installation, or the repository whose job token it is), for all its clients in this process:
 * what must be made waits in order until it fits, and what can be left out is refused when it does not.
 */
export class GitHubBudget {
  readonly #clock: Clock;
  readonly #hours = new Map<Resource, Hour>();
  readonly #underWay: Record<Resource, number> = { core: 0, graphql: 0 };
  readonly #points = new SlidingWindow(POINTS);
  readonly #content = new SlidingWindow(CONTENT);
  readonly #contentOfHour = new SlidingWindow(CONTENT_OF_HOUR);
  readonly #crowd = new Crowd();
  readonly #lanes = new Lanes<Waiting>();
  /** When what can be left out was last made, each kind of request by itself: a rare look must not always come after a frequent one. */
  readonly #lastOf = new Map<string, number>();
  #isUnlimited = false;
  #look: (() => Promise<void>) | null = null;
  #looking: Promise<void> | null = null;
  #nextLookAt = Number.NEGATIVE_INFINITY;
  #block = { until: Number.NEGATIVE_INFINITY, strikes: 0 };
  #alarm: { readonly at: number; readonly off: AbortController } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * For a job, whose hour others use as well: how to ask how much is left of it. That is done before anything is sent, and again whenever
   * what was said last is too old to go by.
   * @param look `note`s what it learns; GitHub charges it to nobody
   */
  lookBy(look: () => Promise<void>): void {
    this.#look ??= look;
  }

  /**
   * Resolves when the request may be made; `release` must follow its end.
   * @throws NotNow for what can be left out, when it should be
   */
  async admit(cost: Cost, urgency: Urgency, lane: Lane): Promise<void> {
    if (urgency !== "correct" && this.#hasToLook(this.#now())) await this.#seeFirst();
    const now = this.#now();
    if (urgency !== "correct") {
      if (this.#shouldLeaveOut(cost, urgency, now)) throw new NotNow("GitHub's limits leave no room for this now.");
      this.#lastOf.set(cost.kind, now);
      return this.#take(cost, now);
    }
    if (this.#lanes.isEmpty && !this.#hasToLook(now) && this.#obstacle(cost, now) === null) {
      this.#lanes.served(lane);
      return this.#take(cost, now);
    }
    await new Promise<void>((go) => {
      this.#lanes.add(lane, { cost, go });
      this.#pump();
    });
  }

  release({ resource }: Cost): void {
    this.#underWay[resource] -= 1;
    this.#pump();
  }

  /** A request has shown nothing new, and is not charged to the hour. */
  noteFree({ resource }: Cost): void {
    this.#crowd.spared(resource);
  }

  /** Takes in what a reply says. Replies overtake each other, so within one hour the lowest figure counts. */
  note(resource: Resource, { limit, remaining, reset }: Reading): void {
    const now = this.#now();
    this.#isUnlimited = false;
    this.#crowd.note(resource, { used: limit - remaining, reset }, now);
    const known = this.#hours.get(resource);
    if (known !== undefined && reset < known.reset - SAME_HOUR_MS) return;
    if (known !== undefined && reset <= known.reset + SAME_HOUR_MS) {
      this.#hours.set(resource, { ...known, limit, remaining: Math.min(known.remaining, remaining), readAt: now });
      return;
    }
    // By a clock that is ahead of GitHub's the new hour has begun already; GitHub, which counts, says that it has not.
    const end = reset < now - SAME_HOUR_MS ? now + CLOCK_AHEAD_MS : reset;
    const resetAt = end + SPREAD_MS * this.#clock.random();
    this.#hours.set(resource, { limit, remaining, reset, resetAt, readAt: now });
  }

  /** A reply that was none of a refusal and says nothing of limits: a GitHub Enterprise Server, where they are off unless switched on. */
  noteNoLimits(): void {
    this.#isUnlimited = this.#hours.size === 0;
  }

  /** A secondary limit was hit: nothing more is sent for so long, and for longer each time that this was not enough. */
  refuse(waitMs: number): void {
    const now = this.#now();
    const { until, strikes } = this.#block;
    if (now < until) {
      // Of those that were on their way at the same time.
      this.#block = { until: Math.max(until, now + waitMs), strikes };
      return;
    }
    const next = now < until + AGAIN_MS ? strikes + 1 : 0;
    const longer = Math.min(LONGEST_BLOCK_MS, waitMs * 2 ** next) * (1 + this.#clock.random());
    this.#block = { until: now + Math.max(waitMs, longer), strikes: next };
  }

  #hasToLook(now: number): boolean {
    if (this.#look === null || this.#isUnlimited) return false;
    if (this.#looking !== null) return true;
    if (now < this.#nextLookAt) return false;
    return RESOURCES.some((resource) => {
      const hour = this.#hours.get(resource);
      if (hour === undefined) return true;
      const agoMs = now - hour.readAt;
      return mayBeUsedUp(hour, agoMs, now) || (agoMs > FRESH_MS && this.#crowd.isBusy(now));
    });
  }

  /** Brings what is known of the hour up to date, where that is too old. */
  async #seeFirst(): Promise<void> {
    if (this.#look === null) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
      const now = this.#now();
      const isTold = RESOURCES.every((resource) => this.#hours.get(resource)?.readAt === now);
      this.#nextLookAt = now + (isTold ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
      this.#pump();
    });
    await this.#looking;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }

  #take({ resource, points, content }: Cost, now: number): void {
    this.#crowd.sent(resource);
    this.#underWay[resource] += 1;
    this.#points.spend(points, now);
    if (!content) return;
    this.#content.spend(1, now);
    this.#contentOfHour.spend(1, now);
  }

  #shouldLeaveOut(cost: Cost, urgency: "cosmetic" | "poll", now: number): boolean {
    if (!this.#lanes.isEmpty) return true;
    if (this.#isUnlimited) return this.#obstacle(cost, now) !== null;
    if (this.#points.fullness(now) > FULL_FOR_COSMETICS) return true;
    const hour = this.#hours.get(cost.resource) ?? null;
    const crowd = this.#crowd.fullness(now);
    if (urgency === "cosmetic" && crowd > FULL_FOR_COSMETICS) return true;
    const pause = Math.max(pace(hour, urgency, now), urgency === "poll" ? SLOWEST_POLL_MS * crowd : 0);
    if (now < (this.#lastOf.get(cost.kind) ?? LONG_AGO) + pause) return true;
    const obstacle = this.#obstacle(cost, now);
    // A poll that finds nothing new is not charged to the hour, so it may be made from what is reserved. Others only make it rarer.
    return obstacle !== null && !(urgency === "poll" && (obstacle.gate === cost.resource || obstacle.gate === "crowd"));
  }

  #obstacle({ resource, points, content }: Cost, now: number): Obstacle | null {
    if (now < this.#block.until) return { gate: "all", ms: this.#block.until - now };
    const { core, graphql } = this.#underWay;
    // Whoever comes back makes room.
    if (core + graphql >= MOST_AT_ONCE) return { gate: "all", ms: Number.POSITIVE_INFINITY };
    if (this.#isUnlimited) return null;
    const crowded = this.#points.untilFits(points, now);
    if (crowded > 0) return { gate: "all", ms: crowded };
    const ours = this.#points.total(now);
    const shared = this.#crowd.untilFits(ours + points, this.#clock.random(), now);
    if (shared > 0) return { gate: "crowd", ms: shared };
    const spent = untilAffordable(this.#hours.get(resource) ?? null, this.#underWay[resource], now);
    if (spent > 0) return { gate: resource, ms: spent };
    if (!content) return null;
    const full = Math.max(this.#content.untilFits(1, now), this.#contentOfHour.untilFits(1, now));
    return full > 0 ? { gate: "content", ms: full } : null;
  }

  /** Lets everybody go whose turn it is, and sees to it that somebody looks again when the next may go. */
  #pump(): void {
    while (!this.#lanes.isEmpty) {
      if (this.#hasToLook(this.#now())) return void this.#seeFirst();
      const wait = this.#letOneGo(this.#now());
      if (wait === "gone") continue;
      return this.#lookAgainIn(wait);
    }
  }

  #letOneGo(now: number): "gone" | number {
    const shut = new Set<Obstacle["gate"]>();
    let soonest = Number.POSITIVE_INFINITY;
    for (const waiting of this.#lanes) {
      const { cost, go } = waiting;
      if (shut.has(cost.resource) || (cost.content && shut.has("content"))) continue;
      const obstacle = this.#obstacle(cost, now);
      if (obstacle === null) {
        this.#lanes.remove(waiting);
        this.#take(cost, now);
        go();
        return "gone";
      }
      soonest = Math.min(soonest, obstacle.ms);
      if (obstacle.gate === "all" || obstacle.gate === "crowd") return soonest;
      shut.add(obstacle.gate);
    }
    return soonest;
  }

  #lookAgainIn(ms: number): void {
    const at = this.#now() + ms;
    if (this.#alarm !== null && this.#alarm.at <= at) return;
    this.#alarm?.off.abort();
    this.#alarm = null;
    if (!Number.isFinite(ms)) return;
    const alarm = { at, off: new AbortController() };
    this.#alarm = alarm;
    void this.#clock.sleep(ms, alarm.off.signal).then(() => {
      if (this.#alarm !== alarm) return;
      this.#alarm = null;
      this.#pump();
    });
  }
}
