import type { GitHubEvent, LocalGitHub } from "../github/local-github.ts";

/** Something that a page may be showing has changed. Null where it is not about one thread, run or branch. */
export interface Change {
  readonly repository: string;
  readonly thread: number | null;
  readonly run: number | null;
  readonly ref: string | null;
}

type Source = Pick<LocalGitHub, "onEvent" | "calls">;

// Reactions send no event, as on GitHub, so the list of calls is looked through for them.
const LOOK_MS = 100;
const REACTED = /^\/repos\/([^/]+\/[^/]+)\/(?:issues|pulls)\/.*\/reactions(?:\/\d+)?$/;

/** Tells the listener of every change until the returned function is called. */
export function watchChanges(github: Source, listener: (change: Change) => void): () => void {
  let seen = github.calls.length;
  const stopEvents = github.onEvent((event) => listener(changeOf(event)));
  const timer = setInterval(() => {
    const repositories = reactedIn(github.calls.slice(seen));
    seen = github.calls.length;
    // A call stands in the list from its beginning on: its effect may come a moment later.
    for (const repository of repositories) {
      setTimeout(() => listener({ repository, thread: null, run: null, ref: null }), LOOK_MS).unref();
    }
  }, LOOK_MS);
  return () => {
    stopEvents();
    clearInterval(timer);
  };
}

function reactedIn(calls: LocalGitHub["calls"]): ReadonlySet<string> {
  const writes = calls.filter(({ method }) => method === "POST" || method === "DELETE");
  return new Set(writes.flatMap(({ path }) => REACTED.exec(path)?.[1] ?? []));
}

function changeOf({ payload, repository }: GitHubEvent): Change {
  const thread = numberIn(payload["issue"], "number") ?? numberIn(payload["pull_request"], "number");
  const ref = payload["ref"];
  return {
    repository: repository.fullName,
    thread,
    run: numberIn(payload["workflow_run"], "id"),
    ref: typeof ref === "string" ? ref : null,
  };
}

function numberIn(value: unknown, key: string): number | null {
  if (typeof value !== "object" || value === null) return null;
  const found: unknown = Reflect.get(value, key);
  return typeof found === "number" ? found : null;
}
