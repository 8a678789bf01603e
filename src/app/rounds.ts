import { z } from "zod";
import type { GitHubApi } from "../adapters/github-api.ts";
import { call } from "../adapters/github-call.ts";
import { githubDeliveries } from "../adapters/github-deliveries.ts";
import { githubThread } from "../adapters/github-thread.ts";
import { withEars } from "../flows/keep-listening.ts";
import type { Background, Clock, Log } from "../flows/ports.ts";
import { reconcile } from "../flows/reconcile.ts";
import { redeliverMissed } from "../flows/redeliver.ts";
import type { Clients } from "./clients.ts";

/** How often GitHub's log is looked through for deliveries that have not arrived. */
const REDELIVERY_MS = 60_000;
/** What failed in the moments before a start is too young for the first look. */
const SECOND_LOOK_MS = 15_000;
/** How often all tasks are compared with the world. */
const ROUND_MS = 10 * 60_000;
/** Every so many rounds, a thorough one: once a day. */
const THOROUGH_EVERY = 144;
/** Repositories that are looked at side by side: deliveries, which people wait for, share the same limits. */
const AT_ONCE = 4;

export interface RoundsPorts {
  readonly clients: Clients;
  readonly serverUrl: string;
  readonly self: () => Promise<readonly string[]>;
  /** A client that is the App itself. */
  readonly app: () => Promise<GitHubApi>;
  readonly clock: Clock;
  readonly background: Background;
  readonly log: Log;
}

/** What the server does without being asked, from its start until the signal: nothing of it delays a delivery. */
export async function makeRounds(stop: AbortSignal, ports: RoundsPorts): Promise<void> {
  await Promise.all([
    every({ ms: REDELIVERY_MS, first: SECOND_LOOK_MS }, stop, ports, async () => {
      const { clock, log } = ports;
      await redeliverMissed({ deliveries: githubDeliveries({ api: await ports.app(), clock }), clock, log });
    }),
    every({ ms: ROUND_MS }, stop, ports, (round) => reconcileAll(round % THOROUGH_EVERY === 0, ports)),
  ]);
}

async function every(
  { ms, first = ms }: { readonly ms: number; readonly first?: number },
  stop: AbortSignal,
  { clock, log }: RoundsPorts,
  work: (round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; !stop.aborted; round += 1) {
    try {
      await work(round);
    } catch (error) {
      log.warning(`A round was cut short: ${String(error)}`);
    }
    await clock.sleep(round === 0 ? first : ms, stop);
  }
}

const Installations = z.array(z.object({ id: z.number() }));
const Repositories = z.object({
  repositories: z.array(z.object({ name: z.string(), owner: z.object({ login: z.string() }), archived: z.boolean() })),
});

interface Place {
  readonly installation: number;
  readonly owner: string;
  readonly repo: string;
}

async function reconcileAll(thorough: boolean, ports: RoundsPorts): Promise<void> {
  const places = await everywhere(ports);
  const next = places.values();
  const worker = async () => {
    for (const place of next) await reconcileRepository(place, thorough, ports);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function everywhere(ports: RoundsPorts): Promise<readonly Place[]> {
  const app = await ports.app();
  const installations = await pages(Installations, (page) =>
    call((once) => app.request("GET /app/installations", { ...page, ...once }), ports),
  );
  const places: Place[] = [];
  for (const { id } of installations.flat()) {
    try {
      places.push(...(await repositoriesOf(id, ports)));
    } catch (error) {
      // A suspended installation, for one, gives no token; the others are none the worse for it.
      ports.log.warning(`The repositories of installation ${id} could not be listed: ${String(error)}`);
    }
  }
  return places;
}

async function repositoriesOf(installation: number, ports: RoundsPorts): Promise<readonly Place[]> {
  const api = ports.clients.of(installation);
  const found = await pages(Repositories, (page) =>
    call((once) => api.request("GET /installation/repositories", { ...page, ...once }), ports),
  );
  return found
    .flatMap(({ repositories }) => repositories)
    .filter(({ archived }) => !archived)
    .map(({ name, owner }) => ({ installation, owner: owner.login, repo: name }));
}

async function pages<T>(
  schema: z.ZodType<T>,
  ask: (page: { per_page: number; page: number }) => Promise<{ data: unknown; headers: { link?: string | undefined } }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let page = 1; ; page += 1) {
    const { data, headers } = await ask({ per_page: 100, page });
    all.push(schema.parse(data));
    if (!(headers.link ?? "").includes('rel="next"')) return all;
  }
}

/** Looks after one repository; whatever goes wrong there is no other's trouble. */
export async function reconcileRepository(
  { installation, owner, repo }: Place,
  thorough: boolean,
  { clients, serverUrl, self, clock, background, log }: RoundsPorts,
): Promise<void> {
  try {
    const repository = { server: serverUrl, owner, repo };
    const api = clients.of(installation);
    const thread = withEars(githubThread({ api, repository, self: await self(), clock, background, log }));
    await reconcile({ thread: null, thorough }, thread);
  } catch (error) {
    log.warning(`${owner}/${repo} could not be looked after: ${String(error)}`);
  }
}
