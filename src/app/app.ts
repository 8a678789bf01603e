import { type Context, Probot, ProbotOctokit } from "probot";
import { z } from "zod";
import { BackgroundWork } from "../adapters/background-work.ts";
import { call } from "../adapters/github-call.ts";
import { githubClock } from "../adapters/github-clock.ts";
import { githubThread } from "../adapters/github-thread.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { readEvent } from "../core/event.ts";
import { handleEvent } from "../flows/handle-event.ts";
import { withEars } from "../flows/keep-listening.ts";
import type { Clock, Log } from "../flows/ports.ts";
import { appClients, type Clients } from "./clients.ts";
import type { Environment } from "./environment.ts";
import { makeRounds, type RoundsPorts, reconcileRepository } from "./rounds.ts";

// Stock retries send a comment twice when a reply is lost, and the stock queue spaces writes by seconds. Our adapters know better
// what may be repeated. Only the function form of `defaults` reaches the throttling plugin.
const PlainOctokit = ProbotOctokit.defaults((options: object) => ({
  ...options,
  throttle: { enabled: false },
  retry: { enabled: false },
}));

/** Every delivery to an App says for which of its installations it is. */
const Installed = z.object({ installation: z.object({ id: z.number() }) });

/** Repositories that an installation has just got. */
const Added = z.object({
  installation: z.object({ id: z.number() }),
  repositories: z.array(z.object({ full_name: z.string() })).optional(),
  repositories_added: z.array(z.object({ full_name: z.string() })).optional(),
});

export interface DispatchApp {
  readonly probot: Probot;
  readonly clients: Clients;
  readonly background: BackgroundWork;
  readonly log: Log;
  /** Looks after everything that has stopped halfway, until the signal. */
  readonly rounds: (stop: AbortSignal) => Promise<void>;
}

/** The Probot app: every delivery becomes one event for the flows. */
export async function createApp(environment: Environment): Promise<DispatchApp> {
  const probot = new Probot({
    appId: environment.appId,
    privateKey: environment.privateKey,
    secret: environment.webhookSecret,
    baseUrl: environment.apiUrl,
    logLevel: environment.logLevel,
    logFormat: "json",
    Octokit: PlainOctokit,
  });
  await probot.load(() => {});
  const log: Log = {
    info: (message) => probot.log.info(message),
    warning: (message) => probot.log.warn(message),
  };
  const background = new BackgroundWork(log);
  const clock = githubClock({ base: systemClock, elapsed: () => performance.now() });
  const clients = appClients(environment, { clock, log });
  // Probot has one client for the App itself. It is heard first of all, so that everything that follows has GitHub's time.
  const ownClient = clock.setBy(await probot.auth());
  const self = ownLogins(ownClient, clock);
  // Known before the first delivery, so that none waits for it.
  background.later("looking up the App's name", async () => void (await self()));
  const app = () => Promise.resolve(ownClient);
  const rounds = { clients, serverUrl: environment.serverUrl, self, app, clock, background, log };
  probot.onAny(async (delivery) => {
    const context = delivery as unknown as Context; // onAny's type leaves out what every context has: `octokit`
    if (context.name === "installation" || context.name === "installation_repositories") {
      // It may have been away for a while, with tasks at work.
      background.later("a look at new repositories", () => lookAtNew(context.payload, rounds));
      return;
    }
    const event = readEvent(context.name, context.payload, await self());
    if (event.kind === "ignored") return;
    const repository = { server: environment.serverUrl, owner: event.owner, repo: event.repo };
    const { installation } = Installed.parse(context.payload);
    const api = clients.of(installation.id);
    await handleEvent(event, withEars(githubThread({ api, repository, self: await self(), clock, background, log })));
  });
  return { probot, clients, background, log, rounds: (stop) => makeRounds(stop, rounds) };
}

async function lookAtNew(payload: unknown, ports: RoundsPorts): Promise<void> {
  const { installation, repositories, repositories_added: added } = Added.parse(payload);
  if (isOver(payload)) return;
  for (const { full_name } of added ?? repositories ?? []) {
    const [owner = "", repo = ""] = full_name.split("/");
    await reconcileRepository({ installation: installation.id, owner, repo }, true, ports);
  }
}

/** From then on there is no token for it. */
function isOver(payload: unknown): boolean {
  const { action } = z.object({ action: z.string() }).parse(payload);
  return action === "deleted" || action === "suspend" || action === "removed";
}

/** `<slug>[bot]` of this App, asked for once, and the name under which the runs write. */
function ownLogins(octokit: Awaited<ReturnType<Probot["auth"]>>, clock: Clock): () => Promise<readonly string[]> {
  let known: Promise<readonly string[]> | null = null;
  const ask = async () => {
    const { data } = await call((once) => octokit.request("GET /app", { ...once }), { clock });
    return [`${data?.slug}[bot]`, "github-actions[bot]"];
  };
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}
