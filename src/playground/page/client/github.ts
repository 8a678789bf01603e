import type { components } from "@octokit/openapi-types";

type Schemas = components["schemas"];
export type Repository = Schemas["full-repository"];
export type Issue = Schemas["issue"];
export type Comment = Schemas["issue-comment"];
export type Pull = Schemas["pull-request"];
export type PullSummary = Schemas["pull-request-simple"];
export type Review = Schemas["pull-request-review"];
export type ReviewComment = Schemas["pull-request-review-comment"];
export type Commit = Schemas["commit"];
export type DiffEntry = Schemas["diff-entry"];
export type Ref = Schemas["git-ref"];
export type Tree = Schemas["git-tree"];
export type WorkflowRun = Schemas["workflow-run"];
export type Job = Schemas["job"];
export type Rollup = Schemas["reaction-rollup"];
export type Reaction = Schemas["reaction"];
export type Comparison = Schemas["commit-comparison"];
export type Label = { readonly name?: string; readonly color?: string | null; readonly description?: string | null };

/** GitHub refused, or could not be reached (status 0). The message is GitHub's own. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

const FULL = "application/vnd.github.full+json";

/** GitHub's REST API, as one person. */
export class GitHub {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async get<Answer>(path: string): Promise<Answer> {
    const answer: Answer = await (await this.#call("GET", path)).json();
    return answer;
  }

  /** Null where GitHub knows of no such thing. */
  async find<Answer>(path: string): Promise<Answer | null> {
    try {
      return await this.get<Answer>(path);
    } catch (error) {
      if (error instanceof Refusal && (error.status === 404 || error.status === 409)) return null;
      throw error;
    }
  }

  /** A whole list, page after page. */
  async list<Item>(path: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (let page = 1; ; page++) {
      const join = path.includes("?") ? "&" : "?";
      const some = (await this.find<Item[]>(`${path}${join}per_page=100&page=${page}`)) ?? [];
      items.push(...some);
      if (some.length < 100) return items;
    }
  }

  async text(path: string, accept = "*/*"): Promise<string> {
    return (await this.#call("GET", path, { accept })).text();
  }

  async send<Answer>(method: "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: object): Promise<Answer | null> {
    const response = await this.#call(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    if (response.status === 204) return null;
    const answer: Answer = await response.json();
    return answer;
  }

  async graphql(query: string, variables: object): Promise<void> {
    const answer = await this.send<{ errors?: readonly { message: string }[] }>("POST", "/graphql", {
      query,
      variables,
    });
    const refused = answer?.errors?.[0];
    if (refused !== undefined) throw new Refusal(200, refused.message);
  }

  async #call(
    method: string,
    path: string,
    { accept = FULL, body }: { accept?: string; body?: string } = {},
  ): Promise<Response> {
    const response = await fetch(path === "/graphql" ? "/api/graphql" : `/api/v3${path}`, {
      method,
      // Asks again with the ETag: what has not changed costs nothing of the rate limit.
      cache: "no-cache",
      headers: {
        accept,
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      throw new Refusal(0, "The playground does not answer. Is it still running?", { cause });
    });
    if (response.ok) return response;
    throw new Refusal(response.status, await messageIn(response));
  }
}

async function messageIn(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const message: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "message") : null;
  return typeof message === "string" && message !== "" ? message : `GitHub answered ${response.status}.`;
}

/** Text as GitHub would render it. */
export async function renderText(text: string, place: Place, source: "comment" | "file" = "comment"): Promise<string> {
  const body = JSON.stringify({ text, owner: place.owner, repo: place.repo, source });
  const response = await fetch("/_playground/markdown", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (!response.ok) throw new Refusal(response.status, "The preview could not be made.");
  return response.text();
}

export interface Place {
  readonly owner: string;
  readonly repo: string;
}
