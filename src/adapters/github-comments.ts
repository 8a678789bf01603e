import type { components } from "@octokit/openapi-types";
import { readMark, sameMark } from "../core/marker.ts";
import type { Comments, PostedComment } from "../flows/ports.ts";
import { checkedAccess, isOurs, type OwnAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf } from "./github-error.ts";

const PER_PAGE = 100;
/** GitHub's clock and ours may differ by so much. */
export const CLOCK_SKEW_MS = 60_000;

export function githubComments(given: OwnAccess): Comments {
  const access = checkedAccess(given);
  return {
    create: (thread, body) => create(thread, body, access),
    since: async (thread, moment) => (await commentsSince(thread, moment, access)).map(posted),
    edit: (id, body) => edit(id, body, access),
    remove: (id) => remove(id, access),
  };
}

async function create(thread: number, body: string, access: OwnAccess): Promise<PostedComment> {
  const { api, owner, repo, clock } = access;
  const before = new Date(clock.now().getTime() - CLOCK_SKEW_MS).toISOString();
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const { data } = await call(
    (once) => api.request(route, { owner, repo, issue_number: thread, body, ...once }),
    access,
    async () => {
      const present = await commentsSince(thread, before, access);
      const found = present.find((one) => isOurs(one.user, access) && says(one.body ?? "", body));
      return found === undefined ? null : { data: found };
    },
  );
  return posted(data);
}

/** True for the same text of ours, whatever has become of it below its mark since. */
export function says(present: string, wanted: string): boolean {
  const [a, b] = [readMark(present), readMark(wanted)];
  return a === null || b === null ? present.trim() === wanted.trim() : sameMark(a, b);
}

async function edit(id: number, body: string, access: OwnAccess): Promise<"edited" | "gone"> {
  const { api, owner, repo } = access;
  const route = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
  try {
    await call((once) => api.request(route, { owner, repo, comment_id: id, body, ...once }), access);
    return "edited";
  } catch (error) {
    if (isGone(error)) return "gone";
    throw error;
  }
}

async function remove(id: number, access: OwnAccess): Promise<void> {
  const { api, owner, repo } = access;
  const route = "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}";
  try {
    await call((once) => api.request(route, { owner, repo, comment_id: id, ...once }), access);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return statusOf(error) === 404 || statusOf(error) === 410;
}

type Listed = components["schemas"]["issue-comment"];
type Posted = Pick<Listed, "id" | "html_url" | "created_at" | "body" | "user">;

async function commentsSince(thread: number, moment: string, access: OwnAccess): Promise<readonly Listed[]> {
  const { api, owner, repo } = access;
  // GitHub's times have no fractions: a comment of the same second counts as later.
  const since = `${new Date(moment).toISOString().slice(0, 19)}Z`;
  const all: Listed[] = [];
  for (let page = 1; ; page++) {
    const parameters = { owner, repo, issue_number: thread, since, per_page: PER_PAGE, page };
    const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
    const { data } = await call((once) => api.request(route, { ...parameters, ...once }), access);
    all.push(...data);
    if (data.length < PER_PAGE) break;
  }
  // GitHub's `since` is about the last edit.
  return all.filter(({ created_at }) => Date.parse(created_at) >= Date.parse(since));
}

function posted({ id, html_url, created_at, body, user }: Posted): PostedComment {
  return {
    id: Number(id),
    author: user?.login ?? "ghost",
    url: html_url,
    body: body ?? "",
    createdAt: created_at,
    fromBot: user?.type === "Bot",
  };
}
