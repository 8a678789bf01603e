import { z } from "zod";
import type { Api, ApiContext } from "../api.ts";
import type { App } from "../apps.ts";
import { ApiError, invalid, notFound } from "../errors.ts";
import { accountJson, type Schemas } from "../json/accounts.ts";
import { repositoryJson } from "../json/repositories.ts";
import type { Repository } from "../repository.ts";
import type { Permissions } from "../tokens.ts";
import type { Delivery } from "../webhooks.ts";
import type { World } from "../world.ts";
import { paginate, readBody, repositoryOf } from "./request.ts";

const HOUR = 3_600_000;

export function appRoutes({ app, world }: Api): void {
  app.get("/app", (c) => c.json(appJson(world, appOf(world, c))));

  app.get("/app/installations", (c) => c.json([installationJson(world, appOf(world, c))]));

  app.get("/app/installations/:id{[0-9]+}", (c) => c.json(installationJson(world, installed(world, c))));

  app.get("/repos/:owner/:repo/installation", (c) => {
    const found = appOf(world, c);
    return c.json(installationJson(world, found, repositoryOf(world, c)));
  });

  for (const path of ["/users/:login/installation", "/orgs/:login/installation"]) {
    app.get(path, (c) => c.json(installationJson(world, appOf(world, c))));
  }

  app.post("/app/installations/:id{[0-9]+}/access_tokens", async (c) => {
    const found = installed(world, c);
    const asked = await readBody(c, TokenBody);
    const permissions = narrowed(found.permissions, asked.permissions);
    const repositories = chosen(world, asked);
    const expiresAt = new Date(world.now().getTime() + HOUR);
    const [only] = repositories ?? [];
    const token = world.tokens.issue({
      account: found.bot,
      kind: "installation",
      permissions,
      expiresAt,
      appId: found.appId,
      ...(only === undefined ? {} : { repository: only }),
    });
    const stamp = expiresAt.toISOString().replace(/\.\d+Z$/, "Z");
    const selection = repositories === null ? ("all" as const) : ("selected" as const);
    const list = repositories?.map((repository) => repositoryJson(world, repository));
    return c.json(
      {
        token,
        expires_at: stamp,
        permissions: permissions as Schemas["app-permissions"],
        repository_selection: selection,
        ...(list === undefined ? {} : { repositories: list }),
      } satisfies Schemas["installation-token"],
      201,
    );
  });

  app.get("/installation/repositories", (c) => {
    const caller = c.get("caller");
    if (caller.kind !== "token" || caller.info.kind === "user")
      throw new ApiError(403, "Resource not accessible by integration");
    const only = caller.info.repository;
    const all = only === undefined ? world.repositories : [only];
    const page = paginate(world, c, all).map((repository) => repositoryJson(world, repository));
    return c.json({
      total_count: all.length,
      repository_selection: only === undefined ? "all" : "selected",
      repositories: page,
    });
  });

  app.delete("/installation/token", (c) => {
    const caller = c.get("caller");
    if (caller.kind !== "token" || caller.info.kind !== "installation")
      throw new ApiError(403, "Resource not accessible by integration");
    world.tokens.revoke(caller.token);
    return c.body(null, 204);
  });

  deliveryRoutes({ app, world });
}

const TokenBody = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.enum(["read", "write", "admin"])).optional(),
});

function narrowed(granted: Permissions, asked: Permissions | undefined): Permissions {
  if (asked === undefined) return granted;
  for (const [area, level] of Object.entries(asked)) {
    if (granted[area] === undefined || (level === "write" && granted[area] === "read")) {
      throw invalid("The permissions requested are not granted to this installation.");
    }
  }
  return { metadata: "read", ...asked };
}

