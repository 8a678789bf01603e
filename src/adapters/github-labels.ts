import type { Labels } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { inThread, isGone, moved } from "./github-closed-thread.ts";
import { statusOf } from "./github-error.ts";
import { type Looks, lookAt } from "./github-standing.ts";

/** Labels of a conversation. GitHub makes a label that the repository does not have yet. */
export function githubLabels(given: GitHubAccess): Labels {
  const access = checkedAccess(given);
  const { api, owner, repo } = access;
  const looks: Looks<readonly string[]> = new Map();
  return {
    async add(thread, label) {
      const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/labels";
      const parameters = { owner, repo, issue_number: thread, labels: [label] };
      const { data } = await inThread(thread, () =>
        call((once) => api.request(route, { ...parameters, ...once }), access),
      );
      // GitHub answers with all labels of the conversation. Without this one they are those of its new place.
      if (!data.some(({ name }) => isSame(name, label))) moved(thread);
    },
    async has(thread, label) {
      const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/labels";
      const found = await lookAt(String(thread), looks, access, {
        ask: (headers, once) =>
          api.request(route, { owner, repo, issue_number: thread, per_page: 100, headers, ...once }),
        read: (data) => data.map(({ name }) => name),
      });
      // A conversation that is gone lacks no label.
      return found === null || found === "unknown" || found.some((name) => isSame(name, label));
    },
    async remove(thread, label) {
      const route = "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}";
      const parameters = { owner, repo, issue_number: thread, name: label };
      try {
        await call((once) => api.request(route, { ...parameters, ...once }), access);
      } catch (error) {
        // Somebody took it off before us; or the conversation has moved, with its label, to where we have no say.
        if (!isGone(error) && statusOf(error) !== 403) throw error;
      }
    },
  };
}

/** GitHub takes names that differ in their case for the same. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
