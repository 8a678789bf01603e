import { Problem } from "../core/problem.ts";
import type { Issues } from "../flows/ports.ts";
import { checkedAccess, isOurs, type OwnAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { CLOCK_SKEW_MS, says } from "./github-comments.ts";
import { statusOf } from "./github-error.ts";

/** Opens issues; after a lost reply it looks for the one that is there already before it opens another. */
export function githubIssues(given: OwnAccess): Issues {
  const access = checkedAccess(given);
  const { api, owner, repo, clock } = access;
  return {
    async open(title, body) {
      const before = new Date(clock.now().getTime() - CLOCK_SKEW_MS);
      try {
        const { data } = await call(
          (once) => api.request("POST /repos/{owner}/{repo}/issues", { owner, repo, title, body, ...once }),
          access,
          async () => {
            const number = await openedSince(before, title, body, access);
            return number === null ? null : { data: { number } };
          },
        );
        return { kind: "issue", number: data.number };
      } catch (error) {
        if (statusOf(error) !== 410) throw error;
        throw new Problem(
          "issues-off",
          "Issues are turned off in this repository.",
          "Turn them on in the repository's settings, or answer with `gh workflow run`.",
          { cause: error },
        );
      }
    },
  };
}

async function openedSince(before: Date, title: string, body: string, access: OwnAccess): Promise<number | null> {
  const { api, owner, repo } = access;
  const parameters = { owner, repo, state: "all", sort: "created", direction: "desc", per_page: 30 } as const;
  const { data } = await call(
    (once) => api.request("GET /repos/{owner}/{repo}/issues", { ...parameters, ...once }),
    access,
  );
  const found = data.find(
    (issue) =>
      isOurs(issue.user, access) &&
      Date.parse(issue.created_at) >= before.getTime() &&
      issue.title === title &&
      says(issue.body ?? "", body),
  );
  return found?.number ?? null;
}
