import type { Octokit } from "@octokit/core";
import type { Urgency } from "../core/rate-budget.ts";
import { parseTaskRef, type TaskRef } from "../core/task.ts";
import type { Clock } from "../flows/ports.ts";

/** What we need of a GitHub client. Probot's, the Action's and a bare Octokit all have it. */
export type GitHubApi = Pick<Octokit, "request" | "graphql" | "hook">;

/** How patiently GitHub is asked. */
export interface Patience {
  readonly clock: Clock;
  /** What it is for. What must be right waits where what is merely up to date is left out; without a word it must be right. */
  readonly urgency?: Urgency;
  /** For how long a call is repeated after trouble, where it is not for its urgency to say. Then limits do not make it longer. */
  readonly deadlineMs?: number;
}

/** One repository, through one client. */
export interface GitHubAccess extends Patience {
  readonly api: GitHubApi;
  readonly owner: string;
  readonly repo: string;
}

/** For whatever is found again by its marker. */
export interface OwnAccess extends GitHubAccess {
  /** Logins that are ours. A marker in anybody else's text means nothing. */
  readonly self: readonly string[];
}

/** True for what one of our own identities wrote. */
export function isOurs(
  user: { readonly login: string } | null | undefined,
  { self }: Pick<OwnAccess, "self">,
): boolean {
  return user != null && self.some((login) => login.toLowerCase() === user.login.toLowerCase());
}

/**
 * The access itself, once its names are known to be names. GitHub's client escapes them in addresses, but would let
 * `..` climb out of the repository's own routes.
 */
export function checkedAccess<A extends GitHubAccess>(access: A): A {
  if (!/^[a-z0-9][a-z0-9_-]{0,99}$/i.test(access.owner)) throw notAName("an owner", access.owner);
  if (!/^[\w.-]{1,100}$/.test(access.repo) || /^\.+$/.test(access.repo)) throw notAName("a repository", access.repo);
  return access;
}

export function checkedRef(ref: TaskRef): TaskRef {
  if (parseTaskRef(`${ref.thread}/${ref.id}`) === null) throw notAName("a task", `${ref.thread}/${ref.id}`);
  return ref;
}

/** Holds a branch name to git's own rules (git help check-ref-format), and to no leading dash. */
export function checkedBranch(name: string): string {
  const parts = name.split("/");
  const sound = parts.every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what git forbids
  if (!sound || name.length > 255 || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^-|\.$|^@$/.test(name)) {
    throw notAName("a branch", name);
  }
  return name;
}

/** A login as events spell it, bots included. */
export function isLogin(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,99}(\[bot\])?$/i.test(text);
}

function notAName(what: string, text: string): Error {
  return new Error(`Not the name of ${what}: ${JSON.stringify(text.slice(0, 200))}`);
}
