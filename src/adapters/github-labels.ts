import type { Labels } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf } from "./github-error.ts";

/** Labels of a conversation. GitHub makes a label that the repository does not have yet. */
export function githubLabels(given: GitHubAccess): Labels {
  const access = checkedAccess(given);
  const { api, owner, repo } = access;
  return {
    async add(thread, label) {
      const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/labels";
      const parameters = { owner, repo, issue_number: thread, labels: [label] };
      await call((once) => api.request(route, { ...parameters, ...once }), access);
    },
    async remove(thread, label) {
      const route = "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}";
      const parameters = { owner, repo, issue_number: thread, name: label };
      try {
        await call((once) => api.request(route, { ...parameters, ...once }), access);
      } catch (error) {
        // Somebody took it off before us.
        if (statusOf(error) !== 404) throw error;
      }
    },
  };
}
