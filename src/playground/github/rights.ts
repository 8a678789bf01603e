import type { Account } from "./accounts.ts";
import { ApiError, notFound } from "./errors.ts";
import type { Issue, Repository, Role } from "./repository.ts";
import type { Caller, TokenInfo } from "./tokens.ts";

export type Area = "contents" | "issues" | "pull_requests" | "actions" | "metadata" | "workflows";

const ROLES: readonly Role[] = ["read", "triage", "write", "maintain", "admin"];

export function atLeast(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** A person's role; null for a stranger. */
export function roleOf(repository: Repository, account: Account): Role | null {
  if (account.id === repository.owner.id) return "admin";
  return repository.collaborators.get(account.login.toLowerCase()) ?? null;
}

/** The legacy role that the permission API calls `permission`. */
export function legacyRole(repository: Repository, role: Role | null): "admin" | "write" | "read" | "none" {
  if (role === null) return repository.private ? "none" : "read";
  if (role === "admin") return "admin";
  return atLeast(role, "write") ? "write" : "read";
}

export function association(repository: Repository, account: Account): "OWNER" | "MEMBER" | "COLLABORATOR" | "NONE" {
  if (account.id === repository.owner.id) return "OWNER";
  return roleOf(repository, account) === null ? "NONE" : "COLLABORATOR";
}

export function maySee(caller: Caller, repository: Repository): boolean {
  if (!repository.private) return true;
  if (caller.kind !== "token") return false;
  return hasPermissions(caller.info)
    ? covers(caller.info, repository)
    : roleOf(repository, caller.info.account) !== null;
}

/** Whether a token may write here, in this area. */
export function mayWrite(caller: Caller, repository: Repository, area: Area): boolean {
  if (caller.kind !== "token") return false;
  const { info } = caller;
  if (hasPermissions(info)) return covers(info, repository) && info.permissions?.[area] === "write";
  const role = roleOf(repository, info.account);
  return atLeast(role, area === "issues" || area === "pull_requests" ? "triage" : "write");
}

/** Refuses as GitHub does: strangers and anonymous callers learn no more than they must. */
export function needWrite(caller: Caller, repository: Repository, ...areas: readonly Area[]): void {
  if (caller.kind !== "token") throw new ApiError(401, "Requires authentication");
  needUnarchived(repository);
  if (areas.some((area) => mayWrite(caller, repository, area))) return;
  if (hasPermissions(caller.info)) throw new ApiError(403, "Resource not accessible by integration");
  if (areas.includes("contents")) throw notFound();
  throw new ApiError(403, "Must have admin rights to Repository.");
}

/** In a locked conversation only people with write access have a say; apps have not. */
export function needUnlocked(caller: Caller, issue: Issue, what: "comment" | "reaction"): void {
  const isPerson = caller.kind === "token" && !hasPermissions(caller.info);
  if (!issue.locked || (isPerson && atLeast(roleOf(issue.repository, caller.info.account), "write"))) return;
  throw new ApiError(403, `Unable to create ${what} because issue is locked.`);
}

/** Comments, reactions and new issues: anybody who is signed in may, on a public repository. */
export function needSay(caller: Caller, repository: Repository, ...areas: readonly Area[]): void {
  if (caller.kind !== "token") throw new ApiError(401, "Requires authentication");
  needUnarchived(repository);
  if (!hasPermissions(caller.info)) return;
  if (areas.some((area) => mayWrite(caller, repository, area))) return;
  throw new ApiError(403, "Resource not accessible by integration");
}

/** Somebody's own words, or anybody's for those who may write. */
export function needEdit(caller: Caller, repository: Repository, author: Account, ...areas: readonly Area[]): void {
  needSay(caller, repository, ...areas);
  if (caller.kind !== "token" || caller.info.account.id === author.id) return;
  if (hasPermissions(caller.info) || atLeast(roleOf(repository, caller.info.account), "write")) return;
  throw new ApiError(403, "Must have admin rights to Repository.");
}

function needUnarchived(repository: Repository): void {
  if (repository.settings.archived) throw new ApiError(403, "Repository was archived so is read-only.");
}

function hasPermissions(info: TokenInfo): boolean {
  return info.permissions !== undefined;
}

function covers(info: TokenInfo, repository: Repository): boolean {
  return info.repository === undefined || info.repository.id === repository.id;
}
