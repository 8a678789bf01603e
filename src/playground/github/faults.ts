import { z } from "zod";
import type { TokenKind } from "./tokens.ts";

export interface FaultMatch {
  readonly method?: string;
  /** Matched against the path without `/api/v3`. */
  readonly path?: RegExp;
  /** Matched against the text of a GraphQL request. */
  readonly graphql?: RegExp;
  readonly tokenKind?: CallKind;
}

export type FaultEffect =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** The call takes place, its reply is lost. */
  | "drop-after-effect"
  | "drop-before-effect"
  | { readonly waitMs: number };

export interface Fault {
  readonly match: FaultMatch;
  readonly times: number;
  readonly then: FaultEffect;
}

export type CallKind = TokenKind | "app" | "anonymous";

/** One API call, as it went. */
export interface Call {
  readonly method: string;
  /** Without `/api/v3` and without the query. */
  readonly path: string;
  /** Text of the query or mutation, for GraphQL. */
  readonly graphql: string | null;
  /** Zero when the connection was dropped. */
  readonly status: number;
  readonly tokenKind: CallKind;
  readonly login: string | null;
  readonly at: string;
}

export interface CallAttempt {
  readonly method: string;
  readonly path: string;
  /** Text of a GraphQL request. */
  readonly query: string | null;
  readonly tokenKind: CallKind;
}

/** Misfortunes to order: "the next N calls that match answer 500". */
export class Faults {
  readonly log: Call[] = [];
  #orders: { readonly fault: Fault; left: number }[] = [];

  order(fault: Fault): void {
    this.#orders.push({ fault, left: fault.times });
  }

  clear(): void {
    this.#orders = [];
  }

  /** How many ordered misfortunes have not happened yet. */
  get pending(): number {
    return this.#orders.reduce((sum, order) => sum + order.left, 0);
  }

  /** The effect for this call, used up by asking. */
  take(attempt: CallAttempt): FaultEffect | null {
    const order = this.#orders.find(({ fault, left }) => left > 0 && matches(fault.match, attempt));
    if (order === undefined) return null;
    order.left -= 1;
    return order.fault.then;
  }
}

function matches(match: FaultMatch, attempt: CallAttempt): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== attempt.method) return false;
  if (match.path !== undefined && !match.path.test(attempt.path)) return false;
  if (match.graphql !== undefined && (attempt.query === null || !match.graphql.test(attempt.query))) return false;
  return match.tokenKind === undefined || match.tokenKind === attempt.tokenKind;
}

const Pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text);
  } catch {
    context.addIssue({ code: "custom", message: "not a regular expression" });
    return z.NEVER;
  }
});

/** A fault as it is ordered over HTTP: patterns are text. */
const FaultOrder = z.object({
  match: z
    .object({
      method: z.string().optional(),
      path: Pattern.optional(),
      graphql: Pattern.optional(),
      tokenKind: z.enum(["user", "installation", "job", "app", "anonymous"]).optional(),
    })
    .default({}),
  times: z.number().int().positive().default(1),
  then: z.union([
    z.enum(["drop-after-effect", "drop-before-effect"]),
    z.object({ waitMs: z.number().nonnegative() }),
    z.object({
      status: z.number().int(),
      body: z.unknown().optional(),
      headers: z.record(z.string(), z.string()).optional(),
    }),
  ]),
});

/** The order without the keys that were left out. */
export function readFault(value: unknown): Fault {
  const { match, times, then } = FaultOrder.parse(value);
  return {
    match: present(match),
    times,
    then: typeof then === "string" ? then : (present(then) as FaultEffect),
  };
}

function present(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
