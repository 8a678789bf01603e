import type { GitHubApi } from "../adapters/github-api.ts";
import { type AppKey, appTokens } from "../adapters/github-app-token.ts";
import { call } from "../adapters/github-call.ts";
import { statusOf, wordsOf } from "../adapters/github-error.ts";
import type { TokenSource } from "../adapters/github-token.ts";
import type { RepositoryName } from "../core/links.ts";
import { Problem } from "../core/problem.ts";
import type { Clock } from "../flows/ports.ts";

/** No more than a run needs, in this repository alone. */
const PERMISSIONS = {
  actions: "write",
  contents: "write",
  issues: "write",
  metadata: "read",
  pull_requests: "write",
} as const;

/**
 * Tokens of the user's own App for this repository, and how events spell the App.
 * @param api a client that has no token of its own
 * @throws Problem "app-key-invalid" or "app-refused"
 */
export async function tokensOfApp(
  key: AppKey,
  repository: RepositoryName,
  {
    api,
    clock,
    onToken,
  }: { readonly api: GitHubApi; readonly clock: Clock; readonly onToken: (token: string) => void },
): Promise<TokenSource & { readonly login: string }> {
  const { owner, repo } = repository;
  const app = appTokens(key, { api, clock });
  await app.sign().catch((cause: unknown) => {
    throw invalidKey(cause);
  });
  const route = "GET /repos/{owner}/{repo}/installation";
  try {
    const { data } = await call((once) => app.request(route, { owner, repo, ...once }), { clock });
    const tokens = app.of({ installation: data.id, repositories: [repo], permissions: PERMISSIONS, onToken });
    // The first one is made here, where it can be said what is wrong.
    await tokens.present();
    return { ...tokens, login: `${data.app_slug}[bot]` };
  } catch (error) {
    throw refusal(error, key.appId, repository) ?? error;
  }
}

function invalidKey(cause: unknown): Problem {
  return new Problem(
    "app-key-invalid",
    "The input `private-key` cannot be read as a private key.",
    "Give it the whole text of the `.pem` file that the App's settings page has made, from `-----BEGIN` to `-----END`.",
    { cause },
  );
}

function refusal(error: unknown, appId: number | string, { owner, repo }: RepositoryName): Problem | null {
  const status = statusOf(error);
  const problem = (sentence: string, nextStep: string) =>
    new Problem("app-refused", sentence, nextStep, { cause: error });
  if (status === 401) {
    return problem(
      `GitHub does not accept the App \`${appId}\` with this private key: ${wordsOf(error)}.`,
      "Check the inputs `app-id` and `private-key` against the App's settings page.",
    );
  }
  if (status === 404) {
    return problem(
      `The App \`${appId}\` is not installed on ${owner}/${repo}.`,
      "Install it there from the App's page, or take the inputs `app-id` and `private-key` out.",
    );
  }
  if (status !== 403 && status !== 422) return null;
  return problem(
    `The App \`${appId}\` gets no token for ${owner}/${repo}: ${wordsOf(error)}`,
    "Give the App the permissions actions, contents, issues and pull requests (read and write), and accept them where it is installed.",
  );
}
