import { spawn } from "node:child_process";
import { type Api, type ApiContext, actorFor, identify } from "./api.ts";
import { gitEnvironment } from "./git-process.ts";
import { readCommands, refusal } from "./git-push.ts";
import { refMoved } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { maySee, mayWrite } from "./rights.ts";
import { contentViolation, type RefMove, refViolation, type Violation } from "./rules.ts";
import type { Caller } from "./tokens.ts";
import type { World } from "./world.ts";

/** Real git: `git http-backend` behind the rights and rules of the local GitHub. */
export function gitRoutes({ app, world }: Api): void {
  const at = "/:owner/:repo{.+\\.git}" as const;

  app.get(`${at}/info/refs`, async (c) => {
    const service = c.req.query("service") ?? "";
    const entered = enter(world, c, service === "git-receive-pack");
    return entered instanceof Response ? entered : await runBackend(world, c, entered, null);
  });

  app.post(`${at}/git-upload-pack`, async (c) => {
    const entered = enter(world, c, false);
    return entered instanceof Response
      ? entered
      : runBackend(world, c, entered, Buffer.from(await c.req.arrayBuffer()));
  });

  app.post(`${at}/git-receive-pack`, async (c) => {
    const entered = enter(world, c, true);
    return entered instanceof Response ? entered : receive(world, c, entered);
  });
}

interface Entered {
  readonly repository: Repository;
  readonly caller: Caller;
}

/** Lets a caller through, or answers as GitHub answers git. */
function enter(world: World, c: ApiContext, pushing: boolean): Entered | Response {
  const caller = identify(world, c.req.raw);
  const words = "Invalid username or token. Password authentication is not supported for Git operations.";
  const unauthorized = (text: string) => c.text(text, 401, { "www-authenticate": 'Basic realm="GitHub"' });
  if (caller === "unknown" || caller.kind === "app") return unauthorized(words);
  const repository = world.find(c.req.param("owner") ?? "", (c.req.param("repo") ?? "").replace(/\.git$/, ""));
  if (repository === undefined || !maySee(caller, repository)) {
    return caller.kind === "anonymous" ? unauthorized("Repository not found.") : c.text("Repository not found.", 404);
  }
  if (repository.git.directory === null) return c.text("This repository is in memory and cannot be cloned.", 501);
  if (!pushing) return { repository, caller };
  if (caller.kind === "anonymous") return unauthorized("No anonymous write access.");
  if (repository.settings.archived) return c.text("This repository was archived so it is read-only.", 403);
  if (mayWrite(caller, repository, "contents")) return { repository, caller };
  return c.text(`Permission to ${repository.fullName}.git denied to ${caller.info.account.login}.`, 403);
}

async function receive(world: World, c: ApiContext, entered: Entered): Promise<Response> {
  const { repository, caller } = entered;
  const body = Buffer.from(await c.req.arrayBuffer());
  const { commands, capabilities } = readCommands(body);
  const moves = commands.map((command) => ({ repository, ...command }));
  const decline = (violations: readonly (Violation | null)[]) => {
    const told = commands.map((command, nth) => ({ command, violation: violations[nth] ?? null }));
    const headers = { "content-type": "application/x-git-receive-pack-result", "cache-control": "no-cache" };
    return c.body(
      new Uint8Array(refusal(told, capabilities, `${world.address.url}/${repository.fullName}`)),
      200,
      headers,
    );
  };
  const forbidden = moves.map(refViolation);
  if (forbidden.some((violation) => violation !== null)) return decline(forbidden);

  const response = await runBackend(world, c, entered, body);
  const actor = actorFor(caller);
  const made: RefMove[] = [];
  for (const move of moves) {
    if (move.before !== move.after && (await repository.git.ref(move.name)) === move.after) made.push(move);
  }
  // Only now are the commits here to be looked at; what should not have come is taken back before anybody is told.
  const broken = await Promise.all(made.map((move) => contentViolation(actor, move)));
  if (broken.some((violation) => violation !== null)) {
    for (const { name, before, after } of made) await repository.git.moveRef({ name, next: before, previous: after });
    return decline(broken);
  }
  for (const move of made) await refMoved(world, actor, move);
  return response;
}

interface CgiReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

async function runBackend(
  world: World,
  c: ApiContext,
  { repository, caller }: Entered,
  body: Buffer | null,
): Promise<Response> {
  const url = new URL(c.req.url);
  const header = (name: string) => c.req.header(name) ?? "";
  const env = gitEnvironment({
    GIT_PROJECT_ROOT: world.repositoriesFolder,
    GIT_HTTP_EXPORT_ALL: "1",
    // The name as it is on disk, however the caller spelled it.
    PATH_INFO: `/${repository.fullName}.git${c.req.path.replace(/^\/[^/]+\/.+?\.git(?=\/)/, "")}`,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: c.req.method,
    CONTENT_TYPE: header("content-type"),
    HTTP_CONTENT_ENCODING: header("content-encoding"),
    GIT_PROTOCOL: header("git-protocol"),
    REMOTE_ADDR: "127.0.0.1",
    ...(body === null ? {} : { CONTENT_LENGTH: String(body.length) }),
    ...(caller.kind === "token" ? { REMOTE_USER: caller.info.account.login } : {}),
  });
  const reply = await cgi(env, body);
  return c.body(new Uint8Array(reply.body), reply.status as 200, reply.headers);
}

function cgi(env: Record<string, string>, body: Buffer | null): Promise<CgiReply> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["http-backend"], { env });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.resume();
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", () => resolve(readReply(Buffer.concat(chunks))));
    child.stdin.end(body ?? undefined);
  });
}

function readReply(output: Buffer): CgiReply {
  const split = output.indexOf("\r\n\r\n");
  if (split < 0) return { status: 500, headers: {}, body: Buffer.from("git http-backend said nothing") };
  const lines = output.toString("latin1", 0, split).split("\r\n");
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  const { status = "200", ...headers } = Object.fromEntries(pairs) as Record<string, string>;
  return { status: Number.parseInt(status, 10), headers, body: output.subarray(split + 4) };
}
