import type { Repository } from "../github/repository.ts";
import type { TriggerEvent } from "./triggers.ts";

/** Where in the repository an event took place: what `github.ref`, `github.sha` and the choice of workflow files go by. */
export interface EventPlace {
  readonly ref: string;
  readonly sha: string;
  readonly headBranch: string;
  readonly pull: { readonly head: string; readonly base: string } | null;
  /** From which commit the workflow files are read. */
  readonly workflowSha: string;
  readonly restricted: boolean;
}

type Payload = Readonly<Record<string, unknown>>;

/** Events whose runs belong to the pull request's head rather than to the default branch. */
const ON_PULL_REQUEST = ["pull_request", "pull_request_review", "pull_request_review_comment"];

/** Null for a repository without commits, or a push that deletes. */
export async function eventPlace(repository: Repository, name: string, payload: Payload): Promise<EventPlace | null> {
  const main = await repository.git.ref(`refs/heads/${repository.defaultBranch}`);
  const pull = pullOf(payload);
  if (name === "push") return pushPlace(payload);
  if (main === null) return null;
  if (pull !== null && ON_PULL_REQUEST.includes(name)) {
    // GitHub takes the file of the merge commit; the base's is the nearest thing that needs no merging.
    const workflowSha = (await repository.git.ref(`refs/heads/${pull.base}`)) ?? main;
    const { head, base, sha, number, fork } = pull;
    return {
      ref: `refs/pull/${number}/merge`,
      sha,
      headBranch: head,
      pull: { head, base },
      workflowSha,
      restricted: fork,
    };
  }
  const onDefault = { workflowSha: main, restricted: false };
  if (pull !== null && name === "pull_request_target") {
    const sha = (await repository.git.ref(`refs/heads/${pull.base}`)) ?? main;
    const { head, base } = pull;
    return { ref: `refs/heads/${base}`, sha, headBranch: head, pull: { head, base }, ...onDefault };
  }
  return {
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: main,
    headBranch: repository.defaultBranch,
    pull: null,
    ...onDefault,
  };
}

/** The event as workflow filters see it. */
export function triggerEvent(name: string, action: string | null, payload: Payload): TriggerEvent {
  const run = record(payload["workflow_run"]);
  return {
    name,
    action,
    ref: name === "push" ? text(payload["ref"]) : null,
    branch: pullOf(payload)?.base ?? text(run?.["head_branch"]),
    workflow: name === "workflow_run" ? text(record(payload["workflow"])?.["name"]) : null,
  };
}

/** `[skip ci]` and its likes in the message of the commit that was pushed. */
export function skipsRuns(name: string, payload: Payload): boolean {
  if (name !== "push") return false;
  return /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/.test(
    text(record(payload["head_commit"])?.["message"]) ?? "",
  );
}

function pushPlace(payload: Payload): EventPlace | null {
  const ref = text(payload["ref"]);
  const sha = text(payload["after"]);
  if (ref === null || sha === null || /^0+$/.test(sha)) return null;
  return {
    ref,
    sha,
    headBranch: ref.replace(/^refs\/(heads|tags)\//, ""),
    pull: null,
    workflowSha: sha,
    restricted: false,
  };
}

function pullOf(payload: Payload) {
  const pull = record(payload["pull_request"]);
  const head = record(pull?.["head"]);
  const base = record(pull?.["base"]);
  const [headRef, baseRef, sha, number] = [
    text(head?.["ref"]),
    text(base?.["ref"]),
    text(head?.["sha"]),
    pull?.["number"],
  ];
  if (headRef === null || baseRef === null || sha === null || typeof number !== "number") return null;
  const fork = record(head?.["repo"])?.["full_name"] !== record(base?.["repo"])?.["full_name"];
  return { head: headRef, base: baseRef, sha, number, fork };
}

function record(value: unknown): Payload | null {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
