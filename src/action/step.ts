import * as core from "@actions/core";
import { GitHub } from "@actions/github/lib/utils";
import { BackgroundWork } from "../adapters/background-work.ts";
import type { GitHubApi } from "../adapters/github-api.ts";
import { GitHubBudget } from "../adapters/github-budget.ts";
import { call } from "../adapters/github-call.ts";
import { governed } from "../adapters/github-client.ts";
import { githubClock } from "../adapters/github-clock.ts";
import { authorized } from "../adapters/github-token.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { logText } from "../core/log-text.ts";
import type { Clock, Log } from "../flows/ports.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { type Job, readJob } from "./job.ts";
import { modeOf } from "./mode.ts";
import { JOB_IDENTITY, type StepTokens, tokensOf } from "./tokens.ts";

/** What every mode of the step starts from. */
export interface Step {
  readonly inputs: Inputs;
  readonly job: Job;
  readonly api: GitHubApi;
  /** GitHub's time. */
  readonly clock: Clock;
  readonly tokens: StepTokens;
  readonly self: readonly string[];
  readonly log: Log;
  readonly background: BackgroundWork;
}

const KEY_BESIDE_WORKER =
  "The App's private key is held by a process of the user that the worker runs as. Give it only where you trust what the worker reads.";

export async function readStep(): Promise<Step> {
  const inputs = readInputs();
  // Programs that are started from here on have no use for it.
  delete process.env["INPUT_PRIVATE-KEY"];
  const job = readJob();
  const clock = githubClock({ base: systemClock, elapsed: () => performance.now() });
  const client = new GitHub();
  const tokens = await tokensOf(inputs, job, { api: client, clock });
  const api = governed(clock.setBy(authorized(client, tokens)), new GitHubBudget(clock), clock, { looksFirst: true });
  const log: Log = { info: (message) => core.info(logText(message)), warning: (message) => core.warning(message) };
  if (inputs["private-key"] !== null && modeOf(inputs, job.eventName) === "work") log.warning(KEY_BESIDE_WORKER);
  const self = await ownLogins(tokens, job, { api, clock });
  return { inputs, job, api, clock, tokens, self, log, background: new BackgroundWork(log) };
}

/** Who we are in this repository: the token's owner, the job's own identity, and the App that started the run. */
async function ownLogins(
  { login }: StepTokens,
  { bot }: Job,
  { api, clock }: Pick<Step, "api" | "clock">,
): Promise<readonly string[]> {
  const own = login ?? (await call((once) => api.request("GET /user", { ...once }), { clock })).data.login;
  return [...new Set([own, JOB_IDENTITY, ...(bot === null ? [] : [bot])])];
}
