import { z } from "zod";
import type { ApiContext } from "../api.ts";
import { ApiError, invalid, notFound } from "../errors.ts";
import { isPull, type PullIssue } from "../json/pulls.ts";
import type { Issue, Repository } from "../repository.ts";
import { maySee } from "../rights.ts";
import type { World } from "../world.ts";

/** @throws ApiError 404 also for a repository that the caller may not know of. */
export function repositoryOf(world: World, c: ApiContext): Repository {
  const found = world.find(c.req.param("owner") ?? "", c.req.param("repo") ?? "");
  if (found === undefined || !maySee(c.get("caller"), found)) throw notFound();
  return found;
}

export function issueOf(world: World, c: ApiContext): Issue {
  const issue = repositoryOf(world, c).issues.get(Number(c.req.param("number")));
  if (issue === undefined) throw notFound();
  if (issue.gone === "deleted") throw new ApiError(410, "This issue was deleted");
  if (issue.gone !== null) throw new ApiError(301, "Moved Permanently", undefined, movedTo(world, c, issue.gone));
  return issue;
}

/** The same route in the issue's new place. */
function movedTo(world: World, c: ApiContext, { repository, number }: Issue): string {
  const rest = /\/issues\/\d+(.*)$/.exec(c.req.path)?.[1] ?? "";
  return `${world.address.api}/repos/${repository.fullName}/issues/${number}${rest}`;
}

export function pullOf(world: World, c: ApiContext): PullIssue {
  const issue = issueOf(world, c);
  if (!isPull(issue)) throw notFound();
  return issue;
}

/** The request's JSON, read by a schema; refused in GitHub's words. */
export async function readBody<Schema extends z.ZodType>(c: ApiContext, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await readJson(c));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join("/") ?? "";
  const missing = issue?.code === "invalid_type" && issue.input === undefined;
  throw invalid(
    `Invalid request.\n\n${missing ? `"${path}" wasn't supplied.` : `For 'properties/${path}', ${issue?.message}.`}`,
  );
}

async function readJson(c: ApiContext): Promise<unknown> {
  const text = await c.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, "Problems parsing JSON");
  }
}

const Page = z.object({
  page: z.coerce.number().int().min(1).catch(1),
  per_page: z.coerce.number().int().min(1).catch(30),
});

/** The part of a list that was asked for; the others are in the `Link` header. */
export function paginate<Item>(world: World, c: ApiContext, items: readonly Item[]): readonly Item[] {
  const asked = Page.parse(c.req.query());
  const size = Math.min(asked.per_page, 100);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (page: number, rel: string) => {
    const url = new URL(c.req.url);
    const target = new URL(`${world.address.api}${c.req.path}${url.search}`);
    target.searchParams.set("page", String(page));
    return `<${target.href}>; rel="${rel}"`;
  };
  const back = asked.page > 1 ? [link(asked.page - 1, "prev"), link(1, "first")] : [];
  const on = asked.page < last ? [link(asked.page + 1, "next"), link(last, "last")] : [];
  if (back.length + on.length > 0) c.header("link", [...back, ...on].join(", "));
  return items.slice((asked.page - 1) * size, asked.page * size);
}

/** Adds the rendered text where the media type asks for it. */
export async function withHtml<Item extends { body?: string | null }>(
  c: ApiContext,
  repository: Repository,
  item: Item,
): Promise<Item & { body_html?: string }> {
  const accept = c.req.header("accept") ?? "";
  if (!/\bvnd\.github(\.v3)?\.(full|html)\b/.test(accept)) return item;
  const { renderMarkdown } = await import("../../page/markdown.ts");
  const context = { owner: repository.owner.login, repo: repository.name };
  return { ...item, body_html: renderMarkdown(item.body ?? "", context) };
}