function chosen(world: World, asked: z.infer<typeof TokenBody>): readonly Repository[] | null {
  const { repositories: names, repository_ids: ids } = asked;
  if (names === undefined && ids === undefined) return null;
  const found = world.repositories.filter(({ name, id }) => names?.includes(name) || ids?.includes(id));
  if (found.length === 0) {
    throw invalid(
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return found;
}

function appOf(world: World, c: ApiContext): App {
  const caller = c.get("caller");
  const found = caller.kind === "app" ? world.apps.find(caller.appId) : undefined;
  if (found === undefined) throw new ApiError(401, "A JSON web token could not be decoded");
  return found;
}

function installed(world: World, c: ApiContext): App {
  const found = appOf(world, c);
  if (found.installationId !== Number(c.req.param("id"))) throw notFound();
  return found;
}

function appJson(world: World, app: App) {
  return {
    id: app.appId,
    slug: app.slug,
    node_id: `A_${app.appId}`,
    client_id: `Iv1.${app.appId}`,
    owner: accountJson(world, app.bot),
    name: app.slug,
    description: null,
    external_url: world.address.url,
    html_url: `${world.address.url}/apps/${app.slug}`,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    permissions: { ...app.permissions },
    events: [...app.events],
    installations_count: 1,
  } satisfies Schemas["integration"];
}

function installationJson(world: World, app: App, repository: Repository | undefined = world.repositories[0]) {
  const owner = repository?.owner ?? app.bot;
  return {
    id: app.installationId,
    account: accountJson(world, owner),
    repository_selection: "all",
    access_tokens_url: `${world.address.api}/app/installations/${app.installationId}/access_tokens`,
    repositories_url: `${world.address.api}/installation/repositories`,
    html_url: `${world.address.url}/settings/installations/${app.installationId}`,
    app_id: app.appId,
    app_slug: app.slug,
    target_id: owner.id,
    target_type: owner.type,
    permissions: app.permissions as Schemas["app-permissions"],
    events: [...app.events],
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  } satisfies Schemas["installation"];
}

function deliveryRoutes({ app, world }: Api): void {
  app.get("/app/hook/deliveries", (c) => {
    const { appId } = appOf(world, c);
    const { per_page: size, cursor, status } = Paging.parse(c.req.query());
    const all = world.webhooks.deliveries(appId).filter(({ statusCode }) => {
      const fine = statusCode >= 200 && statusCode < 300;
      return status === undefined || (status === "success") === fine;
    });
    const from = cursor === undefined ? 0 : all.findIndex(({ id }) => String(id) === cursor);
    const page = all.slice(Math.max(0, from), Math.max(0, from) + size);
    const next = all[Math.max(0, from) + size];
    if (next !== undefined) {
      c.header("link", `<${world.address.api}/app/hook/deliveries?per_page=${size}&cursor=${next.id}>; rel="next"`);
    }
    return c.json(page.map((delivery) => deliveryJson(world, delivery)));
  });

  app.get("/app/hook/deliveries/:id{[0-9]+}", (c) => {
    const delivery = deliveryOf(world, c);
    const request = {
      headers: { "X-GitHub-Delivery": delivery.guid, "X-GitHub-Event": delivery.event },
      payload: delivery.payload,
    };
    const response = { headers: {}, payload: delivery.responseBody };
    return c.json({
      ...deliveryJson(world, delivery),
      url: world.webhooks.url(delivery.appId) ?? "",
      request,
      response,
    });
  });

  app.post("/app/hook/deliveries/:id{[0-9]+}/attempts", (c) => {
    world.webhooks.redeliver(appOf(world, c), deliveryOf(world, c));
    return c.json({}, 202);
  });
}

const Paging = z.object({
  per_page: z.coerce.number().int().min(1).max(100).catch(30),
  cursor: z.string().optional(),
  status: z.enum(["success", "failure"]).optional(),
});

function deliveryOf(world: World, c: ApiContext): Delivery {
  const { appId } = appOf(world, c);
  const id = Number(c.req.param("id"));
  const found = world.webhooks.deliveries(appId).find((delivery) => delivery.id === id);
  if (found === undefined) throw notFound();
  return found;
}

function deliveryJson(world: World, delivery: Delivery) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: world.apps.find(delivery.appId)?.installationId ?? null,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  } satisfies Schemas["hook-delivery-item"];
}
