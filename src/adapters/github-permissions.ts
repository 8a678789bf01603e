import type { Permissions } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess, isLogin } from "./github-api.ts";
import { call } from "./github-call.ts";

/** Who may command, asked of GitHub each time: `author_association` is too weak, and permissions are taken away again. */
export function githubPermissions(given: GitHubAccess): Permissions {
  const access = checkedAccess(given);
  const { api, owner, repo } = access;
  return {
    async mayWrite(login) {
      if (!isLogin(login)) return false;
      const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
      try {
        const { data } = await call((once) => api.request(route, { owner, repo, username: login, ...once }), access);
        // The legacy roles: maintain is reported as write, triage as read, a custom role as the one it is built on.
        return data.permission === "admin" || data.permission === "write";
      } catch {
        return false;
      }
    },
  };
}
