import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ApiError } from "./errors.ts";
import type { Call, CallKind, FaultEffect } from "./faults.ts";
import { addLimitHeaders, chargeFor, refuseForNow } from "./limited-replies.ts";
import type { Caller } from "./tokens.ts";
import type { Actor, World } from "./world.ts";

/** What Hono carries along with each request: `c.get("caller")` is who makes it. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { caller: Caller };
}

export type ApiContext = Context<ApiEnv>;

/** What a set of routes needs: where to hang itself, and what it speaks of. */
export interface Api {
  readonly app: Hono<ApiEnv>;
  readonly world: World;
}

/** An empty API: callers, misfortunes, budgets and ETags, no routes yet. */
export function createApi(world: World): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>({ getPath: (request) => barePath(new URL(request.url).pathname) });
  app.use(noteCall(world), suffer(world), answerAsGitHub(world));
  app.onError((error, c) => {
    if (error instanceof ApiError) {
      const headers = error.location === undefined ? {} : { location: error.location };
      return c.json(error.body, error.status, headers);
    }
    console.error(error);
    return c.json({ message: "Server Error" }, 500);
  });
  app.notFound((c) => c.json(new ApiError(404, "Not Found").body, 404));
  return app;
}

/** GitHub Enterprise's paths are GitHub's behind `/api/v3`. */
function barePath(path: string): string {
  if (path === "/api/graphql") return "/graphql";
  return path.replace(/^\/api\/v3(?=\/|$)/, "") || "/";
}

const API_PATH = /^\/(repos|users|user|orgs|organizations|app|apps|installation|rate_limit|graphql|meta)(\/|$)/;
const GIT_PATH = /^\/[^/]+\/[^/]+\.git\//;

/** Who makes a request. "unknown" for credentials that are none. */
export function identify(world: World, request: Request): Caller | "unknown" {
  const header = request.headers.get("authorization");
  if (header === null) return { kind: "anonymous" };
  const token = readCredentials(header);
  if (token === null) return "unknown";
  const info = world.tokens.find(token);
  if (info !== undefined) return { kind: "token", token, info };
  if (token.split(".").length === 3) return { kind: "app", appId: world.apps.verify(token).appId };
  return "unknown";
}

function readCredentials(header: string): string | null {
  const [scheme = "", value = ""] = header.split(/\s+/, 2);
  if (/^(token|bearer)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return null;
  const [user = "", password = ""] = Buffer.from(value, "base64").toString().split(/:(.*)/s);
  return password === "" || password === "x-oauth-basic" ? user : password;
}

function kindOf(caller: Caller | "unknown"): CallKind {
  if (caller === "unknown") return "anonymous";
  return caller.kind === "token" ? caller.info.kind : caller.kind;
}

/** @throws ApiError 401 when nobody in particular is calling. */
export function actorOf(c: ApiContext): Actor {
  return actorFor(c.get("caller"));
}

/** @throws ApiError 401 when nobody in particular is calling. */
export function actorFor(caller: Caller): Actor {
  if (caller.kind !== "token") throw new ApiError(401, "Requires authentication");
  const { account, kind: tokenKind, permissions } = caller.info;
  return { account, tokenKind, ...(permissions === undefined ? {} : { permissions }) };
}

const notes = new WeakMap<Request, Call & { status: number }>();

/** Finds out who calls and writes the call down. */
function noteCall(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { path, method } = c.req;
    if (!API_PATH.test(path) && !GIT_PATH.test(path)) return next();
    const caller = tryIdentify(world, c.req.raw);
    const query = path === "/graphql" ? readQuery(await c.req.text()) : null;
    const call = {
      method,
      path,
      graphql: query,
      status: 0,
      tokenKind: kindOf(caller instanceof ApiError ? "unknown" : caller),
      login: typeof caller === "object" && "info" in caller ? caller.info.account.login : null,
      at: world.now().toISOString(),
    };
    world.faults.log.push(call);
    notes.set(c.req.raw, call);
    const refusal = caller === "unknown" && API_PATH.test(path) ? new ApiError(401, "Bad credentials") : caller;
    if (refusal instanceof ApiError) {
      call.status = refusal.status;
      throw refusal;
    }
    if (refusal !== "unknown") c.set("caller", refusal);
    await next();
    if (!c.res.headers.has(DROPPED)) call.status = c.res.status;
  };
}

