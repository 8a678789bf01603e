import type { GitHubAccess } from "./github-api.ts";
import { NotNow } from "./github-budget.ts";
import { call, type Once } from "./github-call.ts";
import { isGone } from "./github-closed-thread.ts";
import { statusOf } from "./github-error.ts";

interface Reply<T> {
  readonly data: T;
  readonly headers: { readonly etag?: string | undefined };
}

/** What a look has found, for the next one: GitHub answers 304, free of charge, while nothing has changed. */
export type Looks<T> = Map<string, { readonly etag: string; readonly found: T }>;

/**
 * A look at something that may have gone.
 * @param what names it among the looks
 * @returns null when it is gone, "unknown" when GitHub's limits leave no room to look
 */
export async function lookAt<T, Found>(
  what: string,
  looks: Looks<Found>,
  access: GitHubAccess,
  {
    ask,
    read,
  }: {
    readonly ask: (headers: Record<string, string>, once: Once) => Promise<Reply<T>>;
    readonly read: (data: T) => Found;
  },
): Promise<Found | null | "unknown"> {
  const seen = looks.get(what);
  const headers: Record<string, string> = seen === undefined ? {} : { "if-none-match": seen.etag };
  try {
    const { data, headers: got } = await call((once) => ask(headers, once), { ...access, urgency: "poll" });
    const found = read(data);
    if (got.etag !== undefined) looks.set(what, { etag: got.etag, found });
    return found;
  } catch (error) {
    // Octokit throws on 304.
    if (statusOf(error) === 304 && seen !== undefined) return seen.found;
    if (error instanceof NotNow) return "unknown";
    if (isGone(error)) return null;
    throw error;
  }
}
