import type { components } from "@octokit/openapi-types";
import { readMark, sameMark } from "../core/marker.ts";
import type { ChangedFile } from "../core/review.ts";
import type { ReviewText } from "../core/review-text.ts";
import type { Reviews } from "../flows/post-review.ts";
import { checkedAccess, isOurs, type OwnAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf } from "./github-error.ts";

const PER_PAGE = 100;
/** GitHub lists no more than 3,000 files of a pull request. */
const MAX_PAGES = 30;

export function githubReviews(given: OwnAccess): Reviews {
  const access = checkedAccess(given);
  return {
    changedFiles: (pull) => changedFiles(pull, access),
    post: (pull, review) => post(pull, review, access),
  };
}

async function changedFiles(pull: number, access: OwnAccess): Promise<readonly ChangedFile[]> {
  const { api, owner, repo } = access;
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/files";
  const all = await everyPage(async (page) => {
    const parameters = { owner, repo, pull_number: pull, ...page };
    return (await call((once) => api.request(route, { ...parameters, ...once }), access)).data;
  });
  return all.map(({ filename, patch }) => ({ path: filename, patch: patch ?? null }));
}

async function post(
  pull: number,
  { body, comments }: ReviewText,
  access: OwnAccess,
): Promise<"posted" | "there" | "refused"> {
  const { api, owner, repo } = access;
  const present = await findReview(pull, body, access);
  if (present !== null) return "there";
  const parameters = {
    owner,
    repo,
    pull_number: pull,
    event: "COMMENT",
    body,
    comments: comments.map((comment) => ({
      path: comment.path,
      body: comment.body,
      line: comment.line,
      side: "RIGHT",
      ...(comment.startLine === null ? {} : { start_line: comment.startLine, start_side: "RIGHT" }),
    })),
  } as const;
  const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  try {
    await call(
      (once) => api.request(route, { ...parameters, ...once }),
      access,
      async () => {
        const found = await findReview(pull, body, access);
        return found === null ? null : { data: found };
      },
    );
    return "posted";
  } catch (error) {
    if (statusOf(error) === 422 && comments.length > 0) return "refused";
    throw error;
  }
}

type Listed = components["schemas"]["pull-request-review"];

/** The review of ours that carries the same mark. */
async function findReview(pull: number, body: string, access: OwnAccess): Promise<Listed | null> {
  const { api, owner, repo } = access;
  const mark = readMark(body);
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  const all = await everyPage(async (page) => {
    const parameters = { owner, repo, pull_number: pull, ...page };
    return (await call((once) => api.request(route, { ...parameters, ...once }), access)).data;
  });
  const isSame = (text: string) => {
    const other = readMark(text);
    return mark !== null && other !== null && sameMark(mark, other);
  };
  return all.find(({ user, body: text }) => isOurs(user, access) && isSame(text)) ?? null;
}

async function everyPage<T>(
  read: (page: { readonly page: number; readonly per_page: number }) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const found = await read({ page, per_page: PER_PAGE });
    all.push(...found);
    if (found.length < PER_PAGE) break;
  }
  return all;
}
