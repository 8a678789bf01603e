import { z } from "zod";
import type { Api } from "./api.ts";
import { ApiError } from "./errors.ts";
import { readFault } from "./faults.ts";

/** What GitHub does not have: faults to order, calls to read, faces for everybody. */
export function controlRoutes({ app, world }: Api): void {
  app.post("/_playground/faults", async (c) => {
    const body: unknown = await c.req.json();
    try {
      for (const fault of (Array.isArray(body) ? body : [body]).map(readFault)) world.faults.order(fault);
    } catch (error) {
      if (error instanceof z.ZodError) throw new ApiError(422, z.prettifyError(error));
      throw error;
    }
    return c.json({ pending: world.faults.pending }, 201);
  });

  app.get("/_playground/faults", (c) => c.json({ pending: world.faults.pending }));

  app.delete("/_playground/faults", (c) => {
    world.faults.clear();
    return c.body(null, 204);
  });

  app.get("/_playground/calls", (c) => c.json(world.faults.log));

  app.get("/_playground/avatars/:file", (c) => {
    const login = c.req.param("file").replace(/\.svg$/, "");
    c.header("content-type", "image/svg+xml");
    c.header("cache-control", "max-age=86400");
    return c.body(avatar(login));
  });
}

function avatar(login: string): string {
  const hue = [...login].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  const initial = (/[a-z0-9]/i.exec(login)?.[0] ?? "?").toUpperCase();
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${hue} 55% 45%)"/><text x="20" y="27" font-family="sans-serif" font-size="20" font-weight="600" text-anchor="middle" fill="#fff">${initial}</text></svg>`;
}
