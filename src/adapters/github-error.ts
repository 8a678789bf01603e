import { z } from "zod";

/** GitHub may or may not have done what it was asked: a 5xx, or a reply that never came whole. */
export class LostReply extends Error {
  override readonly name = "LostReply";
}

export type Trouble =
  | { readonly kind: "unknown"; readonly waitMs: number }
  /** Refused for now; nothing was done. */
  | { readonly kind: "limited"; readonly waitMs: number };

// Read by shape, not by class: every bundle of Octokit brings error classes of its own.
const GraphqlError = z.object({ type: z.string().optional(), message: z.string() });
const Body = z.object({
  message: z.string().optional(),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string().optional(), type: z.string().optional() })]))
    .optional(),
});
const Headers = z.record(z.string(), z.union([z.string(), z.number()]).optional());
const RestFailure = z.object({
  status: z.number(),
  response: z.object({ headers: Headers.optional(), data: z.unknown() }).optional(),
});
const GraphqlFailure = z.object({ errors: z.array(GraphqlError).nonempty(), headers: Headers.optional() });

/** GitHub's usual wait where it limits us and does not say for how long. */
const UNSAID_WAIT_MS = 60_000;
const CLOCKS_DIFFER_MS = 5_000;

/** The HTTP status of a refused REST call; null for any other error, GraphQL's included. */
export function statusOf(error: unknown): number | null {
  return RestFailure.safeParse(error).data?.status ?? null;
}

/** The headers of the reply that an error is about, if there was one. */
export function headersOf(error: unknown): unknown {
  const graphql = GraphqlFailure.safeParse(error).data;
  return graphql === undefined ? RestFailure.safeParse(error).data?.response?.headers : graphql.headers;
}

/** GitHub's own words about a refusal, without the address of its manual. */
export function wordsOf(error: unknown): string {
  const body = Body.safeParse(RestFailure.safeParse(error).data?.response?.data).data;
  const details = (body?.errors ?? []).map((detail) => (typeof detail === "string" ? detail : detail.message));
  // "Validation Failed" says nothing that the details do not say better.
  const headline = details.some(Boolean) && body?.message === "Validation Failed" ? undefined : body?.message;
  const words = [headline, ...details].filter((text) => text !== undefined && text !== "");
  if (words.length > 0) return words.join(" ");
  const refusals = graphqlErrors(error).map(({ message }) => message);
  if (refusals.length > 0) return refusals.join(" ");
  return error instanceof Error ? error.message : String(error);
}

/** Whether GitHub has understood what it was asked to write, and will not write it: to ask again would not help. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error);
  return status === null ? graphqlErrors(error).length > 0 : [403, 404, 409, 422].includes(status);
}

/** Whether GitHub takes nothing more for this repository: nobody needs to try again before a person has unarchived it. */
export function isArchived(error: unknown): boolean {
  return /\barchived\b.*read-only/i.test(wordsOf(error));
}

/** Whether GitHub has refused a call for one field of it, as for the name of a branch that does not exist. */
export function isInvalid(field: string, error: unknown): boolean {
  const fields = z.object({ errors: z.array(z.object({ field: z.string().optional() })) });
  const body = fields.safeParse(RestFailure.safeParse(error).data?.response?.data).data;
  return body?.errors.some((each) => each.field === field) ?? false;
}

export function graphqlErrors(
  error: unknown,
): readonly { readonly type?: string | undefined; readonly message: string }[] {
  return GraphqlFailure.safeParse(error).data?.errors ?? [];
}

export function hasGraphqlType(error: unknown, type: string): boolean {
  return graphqlErrors(error).some((each) => each.type === type);
}

/** What kind of trouble an error is when the same call may succeed later; null when it is GitHub's answer. */
export function troubleOf(error: unknown, now: Date): Trouble | null {
  if (error instanceof LostReply) return { kind: "unknown", waitMs: 0 };
  const rest = RestFailure.safeParse(error).data;
  if (rest !== undefined) return restTrouble(rest, now);
  return graphqlTrouble(error, now);
}

function restTrouble(failure: z.infer<typeof RestFailure>, now: Date): Trouble | null {
  const { status, response } = failure;
  const wait = saidWait(response?.headers, now);
  // Octokit gives a failed connection, and an abort, status 500.
  if (status >= 500) return { kind: "unknown", waitMs: wait ?? 0 };
  const message = Body.safeParse(response?.data).data?.message ?? "";
  if (status === 429) return { kind: "limited", waitMs: wait ?? UNSAID_WAIT_MS };
  if (status === 403 && (wait !== null || /secondary rate limit|rate limit exceeded|abuse detection/i.test(message))) {
    return { kind: "limited", waitMs: wait ?? UNSAID_WAIT_MS };
  }
  return null;
}

function graphqlTrouble(error: unknown, now: Date): Trouble | null {
  // Probot's throttling turns a GraphQL rate limit into an error of its own that carries the response.
  const inner = z
    .object({ response: z.object({ data: GraphqlFailure, headers: Headers.optional() }) })
    .safeParse(error);
  const errors = inner.data?.response.data.errors ?? graphqlErrors(error);
  const headers = inner.data?.response.headers ?? GraphqlFailure.safeParse(error).data?.headers;
  const limited = errors.some(({ type, message }) => type === "RATE_LIMITED" || /secondary rate limit/i.test(message));
  if (limited) return { kind: "limited", waitMs: saidWait(headers, now) ?? UNSAID_WAIT_MS };
  // https://docs.github.com/graphql: a query that takes too long ends with this sentence and HTTP status 200.
  const broken = errors.some(({ message }) => /^something went wrong while executing|^timeout on /i.test(message));
  return broken ? { kind: "unknown", waitMs: 0 } : null;
}

/** How long the reply's headers ask us to wait, or null when they do not. */
function saidWait(headers: z.infer<typeof Headers> | undefined, now: Date): number | null {
  const after = Number(headers?.["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after) && after >= 0) return after * 1000;
  const reset = Number(headers?.["x-ratelimit-reset"] ?? Number.NaN);
  if (String(headers?.["x-ratelimit-remaining"]) !== "0" || !Number.isFinite(reset)) return null;
  const left = reset * 1000 - now.getTime();
  // By a clock that is well ahead of GitHub's it is over already: asking again at once, and again, would only be refused.
  if (left < -CLOCKS_DIFFER_MS) return UNSAID_WAIT_MS;
  return Math.max(0, left) + 1000;
}
