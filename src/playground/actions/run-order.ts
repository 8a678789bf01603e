import type { Account } from "../github/accounts.ts";
import type { Repository } from "../github/repository.ts";
import { asText, type Contexts, type Json, toJson } from "./expression.ts";
import { resolve } from "./template.ts";
import type { Workflow } from "./workflow.ts";

/** What a run is about; stays the same when it is run again. */
export interface RunOrder {
  readonly id: number;
  /** Counts the runs of one workflow. */
  readonly number: number;
  readonly repository: Repository;
  readonly path: string;
  readonly workflowId: number;
  readonly workflow: Workflow;
  /** Why the run may not begin: it then ends as a startup failure, without jobs. */
  readonly problem: string | null;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actor: Account;
  /** Full ref. */
  readonly ref: string;
  readonly sha: string;
  readonly headBranch: string;
  /** Branch names, for pull requests. */
  readonly pull: { readonly head: string; readonly base: string } | null;
  readonly inputs: Readonly<Record<string, Json>>;
  /** A fork's pull request: a token that may only read, and no secrets. */
  readonly restricted: boolean;
  /** How many runs that followed from one another came before. */
  readonly depth: number;
}

/** The `github` context, without what a job adds to it. */
export function githubContext(
  order: RunOrder,
  attempt: number,
  { url, api }: { readonly url: string; readonly api: string },
): Readonly<Record<string, Json>> {
  const { repository, actor, workflow, path, id, number, ref, sha, pull, event, payload } = order;
  return {
    repository: repository.fullName,
    repository_id: String(repository.id),
    repository_owner: repository.owner.login,
    repository_owner_id: String(repository.owner.id),
    repository_visibility: repository.private ? "private" : "public",
    run_id: String(id),
    run_number: String(number),
    run_attempt: String(attempt),
    retention_days: "90",
    actor: actor.login,
    actor_id: String(actor.id),
    triggering_actor: actor.login,
    workflow: workflow.name,
    workflow_ref: `${repository.fullName}/${path}@${ref}`,
    workflow_sha: sha,
    ref,
    ref_name: ref.replace(/^refs\/(heads|tags|pull)\//, ""),
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    ref_protected: false,
    sha,
    head_ref: pull?.head ?? "",
    base_ref: pull?.base ?? "",
    event_name: event,
    event: toJson(payload),
    server_url: url,
    api_url: api,
    graphql_url: `${url}/api/graphql`,
  };
}

/** The run's name in the list of runs: `run-name:`, else what the event is about, else the workflow. */
export function runTitle(
  { workflow, payload, event, inputs }: RunOrder,
  github: Json,
  variables: Readonly<Record<string, string>>,
): string {
  const contexts: Contexts = { github, inputs, vars: variables };
  const named = workflow.runName === null ? "" : asText(resolve(workflow.runName, contexts)).trim();
  if (named !== "") return named;
  const title =
    event === "push"
      ? dig(payload, "head_commit", "message")
      : (dig(payload, "issue", "title") ?? dig(payload, "pull_request", "title"));
  return typeof title === "string" ? (title.split("\n")[0] ?? "") : workflow.name;
}

function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((part, key) => (isRecord(part) ? part[key] : undefined), value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
