import { createAppAuth } from "@octokit/auth-app";
import type { Clock } from "../flows/ports.ts";
import type { GitHubApi } from "./github-api.ts";
import { call } from "./github-call.ts";
import type { TokenSource } from "./github-token.ts";

export interface AppKey {
  readonly appId: number | string;
  readonly privateKey: string;
}

/** What tokens are wanted: all that the installation may, or less. */
interface Wanted {
  readonly installation: number;
  readonly repositories?: readonly string[];
  readonly permissions?: Readonly<Record<string, "read" | "write">>;
  /** Told of every new token before anything is done with it. */
  readonly onToken?: (token: string) => void;
}

export interface AppTokens {
  /** Requests of the App about itself. */
  readonly request: GitHubApi["request"];
  /** Rejects where the key is none. */
  sign(): Promise<unknown>;
  /** Tokens of one installation. Each is good for an hour, and is replaced before that ends. */
  of(wanted: Wanted): TokenSource;
}

/** @param api a client that has no token of its own */
export function appTokens(key: AppKey, { api, clock }: { readonly api: GitHubApi; readonly clock: Clock }): AppTokens {
  const signer = createAppAuth({ ...key, request: api.request });
  const hook: typeof signer.hook = (request, route, parameters) => signer.hook(request, route, parameters);
  // Signed again by GitHub's time where this machine's clock is wrong: a signature holds for ten minutes.
  const request = api.request.defaults({ request: { hook } });
  const app = createAppAuth({ ...key, request });
  return {
    request,
    sign: () => app({ type: "app" }),
    of({ installation, repositories, permissions, onToken }) {
      const wanted = {
        type: "installation" as const,
        installationId: installation,
        ...(repositories === undefined ? {} : { repositoryNames: [...repositories] }),
        ...(permissions === undefined ? {} : { permissions }),
      };
      let known = "";
      let renewal: Promise<string> | null = null;
      const take = async (refresh: boolean) => {
        // One that is made and lost with its reply harms nobody: another is made.
        const { token } = await call(() => app({ ...wanted, refresh }), { clock });
        if (token !== known) onToken?.(token);
        known = token;
        return token;
      };
      return {
        present: () => take(false),
        async renew(refused) {
          // Many requests may be refused at the same time; one new token is enough.
          if (known !== refused) return known;
          renewal ??= take(true).finally(() => {
            renewal = null;
          });
          return renewal;
        },
      };
    },
  };
}
