import { z } from "zod";
import type { Clock } from "../flows/ports.ts";
import type { GitHubApi } from "./github-api.ts";
import type { Cost, GitHubBudget } from "./github-budget.ts";
import { graphqlErrors, headersOf, statusOf, type Trouble, troubleOf } from "./github-error.ts";
import { isOfApp } from "./github-token.ts";

/** What `call` tells of a request, beside the request itself. */
const Said = z.object({
  urgency: z.enum(["correct", "cosmetic", "poll"]).default("correct"),
  begin: z.custom<() => AbortSignal>((value) => typeof value === "function").optional(),
});

const CONTENT = /\/(?:issues|pulls)(?:\/[^/]+\/(?:comments(?:\/[^/]+\/replies)?|reviews))?$/;

const LOOK = "/rate_limit";
/** A reply so late is worth less than the time. */
const LOOK_MS = 5_000;

/**
 * The same client, whose requests keep to the account's limits from now on.
 * @param looksFirst for a job, whose hour others use before it and beside it: it asks how much is left (which GitHub charges to nobody)
 *   before it asks for anything else, and so is not refused
 */
export function governed<A extends GitHubApi>(
  api: A,
  budget: GitHubBudget,
  clock: Clock,
  { looksFirst = false }: { readonly looksFirst?: boolean } = {},
): A {
  if (looksFirst) budget.lookBy(look);
  api.hook.wrap("request", async (request, options) => {
    if (isOfApp(options) || options.url === LOOK) return request(options);
    const { urgency, begin } = Said.parse(options.request ?? {});
    const cost = costOf(options);
    await budget.admit(cost, urgency, api);
    // The time that one try may take begins when it is its turn.
    if (begin !== undefined) options.request = { ...options.request, signal: begin() };
    try {
      const reply = await request(options);
      const refusal = refusedQuery(reply, clock);
      read(cost, reply.headers, refusal);
      if (refusal === null && !("x-ratelimit-limit" in reply.headers)) budget.noteNoLimits();
      return reply;
    } catch (error) {
      if (statusOf(error) === 304) budget.noteFree(cost);
      read(cost, headersOf(error), troubleOf(error, clock.now()));
      throw error;
    } finally {
      budget.release(cost);
    }
  });
  return api;

  /** Where it cannot be known, the first reply will tell. */
  async function look(): Promise<void> {
    const reply = await api
      .request(`GET ${LOOK}`, { request: { signal: AbortSignal.timeout(LOOK_MS) } })
      .catch(() => null);
    const resources = Left.safeParse(reply?.data).data?.resources;
    if (resources === undefined) return;
    budget.note("core", resources.core);
    budget.note("graphql", resources.graphql);
  }

  function read(cost: Cost, headers: unknown, trouble: Trouble | null): void {
    const reading = Reading.safeParse(headers).data;
    if (reading !== undefined) budget.note(cost.resource, reading);
    // An hour that is used up concerns its own resource alone, and has just been noted.
    if (trouble?.kind === "limited" && reading?.remaining !== 0) budget.refuse(trouble.waitMs);
  }
}

/** GraphQL's refusals come as replies. */
function refusedQuery(
  { data, headers }: { readonly data: unknown; readonly headers: unknown },
  clock: Clock,
): Trouble | null {
  if (typeof data !== "object" || data === null || !("errors" in data)) return null;
  const failure = { errors: data.errors, headers };
  return graphqlErrors(failure).length === 0 ? null : troubleOf(failure, clock.now());
}

const figure = z.coerce.number().nonnegative();
const Hour = z
  .object({ limit: figure, remaining: figure, reset: figure })
  .transform((hour) => ({ ...hour, reset: hour.reset * 1000 }));
const Left = z.object({ resources: z.object({ core: Hour, graphql: Hour }) });
const Reading = z
  .object({ "x-ratelimit-limit": figure, "x-ratelimit-remaining": figure, "x-ratelimit-reset": figure })
  .transform((headers) => ({
    limit: headers["x-ratelimit-limit"],
    remaining: headers["x-ratelimit-remaining"],
    reset: headers["x-ratelimit-reset"] * 1000,
  }));

/** What GitHub will reckon for a request. */
export function costOf({
  method,
  url,
  query,
}: {
  readonly method: string;
  readonly url: string;
  readonly query?: unknown;
}): Cost {
  const kind = `${method} ${url}`;
  if (url.endsWith("/graphql")) {
    const writes = typeof query === "string" && /^\s*mutation\b/.test(query);
    return { resource: "graphql", kind, points: writes ? 5 : 1, content: false };
  }
  const reads = method === "GET" || method === "HEAD";
  return { resource: "core", kind, points: reads ? 1 : 5, content: method === "POST" && CONTENT.test(url) };
}
