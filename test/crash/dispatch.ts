import { githubThread } from "../../src/adapters/github-thread.ts";
import { readEvent } from "../../src/core/event.ts";
import { claimTask } from "../../src/flows/claim-task.ts";
import { handleEvent } from "../../src/flows/handle-event.ts";
import { withEars } from "../../src/flows/keep-listening.ts";
import { reconcile } from "../../src/flows/reconcile.ts";
import type { ThreadPorts } from "../../src/flows/thread-ports.ts";
import type { GitHubEvent, Repository } from "../../src/playground/github/local-github.ts";
import type { SimProcess } from "./sim-process.ts";

export const APP = "dispatch-app[bot]";
export const JOB = "github-actions[bot]";
export const SELF: readonly string[] = [APP, JOB];

/** What Dispatch's programs are made of; a variant puts others in their places. */
export interface Dispatch {
  readonly thread: (process: SimProcess, repository: Repository) => ThreadPorts;
  readonly handle: typeof handleEvent;
  readonly claim: typeof claimTask;
  readonly reconcile: typeof reconcile;
  /** When a delivery is acknowledged: after everything has been done, or as soon as it has come. */
  readonly acknowledges: "last" | "first";
  /** Sends nothing again that has not been answered, but leaves that to whoever knows what it was. */
  readonly isPatient: boolean;
}

export const DISPATCH: Dispatch = {
  thread: threadOf,
  handle: handleEvent,
  claim: claimTask,
  reconcile,
  acknowledges: "last",
  isPatient: true,
};

function threadOf(process: SimProcess, repository: Repository): ThreadPorts {
  const { api, clock, background, log } = process;
  const named = { server: "http://localhost", owner: repository.owner.login, repo: repository.name };
  return withEars(githubThread({ api, repository: named, self: SELF, clock, background, log }));
}

/** What any entrance does with an event of GitHub's. */
export function handleBy(
  dispatch: Dispatch,
  process: SimProcess,
  { name, payload, repository }: GitHubEvent,
): Promise<void> {
  const event = readEvent(name, payload, SELF);
  return event.kind === "ignored" ? Promise.resolve() : dispatch.handle(event, dispatch.thread(process, repository));
}
