import { setSecret } from "@actions/core";
import type { GitHubApi } from "../adapters/github-api.ts";
import type { TokenSource } from "../adapters/github-token.ts";
import { secretsIn } from "../adapters/masking.ts";
import { TokenRefused } from "../core/problem.ts";
import type { Clock } from "../flows/ports.ts";
import type { Inputs } from "./inputs.ts";
import type { Job } from "./job.ts";

/** The token by which a step works, and whose it is. */
export interface StepTokens extends TokenSource {
  /** Who writes with it; null where that is to be asked for. */
  readonly login: string | null;
  /** Every value that must not be read anywhere. Those of later tokens are added to it. */
  readonly secrets: readonly string[];
}

export const JOB_IDENTITY = "github-actions[bot]";

/** The App's tokens where the inputs name one, else the token that was handed over. */
export async function tokensOf(
  inputs: Inputs,
  job: Job,
  { api, clock }: { readonly api: GitHubApi; readonly clock: Clock },
): Promise<StepTokens> {
  const secrets = [...secretsIn(process.env)];
  const hide = (secret: string) => {
    setSecret(secret);
    secrets.push(secret);
  };
  hide(inputs["github-token"]);
  const { "app-id": appId, "private-key": privateKey } = inputs;
  if (appId === null || privateKey === null) return { ...handedOver(inputs["github-token"]), secrets };
  hide(privateKey);
  // Most runs have no App of their own; what it takes is loaded only for those that do.
  const { tokensOfApp } = await import("./app-key.ts");
  return { ...(await tokensOfApp({ appId, privateKey }, job.repository, { api, clock, onToken: hide })), secrets };
}

function handedOver(token: string): TokenSource & Pick<StepTokens, "login"> {
  return {
    // Tokens of Apps and jobs start with ghs_; any other belongs to a person, and then our comments are theirs.
    login: token.startsWith("ghs_") ? JOB_IDENTITY : null,
    present: async () => token,
    renew: async () => {
      throw new TokenRefused();
    },
  };
}
