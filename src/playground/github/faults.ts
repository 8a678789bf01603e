import { z } from "zod";
import type { TokenKind } from "./tokens.ts";

export interface FaultMatch {
  readonly method?: string;
  /** Matched against the path without `/api/v3`. */
  readonly path?: RegExp;
  /** Matched against the text of a GraphQL request. */
  readonly graphql?: RegExp;
  readonly tokenKind?: CallKind | readonly CallKind[];
  /** Whatever else tells a call from others. Only in this process, like a strike. */
  readonly which?: (call: CallAttempt) => boolean;
}

export type FaultEffect =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** The call takes place, its reply is lost. */
  | "drop-after-effect"
  | "drop-before-effect"
  | { readonly waitMs: number }
  /** Whoever calls is struck, for instance killed, and hears nothing more. Only in this process: a blow cannot be ordered over HTTP. */
  | { readonly strike: (call: CallAttempt) => void; readonly when: "before-effect" | "after-effect" };

export interface Fault {
  readonly match: FaultMatch;
  /** So many calls that match go well first. */
  readonly after?: number;
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
  /** Tells one job from another; null for an App that speaks for itself, and for nobody. */
  readonly token: string | null;
}

/** Misfortunes to order: "the next N calls that match answer 500". */
export class Faults {
  readonly log: Call[] = [];
  /** Hears of every call before it takes place. */
  onCall: (call: CallAttempt) => void = () => undefined;
  #orders: { readonly fault: Fault; wait: number; left: number }[] = [];

  order(fault: Fault): void {
    this.#orders.push({ fault, wait: fault.after ?? 0, left: fault.times });
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
    this.onCall(attempt);
    const due = this.#orders.filter(({ fault, left }) => left > 0 && matches(fault.match, attempt));
    const order = due.find(({ wait }) => wait === 0);
    for (const waiting of due) if (waiting.wait > 0) waiting.wait -= 1;
    if (order === undefined) return null;
    order.left -= 1;
    return order.fault.then;
  }
}

function matches(match: FaultMatch, attempt: CallAttempt): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== attempt.method) return false;
  if (match.path !== undefined && !match.path.test(attempt.path)) return false;
  if (match.graphql !== undefined && (attempt.query === null || !match.graphql.test(attempt.query))) return false;
  if (match.tokenKind !== undefined && ![match.tokenKind].flat().includes(attempt.tokenKind)) return false;
  return match.which === undefined || match.which(attempt);
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
  after: z.number().int().nonnegative().optional(),
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
  const { match, after, times, then } = FaultOrder.parse(value);
  return {
    match: present(match),
    ...(after === undefined ? {} : { after }),
    times,
    then: typeof then === "string" ? then : (present(then) as FaultEffect),
  };
}

function present(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