function tryIdentify(world: World, request: Request): Caller | "unknown" | ApiError {
  try {
    return identify(world, request);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

function readQuery(body: string): string {
  try {
    const { query } = JSON.parse(body) as { query?: unknown };
    return typeof query === "string" ? query : "";
  } catch {
    return "";
  }
}

const WORDS: Readonly<Record<number, string>> = {
  401: "Bad credentials",
  403: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
  404: "Not Found",
  429: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
  500: "Server Error",
  502: "Server Error",
  503: "Service Unavailable",
};

/** Lets ordered faults happen. */
function suffer(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const call = notes.get(c.req.raw);
    if (call === undefined) return next();
    const { method, path, graphql: query, tokenKind } = call;
    const caller = c.get("caller") as Caller | undefined; // not set for a git request with credentials that are none
    const token = caller?.kind === "token" ? caller.token : null;
    const attempt = { method, path, query, tokenKind, token };
    const effect = world.faults.take(attempt);
    if (effect === null) return next();
    if (effect === "drop-before-effect") return drop(c);
    if (effect === "drop-after-effect") {
      await next();
      c.res = undefined;
      c.res = drop(c);
      return;
    }
    if ("strike" in effect) {
      if (effect.when === "after-effect") await next();
      effect.strike(attempt);
      c.res = undefined;
      c.res = drop(c);
      return;
    }
    if (!("waitMs" in effect)) return answerWith(c, effect);
    await sleep(effect.waitMs);
    return next();
  };
}

function answerWith(c: ApiContext, effect: Extract<FaultEffect, { status: number }>): Response {
  const body = effect.body ?? {
    message: WORDS[effect.status] ?? "Fault",
    documentation_url: "https://docs.github.com/rest",
  };
  return c.json(body, effect.status as ContentfulStatusCode, { ...effect.headers });
}

// Set by the HTTP server's own "nothing more to send" response.
const DROPPED = "x-hono-already-sent";

/** Hangs up without a word. */
function drop(c: ApiContext): Response {
  const socket = c.env.incoming?.socket;
  if (socket === undefined) return c.json({ message: "The connection was dropped" }, 502);
  socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Limits, ETags and the headers that every reply of the API has. */
function answerAsGitHub(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { path } = c.req;
    if (!API_PATH.test(path)) return next();
    if (path === "/rate_limit") return next();
    const charge = chargeFor(c, notes.get(c.req.raw)?.graphql ?? "");
    const exceeded = world.rateLimits.enter(charge);
    if (exceeded !== null) return refuseForNow(c, charge, exceeded, world);
    let free = false;
    try {
      await next();
      await addEtag(c);
      free = c.res.status === 304;
    } finally {
      world.rateLimits.leave(charge, { free });
    }
    if (!world.rateLimits.off) addLimitHeaders(c, world.rateLimits.look(charge.caller, charge.resource));
  };
}

async function addEtag(c: ApiContext): Promise<void> {
  if (c.req.method !== "GET" || c.res.status !== 200) return;
  if (!/json|vnd\.github/.test(c.res.headers.get("content-type") ?? "")) return;
  const body = await c.res.arrayBuffer();
  // ETags are per token: somebody else's is worth nothing.
  const hash = createHash("sha256")
    .update(c.req.header("authorization") ?? "")
    .update(c.req.header("accept") ?? "");
  const etag = `W/"${hash.update(Buffer.from(body)).digest("hex")}"`;
  const headers = new Headers(c.res.headers);
  headers.set("etag", etag);
  headers.set("cache-control", "private, max-age=60, s-maxage=60");
  const known = (c.req.header("if-none-match") ?? "").split(/,\s*/).map((tag) => tag.replace(/^W\//, ""));
  const same = known.includes(etag.replace(/^W\//, ""));
  if (same) headers.delete("content-type");
  c.res = undefined;
  c.res = same ? new Response(null, { status: 304, headers }) : new Response(body, { status: 200, headers });
}
