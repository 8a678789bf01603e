import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { githubTaskBranches } from "../../src/adapters/github-task-branch.ts";
import type { TaskRef } from "../../src/core/task.ts";
import type { Clock, TaskBranches } from "../../src/flows/ports.ts";
import { updateTask } from "../../src/flows/update-task.ts";
import { histories } from "../crash/history.ts";
import { HELLO, type Playground, startPlayground } from "../playground/github-fixture.ts";
import { IN_FULL } from "../stories/hostings.ts";

const REF: TaskRef = { thread: "1", id: "fix-login-7k2q" };
const NOTES = "notes.md";
const [WRITERS, COMMITS] = IN_FULL ? ([100, 10] as const) : ([8, 5] as const);

/**
 * How much longer than on GitHub a pause is. One machine serves all writers one after the other: if a hundred of them came back within
 * GitHub's two seconds, each reply would take so long that nearly every commit was decided on a head that had moved meanwhile.
 */
const SLOWER = WRITERS / 8;

/** A clock on which no deadline ever comes. Its back-off is real: without it, writers would only keep each other from writing. */
const JITTER: Clock = {
  now: () => new Date(0),
  random: Math.random,
  sleep: async (ms) => {
    await pause(ms * SLOWER);
  },
};

let playground: Playground;

beforeAll(async () => {
  playground = await startPlayground({ git: "disk" });
  // How many calls it takes is what is measured here; what they may cost is told elsewhere.
  playground.github.world.rateLimits.limits.user = 1_000_000;
});

afterAll(() => playground.end());

/** Adds one line to the file that all share. Gives the tries that it took. */
async function addLine(line: string, branches: TaskBranches): Promise<number> {
  let tries = 0;
  const commit: TaskBranches["commit"] = (...change) => {
    tries += 1;
    return branches.commit(...change);
  };
  await updateTask(
    REF,
    ({ files }) => {
      const lines = files[NOTES] ?? "";
      // The reply to our own commit may have been lost: then it is there.
      return lines.includes(`${line}\n`) ? null : { message: line, files: { [NOTES]: `${lines}${line}\n` } };
    },
    { branches: { read: (ref) => branches.read(ref), commit }, clock: JITTER },
  );
  return tries;
}

/** One writer with a client of its own, as every process has: what it adds, one after the other, and the tries for each. */
async function write(writer: number): Promise<readonly number[]> {
  const branches = githubTaskBranches({ api: playground.as("hubot"), ...HELLO, clock: JITTER });
  const tries: number[] = [];
  // All at the same instant, they would make each other's first replies so late that nobody's commit fits.
  await JITTER.sleep(2_000 * JITTER.random());
  for (let commit = 0; commit < COMMITS; commit += 1) tries.push(await addLine(lineOf(writer, commit), branches));
  return tries;
}

function lineOf(writer: number, commit: number): string {
  return `writer ${writer}, commit ${commit}`;
}

it(`${WRITERS} writers with ${COMMITS} commits each lose none on one task branch`, {
  timeout: IN_FULL ? 3_600_000 : 60_000,
}, async () => {
  const first = githubTaskBranches({ api: playground.as("hubot"), ...HELLO, clock: JITTER });
  expect(await first.create(REF, { [NOTES]: "" }, "Accept the task")).toBe("created");

  const began = performance.now();
  const tries = (await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))).flat();
  const seconds = (performance.now() - began) / 1_000;

  const [task, ...others] = await histories(playground.repository.git);
  expect(others).toEqual([]);
  const moments = task?.moments.slice(1) ?? [];
  const lines = moments.map(({ message }) => message.split("\n")[0]?.replace(" [skip ci]", ""));
  const wanted = Array.from({ length: WRITERS * COMMITS }, (_, at) => lineOf(Math.floor(at / COMMITS), at % COMMITS));
  // None lost, none twice, whatever the order that they came in.
  expect(lines.toSorted()).toEqual(wanted.toSorted());
  // A straight line: every commit holds what the one before it held, and its own line.
  moments.forEach(({ files }, at) => {
    expect(files[NOTES]).toBe(
      lines
        .slice(0, at + 1)
        .map((line) => `${line}\n`)
        .join(""),
    );
  });

  const sorted = tries.toSorted((a, b) => a - b);
  const share = (part: number) => sorted[Math.floor((sorted.length - 1) * part)];
  console.log(
    `${tries.length} commits in ${seconds.toFixed(1)} s; tries for one: median ${share(0.5)}, 95 % ${share(0.95)}, most ${share(1)}`,
  );
});
