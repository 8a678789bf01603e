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

/** One request, as far as limits are concerned. */
export interface Charge {
  readonly caller: Caller;
  readonly resource: Resource;
  /** 1 to read, 5 to write. */
  readonly points: number;
  /** It makes a comment, an issue, a pull request or a review. */
  readonly content: boolean;
}

export interface SecondaryLimits {
  readonly concurrent: number;
  readonly pointsPerMinute: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
}

/** GitHub's own. */
export const SECONDARY_LIMITS: SecondaryLimits = {
  concurrent: 100,
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
};

export type Limit = "primary" | keyof SecondaryLimits;

/** A request that was one too many. */
export interface Exceeded {
  readonly whom: string;
  readonly limit: Limit;
  readonly resource: Resource;
  readonly at: string;
}

interface Account {
  readonly hours: Record<Resource, { used: number; endsAt: number } | null>;
  concurrent: number;
  readonly spent: { readonly at: number; readonly points: number }[];
  readonly made: number[];
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/**
 * What is left to each account: a person, an installation, the jobs of a repository (one for all its tokens), an App speaking for
 * itself.
 */
export class RateLimits {
  /** Requests an hour. Changing them takes effect at once. */
  readonly limits = { user: 5_000, installation: 5_000, job: 1_000, app: 5_000, anonymous: 5_000 };
  /** Null: none. Tests and benchmarks do in a second what people do in an hour. */
  secondary: SecondaryLimits | null = null;
  /** As on a GitHub Enterprise Server whose limits are off: nobody is limited, and no reply speaks of limits. */
  off = false;
  readonly exceeded: Exceeded[] = [];
  readonly #accounts = new Map<string, Account>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  look(caller: Caller, resource: Resource): Budget {
    const limit = this.limits[caller.kind === "token" ? caller.info.kind : caller.kind];
    const { used, endsAt } = this.#hour(caller, resource);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(endsAt / 1000), resource };
  }

  /** Lets a request in and charges it, or says which limit it would exceed. `leave` must follow. */
  enter(charge: Charge): Limit | null {
    const { caller, resource } = charge;
    const limit = this.off
      ? null
      : this.look(caller, resource).remaining === 0
        ? "primary"
        : this.#secondaryLimit(charge);
    if (limit !== null) {
      this.exceeded.push({ whom: this.#accountOf(caller), limit, resource, at: this.#now().toISOString() });
      return limit;
    }
    const now = this.#now().getTime();
    const account = this.#account(caller);
    this.#hour(caller, resource).used += 1;
    account.concurrent += 1;
    account.spent.push({ at: now, points: charge.points });
    if (charge.content) account.made.push(now);
    return null;
  }

  /** The reply is on its way. One that says "not modified" is not charged to the hour. */
  leave({ caller, resource }: Charge, { free }: { readonly free: boolean }): void {
    this.#account(caller).concurrent -= 1;
    if (free) this.#hour(caller, resource).used -= 1;
  }

  #secondaryLimit({ caller, points, content }: Charge): keyof SecondaryLimits | null {
    if (this.secondary === null) return null;
    const { concurrent, pointsPerMinute, contentPerMinute, contentPerHour } = this.secondary;
    const now = this.#now().getTime();
    const account = this.#account(caller);
    forget(account.spent, ({ at }) => at <= now - MINUTE);
    forget(account.made, (at) => at <= now - HOUR);
    const spent = account.spent.reduce((sum, each) => sum + each.points, 0);
    if (account.concurrent >= concurrent) return "concurrent";
    if (spent + points > pointsPerMinute) return "pointsPerMinute";
    if (!content) return null;
    if (account.made.filter((at) => at > now - MINUTE).length >= contentPerMinute) return "contentPerMinute";
    return account.made.length >= contentPerHour ? "contentPerHour" : null;
  }

  #account(caller: Caller): Account {
    const key = this.#accountOf(caller);
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const fresh = { hours: { core: null, graphql: null }, concurrent: 0, spent: [], made: [] };
    this.#accounts.set(key, fresh);
    return fresh;
  }

  #hour(caller: Caller, resource: Resource): { used: number; endsAt: number } {
    const { hours } = this.#account(caller);
    const now = this.#now().getTime();
    const known = hours[resource];
    if (known !== null && known.endsAt > now) return known;
    const fresh = { used: 0, endsAt: now + HOUR };
    hours[resource] = fresh;
    return fresh;
  }

  /** Who shares one budget. */
  #accountOf(caller: Caller): string {
    switch (caller.kind) {
      case "anonymous":
        return "anonymous";
      case "app":
        return `app ${caller.appId}`;
      case "token": {
        const { kind, account, appId, repository } = caller.info;
        switch (kind) {
          case "user":
            return `user ${account.login}`;
          case "installation":
            return `installation of ${appId ?? account.login}`;
          case "job":
            return `jobs of ${repository?.fullName ?? account.login}`;
        }
      }
    }
  }
}

function forget<T>(list: T[], isOld: (item: T) => boolean): void {
  const kept = list.findIndex((item) => !isOld(item));
  list.splice(0, kept < 0 ? list.length : kept);
}
