import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { LocalGitHub } from "../github/local-github.ts";
import { assetRoutes } from "./assets.ts";
import { watchChanges } from "./changes.ts";
import { renderMarkdown } from "./markdown.ts";
import { CONTENT_SECURITY_POLICY, renderShell } from "./shell.ts";

export interface PageOptions {
  readonly github: Pick<LocalGitHub, "onEvent" | "calls">;
  /** Tokens of the people one can act as, by login; the first one is who one is at the start. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Where `/` leads to. */
  readonly start?: string;
}

/** Paths that show something, as on GitHub. */
const PAGES = [
  "/:owner/:repo",
  "/:owner/:repo/issues",
  "/:owner/:repo/issues/new",
  "/:owner/:repo/issues/:number{[0-9]+}",
  "/:owner/:repo/pulls",
  "/:owner/:repo/pull/:number{[0-9]+}",
  "/:owner/:repo/pull/:number{[0-9]+}/files",
  "/:owner/:repo/actions",
  "/:owner/:repo/actions/runs/:id{[0-9]+}",
  "/:owner/:repo/actions/runs/:id{[0-9]+}/job/:job{[0-9]+}",
  "/:owner/:repo/tree/:branch{.+}",
  "/:owner/:repo/blob/:path{.+}",
  "/:owner/:repo/commit/:sha",
  "/:owner/:repo/commits/:branch{.+}",
  "/:owner/:repo/compare/:range{.+}",
];

const HEARTBEAT_MS = 15_000;
const PreviewBody = z.object({
  text: z.string(),
  owner: z.string(),
  repo: z.string(),
  source: z.enum(["comment", "file"]).default("comment"),
});

/** The web page of the local GitHub. To be added after the API's routes, which go first. */
export function pageRoutes({ github, tokens, start = "/octo-org/hello/issues/1" }: PageOptions): Hono {
  const app = new Hono();
  const shell = renderShell({ people: tokens });
  app.get("/", (c) => c.redirect(start));
  app.route("/", assetRoutes());

  app.post("/_playground/markdown", async (c) => {
    const body = PreviewBody.safeParse(await c.req.json().catch(() => null));
    if (!body.success) return c.json({ message: "Expected text, owner and repo." }, 422);
    return c.html(renderMarkdown(body.data.text, body.data));
  });

  app.get("/_playground/events", (c) =>
    streamSSE(c, async (stream) => {
      const stop = watchChanges(
        github,
        (change) => void stream.writeSSE({ event: "change", data: JSON.stringify(change) }),
      );
      stream.onAbort(stop);
      while (!stream.aborted) {
        await stream.writeSSE({ event: "alive", data: "" });
        await stream.sleep(HEARTBEAT_MS);
      }
    }),
  );

  for (const page of PAGES) {
    app.get(page, async (c, next) => {
      // On the API's own paths the page has nothing to say: `/users/mona` is not a repository.
      if (/^(repos|users|user|orgs|organizations|app|apps|_playground)$/.test(c.req.param("owner") ?? ""))
        return next();
      c.header("content-security-policy", CONTENT_SECURITY_POLICY);
      c.header("referrer-policy", "same-origin");
      c.header("cache-control", "no-store");
      return c.html(shell);
    });
  }
  app.get("/:login{[A-Za-z0-9-]+}", async (c, next) => {
    if (!Object.hasOwn(tokens, c.req.param("login"))) return next();
    return c.redirect(start);
  });
  return app;
}
