import { z } from "zod";
import type { LoggedDelivery } from "../core/redelivery.ts";
import type { DeliveryLog } from "../flows/redeliver.ts";
import type { GitHubApi, Patience } from "./github-api.ts";
import { call } from "./github-call.ts";
import { statusOf } from "./github-error.ts";

interface AppAccess extends Patience {
  /** A client that is the App itself. */
  readonly api: Pick<GitHubApi, "request">;
}

const Page = z.array(
  z.object({ id: z.number(), guid: z.string(), delivered_at: z.string(), status_code: z.number().nullish() }),
);

/** 5,000 deliveries: a server that has missed more is helped by the next look. */
const MOST_PAGES = 50;

/** What GitHub remembers of the deliveries to an App, newest first. To ask for one twice is harmless: handlers know what they have seen. */
export function githubDeliveries({ api, ...patience }: AppAccess): DeliveryLog {
  return {
    async since(moment) {
      const found: LoggedDelivery[] = [];
      for (let page = 0, cursor: string | null = ""; cursor !== null && page < MOST_PAGES; page += 1) {
        const parameters: { per_page: number; cursor?: string } = {
          per_page: 100,
          ...(cursor === "" ? {} : { cursor }),
        };
        const { data, headers } = await call(
          (once) => api.request("GET /app/hook/deliveries", { ...parameters, ...once }),
          patience,
        );
        const entries = Page.parse(data).map(logged);
        found.push(...entries.filter(({ deliveredAt }) => Date.parse(deliveredAt) >= Date.parse(moment)));
        if (found.length < (page + 1) * 100) break;
        cursor = nextCursor(headers.link ?? "");
      }
      return found;
    },
    async redeliver(id) {
      const route = "POST /app/hook/deliveries/{delivery_id}/attempts";
      try {
        await call((once) => api.request(route, { delivery_id: id, ...once }), patience);
      } catch (error) {
        // It has left the log meanwhile.
        if (statusOf(error) !== 404) throw error;
      }
    },
  };
}

function logged({ id, guid, delivered_at, status_code }: z.infer<typeof Page>[number]): LoggedDelivery {
  const status = status_code ?? 0;
  return { id, guid, deliveredAt: delivered_at, ok: status >= 200 && status < 300 };
}

/** Of `<https://…?per_page=100&cursor=v1_1>; rel="next"`. */
function nextCursor(link: string): string | null {
  const next = link.split(",").find((part) => part.includes('rel="next"'));
  return /[?&]cursor=([^&>]+)/.exec(next ?? "")?.[1] ?? null;
}
