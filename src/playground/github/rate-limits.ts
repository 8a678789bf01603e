import type { Caller } from "./tokens.ts";

export type Resource = "core" | "graphql";

export interface Budget {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds since 1970. */
  readonly reset: number;
  readonly resource: Resource;
}

const HOUR = 3_600_000;

/** What each token has left of its hour. */
export class RateLimits {
  /** Requests an hour. Changing them takes effect at once. */
  readonly limits = { user: 5_000, installation: 5_000, job: 1_000, app: 5_000, anonymous: 5_000 };
  readonly #windows = new Map<string, { used: number; endsAt: number }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  look(caller: Caller, resource: Resource): Budget {
    const limit = this.limits[caller.kind === "token" ? caller.info.kind : caller.kind];
    const { used, endsAt } = this.#window(caller, resource);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(endsAt / 1000), resource };
  }

  /** Takes one request from the budget; gives it back with `-1`. */
  count(caller: Caller, resource: Resource, points = 1): void {
    this.#window(caller, resource).used += points;
  }

  #window(caller: Caller, resource: Resource): { used: number; endsAt: number } {
    const owner = caller.kind === "token" ? caller.token : caller.kind === "app" ? `app ${caller.appId}` : "anonymous";
    const key = `${resource} ${owner}`;
    const now = this.#now().getTime();
    const known = this.#windows.get(key);
    if (known !== undefined && known.endsAt > now) return known;
    const fresh = { used: 0, endsAt: now + HOUR };
    this.#windows.set(key, fresh);
    return fresh;
  }
}
