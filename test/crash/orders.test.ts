import { expect, it } from "vitest";
import { IN_FULL, toldBy } from "../stories/hostings.ts";
import { everyOrder } from "./simulation.ts";
import { runTrial, type TrialPlan } from "./trial.ts";
import { isClean } from "./verdict.ts";

/** Looks at a task's branch, and changes of it. */
const BRANCH = /TaskBranch|CommitToTask|TasksOfThread/;

it("two deliveries at once make one task, whoever does what first", { timeout: 3_600_000 }, async () => {
  // Until a run has claimed the task: all that comes later is delivered twice as well, and has orders of its own without end.
  const plan = { hosting: "server", story: "answered", seed: 1, faults: [], servers: 2, limitMs: 8_000 } as const;
  // In full every call is a place where the other may come first; else those at which it can matter.
  const { orders, harmed } = await tryOrders(IN_FULL ? { ...plan, contested: /./ } : plan, Infinity);
  console.log(`two deliveries at once: ${orders} orders, ${harmed.length} harmed`);
  expect(harmed).toEqual([]);
  expect(orders).toBeGreaterThan(20);
});

it.each(toldBy("server"))(
  "parking and two replies at once lose neither reply (%s)",
  { timeout: 7_200_000 },
  async (hosting) => {
    const plan = { hosting, story: "at once", seed: 1, faults: [], replies: 2, contested: BRANCH } as const;
    const { orders, harmed } = await tryOrders(plan, IN_FULL ? Infinity : 12);
    console.log(`parking and two replies at once (${hosting}): ${orders} orders, ${harmed.length} harmed`);
    expect(harmed).toEqual([]);
    expect(orders).toBeGreaterThan(10);
  },
);

async function tryOrders(plan: TrialPlan, limit: number) {
  const harmed: unknown[] = [];
  const orders = await everyOrder(async (choose) => {
    const choices: number[] = [];
    const noted = (count: number) => {
      const chosen = choose(count);
      choices.push(chosen);
      return chosen;
    };
    const { verdict } = await runTrial({ ...plan, choose: noted });
    if (!isClean(verdict)) harmed.push({ choices: choices.join(""), ...verdict });
  }, limit);
  return { orders, harmed };
}

it("knows every order there is", async () => {
  const seen: string[] = [];
  const orders = await everyOrder(async (choose) => {
    const first = choose(2);
    seen.push(`${first}${first === 1 ? choose(3) : ""}`);
  });
  expect({ orders, seen }).toEqual({ orders: 4, seen: ["0", "10", "11", "12"] });
});
