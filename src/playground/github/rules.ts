import { ApiError, invalid } from "./errors.ts";
import { changedPaths } from "./git-diff.ts";
import { commitsBetween, isAncestor } from "./git-history.ts";
import { type Commit, EMPTY_TREE, readCommit, ZERO_OID } from "./git-objects.ts";
import type { Repository } from "./repository.ts";
import type { Actor } from "./world.ts";

export interface RefMove {
  readonly repository: Repository;
  /** Full: `refs/heads/main`. */
  readonly name: string;
  /** Null: there was none. */
  readonly before: string | null;
  /** Null deletes. */
  readonly after: string | null;
}

/** Why a ref may not move. */
export interface Violation {
  /** As `git push` shows it behind the ref. */
  readonly reason: string;
  /** Rulesets explain themselves at length. */
  readonly sentence: string | null;
  readonly error: ApiError;
}

function ofRuleset(sentence: string): Violation {
  const error = invalid(`Repository rule violations found\n\n${sentence}\n\n`);
  return { reason: "push declined due to repository rule violations", sentence, error };
}

function refused({ repository, name }: RefMove): ReadonlySet<string> {
  const rules = repository.settings.rulesets.filter(({ pattern }) => globMatches(pattern, name));
  return new Set(rules.flatMap(({ refuse }) => refuse));
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${source.join("")}$`).test(name);
}

/** What can be said of a move without looking at commits. */
export function refViolation(move: RefMove): Violation | null {
  const rules = refused(move);
  if (move.before === null)
    return rules.has("create") ? ofRuleset("Cannot create ref due to creations being restricted.") : null;
  if (move.after === null) return rules.has("delete") ? ofRuleset("Cannot delete this protected ref.") : null;
  return rules.has("update") ? ofRuleset("Cannot update this protected ref.") : null;
}

/** What the new commits break. They must be in the repository already. */
export async function contentViolation(actor: Actor, move: RefMove): Promise<Violation | null> {
  const { repository, before, after } = move;
  if (after === null) return null;
  const rules = refused(move);
  if (before !== null && rules.has("non-fast-forward") && !(await isAncestor(repository.git, before, after))) {
    return ofRuleset("Cannot force-push to this branch.");
  }
  const mayChangeWorkflows = actor.tokenKind === "user" || actor.permissions?.["workflows"] === "write";
  if (mayChangeWorkflows && !rules.has("unsigned")) return null;
  const fresh = await newCommits(repository, before, after);
  const unsigned = rules.has("unsigned") ? fresh.filter(({ signed }) => !signed) : [];
  if (unsigned.length > 0) {
    const count = `Found ${unsigned.length} violation${unsigned.length > 1 ? "s" : ""}`;
    const shas = unsigned.map(({ oid }) => oid).join("\n");
    return ofRuleset(`Commits must have verified signatures.\n\n${count}:\n\n${shas}`);
  }
  return mayChangeWorkflows ? null : workflowViolation(repository, fresh);
}

/** Commits that this move brings, oldest first. */
export async function newCommits(
  repository: Repository,
  before: string | null,
  after: string,
): Promise<readonly Commit[]> {
  if (before !== null) return commitsBetween(repository.git, before, after);
  const main = await repository.git.ref(`refs/heads/${repository.defaultBranch}`);
  return commitsBetween(repository.git, main ?? ZERO_OID, after);
}

async function workflowViolation(repository: Repository, commits: readonly Commit[]): Promise<Violation | null> {
  for (const commit of commits) {
    const parent = commit.parents[0] === undefined ? null : await readCommit(repository.git, commit.parents[0]);
    const changed = await changedPaths(repository.git, parent?.tree ?? EMPTY_TREE, commit.tree);
    const workflow = changed.find(({ path }) => path.startsWith(".github/workflows/"));
    if (workflow === undefined) continue;
    const reason = `refusing to allow a GitHub App to create or update workflow \`${workflow.path}\` without \`workflows\` permission`;
    return { reason, sentence: null, error: new ApiError(403, "Resource not accessible by integration") };
  }
  return null;
}
