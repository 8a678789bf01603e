import { type Context, Probot, ProbotOctokit } from "probot";
import { BackgroundWork } from "../adapters/background-work.ts";
import { call } from "../adapters/github-call.ts";
import { githubThread } from "../adapters/github-thread.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { readEvent } from "../core/event.ts";
import { handleEvent } from "../flows/handle-event.ts";
import type { Log } from "../flows/ports.ts";
import type { Environment } from "./environment.ts";

// Stock retries send a comment twice when a reply is lost, and the stock queue spaces writes by seconds. Our adapters know better
// what may be repeated. Only the function form of `defaults` reaches the throttling plugin.
const PlainOctokit = ProbotOctokit.defaults((options: object) => ({
  ...options,
  throttle: { enabled: false },
  retry: { enabled: false },
}));

export interface DispatchApp {
  readonly probot: Probot;
  readonly background: BackgroundWork;
  readonly log: Log;
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
  const self = ownLogins(probot);
  // Known before the first delivery, so that none waits for it.
  background.later("looking up the App's name", async () => void (await self()));
  probot.onAny(async (delivery) => {
    const context = delivery as unknown as Context; // onAny's type leaves out what every context has: `octokit`
    const event = readEvent(context.name, context.payload, await self());
    if (event.kind === "ignored") return;
    const repository = { server: environment.serverUrl, owner: event.owner, repo: event.repo };
    const api = context.octokit;
    await handleEvent(
      event,
      githubThread({ api, repository, self: await self(), clock: systemClock, background, log }),
    );
  });
  return { probot, background, log };
}

/** `<slug>[bot]` of this App, asked for once, and the name under which the runs write. */
function ownLogins(probot: Probot): () => Promise<readonly string[]> {
  let known: Promise<readonly string[]> | null = null;
  const ask = async () => {
    const octokit = await probot.auth();
    const { data } = await call((once) => octokit.request("GET /app", { ...once }), { clock: systemClock });
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
