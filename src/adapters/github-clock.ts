import { z } from "zod";
import type { Clock } from "../flows/ports.ts";
import type { GitHubApi } from "./github-api.ts";
import { headersOf } from "./github-error.ts";

/** A clock that shows GitHub's time, as far as replies have told it. */
export interface GitHubClock extends Clock {
  /**
   * The same client, whose replies set the clock from now on. It must be authorized before: a hook within another one is given the request
   * as it was made, without what the outer one has put on it.
   */
  setBy<A extends Pick<GitHubApi, "hook">>(api: A): A;
}

export interface Timepieces {
  /** What the machine shows, and goes by until GitHub has said something. */
  readonly base: Clock;
  /** Milliseconds that have passed since some moment. */
  readonly elapsed: () => number;
}

/** Milliseconds between which the difference of GitHub's time to the machine's lies. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** `date` is cut to whole seconds. */
const GRAIN_MS = 1_000;

/** A reply from a cache tells the time at which it was put there. */
const Dated = z.object({
  date: z
    .string()
    .transform((text) => Date.parse(text))
    .refine(Number.isFinite),
  age: z.never().optional(),
});

/**
 * Times that are compared with GitHub's own (when a comment was made, when a limit ends) are GitHub's on a machine, too, whose clock is
 * wrong. What passes in between is measured by a clock that nobody sets: a step of the one on the wall moves nothing.
 */
export function githubClock({ base, elapsed }: Timepieces): GitHubClock {
  const started = base.now().getTime() - elapsed();
  let bounds: Bounds | null = null;

  function hear(headers: unknown, sent: number): void {
    const date = Dated.safeParse(headers).data?.date;
    if (date === undefined) return;
    const told = { least: date - elapsed(), most: date + GRAIN_MS - sent };
    const known = bounds ?? told;
    const both = { least: Math.max(known.least, told.least), most: Math.min(known.most, told.most) };
    // Where they contradict each other the machine has slept, or GitHub's own clock was set: the latest is right.
    bounds = both.least <= both.most ? both : told;
  }

  return {
    now: () => new Date(elapsed() + (bounds === null ? started : (bounds.least + bounds.most) / 2)),
    random: () => base.random(),
    sleep: (ms, signal) => base.sleep(ms, signal),
    setBy(api) {
      api.hook.wrap("request", async (request, options) => {
        const sent = elapsed();
        try {
          const reply = await request(options);
          hear(reply.headers, sent);
          return reply;
        } catch (error) {
          hear(headersOf(error), sent);
          throw error;
        }
      });
      return api;
    },
  };
}
