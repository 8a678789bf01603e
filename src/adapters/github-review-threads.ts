import type { components } from "@octokit/openapi-types";
import { threadClosed } from "../core/closed-thread.ts";
import type { ReviewThreads } from "../flows/ports.ts";
import { checkedAccess, isOurs, type OwnAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { isGone, isLocked } from "./github-closed-thread.ts";
import { CLOCK_SKEW_MS, createdSince, posted, says } from "./github-comments.ts";
import { type Looks, lookAt } from "./github-standing.ts";

export function githubReviewThreads(given: OwnAccess): ReviewThreads {
  const access = checkedAccess(given);
  const looks: Looks<true> = new Map();
  return {
    reply: (pull, first, body) => reply(pull, first, body, access),
    edit: (id, body) => edit(id, body, access),
    remove: (id) => remove(id, access),
    stands: (id) => stands(id, looks, access),
    since: async (pull, moment) => (await commentsSince(pull, moment, access)).map(posted),
  };
}

type Listed = components["schemas"]["pull-request-review-comment"];

async function reply(pull: number, first: number, body: string, access: OwnAccess) {
  const { api, owner, repo, clock } = access;
  const before = new Date(clock.now().getTime() - CLOCK_SKEW_MS).toISOString();
  const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies";
  const parameters = { owner, repo, pull_number: pull, comment_id: first, body };
  try {
    const { data } = await call(
      (once) => api.request(route, { ...parameters, ...once }),
      access,
      async () => {
        const present = await commentsSince(pull, before, access);
        const found = present.find((one) => isOurs(one.user, access) && says(one.body, body));
        return found === undefined ? null : { data: found };
      },
    );
    return posted(data);
  } catch (error) {
    if (isGone(error)) return null;
    if (isLocked(error)) throw threadClosed(pull, "locked", error);
    throw error;
  }
}

async function edit(id: number, body: string, access: OwnAccess): Promise<"edited" | "gone" | "closed"> {
  const { api, owner, repo } = access;
  const route = "PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}";
  try {
    await call((once) => api.request(route, { owner, repo, comment_id: id, body, ...once }), access);
    return "edited";
  } catch (error) {
    if (isGone(error)) return "gone";
    if (isLocked(error)) return "closed";
    throw error;
  }
}

async function remove(id: number, access: OwnAccess): Promise<void> {
  const { api, owner, repo } = access;
  const route = "DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}";
  try {
    await call((once) => api.request(route, { owner, repo, comment_id: id, ...once }), access);
  } catch (error) {
    if (!isGone(error) && !isLocked(error)) throw error;
  }
}

async function stands(id: number, looks: Looks<true>, access: OwnAccess): Promise<boolean> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/pulls/comments/{comment_id}";
  const found = await lookAt(String(id), looks, access, {
    ask: (headers, once) => api.request(route, { owner, repo, comment_id: id, headers, ...once }),
    read: () => true as const,
  });
  return found !== null;
}

async function commentsSince(pull: number, moment: string, access: OwnAccess): Promise<readonly Listed[]> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/comments";
  return createdSince(moment, async (page) => {
    const parameters = { owner, repo, pull_number: pull, ...page };
    return (await call((once) => api.request(route, { ...parameters, ...once }), access)).data;
  });
}
