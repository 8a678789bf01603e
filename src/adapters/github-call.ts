import { z } from "zod";
import type { Clock } from "../flows/ports.ts";
import type { Patience } from "./github-api.ts";
import { LostReply, type Trouble, troubleOf } from "./github-error.ts";

/*
 * The client rules, in one place.
 *
 * May be repeated as they stand: reads, GraphQL queries, createCommitOnBranch (it names the head it expects), trees and
 * commits (content-addressed, unreachable until a ref names them), reactions, labels, edits and deletions.
 *
 * Is never blindly repeated: a comment, a run, a pull request. There the caller passes `look`, which finds the effect of a try
 * whose outcome is unknown. A refusal for now (a rate limit) has had no effect and is simply repeated.
 */

/** Goes into every request: one try only, with an end. The stock plugins would otherwise repeat what must not be repeated. */
export interface Once {
  readonly request: { readonly retries: 0; readonly signal: AbortSignal };
}

/** Long enough for what must not fail; commands are accepted within it or the delivery is answered with an error. */
const CORRECTNESS_MS = 90_000;
// GitHub itself gives up after 10 seconds; without an end a connection that died silently would hold us for minutes.
const ONE_TRY_MS = 20_000;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 10_000;

/**
 * Asks GitHub, again after trouble that passes, until the deadline; then the last error rises.
 * Without `look` the call must be harmless to repeat.
 */
export async function call<T, Found = never>(
  act: (once: Once) => Promise<T>,
  patience: Patience,
  look?: () => Promise<Found | null>,
): Promise<T | Found> {
  const { clock, deadlineMs = CORRECTNESS_MS } = patience;
  const deadline = clock.now().getTime() + deadlineMs;
  let unsure = false;
  for (let tries = 0; ; tries++) {
    const result = await attempt(act, clock);
    if ("value" in result) return result.value;
    const wait = Math.max(result.trouble.waitMs, backOff(tries, clock.random()));
    if (clock.now().getTime() + wait >= deadline) throw result.error;
    await clock.sleep(wait);
    // The effect of an unknown try may show late: from then on every further try is preceded by a look.
    unsure ||= result.trouble.kind === "unknown";
    if (look === undefined || !unsure) continue;
    const found = await look();
    if (found !== null) return found;
  }
}

type Result<T> = { readonly value: T } | { readonly error: unknown; readonly trouble: Trouble };

async function attempt<T>(act: (once: Once) => Promise<T>, clock: Clock): Promise<Result<T>> {
  try {
    return { value: whole(await act({ request: { retries: 0, signal: AbortSignal.timeout(ONE_TRY_MS) } })) };
  } catch (error) {
    const trouble = troubleOf(error, clock.now());
    if (trouble === null) throw error;
    return { error, trouble };
  }
}

const Torn = z.object({
  status: z.number(),
  headers: z.object({ "content-type": z.string().regex(/json/) }),
  data: z.string(),
});

/** Octokit hands a reply that broke off half-way on as a success: the JSON it could not read as a string, GraphQL's as nothing. */
function whole<T>(value: T): T {
  if (value === undefined || Torn.safeParse(value).success) throw new LostReply("GitHub's reply broke off.");
  return value;
}

/** Doubles with every try; between half of it and all of it. */
function backOff(tries: number, random: number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return most / 2 + (most / 2) * random;
}
