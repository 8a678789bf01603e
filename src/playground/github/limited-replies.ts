import { randomUUID } from "node:crypto";
import type { ApiContext } from "./api.ts";
import type { Budget, Charge, Limit } from "./rate-limits.ts";
import type { Caller } from "./tokens.ts";
import type { World } from "./world.ts";

const CONTENT_PATH = /\/(?:issues|pulls)(?:\/[^/]+\/(?:comments(?:\/[^/]+\/replies)?|reviews))?$/;

/** What GitHub reckons for a request. @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit */
export function chargeFor(c: ApiContext, query: string): Charge {
  const { path, method } = c.req;
  const caller = c.get("caller");
  if (path === "/graphql") {
    const writes = /^\s*mutation\b/.test(query);
    return { caller, resource: "graphql", points: writes ? 5 : 1, content: false };
  }
  const reads = ["GET", "HEAD", "OPTIONS"].includes(method);
  return {
    caller,
    resource: "core",
    points: reads ? 1 : 5,
    content: method === "POST" && CONTENT_PATH.test(path),
  };
}

const LIMITS_MANUAL = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api";

export function refuseForNow(c: ApiContext, { caller, resource }: Charge, exceeded: Limit, world: World): Response {
  addLimitHeaders(c, world.rateLimits.look(caller, resource));
  if (exceeded === "primary") {
    const message = `API rate limit exceeded for ${whom(c, caller)}.`;
    // GraphQL's refusals are replies like others.
    if (resource === "graphql") return c.json({ errors: [{ type: "RATE_LIMITED", message }] });
    return c.json({ message, documentation_url: `${LIMITS_MANUAL}#about-primary-rate-limits` }, 403);
  }
  c.header("retry-after", "60");
  const isContent = exceeded === "contentPerMinute" || exceeded === "contentPerHour";
  const message = isContent
    ? "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later."
    : "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  return c.json({ message, documentation_url: `${LIMITS_MANUAL}#about-secondary-rate-limits` }, 403);
}

function whom(c: ApiContext, caller: Caller): string {
  if (caller.kind !== "token") return c.env.incoming?.socket.remoteAddress ?? "you";
  return caller.info.kind === "user" ? `user ID ${caller.info.account.id}` : "installation";
}

export function addLimitHeaders(c: ApiContext, budget: Budget): void {
  c.header("x-ratelimit-limit", String(budget.limit));
  c.header("x-ratelimit-remaining", String(budget.remaining));
  c.header("x-ratelimit-used", String(budget.used));
  c.header("x-ratelimit-reset", String(budget.reset));
  c.header("x-ratelimit-resource", budget.resource);
  c.header("x-github-request-id", randomUUID().toUpperCase());
  c.header("x-github-media-type", "github.v3; format=json");
}
