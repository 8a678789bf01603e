import { Octokit } from "@octokit/core";
import type { GitHubApi } from "../adapters/github-api.ts";
import { appTokens } from "../adapters/github-app-token.ts";
import { GitHubBudget } from "../adapters/github-budget.ts";
import { governed } from "../adapters/github-client.ts";
import type { GitHubClock } from "../adapters/github-clock.ts";
import { authorized, type TokenSource } from "../adapters/github-token.ts";
import type { Log } from "../flows/ports.ts";
import type { Environment } from "./environment.ts";

/** Clients of the App's installations. */
export interface Clients {
  /**
   * A client for one piece of work: a delivery, a look at an installation. All those of an installation share its limits, and each has its
   * turn.
   */
  of(installation: number): GitHubApi;
}

interface Account {
  readonly tokens: TokenSource;
  readonly budget: GitHubBudget;
}

export function appClients(
  { appId, privateKey, apiUrl }: Pick<Environment, "appId" | "privateKey" | "apiUrl">,
  { clock, log }: { readonly clock: GitHubClock; readonly log: Log },
): Clients {
  const quiet = () => undefined;
  const warn = (message: string) => log.warning(message);
  const plain = { baseUrl: apiUrl, log: { debug: quiet, info: quiet, warn, error: warn } };
  const app = appTokens({ appId, privateKey }, { api: new Octokit(plain), clock });
  const accounts = new Map<number, Account>();
  return {
    of(installation) {
      const account = accounts.get(installation) ?? {
        tokens: app.of({ installation }),
        budget: new GitHubBudget(clock),
      };
      accounts.set(installation, account);
      return governed(clock.setBy(authorized(new Octokit(plain), account.tokens)), account.budget, clock);
    },
  };
}
