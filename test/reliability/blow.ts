import type { CallAttempt, FaultEffect, FaultMatch } from "../../src/playground/github/faults.ts";
import type { World } from "../stories/world.ts";
import { stepsWith } from "./callers.ts";

/** Who calls GitHub: the server, or the Action, whatever it is there for. */
export type Side = "server" | "runner";

/** The process that calls is killed outright; the whole machine that it runs on is lost (`post` never runs); or the call goes wrong. */
export const KILLS = ["kill-before", "kill-after"] as const;
export const LOSSES = ["lose-before", "lose-after"] as const;
export const MISHAPS = ["5xx", "lost", "dropped", "429", "401"] as const;
export type Blow = (typeof KILLS | typeof LOSSES | typeof MISHAPS)[number];

export function callsOf(side: Side): FaultMatch {
  const tokenKind = side === "server" ? (["installation", "app"] as const) : (["job"] as const);
  // Git's own requests are git's to repeat; looking after installations and deliveries is not part of the story.
  return { tokenKind, path: /^(?!\/[^/]+\/[^/]+\.git\/|\/app\/installations$|\/app\/hook\/)/ };
}

export interface BlowOrder {
  readonly match: FaultMatch;
  /** So many calls that match go well first. */
  readonly at: number;
  readonly blow: Blow;
}

/** Orders the blow. `struck` hears how many processes or machines died of it. */
export function orderBlow(world: World, { match, at, blow }: BlowOrder, struck: (victims: number) => void): void {
  const strike = (call: CallAttempt) => struck(deal(world, call, blow));
  world.playground.github.faults.order({ match, after: at, times: 1, then: effectOf(blow, strike) });
}

function deal(world: World, { token, tokenKind }: CallAttempt, blow: Blow): number {
  const { actions, server } = world.playground;
  if (tokenKind !== "job" || token === null) {
    const pid = server?.pid ?? null;
    if (pid !== null) process.kill(pid, "SIGKILL");
    return pid === null ? 0 : 1;
  }
  if (blow.startsWith("lose")) {
    const run = actions.jobWith(token)?.run ?? null;
    run?.lose();
    return run === null ? 0 : 1;
  }
  const pids = stepsWith(token);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length;
}

function effectOf(blow: Blow, strike: (call: CallAttempt) => void): FaultEffect {
  switch (blow) {
    case "kill-before":
    case "lose-before":
      return { strike, when: "before-effect" };
    case "kill-after":
    case "lose-after":
      return { strike, when: "after-effect" };
    case "5xx":
      return { status: 502 };
    case "lost":
      return "drop-after-effect";
    case "dropped":
      return "drop-before-effect";
    case "429":
      return { status: 429, headers: { "retry-after": "1" } };
    case "401":
      return { status: 401 };
  }
}
