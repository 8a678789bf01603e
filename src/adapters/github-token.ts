import type { GitHubApi } from "./github-api.ts";
import { statusOf } from "./github-error.ts";

/** Where requests get their token from. */
export interface TokenSource {
  /** The token of the moment. */
  present(): Promise<string>;
  /** Another one than this, which GitHub does not accept (any more). */
  renew(refused: string): Promise<string>;
}

/** Requests of an App about itself: signed by its key instead, charged to nobody's budget, and needed before there is any token. */
export function isOfApp({ url }: { readonly url: string }): boolean {
  const path = url.replace(/^https?:\/\/[^/]+/, "").replace(/^\/api\/v3(?=\/)/, "");
  return /^\/app(?:\/|$)|^\/(?:repos\/[^/]+\/[^/]+|orgs\/[^/]+|users\/[^/]+)\/installation$/.test(path);
}

/**
 * The same client, whose requests carry the token of the moment from now on. One that GitHub does not accept is replaced once: what was
 * refused so has had no effect, so the request may be sent again, whatever it is.
 */
export function authorized<A extends GitHubApi>(api: A, tokens: TokenSource): A {
  // ETags are a token's own: to another one they say nothing.
  const tokenOfEtag = new Map<string, string>();
  api.hook.wrap("request", async (request, options) => {
    if (isOfApp(options)) return request(options);
    const send = async (token: string) => {
      const { "if-none-match": etag, ...headers } = options.headers;
      const known = typeof etag === "string" && tokenOfEtag.get(etag) === token ? { "if-none-match": etag } : {};
      const reply = await request({
        ...options,
        headers: { ...headers, ...known, authorization: `token ${token}` },
      });
      if (reply.headers.etag !== undefined) tokenOfEtag.set(reply.headers.etag, token);
      return reply;
    };
    const token = await tokens.present();
    try {
      return await send(token);
    } catch (error) {
      if (statusOf(error) !== 401) throw error;
      return send(await tokens.renew(token));
    }
  });
  return api;
}
