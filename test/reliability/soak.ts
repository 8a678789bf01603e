import { setTimeout as pause } from "node:timers/promises";
import { demoConfig } from "../../src/playground/demo-config.ts";
import { World } from "../stories/world.ts";
import { Diary } from "./soak-diary.ts";
import { Dice } from "./soak-dice.ts";
import { Errands } from "./soak-errands.ts";
import { Misfortunes } from "./soak-faults.ts";
import { Hands } from "./soak-hands.ts";
import { judge } from "./soak-judge.ts";
import { People } from "./soak-people.ts";
import { isOver, Scene, type Seen } from "./soak-scene.ts";
import { hasGrown, leftOvers, type Memory, MemoryLog, Watch } from "./soak-watch.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Hears one line a minute. */
  readonly tell: (line: string) => void;
}

export interface SoakReport {
  readonly seed: number;
  readonly minutes: number;
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly memory: Memory | null;
  readonly nudges: readonly string[];
}

/** Faults for so much of the time; then all must come to rest by itself. */
const STORM = 0.8;
/** The server dies in the first part only, so that one lives long enough for its memory to be measured. */
const DEATHS = 0.45;
/** In a soak of so many minutes a server lives long enough. */
const MEASURED_FROM = 10;
const CALM_AT_LEAST_MS = 6 * 60_000;
/** Dispatch looks after its tasks every ten minutes and at every start; a restart is what an operator in a hurry does. */
const RESTART_EVERY_MS = 70_000;
/** The waiting times that Dispatch gives to whoever may still be at work. */
const REST_MS = 3_000;

/** Random people and random faults for a while. What is left when it is over is held against what was said. */
export async function soak({ minutes, seed, tell }: SoakOptions): Promise<SoakReport> {
  const dice = new Dice(`soak ${seed}`);
  const config = `${demoConfig({ backend: "demo", pace: 0, env: [] })}answer_timeout: 20s\n`;
  const log = new MemoryLog();
  const world = await World.start({ hosting: "server", pace: 0, config, serverNode: log.node });
  const { dataDir, url } = world.playground;
  const killServer = () => {
    const pid = world.playground.server?.pid ?? null;
    if (pid !== null) process.kill(pid, "SIGKILL");
  };
  process.once("exit", killServer);
  const report = await soakIn(world, log, { minutes, seed, tell }, dice).finally(async () => {
    log.remove();
    await world[Symbol.asyncDispose]();
  });
  process.off("exit", killServer);
  const left = leftOvers({ dataDir, url }).map((command) => `A process is left: ${command}`);
  return { ...report, violations: [...report.violations, ...left] };
}

async function soakIn(
  world: World,
  log: MemoryLog,
  { minutes, seed, tell }: SoakOptions,
  dice: Dice,
): Promise<SoakReport> {
  // What a job's token may do on Enterprise Cloud: the repository has more tasks in minutes than others have in hours.
  world.playground.github.rateLimits.limits.job = 15_000;
  world.playground.github.rateLimits.limits.installation = 15_000;
  const scene = new Scene(world);
  const diary = new Diary();
  const watch = new Watch(world, log);
  const misfortunes = new Misfortunes(world, dice.for("misfortunes"));
  const threads = [
    1,
    2,
    await world.openIssue("Second floor"),
    await world.openIssue("Cellar", "", "hubot"),
    await world.openIssue("Garden"),
  ];
  const hands = new Hands(world, diary);
  const people = new People({ world, scene, diary, hands, dice: dice.for("people"), threads });
  const errands = new Errands({ world, scene, diary, hands, dice: dice.for("errands") });
  const began = Date.now();
  const stormEnds = began + minutes * 60_000 * STORM;
  const deathsEnd = began + minutes * 60_000 * DEATHS;
  let tasks: readonly Seen[] = [];
  const counts = () => tally(tasks, diary, misfortunes);
  const minutely = setInterval(() => tell(minuteLine(Date.now() - began, counts(), watch)), 60_000);
  const workers = setInterval(() => watch.lookAtWorkers(), 700);
  misfortunes.supervise();
  const violations: string[] = [];
  try {
    const chatting = rhythm(dice.for("chat pace"), { from: 700, to: 3_500 }, stormEnds, () =>
      unlessRefused(diary, () => people.chat(tasks)),
    );
    const dealing = rhythm(dice.for("fault pace"), { from: 1_000, to: 5_000 }, stormEnds, () =>
      misfortunes.deal(Date.now() < deathsEnd),
    );
    // Heard of at once, wherever the loop below stands.
    const both = Promise.all([chatting, dealing]);
    both.catch((error: unknown) => violations.push(`The soak itself has failed: ${String(error)}`));
    while (Date.now() < stormEnds) {
      tasks = await scene.tasks();
      const seen = tasks;
      await unlessRefused(diary, () => errands.attend(seen, "storm"));
      await pause(400);
    }
    await both;
    misfortunes.calm();
    tell(`${time(Date.now() - began)} the storm is over`);
    const calmEnds = Math.max(began + minutes * 60_000, Date.now() + CALM_AT_LEAST_MS);
    const came = await settle(world, calmEnds, async () => {
      tasks = await scene.tasks();
      const seen = tasks;
      await unlessRefused(diary, () => errands.attend(seen, "calm"));
      return tasks.every(({ task }) => isOver(task)) && isArrived(tasks, diary);
    });
    if (!came) violations.push("It never came to rest.");
    tasks = await scene.tasks();
    violations.push(...(await judge(scene, diary)));
    violations.push(
      ...[...watch.overlaps].map(([task, pids]) => `Workers ${pids.join(" and ")} of ${task} lived at the same time.`),
    );
    violations.push(...watch.workers().map(({ task }) => `A worker of ${task} is still there.`));
    const memory = watch.memory();
    if (memory === null && minutes >= MEASURED_FROM) violations.push("No server's memory was measured.");
    if (memory !== null && hasGrown(memory)) {
      const { firstThirdMb, lastThirdMb, seconds } = memory;
      violations.push(`What the server holds has grown from ${firstThirdMb} to ${lastThirdMb} MB in ${seconds} s.`);
    }
  } finally {
    for (const timer of [minutely, workers]) clearInterval(timer);
    await misfortunes.end();
  }
  return {
    seed,
    minutes: Math.round((Date.now() - began) / 6_000) / 10,
    violations,
    counts: counts(),
    faults: Object.fromEntries([...misfortunes.dealt].toSorted(([a], [b]) => a.localeCompare(b))),
    memory: watch.memory(),
    nudges: diary.nudges,
  };
}

