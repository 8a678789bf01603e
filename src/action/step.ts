import * as core from "@actions/core";
import { getOctokit } from "@actions/github";
import { BackgroundWork } from "../adapters/background-work.ts";
import type { GitHubApi } from "../adapters/github-api.ts";
import type { Log } from "../flows/ports.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { type Job, readJob } from "./job.ts";

/** What every mode of the step starts from. */
export interface Step {
  readonly inputs: Inputs;
  readonly job: Job;
  readonly api: GitHubApi;
  readonly self: readonly string[];
  readonly log: Log;
  readonly background: BackgroundWork;
}

const JOB_IDENTITY = "github-actions[bot]";

export async function readStep(): Promise<Step> {
  const inputs = readInputs();
  const job = readJob();
  core.setSecret(inputs["github-token"]);
  const api = getOctokit(inputs["github-token"]);
  const log: Log = { info: (message) => core.info(message), warning: (message) => core.warning(message) };
  return { inputs, job, api, self: await ownLogins(inputs, job, api), log, background: new BackgroundWork(log) };
}

/** Who we are in this repository: the job's token, the App that started the run, and the owner of a token of another kind. */
async function ownLogins(inputs: Inputs, { bot }: Job, api: GitHubApi): Promise<readonly string[]> {
  const logins = [JOB_IDENTITY];
  if (bot !== null && bot !== JOB_IDENTITY) logins.push(bot);
  // Tokens of Apps and jobs start with ghs_; any other belongs to a person, and then our comments are theirs.
  if (!inputs["github-token"].startsWith("ghs_")) {
    const { data } = await api.request("GET /user");
    logins.unshift(data.login);
  }
  return logins;
}
