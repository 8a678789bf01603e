import type { Role } from "../core/permission.ts";
import type { Permissions } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess, isLogin } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf } from "./github-error.ts";

/** What people may do, asked of GitHub each time: `author_association` is too weak, and permissions are taken away again. */
export function githubPermissions(given: GitHubAccess): Permissions {
  const access = checkedAccess(given);
  const { api, owner, repo } = access;
  return {
    async roleOf(login) {
      if (!isLogin(login)) return "none";
      const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
      try {
        const { data } = await call((once) => api.request(route, { owner, repo, username: login, ...once }), access);
        return roleIn(data.permission, data.role_name);
      } catch (error) {
        // Refused, or nobody of that name. Where GitHub could not be asked, nothing is decided: whoever wants to know comes again.
        const status = statusOf(error);
        if (status === 403 || status === 404 || status === 410) return "none";
        throw error;
      }
    },
  };
}

/**
 * `permission` speaks in the legacy roles: maintain is reported as write, triage as read, a custom role as the one it is built on. So it
 * decides, and the role's own name only makes it finer.
 */
function roleIn(permission: string, name: string | undefined): Role {
  if (permission === "admin") return "admin";
  if (permission === "write") return name === "maintain" ? "maintain" : "write";
  if (permission === "read") return name === "triage" ? "triage" : "read";
  return "none";
}