/** People are late now and then: what they wanted to edit or delete is gone. */
async function unlessRefused(diary: Diary, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Error && "status" in error)) throw error;
    diary.refusals += 1;
  }
}

/** The same thing again and again with pauses by chance. */
async function rhythm(
  dice: Dice,
  { from, to }: { readonly from: number; readonly to: number },
  end: number,
  act: () => Promise<unknown>,
): Promise<void> {
  while (Date.now() < end) {
    await pause(dice.between(from, to));
    if (Date.now() < end) await act();
  }
}

/** Waits until all is over and stays so. */
async function settle(world: World, end: number, look: () => Promise<boolean>): Promise<boolean> {
  const { actions, repository, github, server } = world.playground;
  let restarted = Date.now();
  let quietSince: number | null = null;
  while (Date.now() < end) {
    const isQuiet =
      (await look()) && actions.runs(repository).every(({ status }) => status === "completed") && isHeard(world);
    quietSince = isQuiet ? (quietSince ?? Date.now()) : null;
    if (quietSince !== null && Date.now() - quietSince >= REST_MS) {
      await github.webhooksSettled();
      return true;
    }
    if (Date.now() - restarted > RESTART_EVERY_MS) {
      restarted = Date.now();
      await server?.stop();
    }
    await pause(500);
  }
  return false;
}

/** Every delivery has met with an open ear once. */
function isHeard(world: World): boolean {
  const { webhooks, apps } = world.playground.github.world;
  const [app] = apps.all();
  const all = app === undefined ? [] : webhooks.deliveries(app.appId);
  return Object.values(Object.groupBy(all, ({ guid }) => guid)).every((tries) =>
    tries?.some(({ statusCode }) => statusCode >= 200 && statusCode < 300),
  );
}

function isArrived(tasks: readonly Seen[], { commands }: Diary): boolean {
  const wanted = commands.reduce((sum, { tasks: count }) => sum + count, 0);
  return tasks.length >= wanted;
}

function tally(tasks: readonly Seen[], diary: Diary, misfortunes: Misfortunes): Record<string, number> {
  const ended = (kind: string) =>
    tasks.filter(({ task: { state } }) => state.kind === "finished" && state.outcome.kind === kind).length;
  return {
    tasks: tasks.length,
    done: ended("done"),
    cancelled: ended("cancelled"),
    failed: ended("failed"),
    attempts: tasks.reduce((sum, { task }) => sum + task.attempt, 0),
    comments: diary.commands.length + diary.replies.length,
    answers: diary.replies.length,
    ticks: diary.ticks,
    notes: diary.notes.length,
    cancels: diary.cancels,
    retries: [...diary.retries.values()].reduce((sum, count) => sum + count, 0),
    deletedComments: diary.deleted.size,
    faults: [...misfortunes.dealt.values()].reduce((sum, count) => sum + count, 0),
    serverDeaths: misfortunes.serverDeaths,
    refusals: diary.refusals,
    saidTwice: diary.nudges.length,
  };
}

function minuteLine(ms: number, counts: Record<string, number>, watch: Watch): string {
  const { tasks = 0, done = 0, cancelled = 0, failed = 0, answers = 0, faults = 0, serverDeaths = 0 } = counts;
  return `${time(ms)} ${tasks} tasks (${done} done, ${cancelled} cancelled, ${failed} failed, ${tasks - done - cancelled - failed} open), ${answers} answers, ${faults} faults, ${serverDeaths} server deaths, ${watch.megabytes} MB, ${watch.overlaps.size} overlaps`;
}

function time(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, "0")}`;
}
