import type { Change } from "./view.ts";

interface LiveOptions {
  readonly changed: (change: Change) => void;
  /** The line to the server is there again, or gone. */
  readonly connection: (there: boolean) => void;
}

/** Listens to what happens on the local GitHub. */
export function listen({ changed, connection }: LiveOptions): void {
  const events = new EventSource("/_playground/events");
  events.addEventListener("open", () => connection(true));
  events.addEventListener("error", () => connection(false));
  events.addEventListener("change", ({ data }: MessageEvent<string>) => {
    const change: Change = JSON.parse(data);
    changed(change);
  });
}

/**
 * Does a piece of work now or, when it was begun a moment ago, once more soon after: many changes at once become one
 * reading, and none is missed. The work may not reject.
 */
export function coalesce(work: () => Promise<void>, restMs: number): () => Promise<void> {
  let waiting: Promise<void> | null = null;
  let rested: Promise<unknown> = Promise.resolve();
  return () => {
    waiting ??= rested.then(() => {
      waiting = null;
      const done = work();
      rested = done.then(() => new Promise((resolve) => setTimeout(resolve, restMs)));
      return done;
    });
    return waiting;
  };
}
