import { GraphQLError } from "graphql";
import { ApiError } from "../errors.ts";
import type { Caller } from "../tokens.ts";
import type { World } from "../world.ts";

/** What resolvers know of the request. */
export interface GraphContext {
  readonly world: World;
  readonly caller: Caller;
}

/** An object whose fields are named as in GitHub's schema; the values are checked when the query runs. */
export type Fields<Type> = Partial<Record<keyof Type, unknown>>;

export function graphError(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

const TYPES: Readonly<Record<number, string>> = {
  401: "FORBIDDEN",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "UNPROCESSABLE",
  422: "UNPROCESSABLE",
};

/** What the REST API would refuse, refused in GraphQL's way. */
export async function inGraph<Value>(work: () => Promise<Value> | Value): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const details = (error.errors ?? []).map((detail) =>
      typeof detail === "string" ? detail : (detail.message ?? detail.code),
    );
    throw graphError(TYPES[error.status] ?? "UNPROCESSABLE", details.length > 0 ? details.join(", ") : error.message);
  }
}

export interface Paging {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
}

/** A part of a list, as every GraphQL connection gives it. */
export function connection<Item, Node>(
  name: string,
  items: readonly Item[],
  { first, last, after, before }: Paging,
  show: (item: Item) => Node,
) {
  if (first == null && last == null) {
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`;
    throw graphError("MISSING_PAGINATION_BOUNDARIES", message);
  }
  if ((first ?? last ?? 0) > 100) {
    const message = `Requesting ${first ?? last} records on the \`${name}\` connection exceeds the \`first\` limit of 100 records.`;
    throw graphError("EXCESSIVE_PAGINATION", message);
  }
  const from = after == null ? 0 : place(after);
  const to = before == null ? items.length : place(before) - 1;
  const start = first == null ? Math.max(from, to - (last ?? 0)) : from;
  const end = first == null ? to : Math.min(to, from + first);
  const part = items.slice(start, end);
  return {
    totalCount: items.length,
    nodes: () => part.map(show),
    edges: () => part.map((item, nth) => ({ cursor: cursor(start + nth + 1), node: show(item) })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: part.length === 0 ? null : cursor(start + 1),
      endCursor: part.length === 0 ? null : cursor(end),
    },
  };
}

function cursor(position: number): string {
  return Buffer.from(`cursor:${position}`).toString("base64");
}

function place(text: string): number {
  return Number(Buffer.from(text, "base64").toString().replace("cursor:", "")) || 0;
}
