import fc from "fast-check";
import { HOSTINGS, type Hosting } from "../stories/hostings.ts";
import { type Blow, KILLS, LOSSES, MISHAPS } from "./blow.ts";
import { CALLERS, type Caller, type CallKind } from "./callers.ts";
import { STORIES, type StoryName, type Strike } from "./story.ts";

/** One story with one blow, or with two. */
export interface Trial {
  readonly hosting: Hosting;
  readonly story: StoryName;
  readonly strikes: readonly Strike[];
}

/** How often a kind of call is struck: its first time, and once more. Later ones meet the same code in the same state. */
const TIMES = 2;
const PAIRS = 75;

/** All single blows for the calls that were made on a good day, then a sample of pairs that is the same for the same seed. */
export function planTrials(
  { hosting, story, seed }: { readonly hosting: Hosting; readonly story: StoryName; readonly seed: number },
  kinds: readonly (CallKind & { readonly times: number })[],
): readonly Trial[] {
  const strikes = kinds.flatMap(({ caller, call, times }) =>
    Array.from({ length: Math.min(times, TIMES) }, (_, nth) => nth).flatMap((nth) =>
      blowsFor(caller, nth).map((blow): Strike => ({ caller, call, nth, blow })),
    ),
  );
  const one = fc.constantFrom(...strikes);
  const pairs = strikes.length === 0 ? [] : fc.sample(fc.tuple(one, one), { seed, numRuns: PAIRS });
  return [...strikes.map((strike) => [strike]), ...pairs].map((struck) => ({ hosting, story, strikes: struck }));
}

/** A server has no machine of its own here: it is lost with its process. What merely goes wrong is tried at the first call. */
function blowsFor(caller: Caller, nth: number): readonly Blow[] {
  return [...KILLS, ...(caller === "server" ? [] : LOSSES), ...(nth === 0 ? MISHAPS : [])];
}

/** `server/answered work:0:kill-after:POST git/trees`; two blows have ` + ` between them. */
export function nameTrial({ hosting, story, strikes }: Trial): string {
  const blows = strikes.map(({ caller, nth, blow, call }) => `${caller}:${nth}:${blow}:${call}`);
  return `${hosting}/${story} ${blows.join(" + ")}`;
}

/** @throws when it is no trial's name. */
export function readTrial(name: string): Trial {
  const [, host, told, blows = ""] = /^(\w+)\/(\w+) (.+)$/.exec(name.trim()) ?? [];
  const strikes = blows.split(" + ").map((text): Strike => {
    const [, who, nth, how, call = ""] = /^(\w+):(\d+):([\w-]+):(.+)$/.exec(text) ?? [];
    return {
      caller: oneOf(CALLERS, who, name),
      nth: Number(nth),
      blow: oneOf([...KILLS, ...LOSSES, ...MISHAPS], how, name),
      call,
    };
  });
  return { hosting: oneOf(HOSTINGS, host, name), story: oneOf(STORIES, told, name), strikes };
}

function oneOf<T extends string>(known: readonly T[], text: string | undefined, name: string): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`This is no trial: ${name}`);
  return found;
}
