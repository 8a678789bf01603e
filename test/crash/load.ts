import { readMark, renderMark } from "../../src/core/marker.ts";
import type { Hosting } from "../../src/playground/demo-config.ts";
import type { Repository } from "../../src/playground/github/local-github.ts";
import { SECONDARY_LIMITS } from "../../src/playground/github/rate-limits.ts";
import { LoadMeter } from "./load-meter.ts";
import { scriptedWorker } from "./sim-worker.ts";
import { SimWorld } from "./sim-world.ts";
import { Simulation } from "./simulation.ts";

export interface LoadPlan {
  readonly tasks: number;
  readonly repositories: number;
  readonly hosting: Hosting;
  /** How many jobs GitHub runs at a time. */
  readonly runners?: number;
  readonly seed?: number;
  /** How long a worker takes for each of its five items. */
  readonly paceMs?: number;
  /** Hears how far it is, once for each hour of simulated time. */
  readonly tell?: (line: string) => void;
}

/** How things stood at one moment. */
export interface Sample {
  readonly minute: number;
  /** Tasks that people have been told are taken on. */
  readonly accepted: number;
  /** Tasks with a worker. */
  readonly running: number;
  readonly finished: number;
  /** Requests to GitHub's API in the minute before. */
  readonly requests: number;
}

export interface LoadReport {
  readonly tasks: number;
  readonly repositories: number;
  readonly hosting: Hosting;
  /** Tasks whose result was said, and how many results were said twice or more. */
  readonly finished: number;
  readonly doubled: number;
  /** Items that were worked on more than once. */
  readonly workedTwice: number;
  /** Tasks that two workers were at at one time. */
  readonly overlaps: number;
  /** Deliveries that failed for good. */
  readonly unheard: number;
  /** Requests that GitHub refused, by limit and whose they were. */
  readonly refused: Readonly<Record<string, number>>;
  /** Requests for each task until all are done; looks that find nothing new are not among them. */
  readonly requestsPerTask: number;
  readonly pollsPerTask: number;
  /** From the last task's comment to the last result, in minutes. */
  readonly minutes: number;
  /** The longest time in minutes that a request which must be made waited for its turn, and whose it was. */
  readonly longestWait: { readonly minutes: number; readonly by: string };
  readonly mostAtOnce: number;
  readonly samples: readonly Sample[];
}

const ITEMS = 5;
const COMMENTS_OF_ONE = 40;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** What must come to an end by itself once everything is done: rounds, redeliveries, the last runs. */
const AFTERWARDS_MS = 2 * DAY_MS;

/** So many people ask for a task within one minute, each in an issue of its own, and GitHub's limits hold. */
export async function runLoad(plan: LoadPlan): Promise<LoadReport> {
  const { tasks, hosting, runners = 60, seed = 1, paceMs = 30_000, tell } = plan;
  const simulation = new Simulation({ seed });
  const deeds = new Map<string, number>();
  const meter = new LoadMeter();
  const names = Array.from({ length: Math.min(plan.repositories, tasks) }, (_, at) => `hello-${at + 1}`);
  const script = scriptedWorker(
    { items: ITEMS, asksAt: null, patience: 1, paceMs },
    {
      started: () => undefined,
      done: ({ task, item }) => deeds.set(`${task} ${item}`, (deeds.get(`${task} ${item}`) ?? 0) + 1),
      heard: () => undefined,
      gaveUp: () => undefined,
    },
  );
  const world = await SimWorld.create({
    simulation,
    hosting,
    script,
    runners,
    repositories: names,
    budgetFor: (program, clock) => meter.budgetFor(program, clock),
  });
  world.github.rateLimits.secondary = SECONDARY_LIMITS;
  const said = hearComments(world);
  askForAll(world, tasks);
  const samples: Sample[] = [];
  const sample = () => {
    const minute = Math.round(simulation.elapsed / MINUTE_MS);
    const running = world.machines.filter(({ machine }) => machine.hasWorker).length;
    const { accepted, results } = said;
    samples.push({
      minute,
      accepted: accepted.size,
      running,
      finished: results.size,
      requests: meter.sinceSample,
    });
    meter.sinceSample = 0;
    if (minute % 60 === 0) tell?.(`${minute / 60} h: ${accepted.size} accepted, ${results.size} finished`);
    if (results.size < tasks) simulation.after(MINUTE_MS, sample);
  };
  sample();
  await simulation.run(10 * DAY_MS, () => said.results.size >= tasks);
  const minutes = simulation.elapsed / MINUTE_MS;
  const { requests, polls } = meter;
  await simulation.run(AFTERWARDS_MS);
  const { longestWait } = meter;
  return {
    tasks,
    repositories: names.length,
    hosting,
    finished: said.results.size,
    doubled: [...said.results.values()].filter((times) => times > 1).length,
    workedTwice: [...deeds.values()].filter((times) => times > 1).length,
    overlaps: world.overlaps.length,
    unheard: world.unheard.length,
    refused: refusals(world),
    requestsPerTask: requests / tasks,
    pollsPerTask: polls / tasks,
    minutes,
    longestWait: { minutes: longestWait.ms / MINUTE_MS, by: longestWait.by },
    mostAtOnce: meter.mostAtOnce,
    samples,
  };
}

interface Said {
  readonly accepted: Set<string>;
  /** How often each task's result was said. */
  readonly results: Map<string, number>;
}

function hearComments(world: SimWorld): Said {
  const said: Said = { accepted: new Set(), results: new Map() };
  world.github.onEvent(({ name, action, payload, repository, actor }) => {
    if (name !== "issue_comment" || action !== "created" || actor.type !== "Bot") return;
    const { comment } = payload as { comment: { body: string } };
    const mark = readMark(comment.body);
    if (mark === null) return;
    const which = `${repository.fullName} ${renderMark(mark)}`;
    if (mark.kind === "status") said.accepted.add(which);
    if (mark.kind === "result") said.results.set(which, (said.results.get(which) ?? 0) + 1);
  });
  return said;
}

/** Evenly over the repositories and the minute. */
function askForAll(world: SimWorld, tasks: number): void {
  const repositories = world.github.repositories();
  for (let nth = 0; nth < tasks; nth += 1) {
    const repository: Repository = repositories[nth % repositories.length] ?? world.repository;
    const issue = world.openIssue(repository, `Health check ${nth + 1}`);
    const ask = `/dispatch use opus to add health check ${nth + 1}`;
    // A person may not write more than GitHub's 80 comments a minute either.
    const login = `octocat-${Math.floor(nth / COMMENTS_OF_ONE)}`;
    world.github.addUser(login);
    repository.collaborators.set(login, "write");
    world.simulation.after((nth / tasks) * MINUTE_MS, () => world.say(issue, ask, { login, repository }));
  }
}

function refusals(world: SimWorld): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { whom, limit, resource } of world.github.rateLimits.exceeded) {
    const what = limit === "primary" ? `${limit} (${resource})` : limit;
    const name = `${what}, ${whom.replace(/ of .*$/, "")}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
