import type { components } from "@octokit/openapi-types";
import type { Source } from "../core/control.ts";
import { readMark, sameMark } from "../core/marker.ts";
import type { Comments, PostedComment, Written } from "../flows/ports.ts";
import { checkedAccess, isOurs, type OwnAccess } from "./github-api.ts";
import { NotNow } from "./github-budget.ts";
import { call } from "./github-call.ts";
import { inThread, isGone, isLocked, moved } from "./github-closed-thread.ts";
import { type Looks, lookAt } from "./github-standing.ts";

const PER_PAGE = 100;
/** GitHub's clock and ours may differ by so much. */
export const CLOCK_SKEW_MS = 60_000;

export function githubComments(given: OwnAccess): Comments {
  const access = checkedAccess(given);
  const looks: Looks<true> = new Map();
  return {
    create: (thread, body) => create(thread, body, access),
    since: async (thread, moment) => (await inThread(thread, () => commentsSince(thread, moment, access))).map(posted),
    edit: (id, body, urgency) => edit(id, body, urgency === undefined ? access : { ...access, urgency }),
    stands: (id) => stands(id, looks, access),
    remove: (id) => remove(id, access),
    read: (source) => read(source, access),
  };
}

async function create(thread: number, body: string, access: OwnAccess): Promise<PostedComment> {
  const { api, owner, repo, clock } = access;
  const before = new Date(clock.now().getTime() - CLOCK_SKEW_MS).toISOString();
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const reply = await inThread(thread, () =>
    call(
      (once) => api.request(route, { owner, repo, issue_number: thread, body, ...once }),
      access,
      async () => {
        const present = await commentsSince(thread, before, access);
        const found = present.find((one) => isOurs(one.user, access) && says(one.body ?? "", body));
        return found === undefined ? null : { data: found };
      },
    ),
  );
  return Array.isArray(reply.data) ? moved(thread) : posted(reply.data);
}

/** True for the same text of ours, whatever has become of it below its mark since. */
export function says(present: string, wanted: string): boolean {
  const [a, b] = [readMark(present), readMark(wanted)];
  return a === null || b === null ? present.trim() === wanted.trim() : sameMark(a, b);
}

async function edit(id: number, body: string, access: OwnAccess): ReturnType<Comments["edit"]> {
  const { api, owner, repo } = access;
  const route = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
  try {
    await call((once) => api.request(route, { owner, repo, comment_id: id, body, ...once }), access);
    return "edited";
  } catch (error) {
    if (error instanceof NotNow) return "left-out";
    if (isGone(error)) return "gone";
    if (isLocked(error)) return "closed";
    throw error;
  }
}

async function stands(id: number, looks: Looks<true>, access: OwnAccess): Promise<boolean> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}";
  const found = await lookAt(String(id), looks, access, {
    ask: (headers, once) => api.request(route, { owner, repo, comment_id: id, headers, ...once }),
    read: () => true as const,
  });
  return found !== null;
}

async function remove(id: number, access: OwnAccess): Promise<void> {
  const { api, owner, repo } = access;
  const route = "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}";
  try {
    await call((once) => api.request(route, { owner, repo, comment_id: id, ...once }), access);
  } catch (error) {
    // Ours in a locked conversation stays as it is.
    if (!isGone(error) && !isLocked(error)) throw error;
  }
}

async function read({ kind, id }: Source, access: OwnAccess): Promise<Written | null> {
  const { api, owner, repo } = access;
  try {
    switch (kind) {
      case "comment": {
        const route = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}";
        const { data } = await call((once) => api.request(route, { owner, repo, comment_id: id, ...once }), access);
        return written(data);
      }
      case "review-comment": {
        const route = "GET /repos/{owner}/{repo}/pulls/comments/{comment_id}";
        const { data } = await call((once) => api.request(route, { owner, repo, comment_id: id, ...once }), access);
        return written(data);
      }
      case "issue": {
        const route = "GET /repos/{owner}/{repo}/issues/{issue_number}";
        const { data } = await call((once) => api.request(route, { owner, repo, issue_number: id, ...once }), access);
        return written({ ...data, body: data.body ?? "" });
      }
      // A review is found only through its pull request, and a run has no words.
      case "review":
      case "workflow":
        return null;
    }
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function written({ user, body, created_at }: Posted | ReviewPosted): Written {
  return { by: { login: user?.login ?? "ghost", id: Number(user?.id ?? 0) }, body: body ?? "", at: created_at };
}

type Listed = components["schemas"]["issue-comment"];
type Posted = Pick<Listed, "id" | "html_url" | "created_at" | "body" | "user">;

type ReviewPosted = Pick<components["schemas"]["pull-request-review-comment"], "created_at" | "body" | "user">;

async function commentsSince(thread: number, moment: string, access: OwnAccess): Promise<readonly Listed[]> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  return createdSince(moment, async (page) => {
    const parameters = { owner, repo, issue_number: thread, ...page };
    return (await call((once) => api.request(route, { ...parameters, ...once }), access)).data;
  });
}

interface Page {
  readonly since: string;
  readonly page: number;
  readonly per_page: number;
}

/** Every comment since a moment, oldest first, of a list that GitHub gives in pages. */
export async function createdSince<T extends { readonly created_at: string }>(
  moment: string,
  read: (page: Page) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  // GitHub's times have no fractions: a comment of the same second counts as later.
  const since = `${new Date(moment).toISOString().slice(0, 19)}Z`;
  const all: T[] = [];
  for (let page = 1; ; page++) {
    const found = await read({ since, per_page: PER_PAGE, page });
    all.push(...found);
    if (found.length < PER_PAGE) break;
  }
  // GitHub's `since` is about the last edit.
  return all.filter(({ created_at }) => Date.parse(created_at) >= Date.parse(since));
}

export function posted({ id, html_url, created_at, body, user }: Posted): PostedComment {
  return {
    id: Number(id),
    author: user?.login ?? "ghost",
    url: html_url,
    body: body ?? "",
    createdAt: created_at,
    fromBot: user?.type === "Bot",
  };
}
