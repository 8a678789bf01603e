import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { Hono } from "hono";

const HERE = new URL("./", import.meta.url);
// The browser's build lies beside the one that Node would be given.
const LIT = new URL(/^.*\/lit-html\//.exec(import.meta.resolve("lit-html"))?.[0] ?? "");
const SCRIPT = { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" };

/** What the page's scripts call their library. */
export const IMPORT_MAP = JSON.stringify({
  imports: { "lit-html": "/_playground/assets/lit-html/lit-html.js", "lit-html/": "/_playground/assets/lit-html/" },
});

/** The page's style sheet and scripts. TypeScript is sent without its types, so nothing has to be built. */
export function assetRoutes(): Hono {
  const app = new Hono();
  app.get("/_playground/assets/page.css", async (c) =>
    c.body(await readFile(new URL("page.css", HERE), "utf8"), 200, {
      "content-type": "text/css; charset=utf-8",
      "cache-control": "no-cache",
    }),
  );
  app.get("/_playground/assets/client/:name{[a-z-]+\\.ts}", async (c) => {
    const source = await readIfThere(new URL(`client/${c.req.param("name")}`, HERE));
    return source === null ? c.notFound() : c.body(stripTypeScriptTypes(source), 200, SCRIPT);
  });
  app.get("/_playground/assets/lit-html/:path{(?:directives/)?[a-z-]+\\.js}", async (c) => {
    const source = await readIfThere(new URL(c.req.param("path"), LIT));
    return source === null ? c.notFound() : c.body(source, 200, SCRIPT);
  });
  return app;
}

async function readIfThere(file: URL): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
